//! Relations that show what another table holds: no filter on them reaches its marker.

use crate::setup::{
    Active, Ask, Code, Deleted, Mysql, On, Postgres, Sqlite, WithDeleted, on, on_more, scope,
    with_schema,
};

fn with_deleted(name: &'static [(&'static str, soft_delete_sql::Scope)]) -> Ask {
    Ask {
        scopes: name,
        ..Ask::default()
    }
}

fn search() -> On {
    on_more(
        Sqlite,
        "CREATE VIRTUAL TABLE search USING fts5(email, name, content='contacts', content_rowid='id');
         CREATE VIRTUAL TABLE words USING fts5vocab('search', 'row');
         CREATE VIRTUAL TABLE lines USING fts5(line, content=\"audit\");
         CREATE VIRTUAL TABLE places USING rtree(id, x, y);",
    )
}

#[test]
fn a_full_text_table_shows_the_rows_of_its_content_table() {
    // SQLite reads the columns of an external content table from that table.
    let sql = "SELECT email FROM search WHERE search MATCH 'ann'";
    search().refuses(sql, Code::LeakyView, "search");
    search().refuses(
        "SELECT c.name FROM contacts c JOIN search s ON s.rowid = c.id WHERE c.deleted_at IS NULL",
        Code::LeakyView,
        "search",
    );
    let said = with_deleted(&[("search", WithDeleted)]);
    search().gives(&said, sql, sql);
    search().proves("SELECT line FROM lines WHERE lines MATCH 'x'");
    search().proves("SELECT id FROM places WHERE x > 1");
}

#[test]
fn what_is_made_over_a_full_text_table_shows_the_same_rows() {
    search().refuses("SELECT term FROM words", Code::LeakyView, "words");
}

#[test]
fn a_full_text_table_can_be_vouched_for() {
    let ddl = "CREATE TABLE contacts (id INTEGER PRIMARY KEY, email TEXT, deleted_at TEXT);
        CREATE VIRTUAL TABLE search USING fts5(email, content='contacts');";
    let config = "[tables.search]\naccept = [\"leaky\"]";
    with_schema(Sqlite, ddl, config).proves("SELECT email FROM search WHERE search MATCH 'ann'");
}

#[test]
fn a_full_text_table_is_filled_and_rebuilt_without_a_word() {
    search().proves("INSERT INTO search (search) VALUES ('rebuild')");
    search().proves("INSERT INTO search (rowid, email, name) VALUES (1, 'a@example.com', 'Ann')");
}

#[test]
fn a_table_of_mysql_that_joins_others_shows_their_rows() {
    let ddl = "CREATE TABLE every_contact (id INTEGER, email TEXT) ENGINE=MERGE UNION=(contacts) INSERT_METHOD=LAST;
        CREATE TABLE every_line (id INTEGER, line TEXT) ENGINE=MERGE UNION=(audit) COMMENT='not the contacts';
        CREATE TABLE linked (id INTEGER) ENGINE=FEDERATED CONNECTION='mysql://user@127.0.0.1:3306/crm/contacts';";
    let on = on_more(Mysql, ddl);
    on.refuses(
        "SELECT email FROM every_contact",
        Code::LeakyView,
        "every_contact",
    );
    on.refuses("SELECT id FROM linked", Code::LeakyView, "linked");
    on.proves("SELECT line FROM every_line");
}

#[test]
fn a_foreign_table_over_a_soft_deletable_one_shows_its_rows() {
    let ddl = "CREATE FOREIGN TABLE far (id integer, email text) SERVER s OPTIONS (table_name 'contacts');
        CREATE FOREIGN TABLE elsewhere (id integer) SERVER s OPTIONS (table_name 'invoices');";
    let on = on_more(Postgres, ddl);
    on.refuses("SELECT email FROM far", Code::LeakyView, "far");
    on.proves("SELECT id FROM elsewhere");
}

#[test]
fn past_versions_of_a_row_are_not_marked() {
    // MariaDB: the version of a row before its deletion has no marker.
    let sql = "SELECT name FROM contacts FOR SYSTEM_TIME ALL c";
    for ask in [Ask::default(), scope(Active), scope(Deleted)] {
        on(Mysql).refuses_as(&ask, sql, Code::LeakyView, "contacts");
    }
    on(Mysql).refuses(
        "SELECT name FROM contacts FOR SYSTEM_TIME AS OF NOW() WHERE deleted_at IS NULL",
        Code::LeakyView,
        "contacts",
    );
    on(Mysql).gives(&with_deleted(&[("c", WithDeleted)]), sql, sql);
    on(Mysql).proves("SELECT line FROM audit FOR SYSTEM_TIME ALL");
}

#[test]
fn statistics_hold_values_of_deleted_rows() {
    for (dialect, catalog) in [
        (Postgres, "pg_stats"),
        (Postgres, "pg_catalog.pg_statistic"),
        (Postgres, "pg_stats_ext"),
        (Postgres, "pg_stats_ext_exprs"),
        (Postgres, "pg_statistic_ext_data"),
        (Postgres, "pg_toast.pg_toast_16384"),
        (Sqlite, "sqlite_stat4"),
        (Sqlite, "sqlite_dbpage"),
        (Mysql, "mysql.column_stats"),
        (Mysql, "information_schema.column_statistics"),
    ] {
        let sql = format!("SELECT * FROM {catalog}");
        on(dialect).refuses(&sql, Code::LeakyView, catalog);
    }
    let said = with_deleted(&[("pg_stats", WithDeleted)]);
    let sql = "SELECT most_common_vals FROM pg_stats";
    on(Postgres).gives(&said, sql, sql);
    for (dialect, catalog) in [
        (Postgres, "pg_class"),
        (Postgres, "pg_stat_user_tables"),
        (Sqlite, "sqlite_stat1"),
        (Sqlite, "sqlite_schema"),
        (Mysql, "information_schema.tables"),
    ] {
        on(dialect).proves(&format!("SELECT * FROM {catalog}"));
    }
    // Where nothing is soft-deletable, nothing is hidden.
    with_schema(Postgres, "CREATE TABLE lines (id integer);", "").proves(sql);
}

#[test]
fn a_function_is_opaque_by_the_names_of_other_forms_too() {
    let ddl = "CREATE TABLE \"old contacts\" (id integer, deleted_at timestamptz);
        CREATE TABLE base (id integer);
        CREATE TABLE heir (deleted_at timestamptz) INHERITS (base);
        CREATE FUNCTION count_old() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM \"old contacts\"';
        CREATE FUNCTION count_base() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM base';";
    let on = with_schema(Postgres, ddl, "");
    on.refuses("SELECT count_old()", Code::OpaqueFunction, "count_old");
    on.refuses("SELECT count_base()", Code::OpaqueFunction, "count_base");
}

#[test]
fn a_function_is_opaque_through_views_and_other_functions() {
    // The outer ones are created first: a body is not resolved then.
    let ddl = "CREATE FUNCTION outermost() RETURNS bigint LANGUAGE plpgsql AS 'BEGIN RETURN outer_one(); END';
        CREATE FUNCTION outer_one() RETURNS bigint LANGUAGE plpgsql AS 'BEGIN RETURN inner_one(); END';
        CREATE FUNCTION inner_one() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM contacts';
        CREATE VIEW every_id AS SELECT id FROM contacts;
        CREATE FUNCTION count_every() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM every_id';
        CREATE VIEW every_line AS SELECT line FROM audit;
        CREATE FUNCTION count_lines() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM every_line';";
    let on = on_more(Postgres, ddl);
    for name in ["outermost", "outer_one", "inner_one", "count_every"] {
        on.refuses(&format!("SELECT {name}()"), Code::OpaqueFunction, name);
    }
    on.proves("SELECT count_lines()");
    let contacts = "CREATE TABLE contacts (id integer, deleted_at timestamptz);
        CREATE TABLE audit (id integer, line text);";
    let vouched =
        "[views.every_id]\nscope = \"active\"\n[functions.inner_one]\nreads = \"nothing\"";
    let on = with_schema(Postgres, &format!("{contacts}{ddl}"), vouched);
    for name in ["outermost", "outer_one", "inner_one", "count_every"] {
        on.proves(&format!("SELECT {name}()"));
    }
}

#[test]
fn a_function_over_what_is_vouched_for_is_not_opaque() {
    let ddl = "CREATE TABLE contacts (id integer, deleted_at timestamptz);
        CREATE FOREIGN TABLE far (id integer) SERVER s OPTIONS (table_name 'contacts');
        CREATE FUNCTION count_far() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM far';";
    let sql = "SELECT count_far()";
    with_schema(Postgres, ddl, "").refuses(sql, Code::OpaqueFunction, "count_far");
    with_schema(Postgres, ddl, "[tables.far]\naccept = [\"leaky\"]").proves(sql);
    // Another acceptance says nothing of the rows.
    let other = with_schema(
        Postgres,
        ddl,
        "[tables.far]\naccept = [\"conflict_clause\"]",
    );
    other.refuses(sql, Code::OpaqueFunction, "count_far");
    other.refuses("SELECT id FROM far", Code::LeakyView, "far");
}

#[test]
fn a_name_in_a_body_is_a_whole_word() {
    for other in [
        "contacts_total",
        "contacts2",
        "mycontacts",
        "contacts$n",
        "contactsé",
    ] {
        let ddl = format!(
            "CREATE TABLE \"{other}\" (n integer);
             CREATE FUNCTION total() RETURNS bigint LANGUAGE sql AS 'SELECT sum(n) FROM \"{other}\"';"
        );
        on_more(Postgres, &ddl).proves("SELECT total()");
    }
    for body in [
        "SELECT 1 FROM CONTACTS",
        "SELECT 1 FROM crm.contacts",
        "SELECT 1 FROM\"contacts\"c",
    ] {
        let ddl = format!("CREATE FUNCTION total() RETURNS bigint LANGUAGE sql AS '{body}';");
        on_more(Postgres, &ddl).refuses("SELECT total()", Code::OpaqueFunction, "total");
    }
}

#[test]
fn functions_of_extensions_that_read_a_table_by_its_name_are_refused() {
    for call in [
        "xpath_table('id', 'body', 'contacts', '/a', 'true')",
        "get_raw_page('contacts', 0)",
        "bt_page_items('contacts_email', 1)",
        "pg_logical_slot_peek_changes('s', NULL, NULL)",
        "pg_logical_slot_get_binary_changes('s', NULL, NULL)",
    ] {
        let name = call.split('(').next().unwrap();
        on(Postgres).refuses(&format!("SELECT {call}"), Code::OpaqueFunction, name);
    }
}

#[test]
fn an_arm_whose_condition_sqlite_forgets_is_refused() {
    // SQLite 3.40 and 3.51 return the row of `t` for
    // `SELECT v FROM (SELECT v FROM t WHERE FALSE UNION ALL SELECT 1 FROM a RIGHT JOIN b ON TRUE)`.
    let arms = |join: &str| {
        format!(
            "SELECT c.id FROM contacts c UNION ALL SELECT a.id FROM audit a {join} JOIN audit b ON 1"
        )
    };
    for join in ["RIGHT", "FULL", "RIGHT OUTER"] {
        let arms = arms(join);
        for sql in [
            format!("SELECT id FROM ({arms}) d"),
            format!("WITH d AS ({arms}) SELECT id FROM d"),
            format!("INSERT INTO audit (id) {arms}"),
        ] {
            on(Sqlite).refuses_as(&scope(Active), &sql, Code::CannotScope, "contacts");
            let said = with_deleted(&[("c", WithDeleted)]);
            on(Sqlite).gives(&said, &sql, &sql);
        }
        let proven = arms.replace(" c UNION", " c WHERE c.deleted_at IS NULL UNION");
        let sql = format!("SELECT id FROM ({proven}) d");
        on(Sqlite).refuses(&sql, Code::CannotScope, "contacts");
        on(Postgres).proves(&sql);
        // SQLite applies it where nothing is around.
        on(Sqlite).proves(&proven);
        on(Sqlite).proves(&format!("{proven};"));
        let plain = proven
            .replace("contacts", "audit")
            .replace("WHERE c.deleted_at IS NULL ", "");
        on_more(Sqlite, &format!("CREATE VIEW every_id AS {plain};"))
            .proves("SELECT id FROM every_id");
        for body in [&proven, &format!("SELECT id FROM ({proven}) d")] {
            let view = format!("CREATE VIEW every_id AS {body};");
            let sql = "SELECT id FROM every_id";
            on_more(Sqlite, &view).refuses(sql, Code::LeakyView, "every_id");
        }
    }
    // A proof that passes outward ends in the arm.
    let outer = "audit a RIGHT JOIN audit b ON 1";
    for sql in [
        format!(
            "SELECT id FROM (SELECT id FROM (SELECT * FROM contacts) c WHERE c.deleted_at IS NULL UNION ALL SELECT a.id FROM {outer}) d"
        ),
        format!(
            "WITH c AS (SELECT * FROM contacts) SELECT id FROM (SELECT id FROM c WHERE c.deleted_at IS NULL UNION ALL SELECT a.id FROM {outer}) d"
        ),
    ] {
        on(Sqlite).refuses(&sql, Code::CannotScope, "contacts");
    }
    let sql = format!("SELECT id FROM ({}) d", arms("LEFT"));
    assert!(on(Sqlite).check(&scope(Active), &sql).scoped.is_some());
}
