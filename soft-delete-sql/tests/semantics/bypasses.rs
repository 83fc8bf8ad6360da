//! Ways around the proof that databases offer and that once worked.

use crate::setup::{
    ALL, Active, Ask, Code, Deleted, Dialect, Mysql, On, Postgres, Sqlite, on, on_more, scope,
    with_schema,
};

/// A table that is live when one of two conditions holds.
fn posts(dialect: Dialect) -> On {
    with_schema(
        dialect,
        "CREATE TABLE posts (id INTEGER PRIMARY KEY, kind INTEGER, status TEXT, deleted_at TIMESTAMP NULL);
         CREATE TABLE audit (id INTEGER PRIMARY KEY, post_id INTEGER);",
        "[tables.posts]\nactive = \"deleted_at IS NULL OR status = 'kept'\"",
    )
}

#[test]
fn a_custom_condition_may_be_an_or() {
    for &dialect in ALL {
        let on = posts(dialect);
        on.becomes(
            "SELECT id FROM posts WHERE kind = 1 OR kind = 2",
            "SELECT id FROM posts WHERE (posts.deleted_at IS NULL OR posts.status = 'kept') AND (kind = 1 OR kind = 2)",
        );
        on.becomes(
            "SELECT a.id FROM audit a LEFT JOIN posts p ON p.id = a.post_id",
            "SELECT a.id FROM audit a LEFT JOIN posts p ON (p.deleted_at IS NULL OR p.status = 'kept') AND (p.id = a.post_id)",
        );
        on.proves("SELECT id FROM posts WHERE deleted_at IS NULL OR status = 'kept'");
        on.proves_nothing(
            "SELECT id FROM posts WHERE deleted_at IS NULL OR status = 'kept' OR kind = 1",
            "posts",
        );
        on.proves_nothing(
            "SELECT id FROM posts WHERE deleted_at IS NULL OR status = 'lost'",
            "posts",
        );
        on.gives(
            &scope(Deleted),
            "SELECT id FROM posts",
            "SELECT id FROM posts WHERE (posts.deleted_at IS NULL OR posts.status = 'kept') IS NOT TRUE",
        );
    }
}

#[test]
fn a_function_called_as_an_attribute_is_a_call() {
    let ddl = "CREATE FUNCTION friends(audit) RETURNS bigint LANGUAGE sql
            AS $$ SELECT count(*) FROM contacts $$;
        CREATE FUNCTION line(audit) RETURNS bigint LANGUAGE sql
            AS $$ SELECT count(*) FROM contacts $$;";
    let on = on_more(Postgres, ddl);
    for sql in [
        "SELECT a.friends FROM audit a",
        "SELECT (a).friends FROM audit a",
        "SELECT a.\"friends\" FROM audit a",
    ] {
        let checked = on.check(&Ask::default(), sql);
        let codes: Vec<Code> = checked.errors.iter().map(|error| error.code).collect();
        assert_eq!(codes, [Code::OpaqueFunction], "{sql}");
    }
    // A column of that name comes first.
    on.proves("SELECT a.line FROM audit a");
}

#[test]
fn operators_aggregates_and_casts_over_an_opaque_function_are_as_opaque() {
    let ddl = "CREATE FUNCTION friends(integer, integer) RETURNS bigint LANGUAGE sql
            AS $$ SELECT count(*) FROM contacts $$;
        CREATE OPERATOR public.## (leftarg = integer, rightarg = integer, function = friends);
        CREATE OPERATOR @@@ (leftarg = integer, rightarg = integer, function = int4pl);
        CREATE FUNCTION behind() RETURNS bigint LANGUAGE sql AS $$ SELECT 1 ## 2 $$;
        CREATE OR REPLACE AGGREGATE most (integer) (sfunc = friends, stype = integer);
        CREATE AGGREGATE old_most (basetype = integer, sfunc = friends, stype = integer);
        CREATE AGGREGATE plus (integer) (sfunc = int4pl, stype = integer);";
    let on = |more: &str| on_more(Postgres, &format!("{ddl}{more}"));
    for (sql, at) in [
        ("SELECT id ## 1 FROM audit", "##"),
        ("SELECT id OPERATOR(public.##) 1 FROM audit", "##"),
        ("SELECT behind()", "behind"),
        ("SELECT most(id) FROM audit", "most"),
        ("SELECT old_most(id) FROM audit", "old_most"),
    ] {
        on("").refuses(sql, Code::OpaqueFunction, at);
    }
    on("").proves("SELECT plus(id), id @@@ 1 FROM audit");

    // A cast can be implicit: no text says where it runs.
    let cast = "CREATE CAST (integer AS audit) WITH FUNCTION friends(integer, integer);";
    let checked = on(cast).check(&Ask::default(), "SELECT id FROM audit");
    assert_eq!(checked.errors[0].code, Code::OpaqueFunction);
    on("CREATE CAST (integer AS audit) WITHOUT FUNCTION;").proves("SELECT id FROM audit");
}

