//! §3: what writes the marker, in every form of a write.

use crate::setup::{ALL, Active, Code, Mysql, Postgres, Sqlite, Verb, on, scope, verb};

#[track_caller]
fn is_written(dialect: crate::setup::Dialect, sql: &str, at: &str) {
    on(dialect).refuses_as(&scope(Active), sql, Code::MarkerWritten, at);
}

#[test]
fn a_value_that_lands_in_the_marker_says_live_or_is_refused() {
    for &dialect in ALL {
        for (source, at) in [
            ("contacts (id, deleted_at) SELECT * FROM audit", "*"),
            (
                "contacts (id, deleted_at) SELECT id, line FROM audit",
                "line",
            ),
            (
                "contacts (id, deleted_at) (SELECT id, line FROM audit)",
                "line",
            ),
            (
                "contacts (id, deleted_at) VALUES (1, NULL), (2, 'x')",
                "'x'",
            ),
            (
                "contacts (id, deleted_at) SELECT 1, NULL UNION SELECT id, line FROM audit",
                "line",
            ),
            ("contacts (id, deleted_at) VALUES (1, 0)", "0"),
            ("contacts (id, deleted_at) VALUES (1, FALSE)", "FALSE"),
            (
                "contacts (id, deleted_at) VALUES (1, NULL IS NULL)",
                "NULL IS NULL",
            ),
            ("notes (id, is_deleted) VALUES (1, TRUE)", "TRUE"),
            (
                "notes (id, is_deleted) VALUES (1, FALSE OR TRUE)",
                "FALSE OR TRUE",
            ),
            ("files (id, is_deleted) VALUES (1, 1)", "1"),
        ] {
            is_written(dialect, &format!("INSERT INTO {source}"), at);
        }
        for source in [
            "contacts (id, deleted_at) SELECT id, NULL FROM audit",
            "contacts (deleted_at, id) SELECT NULL, a.* FROM audit a",
            "contacts (id, name) SELECT * FROM audit",
            "notes (id, is_deleted) VALUES (1, FALSE)",
            "notes (id, is_deleted) VALUES (1, (FALSE))",
            "files (id, is_deleted) VALUES (1, 0)",
        ] {
            on(dialect).proves(&format!("INSERT INTO {source}"));
        }
    }
    for dialect in [Postgres, Mysql] {
        on(dialect).proves("INSERT INTO contacts (id, deleted_at) VALUES (1, DEFAULT)");
    }
    on(Postgres).proves("INSERT INTO contacts DEFAULT VALUES");
    on(Postgres).proves("INSERT INTO contacts (id, name) TABLE audit");
    is_written(Postgres, "INSERT INTO contacts TABLE audit", "audit");
    on(Mysql).proves("INSERT INTO contacts SET id = 1, deleted_at = NULL");
    is_written(
        Mysql,
        "INSERT INTO contacts SET id = 1, deleted_at = NOW()",
        "NOW()",
    );
}

#[test]
fn an_assignment_of_any_target_is_found() {
    is_written(
        Mysql,
        "UPDATE contacts c, orders o SET o.deleted_at = NULL",
        "o.deleted_at",
    );
    is_written(
        Mysql,
        "UPDATE audit a, contacts c SET deleted_at = NULL",
        "deleted_at",
    );
    // The column of a table without marker is its own affair.
    on(Mysql)
        .proves("UPDATE audit a, contacts c SET a.deleted_at = NULL WHERE c.deleted_at IS NULL");
    is_written(
        Postgres,
        "UPDATE contacts SET (name, deleted_at) = ('x', NULL)",
        "deleted_at",
    );
    // A dot behind a column is a field of it.
    on(Postgres).becomes(
        "UPDATE contacts SET name.deleted_at = 1",
        "UPDATE contacts SET name.deleted_at = 1 WHERE contacts.deleted_at IS NULL",
    );
}

#[test]
fn an_action_of_merge_writes_like_a_statement() {
    let head = "MERGE INTO contacts t USING audit s ON t.id = s.id";
    for (action, at) in [
        (
            "WHEN NOT MATCHED THEN INSERT VALUES (1, 'e', 'n', 2, now())",
            "now()",
        ),
        (
            "WHEN NOT MATCHED THEN INSERT (deleted_at) VALUES (now())",
            "now()",
        ),
        (
            "WHEN MATCHED THEN UPDATE SET deleted_at = NULL",
            "deleted_at",
        ),
    ] {
        is_written(Postgres, &format!("{head} {action}"), at);
    }
    on(Postgres).becomes(
        &format!("{head} WHEN NOT MATCHED THEN INSERT VALUES (1, 'e', 'n', 2, NULL)"),
        "MERGE INTO contacts t USING audit s ON t.deleted_at IS NULL AND (t.id = s.id) WHEN NOT MATCHED THEN INSERT VALUES (1, 'e', 'n', 2, NULL)",
    );
    on(Postgres).refuses_as(
        &scope(Active),
        &format!("{head} WHEN MATCHED THEN DELETE"),
        Code::DeleteNeedsVerb,
        "contacts",
    );
    on(Postgres).proves("MERGE INTO audit t USING audit s ON t.id = s.id WHEN MATCHED THEN DELETE");
}

#[test]
fn a_verb_is_about_the_statement_itself() {
    for wanted in [Verb::Erase, Verb::Purge, Verb::SoftDelete] {
        on(Postgres).refuses_as(
            &verb(wanted),
            "WITH x AS (DELETE FROM orders RETURNING id) DELETE FROM contacts",
            Code::DeleteNeedsVerb,
            "orders",
        );
        on(Mysql).refuses_as(
            &verb(wanted),
            "DELETE c, o FROM contacts c, orders o",
            Code::VerbMisused,
            "contacts",
        );
    }
}

#[test]
fn an_update_that_replaces_rows_destroys_them() {
    on(Sqlite).refuses_as(
        &scope(Active),
        "UPDATE OR REPLACE contacts SET id = 1",
        Code::Replace,
        "contacts",
    );
    on(Sqlite).proves("UPDATE OR REPLACE audit SET id = 1");
}
