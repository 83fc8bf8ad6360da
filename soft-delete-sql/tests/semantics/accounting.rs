//! DESIGN §3 guard 2: a token that spells a soft-deletable table is explained, or refused.

use crate::setup::{ALL, Ask, Code, Dialect, Mysql, Postgres, Sqlite, on, on_more};

/// Tables whose names are words of the language too.
const WORDS: &str = "
    CREATE TABLE day (id INTEGER PRIMARY KEY, deleted_at TIMESTAMP NULL);
    CREATE TABLE groups (id INTEGER PRIMARY KEY, deleted_at TIMESTAMP NULL);
    CREATE TABLE range (id INTEGER PRIMARY KEY, deleted_at TIMESTAMP NULL);
    CREATE TABLE rows (id INTEGER PRIMARY KEY, deleted_at TIMESTAMP NULL);
    CREATE TABLE explain (id INTEGER PRIMARY KEY, deleted_at TIMESTAMP NULL);
    CREATE TABLE \"order\" (id INTEGER PRIMARY KEY, deleted_at TIMESTAMP NULL);";

#[track_caller]
fn is_unexplained(dialect: Dialect, sql: &str, at: &str) {
    on(dialect).refuses(sql, Code::UnexplainedToken, at);
}

#[test]
fn a_name_behind_a_dot_is_explained_by_a_relation_in_front_of_it() {
    for &dialect in ALL {
        for sql in [
            "SELECT y.contacts FROM audit a",
            "SELECT 'y'.contacts FROM audit a",
            "SELECT (y).contacts FROM audit a",
            "SELECT 'a'.contacts FROM audit a",
            "SELECT a.id, a.id, 'a'.contacts FROM audit a",
            "SELECT a.id, a.id, x.contacts FROM audit a",
            "SELECT contacts FROM audit a",
            "SELECT 1 contacts 2",
        ] {
            is_unexplained(dialect, sql, "contacts");
        }
        // A table without marker has nothing to hide.
        on(dialect).proves("SELECT y.audit FROM contacts WHERE deleted_at IS NULL");
    }
    on(Postgres).proves("SELECT x.contacts FROM json_populate_record(NULL::t, '{}') AS x");
}

#[test]
fn a_type_an_alias_a_call_and_an_argument_explain_themselves() {
    for &dialect in ALL {
        on(dialect).proves("SELECT CAST(a.line AS contacts) FROM audit a");
        on(dialect).proves("SELECT a.line contacts FROM audit a");
        on(dialect).proves("SELECT contacts(1) FROM audit a");
    }
    on(Postgres).proves("SELECT a.line::contacts FROM audit a");
    on(Postgres).proves("SELECT f(contacts => 1) FROM audit a");
    on(Postgres).proves("SELECT f(contacts := 1) FROM audit a");
    is_unexplained(Postgres, "SELECT f(contacts = 1) FROM audit a", "contacts");
}

#[test]
fn a_unit_of_time_is_explained_by_the_value_in_front_of_it() {
    for sql in [
        "SELECT EXTRACT(day FROM a.line) FROM audit a",
        "SELECT a.id FROM audit a WHERE a.line > now() - INTERVAL '1' day",
        "SELECT INTERVAL $1 day FROM audit a",
    ] {
        on_more(Postgres, WORDS).proves(sql);
    }
    for dialect in [Postgres, Sqlite] {
        let on = on_more(dialect, WORDS);
        on.refuses(
            "SELECT a.id + day FROM audit a",
            Code::UnexplainedToken,
            "day",
        );
        // No unit, though a value stands in front of it.
        on.refuses(
            "SELECT a.id + 1 groups + 1 FROM audit a",
            Code::UnexplainedToken,
            "groups",
        );
    }
    let days = "CREATE TABLE `day` (id INTEGER PRIMARY KEY, deleted_at TIMESTAMP NULL);";
    on_more(Mysql, days).proves("SELECT DATE_ADD(a.line, INTERVAL 1 DAY) FROM audit a");
    on_more(Mysql, days).proves("SELECT DATE_ADD(a.line, INTERVAL ? DAY) FROM audit a");
}

#[test]
fn the_words_of_a_window_frame_are_explained_by_what_follows_them() {
    for dialect in [Postgres, Sqlite] {
        let on = on_more(dialect, WORDS);
        for frame in [
            "GROUPS BETWEEN 1 PRECEDING AND CURRENT ROW",
            "GROUPS UNBOUNDED PRECEDING",
            "ROWS CURRENT ROW",
            "ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING",
            "RANGE 1 PRECEDING",
        ] {
            on.proves(&format!(
                "SELECT sum(a.id) OVER (ORDER BY a.id {frame}) FROM audit a"
            ));
        }
        for (sql, at) in [
            (
                "SELECT sum(a.id) OVER (ORDER BY a.id groups + 1) FROM audit a",
                "groups",
            ),
            ("SELECT a.id, rows FROM audit a", "rows"),
            ("SELECT a.id FROM audit a ORDER BY rows", "rows"),
            ("SELECT a.id + day BETWEEN 1 AND 2 FROM audit a", "day"),
        ] {
            on.refuses(sql, Code::UnexplainedToken, at);
        }
    }
    let groups = "CREATE TABLE `groups` (id INTEGER PRIMARY KEY, deleted_at TIMESTAMP NULL);";
    on_more(Mysql, groups).refuses(
        "SELECT sum(a.id) OVER (ORDER BY a.id `groups` 1) FROM audit a",
        Code::UnexplainedToken,
        "`groups`",
    );
}

