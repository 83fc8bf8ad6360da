//! §3: what writes the marker, in every form of a write.

use crate::setup::{
    ALL, Active, Ask, Code, Mysql, Postgres, Sqlite, Verb, on, scope, verb, with_schema,
};

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

/// A table with a column of the marker's name that marks nothing.
const UNMARKED: &str = "
    CREATE TABLE contacts (id INTEGER PRIMARY KEY, name TEXT, deleted_at TIMESTAMP NULL);
    CREATE TABLE imports (id INTEGER PRIMARY KEY, deleted_at TIMESTAMP NULL);";
const UNMARKED_CONFIG: &str = "[tables.imports]\nsoft_deletable = false";

#[test]
fn only_the_marker_of_the_target_is_protected() {
    for dialect in [Postgres, Sqlite] {
        let on = with_schema(dialect, UNMARKED, UNMARKED_CONFIG);
        on.proves(
            "UPDATE imports SET deleted_at = NULL FROM contacts c WHERE c.deleted_at IS NULL",
        );
    }
    with_schema(Sqlite, UNMARKED, UNMARKED_CONFIG)
        .proves("UPDATE OR REPLACE imports SET id = 1 FROM contacts c WHERE c.deleted_at IS NULL");
    let on = with_schema(Mysql, UNMARKED, UNMARKED_CONFIG);
    let joined = "imports i JOIN contacts c ON c.id = i.id";
    on.proves(&format!(
        "UPDATE {joined} SET i.deleted_at = NULL WHERE c.deleted_at IS NULL"
    ));
    for column in ["c.deleted_at", "deleted_at"] {
        on.refuses(
            &format!("UPDATE {joined} SET {column} = NULL WHERE c.deleted_at IS NULL"),
            Code::MarkerWritten,
            column,
        );
    }
    on.refuses(
        "UPDATE contacts SET crm.contacts.deleted_at = NULL WHERE deleted_at IS NULL",
        Code::MarkerWritten,
        "crm.contacts.deleted_at",
    );
}

#[test]
fn a_part_of_the_marker_is_the_marker() {
    // PostgreSQL: a dot takes a field of the column.
    on(Postgres).refuses(
        "UPDATE contacts SET deleted_at.at = NULL WHERE deleted_at IS NULL",
        Code::MarkerWritten,
        "deleted_at",
    );
    on(Postgres).proves("UPDATE contacts SET name.deleted_at = NULL WHERE deleted_at IS NULL");
}

#[test]
fn help_for_a_written_marker_tells_new_rows_from_those_that_are_there() {
    let new = "leave `deleted_at` out: a new row is live";
    let old = "to bring back: `.restore()`; otherwise leave `deleted_at` out";
    for (dialect, sql, help) in [
        (
            Postgres,
            "INSERT INTO contacts (deleted_at) VALUES (now())",
            new,
        ),
        (Mysql, "INSERT INTO contacts SET deleted_at = now()", new),
        (
            Postgres,
            "INSERT INTO contacts (id, email, deleted_at) VALUES (1, 'a', now()) ON CONFLICT (id) DO UPDATE SET name = 'x' WHERE contacts.deleted_at IS NULL",
            new,
        ),
        (
            Postgres,
            "MERGE INTO contacts c USING audit a ON c.id = a.id AND c.deleted_at IS NULL WHEN NOT MATCHED THEN INSERT (id, deleted_at) VALUES (1, now())",
            old,
        ),
        (
            Postgres,
            "UPDATE contacts SET deleted_at = now() WHERE deleted_at IS NULL",
            old,
        ),
        (
            Postgres,
            "INSERT INTO contacts (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET deleted_at = NULL WHERE contacts.deleted_at IS NULL",
            old,
        ),
        (
            Mysql,
            "INSERT INTO contacts (id) VALUES (1) ON DUPLICATE KEY UPDATE deleted_at = NULL",
            old,
        ),
    ] {
        let errors = on(dialect).check(&Ask::default(), sql).errors;
        let written: Vec<_> = errors
            .iter()
            .filter(|fault| fault.code == Code::MarkerWritten)
            .collect();
        assert_eq!(written.len(), 1, "{sql}: {errors:?}");
        assert!(written[0].help.contains(help), "{sql}: {:?}", written[0]);
    }
}

#[test]
fn a_row_without_a_column_list_leaves_out_what_is_invisible_and_no_more() {
    let on = with_schema(
        Mysql,
        "CREATE TABLE users (id INTEGER PRIMARY KEY, secret TEXT INVISIBLE, deleted_at TIMESTAMP NULL);",
        "",
    );
    on.proves("INSERT INTO users VALUES (1, NULL)");
    on.refuses(
        "INSERT INTO users VALUES (1, '2024-01-01')",
        Code::MarkerWritten,
        "'2024-01-01'",
    );
}

#[test]
fn only_the_marker_takes_a_word_for_live() {
    for &dialect in ALL {
        let on = with_schema(
            dialect,
            "CREATE TABLE users (id INTEGER PRIMARY KEY, is_deleted BOOLEAN NOT NULL DEFAULT FALSE, deleted_by INTEGER);",
            "",
        );
        on.proves("INSERT INTO users (id, is_deleted, deleted_by) VALUES (1, FALSE, NULL)");
        on.refuses(
            "INSERT INTO users (id, is_deleted, deleted_by) VALUES (1, FALSE, 0)",
            Code::MarkerWritten,
            "0",
        );
    }
}