#[test]
fn a_function_of_mysql_is_known_behind_the_name_of_the_database() {
    let on = on_more(
        Mysql,
        "CREATE FUNCTION friends() RETURNS INTEGER READS SQL DATA RETURN (SELECT count(*) FROM contacts);",
    );
    on.refuses("SELECT app.friends()", Code::OpaqueFunction, "app.friends");
}

#[test]
fn an_invisible_column_is_in_no_star_and_takes_no_value_by_position() {
    let ddl = "CREATE TABLE users (id INTEGER PRIMARY KEY, deleted_at TIMESTAMP NULL INVISIBLE,
            name VARCHAR(9), secret VARCHAR(9));
        ALTER TABLE users ALTER COLUMN secret SET INVISIBLE;
        CREATE TABLE tags (id INTEGER PRIMARY KEY, deleted_at TIMESTAMP NULL);";
    let on = with_schema(Mysql, ddl, "");
    // The inner `deleted_at` is that of `tags`: `u` shows none.
    on.proves_nothing(
        "SELECT 1 FROM tags t WHERE t.deleted_at IS NULL AND EXISTS \
         (SELECT 1 FROM (SELECT * FROM users) u WHERE deleted_at IS NULL)",
        "users",
    );
    on.proves("SELECT name FROM (SELECT deleted_at, name FROM users) u WHERE u.deleted_at IS NULL");
    let model = Ask {
        model: true,
        ..scope(Active)
    };
    on.refuses_as(&model, "SELECT * FROM users", Code::MarkerNotSelected, "*");
    // By position the second column is `name`.
    on.proves("INSERT INTO users VALUES (1, 'n')");
    on.refuses_as(
        &scope(Active),
        "SELECT t.id, u.secret FROM tags t LEFT JOIN users u USING (id)",
        Code::CannotScope,
        "users",
    );
    on.becomes(
        "SELECT u.name FROM tags t LEFT JOIN users u USING (id) WHERE t.deleted_at IS NULL",
        "SELECT u.name FROM tags t LEFT JOIN (SELECT * FROM users WHERE users.deleted_at IS NULL) u USING (id) WHERE t.deleted_at IS NULL",
    );
}

#[test]
fn a_later_cte_of_a_table_s_name_is_read_in_two_ways() {
    // MariaDB reads the later one under RECURSIVE, MySQL the table.
    let sql = "WITH RECURSIVE a AS (SELECT id FROM contacts), contacts AS (SELECT 7 AS id) SELECT id FROM a";
    on(Mysql).refuses(sql, Code::UnknownRelation, "contacts");
    on(Postgres).proves(sql);
    on(Sqlite).proves(sql);
    let sql = sql.replace("RECURSIVE ", "");
    on(Mysql).proves_nothing(&sql, "contacts");
}

#[test]
fn a_user_variable_that_counts_rows_keeps_a_filter_out() {
    on(Mysql).proves_nothing(
        "SELECT s.n FROM (SELECT @n := @n + 1 AS n, deleted_at FROM contacts) s WHERE s.deleted_at IS NULL",
        "contacts",
    );
    on(Mysql).proves(
        "SELECT s.n FROM (SELECT @n + 1 AS n, deleted_at FROM contacts) s WHERE s.deleted_at IS NULL",
    );
}

