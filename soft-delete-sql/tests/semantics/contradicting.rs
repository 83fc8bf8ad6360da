//! §2: tests that contradict the scope that is asked for, and custom conditions beside the marker.

use crate::setup::{
    ALL, Active, Ask, Code, Deleted, Dialect, Postgres, Scope, Sqlite, WithDeleted, on, on_more,
    scope, with_schema,
};

#[track_caller]
fn contradicts(dialect: Dialect, asked: Scope, sql: &str, at: &str) {
    on(dialect).refuses_as(&scope(asked), sql, Code::Contradiction, at);
}

#[test]
fn a_test_contradicts_wherever_it_filters() {
    for &dialect in ALL {
        for sql in [
            "SELECT c.id FROM contacts c JOIN audit a ON a.id = c.id AND c.deleted_at IS NOT NULL",
            "SELECT c.id FROM audit b, contacts c LEFT JOIN audit a ON a.id = c.id AND c.deleted_at IS NOT NULL",
            "SELECT c.id FROM contacts c WHERE c.id = 1 AND (c.deleted_at IS NOT NULL OR c.id = 2)",
            "UPDATE contacts AS c SET name = 'x' WHERE c.deleted_at IS NOT NULL",
        ] {
            contradicts(dialect, Active, sql, "c.deleted_at IS NOT NULL");
        }
        let sql = "SELECT id FROM contacts WHERE id = 1 AND deleted_at IS NULL";
        contradicts(dialect, Deleted, sql, "deleted_at IS NULL");
    }
    for condition in [
        "ON t.id = s.id AND t.deleted_at IS NOT NULL WHEN MATCHED",
        "ON t.id = s.id WHEN MATCHED AND t.deleted_at IS NOT NULL",
        "ON t.id = s.id WHEN NOT MATCHED THEN DO NOTHING WHEN MATCHED AND t.deleted_at IS NOT NULL",
    ] {
        let sql =
            format!("MERGE INTO contacts t USING audit s {condition} THEN UPDATE SET name = 'x'");
        contradicts(Postgres, Active, &sql, "t.deleted_at IS NOT NULL");
    }
    for dialect in [Postgres, Sqlite] {
        on_more(
            dialect,
            "CREATE UNIQUE INDEX contacts_email ON contacts (email) WHERE deleted_at IS NULL;",
        )
        .refuses_as(
            &scope(Active),
            "INSERT INTO contacts (email) VALUES ('a') ON CONFLICT (email) WHERE deleted_at IS NULL DO UPDATE SET name = 'x' WHERE contacts.deleted_at IS NOT NULL",
            Code::Contradiction,
            "contacts.deleted_at IS NOT NULL",
        );
    }
}

#[test]
fn a_test_of_another_reference_contradicts_nothing() {
    for &dialect in ALL {
        on(dialect).becomes(
            "SELECT c.id FROM contacts c, contacts d WHERE d.deleted_at IS NULL",
            "SELECT c.id FROM contacts c, contacts d WHERE c.deleted_at IS NULL AND (d.deleted_at IS NULL)",
        );
    }
    // The other INSERT's conflict says nothing of this block.
    on_more(
        Postgres,
        "CREATE UNIQUE INDEX contacts_email ON contacts (email) WHERE deleted_at IS NULL;",
    )
    .becomes(
        "WITH x AS (INSERT INTO contacts (email) VALUES ('a') ON CONFLICT (email) WHERE deleted_at IS NULL DO UPDATE SET name = 'x' WHERE contacts.deleted_at IS NULL RETURNING id) SELECT o.id FROM orders o",
        "WITH x AS (INSERT INTO contacts (email) VALUES ('a') ON CONFLICT (email) WHERE deleted_at IS NULL DO UPDATE SET name = 'x' WHERE contacts.deleted_at IS NULL RETURNING id) SELECT o.id FROM orders o WHERE o.deleted_at IS NULL",
    );
}