#[test]
fn a_keyword_is_explained_unless_it_is_quoted() {
    for dialect in [Postgres, Sqlite] {
        let on = on_more(dialect, WORDS);
        on.proves("SELECT id FROM audit ORDER BY id");
        on.refuses(
            "SELECT y.\"order\" FROM audit a",
            Code::UnexplainedToken,
            "\"order\"",
        );
        // The first token has none in front of it.
        on.refuses(
            "EXPLAIN SELECT id FROM audit",
            Code::UnexplainedToken,
            "EXPLAIN",
        );
    }
}

#[test]
fn the_words_of_a_clause_that_names_no_table_are_explained() {
    let ddl = "CREATE TABLE locked (id INTEGER PRIMARY KEY, deleted_at TIMESTAMP NULL);";
    for dialect in [Postgres, Mysql] {
        for sql in [
            "SELECT id FROM audit FOR UPDATE SKIP LOCKED",
            "WITH RECURSIVE x AS (SELECT id FROM audit FOR UPDATE SKIP LOCKED) SELECT id FROM x",
        ] {
            on_more(dialect, ddl).proves(sql);
        }
    }
    // A type of a column definition.
    on(Postgres)
        .proves("SELECT x.id FROM json_to_record('{}') AS x (id integer, c public.contacts)");
    on(Mysql).proves(
        "INSERT INTO audit (id, line) VALUES (1, 'x') AS n (contacts, orders) ON DUPLICATE KEY UPDATE line = n.orders",
    );
}

#[test]
fn a_function_in_from_has_its_own_name_where_no_alias_gives_one() {
    for call in [
        "json_populate_record(NULL::t, '{}')",
        "pg_catalog.json_populate_record(NULL::t, '{}')",
        "json_populate_record(NULL::t, '{}') AS (contacts integer)",
    ] {
        on(Postgres).proves(&format!("SELECT json_populate_record.contacts FROM {call}"));
    }
    is_unexplained(
        Postgres,
        "SELECT pg_catalog.contacts FROM pg_catalog.json_populate_record(NULL::t, '{}')",
        "contacts",
    );
    is_unexplained(
        Postgres,
        "SELECT json_populate_record.contacts FROM json_populate_record(NULL::t, '{}') AS x",
        "contacts",
    );
}

#[test]
fn the_row_proposed_has_a_name_in_the_conflict_of_an_upsert_only() {
    for dialect in [Postgres, Sqlite] {
        is_unexplained(
            dialect,
            "INSERT INTO audit (id) SELECT excluded.contacts FROM audit a",
            "contacts",
        );
        on(dialect).proves(
            "INSERT INTO audit (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET line = excluded.contacts",
        );
    }
    is_unexplained(
        Mysql,
        "INSERT INTO audit (id) VALUES (1) ON DUPLICATE KEY UPDATE line = excluded.contacts",
        "contacts",
    );
    on(Mysql)
        .proves("INSERT INTO audit (id) VALUES (1) AS n ON DUPLICATE KEY UPDATE line = n.contacts");
}

#[test]
fn a_name_of_the_select_list_explains_itself_behind_it_and_not_below() {
    for &dialect in ALL {
        on(dialect).proves("SELECT id AS contacts FROM audit ORDER BY contacts, (SELECT 1)");
        for order in [
            "(SELECT max(contacts) FROM audit b)",
            "y.contacts",
            "contacts, y.contacts",
        ] {
            let sql = format!("SELECT id AS contacts FROM audit ORDER BY {order}");
            let checked = on(dialect).check(&Ask::default(), &sql);
            let codes: Vec<Code> = checked.errors.iter().map(|error| error.code).collect();
            assert_eq!(codes, [Code::UnexplainedToken], "{dialect}: {sql}");
        }
        on(dialect).proves("WITH x (contacts) AS (SELECT 1) SELECT 1");
    }
    for dialect in [Postgres, Mysql] {
        is_unexplained(
            dialect,
            "SELECT id AS contacts FROM audit ORDER BY id IN contacts",
            "contacts",
        );
    }
    on(Postgres).proves("SELECT id INTO archive.contacts FROM audit");
    on(Postgres).becomes(
        "TABLE public.contacts ORDER BY contacts.id",
        "SELECT * FROM public.contacts WHERE public.contacts.deleted_at IS NULL ORDER BY contacts.id",
    );
}

#[test]
fn the_end_of_a_case_is_no_table_in_mysql() {
    let ddl = "CREATE TABLE end (id INTEGER PRIMARY KEY, v INTEGER, deleted_at TIMESTAMP NULL);";
    let on = on_more(Mysql, ddl);
    for sql in [
        "SELECT CASE WHEN line = 'x' THEN 1 ELSE 2 END FROM audit",
        "SELECT CASE CASE id WHEN 1 THEN 2 END WHEN 2 THEN (1) END + 1 FROM audit",
        "SELECT max(CASE WHEN id = 1 THEN 2 END), CASE WHEN 1 THEN 1 END FROM audit",
    ] {
        on.proves(sql);
    }
    for sql in [
        "SELECT line, END + 1 FROM audit",
        "SELECT CASE WHEN id = 1 THEN 2 END, end + 1 FROM audit",
        "SELECT CASE WHEN (end) = 1 THEN 2 END FROM audit",
        "SELECT CASE WHEN id = 1 THEN 2 END END + 1 FROM audit",
        "SELECT CASE WHEN contacts THEN 1 END FROM audit",
    ] {
        let errors = on.check(&Ask::default(), sql).errors;
        let codes: Vec<Code> = errors.iter().map(|fault| fault.code).collect();
        assert_eq!(codes, [Code::UnexplainedToken], "{sql}");
    }
}