#[test]
fn parentheses_behind_a_keyword_call_nothing() {
    let sql = |item: &str| {
        format!(
            "SELECT s.n FROM (SELECT deleted_at, {item} AS n FROM contacts) s WHERE s.deleted_at IS NULL"
        )
    };
    for &dialect in ALL {
        for item in [
            "id = 1 AND (id = 2)",
            "id = 1 OR (id = 2)",
            "NOT (id = 1)",
            "id IN (1, 2)",
            "EXISTS (SELECT 1)",
            "(SELECT (1))",
            "(SELECT 1 FROM (SELECT 1 AS one) AS x WHERE (x.one = 1))",
            "(SELECT 1 FROM audit a JOIN audit b ON (a.id = b.id))",
            "CASE WHEN (id = 1) THEN (2) ELSE (3) END",
        ] {
            on(dialect).proves(&sql(item));
        }
        for item in ["lower(name)", "(SELECT lower('a'))", "row_number() OVER ()"] {
            on(dialect).proves_nothing(&sql(item), "contacts");
        }
    }
    on(Postgres).proves_nothing(&sql("\"and\"(id = 1)"), "contacts");
    // What is put into the select list leaves the proof behind it.
    on(Sqlite).becomes(
        "SELECT 1 FROM (SELECT deleted_at, (SELECT 1 FROM contacts AS f WHERE id = 1) AS n FROM contacts AS c) AS d WHERE d.deleted_at IS NULL",
        "SELECT 1 FROM (SELECT deleted_at, (SELECT 1 FROM contacts AS f WHERE f.deleted_at IS NULL AND (id = 1)) AS n FROM contacts AS c) AS d WHERE d.deleted_at IS NULL",
    );
}

#[test]
fn rows_that_no_source_matches_are_filtered_beside_an_on_that_proves() {
    let on = on(Postgres);
    let head =
        "MERGE INTO contacts t USING audit s ON t.id = s.contact_id AND t.deleted_at IS NULL";
    let sql = format!("{head} WHEN NOT MATCHED BY SOURCE THEN UPDATE SET name = 'x'");
    on.proves_nothing(&sql, "contacts");
    let checked = on.check(&scope(Active), &sql);
    assert_eq!(
        checked.scoped.map(|scoped| scoped.sql),
        Some(String::from(
            "MERGE INTO contacts t USING audit s ON t.deleted_at IS NULL AND (t.id = s.contact_id \
             AND t.deleted_at IS NULL) WHEN NOT MATCHED BY SOURCE AND t.deleted_at IS NULL THEN \
             UPDATE SET name = 'x'"
        ))
    );
    on.proves(&format!(
        "{head} WHEN NOT MATCHED BY SOURCE AND t.deleted_at IS NULL THEN UPDATE SET name = 'x'"
    ));
    on.proves(&format!(
        "{head} WHEN NOT MATCHED BY SOURCE THEN DO NOTHING"
    ));
    on.proves(&format!("{head} WHEN MATCHED THEN UPDATE SET name = 'x'"));
}

#[test]
fn a_when_that_does_nothing_needs_no_test() {
    let on = on(Postgres);
    let head = "MERGE INTO contacts t USING audit s ON t.id = s.contact_id";
    let update = "WHEN MATCHED AND t.deleted_at IS NULL THEN UPDATE SET name = 'x'";
    on.proves(&format!("{head} {update} WHEN NOT MATCHED THEN DO NOTHING"));
    on.proves(&format!(
        "{head} WHEN MATCHED AND s.line = 'x' THEN DO NOTHING {update}"
    ));
    on.proves_nothing(
        &format!("{head} {update} WHEN NOT MATCHED THEN INSERT (id) VALUES (s.id)"),
        "contacts",
    );
}

fn handles(more: &str) -> On {
    with_schema(
        Mysql,
        "CREATE TABLE users (id bigint AUTO_INCREMENT PRIMARY KEY, handle TEXT, name TEXT, status TEXT,
            deleted_at TIMESTAMP NULL);
         CREATE UNIQUE INDEX users_handle ON users (handle);",
        &format!("[tables.users]\naccept = [\"upsert_counts_tombstones\"]\n{more}"),
    )
}