#[test]
fn what_holds_for_every_row_contradicts_nothing() {
    for &dialect in ALL {
        for condition in [
            "deleted_at IS NULL OR deleted_at IS NOT NULL",
            "id = 1 OR deleted_at IS NOT NULL OR deleted_at IS NULL",
        ] {
            on(dialect).becomes(
                &format!("SELECT id FROM contacts WHERE {condition}"),
                &format!(
                    "SELECT id FROM contacts WHERE contacts.deleted_at IS NULL AND ({condition})"
                ),
            );
        }
        on(dialect).becomes(
            "SELECT id FROM notes WHERE is_deleted OR NOT is_deleted",
            "SELECT id FROM notes WHERE NOT notes.is_deleted AND (is_deleted OR NOT is_deleted)",
        );
        for condition in [
            "is_deleted OR id = 1",
            "is_deleted OR is_deleted",
            "is_deleted AND NOT is_deleted",
        ] {
            let sql = format!("SELECT id FROM notes WHERE {condition}");
            contradicts(dialect, Active, &sql, "is_deleted");
        }
        let sql = "SELECT id FROM contacts WHERE id = 1 OR deleted_at IS NOT NULL";
        contradicts(dialect, Active, sql, "deleted_at IS NOT NULL");
        let sql = "SELECT id FROM contacts WHERE id = 1 OR deleted_at IS NULL";
        contradicts(dialect, Deleted, sql, "deleted_at IS NULL");
        let sql = "SELECT id FROM notes WHERE id = 1 OR NOT is_deleted";
        contradicts(dialect, Deleted, sql, "NOT is_deleted");
    }
}

#[test]
fn a_nullable_boolean_and_its_negation_do_not_hold_for_every_row() {
    let ddl = "CREATE TABLE flags (id INTEGER PRIMARY KEY, is_deleted BOOLEAN);";
    let config = "[tables.flags]\naccept = [\"nullable_marker\"]";
    for &dialect in ALL {
        with_schema(dialect, ddl, config).refuses_as(
            &scope(Active),
            "SELECT id FROM flags WHERE is_deleted OR NOT is_deleted",
            Code::Contradiction,
            "is_deleted",
        );
    }
}

#[test]
fn a_live_marker_does_not_contradict_a_row_deleted_by_a_custom_condition() {
    for &dialect in ALL {
        on(dialect).gives(
            &scope(Deleted),
            "SELECT id FROM articles WHERE deleted_at IS NULL",
            "SELECT id FROM articles WHERE (articles.deleted_at IS NULL AND articles.status <> 'archived') IS NOT TRUE AND (deleted_at IS NULL)",
        );
        // The other way it does: such a row is deleted by either.
        contradicts(
            dialect,
            Active,
            "SELECT id FROM articles WHERE deleted_at IS NOT NULL",
            "deleted_at IS NOT NULL",
        );
        let sql = "SELECT id FROM articles WHERE deleted_at IS NOT NULL";
        on(dialect).gives(&scope(Deleted), sql, sql);
        on(dialect).proves(sql);
        on(dialect).proves("SELECT id FROM articles WHERE id = 1 AND deleted_at IS NOT NULL");
        on(dialect).proves_nothing(
            "SELECT id FROM articles WHERE deleted_at IS NOT NULL OR id = 1",
            "articles",
        );
    }
}

#[test]
fn a_custom_condition_without_the_marker_is_not_proven_by_it() {
    let ddl =
        "CREATE TABLE pages (id INTEGER PRIMARY KEY, status TEXT, deleted_at TIMESTAMP NULL);";
    let config = "[tables.pages]\nactive = \"status = 'live'\"";
    for &dialect in ALL {
        let on = with_schema(dialect, ddl, config);
        on.becomes(
            "SELECT id FROM pages WHERE deleted_at IS NOT NULL",
            "SELECT id FROM pages WHERE (pages.status = 'live') AND (deleted_at IS NOT NULL)",
        );
        on.proves_nothing("SELECT id FROM pages WHERE deleted_at IS NOT NULL", "pages");
        on.proves_nothing("SELECT id FROM pages WHERE deleted_at IS NULL", "pages");
        on.proves("SELECT id FROM pages WHERE status = 'live'");
    }
}