#[test]
fn a_guard_is_the_whole_of_an_assigned_value() {
    let on = handles("");
    let head = "INSERT INTO users (handle) VALUES ('a') ON DUPLICATE KEY UPDATE name =";
    on.proves(&format!(
        "{head} IF(users.deleted_at IS NULL, CONCAT('a', name), name)"
    ));
    for value in [
        "IF(users.deleted_at IS NULL, 'x', 'y') + IF(1, 2, name)",
        "IF(users.deleted_at IS NULL, 'x', CONCAT('y', name))",
        "IF(users.deleted_at IS NULL, 'x', COALESCE('y', name) || (1, name))",
    ] {
        on.proves_nothing(&format!("{head} {value}"), "users");
    }
}

#[test]
fn what_decides_liveness_is_assigned_last() {
    let on = handles("active = \"deleted_at IS NULL AND status <> 'archived'\"");
    let head = "INSERT INTO users (handle) VALUES ('a') ON DUPLICATE KEY UPDATE";
    on.refuses_as(
        &scope(Active),
        &format!("{head} status = 'archived', name = 'x'"),
        Code::CannotScope,
        "status = 'archived'",
    );
    on.becomes(
        &format!("{head} name = 'x', status = 'archived'"),
        &format!(
            "{head} name = IF((users.deleted_at IS NULL AND users.status <> 'archived'), 'x', name), \
             status = IF((users.deleted_at IS NULL AND users.status <> 'archived'), 'archived', status)"
        ),
    );
}

#[test]
fn an_insert_without_a_list_skips_the_computed_columns_of_sqlite() {
    let ddl = "CREATE TABLE bills (id INTEGER PRIMARY KEY, net INTEGER,
        gross INTEGER GENERATED ALWAYS AS (net * 2), deleted_at TIMESTAMP NULL);";
    let on = on_more(Sqlite, ddl);
    on.refuses(
        "INSERT INTO bills VALUES (1, 2, '2020-01-01')",
        Code::MarkerWritten,
        "'2020-01-01'",
    );
    on.proves("INSERT INTO bills VALUES (1, 2, NULL)");
    // PostgreSQL counts them.
    let ddl = ddl.replace("(net * 2)", "(net * 2) STORED");
    on_more(Postgres, &ddl).refuses(
        "INSERT INTO bills VALUES (1, 2, DEFAULT, now())",
        Code::MarkerWritten,
        "now()",
    );
}

#[test]
fn an_alias_that_is_a_string_qualifies_as_a_name() {
    on(Sqlite).becomes(
        "SELECT 'c'.id FROM contacts AS 'c'",
        "SELECT 'c'.id FROM contacts AS 'c' WHERE c.deleted_at IS NULL",
    );
}

#[test]
fn a_use_that_filters_nothing_spoils_the_proof_of_a_cte() {
    let cte = "WITH s AS (SELECT deleted_at FROM contacts)";
    on(Sqlite).proves(&format!("{cte} SELECT 1 FROM s WHERE s.deleted_at IS NULL"));
    on(Sqlite).proves_nothing(
        &format!("{cte} SELECT 1 FROM s WHERE s.deleted_at IS NULL AND 1 NOT IN s"),
        "contacts",
    );
}

#[test]
fn a_marker_from_behind_an_outer_join_proves_nothing_outside() {
    for &dialect in ALL {
        on(dialect).proves_nothing(
            "SELECT s.id FROM (SELECT a.id, c.deleted_at FROM audit a \
             LEFT JOIN contacts c ON c.id = a.contact_id) s WHERE s.deleted_at IS NULL",
            "contacts",
        );
    }
}

#[test]
fn the_marker_alone_proves_no_custom_condition_behind_an_outer_join() {
    for &dialect in ALL {
        on(dialect).proves_nothing(
            "SELECT a.id FROM audit a LEFT JOIN articles t ON t.id = a.id \
             WHERE t.deleted_at IS NULL AND t.id = 5",
            "articles",
        );
    }
}

#[test]
fn a_custom_condition_that_may_read_another_table_is_not_written() {
    // Written by hand it is refused: an alias, a table or a function is not told apart here.
    let on = with_schema(
        Postgres,
        "CREATE TABLE leads (id INTEGER PRIMARY KEY, deleted_at TIMESTAMP NULL);
         CREATE TABLE posts (id INTEGER PRIMARY KEY, deleted_at TIMESTAMP NULL);
         CREATE FUNCTION lives(INTEGER) RETURNS BOOLEAN LANGUAGE sql AS
             'SELECT count(*) > 0 FROM leads';",
        "[tables.posts]\nactive = \"deleted_at IS NULL AND leads <> 1\"
         [tables.leads]\nactive = \"deleted_at IS NULL AND lives(id)\"",
    );
    for table in ["posts", "leads"] {
        let sql = format!("SELECT id FROM {table}");
        on.refuses_as(&scope(Active), &sql, Code::NotReproven, "");
    }
}

#[test]
fn a_use_in_front_of_the_expression_is_a_use_too() {
    // Found by a million generated statements: the first use shows all rows.
    let sql = "WITH RECURSIVE early AS (SELECT id FROM late), late AS (SELECT id, deleted_at FROM contacts) \
               SELECT l.id FROM late l JOIN early e ON e.id = l.id WHERE l.deleted_at IS NULL";
    on(Postgres).proves_nothing(sql, "contacts");
    for sql in [sql, &sql.replace("RECURSIVE ", "")] {
        on(Sqlite).proves_nothing(sql, "contacts");
        on(Sqlite).becomes(
            sql,
            &sql.replace(
                "FROM contacts)",
                "FROM contacts WHERE contacts.deleted_at IS NULL)",
            ),
        );
    }
    let filtered = "WITH late AS (SELECT id, deleted_at FROM contacts), early AS (SELECT id FROM late WHERE deleted_at IS NULL) \
                    SELECT l.id FROM late l JOIN early e ON e.id = l.id WHERE l.deleted_at IS NULL";
    on(Postgres).proves(filtered);
    on(Sqlite).proves(filtered);
}

#[test]
fn an_alias_that_sqlite_drops_names_a_table_outside() {
    // SQLite 3.40 and 3.51: in `a JOIN (b AS c)`, `c` is not known, or is an outer `c`.
    for inner in ["(contacts AS c)", "((contacts AS c))"] {
        let inside = format!("SELECT 1 FROM audit a JOIN {inner} ON a.id = 1");
        let captured = format!(
            "SELECT 1 FROM orders AS c WHERE c.deleted_at IS NULL AND EXISTS ({inside} WHERE c.deleted_at IS NULL)"
        );
        on(Sqlite).proves_nothing(&captured, "contacts");
        on(Mysql).proves(&captured);
        on(Sqlite).proves_nothing(&format!("{inside} WHERE c.deleted_at IS NULL"), "contacts");
        on(Sqlite).proves(&format!("{inside} WHERE contacts.deleted_at IS NULL"));
        on(Sqlite).becomes(
            &inside,
            &inside
                .replace(
                    "contacts AS c",
                    "SELECT * FROM contacts AS c WHERE c.deleted_at IS NULL",
                )
                .replace(" ON a", " AS contacts ON a"),
        );
    }
    // The first of a FROM keeps it.
    for first in [
        "(contacts AS c) JOIN audit a",
        "audit a JOIN ((contacts AS c) JOIN audit b)",
        "(contacts AS c), audit a",
    ] {
        on(Sqlite).proves(&format!("SELECT 1 FROM {first} WHERE c.deleted_at IS NULL"));
    }
    for nameless in [
        "((SELECT * FROM contacts) AS c)",
        "((SELECT * FROM contacts) AS c) AS d",
    ] {
        let captured = format!(
            "SELECT 1 FROM orders AS c WHERE c.deleted_at IS NULL AND EXISTS (SELECT 1 FROM audit a, {nameless} WHERE c.deleted_at IS NULL)"
        );
        on(Sqlite).proves_nothing(&captured, "contacts");
    }
    let cte = "WITH w AS (SELECT * FROM contacts) SELECT 1 FROM audit a JOIN (w AS c)";
    on(Sqlite).proves_nothing(&format!("{cte} WHERE c.deleted_at IS NULL"), "contacts");
    on(Sqlite).proves(&format!("{cte} WHERE w.deleted_at IS NULL"));
}

#[test]
fn a_table_beside_its_own_name_in_parentheses_is_replaced_too() {
    on(Sqlite).becomes(
        "SELECT 1 FROM contacts JOIN (contacts AS c) ON 1",
        "SELECT 1 FROM (SELECT * FROM contacts WHERE contacts.deleted_at IS NULL) AS contacts JOIN (SELECT * FROM contacts AS c WHERE c.deleted_at IS NULL) AS contacts ON 1",
    );
}