#[test]
fn an_upsert_that_is_guarded_is_not_guarded_again() {
    for dialect in [Postgres, Sqlite] {
        let on = on_more(
            dialect,
            "CREATE UNIQUE INDEX contacts_email ON contacts (email) WHERE deleted_at IS NULL;",
        );
        let head = "INSERT INTO contacts (email) VALUES ('a') ON CONFLICT (email) WHERE deleted_at IS NULL DO UPDATE SET name = 'x'";
        let guarded = format!("{head} WHERE contacts.deleted_at IS NULL");
        on.becomes(&guarded, &guarded);
        for condition in ["contacts.name = 'y'", "excluded.deleted_at IS NULL"] {
            on.becomes(
                &format!("{head} WHERE {condition}"),
                &format!("{guarded} AND ({condition})"),
            );
        }
        on.proves(head);
        on.refuses(
            &format!("{head} WHERE contacts.deleted_at IS NOT NULL"),
            Code::Contradiction,
            "contacts.deleted_at IS NOT NULL",
        );
        on.refuses_as(&scope(Deleted), head, Code::CannotScope, "contacts");
        // No scope is guessed for a clause that meets deleted rows.
        let accepted = with_schema(
            dialect,
            "CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT UNIQUE, name TEXT, deleted_at TIMESTAMP NULL);",
            "[tables.users]\naccept = [\"upsert_counts_tombstones\"]",
        );
        accepted.proves_nothing(
            "INSERT INTO users (email) VALUES ('a') ON CONFLICT (email) DO UPDATE SET name = 'x' WHERE users.deleted_at IS NOT NULL",
            "users",
        );
    }
}

#[test]
fn each_insert_of_a_statement_has_conflict_clauses_of_its_own() {
    let on = on_more(
        Postgres,
        "CREATE UNIQUE INDEX orders_total ON orders (total) WHERE deleted_at IS NULL;",
    );
    let upsert =
        "INSERT INTO orders (total) VALUES (1) ON CONFLICT (total) DO UPDATE SET total = 2";
    on.proves_nothing(
        &format!("WITH x AS (INSERT INTO audit (line) VALUES ('a') RETURNING id) {upsert}"),
        "orders",
    );
    on.proves(
        "WITH x AS (INSERT INTO orders (total) VALUES (1) ON CONFLICT (total) WHERE deleted_at IS NULL DO UPDATE SET total = 2 WHERE orders.deleted_at IS NULL RETURNING id) SELECT id FROM orders WHERE orders.deleted_at IS NOT NULL",
    );
}

#[test]
fn a_conflict_clause_is_read_from_no_other_block() {
    // In SQLite the bare marker is that of the table that is written; in the SELECT it would be
    // that of two.
    let on = on_more(
        Sqlite,
        "CREATE UNIQUE INDEX orders_total ON orders (total) WHERE deleted_at IS NULL;",
    );
    on.proves(
        "WITH x AS (SELECT c.id FROM contacts c JOIN orders o ON o.id = c.id WHERE c.deleted_at IS NULL AND o.deleted_at IS NULL) INSERT INTO orders (total) VALUES (1) ON CONFLICT (total) WHERE deleted_at IS NULL DO UPDATE SET total = 2 WHERE deleted_at IS NULL",
    );
}

#[test]
fn with_deleted_is_said_and_never_proven() {
    for &dialect in ALL {
        for sql in [
            "SELECT id FROM articles WHERE (deleted_at IS NULL AND status <> 'archived') IS NOT TRUE",
            "SELECT id FROM articles WHERE deleted_at IS NOT NULL",
        ] {
            let said = Ask {
                scopes: &[("articles", WithDeleted)],
                ..Ask::default()
            };
            on(dialect).gives(&said, sql, sql);
            let reference = on(dialect).check(&said, sql).references.remove(0);
            assert_eq!(
                (reference.scope, reference.proven),
                (Some(WithDeleted), false)
            );
        }
    }
}
