//! §1 Targets and MERGE, and the parts of §3 that are no upsert.

use crate::setup::{
    ALL, Active, Ask, Code, Deleted, Mysql, On, Postgres, Sqlite, Verb, WithDeleted, on, on_more,
    schema_errors, scope, verb, with_schema,
};

#[test]
fn the_target_of_update_is_filtered_in_where() {
    // §1 Targets.
    for &dialect in ALL {
        on(dialect).becomes(
            "UPDATE contacts SET name = 'x' WHERE id = 1 OR id = 2",
            "UPDATE contacts SET name = 'x' WHERE contacts.deleted_at IS NULL AND (id = 1 OR id = 2)",
        );
        on(dialect).becomes(
            "UPDATE contacts SET name = 'x'",
            "UPDATE contacts SET name = 'x' WHERE contacts.deleted_at IS NULL",
        );
        on(dialect).refuses("UPDATE contacts SET name = 'x'", Code::Unscoped, "contacts");
        on(dialect).proves("UPDATE contacts SET name = 'x' WHERE deleted_at IS NULL AND id = 1");
    }
    for dialect in [Postgres, Sqlite] {
        on(dialect).becomes(
            "UPDATE contacts AS c SET name = 'x' RETURNING id",
            "UPDATE contacts AS c SET name = 'x' WHERE c.deleted_at IS NULL RETURNING id",
        );
    }
    on(Mysql).becomes(
        "UPDATE contacts SET name = 'x' ORDER BY id LIMIT 1",
        "UPDATE contacts SET name = 'x' WHERE contacts.deleted_at IS NULL ORDER BY id LIMIT 1",
    );
}

#[test]
fn update_from_filters_target_and_sources() {
    // §1 Targets: "counts as inner with the FROM list".
    for dialect in [Postgres, Sqlite] {
        on(dialect).becomes(
            "UPDATE contacts SET name = 'x' FROM orders o LEFT JOIN notes n ON n.contact_id = o.contact_id WHERE o.contact_id = contacts.id",
            "UPDATE contacts SET name = 'x' FROM orders o LEFT JOIN notes n ON NOT n.is_deleted AND (n.contact_id = o.contact_id) WHERE contacts.deleted_at IS NULL AND o.deleted_at IS NULL AND (o.contact_id = contacts.id)",
        );
        on(dialect).becomes(
            "UPDATE audit SET line = 'x' FROM contacts c",
            "UPDATE audit SET line = 'x' FROM contacts c WHERE c.deleted_at IS NULL",
        );
    }
}

#[test]
fn multi_table_update_filters_each_table_in_its_place() {
    // §1 Targets: a target on a nullable side needs ON.
    on(Mysql).becomes(
        "UPDATE orders o JOIN contacts c ON c.id = o.contact_id SET o.total = 0",
        "UPDATE orders o JOIN contacts c ON c.id = o.contact_id SET o.total = 0 WHERE o.deleted_at IS NULL AND c.deleted_at IS NULL",
    );
    on(Mysql).becomes(
        "UPDATE audit a LEFT JOIN contacts c ON c.id = a.contact_id SET c.name = 'x'",
        "UPDATE audit a LEFT JOIN contacts c ON c.deleted_at IS NULL AND (c.id = a.contact_id) SET c.name = 'x'",
    );
}

#[test]
fn a_multi_table_target_on_the_nullable_side_of_using_is_refused() {
    // §1 Targets: "with USING: refuse".
    on(Mysql).refuses_as(
        &scope(Active),
        "UPDATE audit a LEFT JOIN contacts c USING (id) SET c.name = 'x'",
        Code::CannotScope,
        "contacts",
    );
}

#[test]
fn where_current_of_is_refused() {
    // §1 Targets.
    on(Postgres).refuses_as(
        &scope(Active),
        "UPDATE contacts SET name = 'x' WHERE CURRENT OF cur",
        Code::CannotScope,
        "contacts",
    );
}

#[test]
fn delete_on_a_soft_deletable_table_needs_a_verb() {
    // §3: "DELETE only under a verb".
    for &dialect in ALL {
        let sql = "DELETE FROM contacts WHERE id = 1";
        on(dialect).refuses(sql, Code::DeleteNeedsVerb, "contacts");
        on(dialect).refuses_as(&scope(Active), sql, Code::DeleteNeedsVerb, "contacts");
        on(dialect).refuses_as(&scope(Deleted), sql, Code::DeleteNeedsVerb, "contacts");
        on(dialect).refuses(
            "DELETE FROM contacts WHERE deleted_at IS NOT NULL",
            Code::DeleteNeedsVerb,
            "contacts",
        );
    }
}

#[test]
fn each_verb_has_its_rows() {
    // DESIGN §2: soft_delete skips tombstones, purge adds "is deleted", erase takes all.
    for &dialect in ALL {
        let sql = "DELETE FROM contacts WHERE id = 1";
        on(dialect).gives(
            &verb(Verb::Purge),
            sql,
            "DELETE FROM contacts WHERE contacts.deleted_at IS NOT NULL AND (id = 1)",
        );
        on(dialect).gives(&verb(Verb::Erase), sql, sql);
        let now = match dialect {
            Sqlite => "strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now')",
            Postgres | Mysql => "CURRENT_TIMESTAMP",
        };
        on(dialect).gives(
            &verb(Verb::SoftDelete),
            sql,
            &format!("UPDATE contacts SET deleted_at = {now} WHERE contacts.deleted_at IS NULL AND (id = 1)"),
        );
    }
}

#[test]
fn a_purge_that_tests_for_live_rows_contradicts_itself() {
    for &dialect in ALL {
        on(dialect).refuses_as(
            &verb(Verb::Purge),
            "DELETE FROM contacts WHERE deleted_at IS NULL",
            Code::Contradiction,
            "deleted_at IS NULL",
        );
    }
}

#[test]
fn a_verb_stands_for_a_delete_on_a_soft_deletable_table() {
    for &dialect in ALL {
        for sql in [
            "SELECT id FROM contacts",
            "UPDATE contacts SET name = 'x'",
            "DELETE FROM audit",
        ] {
            let checked = on(dialect).check(&verb(Verb::SoftDelete), sql);
            let codes: Vec<Code> = checked.errors.iter().map(|error| error.code).collect();
            assert_eq!(codes, [Code::VerbMisused], "{dialect}: {sql}");
        }
    }
}

#[test]
fn delete_using_filters_what_it_reads() {
    // §1 Targets.
    on(Postgres).becomes(
        "DELETE FROM audit USING contacts c WHERE c.id = contact_id",
        "DELETE FROM audit USING contacts c WHERE c.deleted_at IS NULL AND (c.id = contact_id)",
    );
    on(Mysql).becomes(
        "DELETE a FROM audit a JOIN contacts c ON c.id = a.contact_id",
        "DELETE a FROM audit a JOIN contacts c ON c.id = a.contact_id WHERE c.deleted_at IS NULL",
    );
    on(Mysql).refuses_as(
        &scope(Active),
        "DELETE c FROM audit a JOIN contacts c ON c.id = a.contact_id",
        Code::DeleteNeedsVerb,
        "contacts",
    );
}

#[test]
fn merge_filters_its_target_in_on_and_replaces_its_source() {
    // §1 MERGE: in ON the source's tombstones would become NOT MATCHED and be inserted.
    on(Postgres).becomes(
        "MERGE INTO contacts t USING orders s ON t.id = s.contact_id WHEN MATCHED THEN UPDATE SET name = 'x' WHEN NOT MATCHED THEN INSERT (id, email) VALUES (s.contact_id, 'e')",
        "MERGE INTO contacts t USING (SELECT * FROM orders WHERE orders.deleted_at IS NULL) s ON t.deleted_at IS NULL AND (t.id = s.contact_id) WHEN MATCHED THEN UPDATE SET name = 'x' WHEN NOT MATCHED THEN INSERT (id, email) VALUES (s.contact_id, 'e')",
    );
}

#[test]
fn merge_by_source_gets_the_targets_condition() {
    // §1 MERGE: "each NOT MATCHED BY SOURCE also gets AND f(target)".
    on(Postgres).becomes(
        "MERGE INTO contacts t USING audit s ON t.id = s.contact_id WHEN NOT MATCHED BY SOURCE THEN UPDATE SET name = 'x' WHEN NOT MATCHED BY SOURCE AND t.id = 1 OR t.id = 2 THEN UPDATE SET name = 'y'",
        "MERGE INTO contacts t USING audit s ON t.deleted_at IS NULL AND (t.id = s.contact_id) WHEN NOT MATCHED BY SOURCE AND t.deleted_at IS NULL THEN UPDATE SET name = 'x' WHEN NOT MATCHED BY SOURCE AND t.deleted_at IS NULL AND (t.id = 1 OR t.id = 2) THEN UPDATE SET name = 'y'",
    );
}

#[test]
fn a_delete_action_of_merge_needs_a_verb() {
    // §1 MERGE.
    let sql = "MERGE INTO contacts t USING audit s ON t.id = s.contact_id WHEN MATCHED THEN DELETE";
    let checked = on(Postgres).check(&scope(Active), sql);
    assert_eq!(checked.errors[0].code, Code::DeleteNeedsVerb);
}

#[test]
fn a_merge_without_a_scope_is_refused() {
    on(Postgres).refuses(
        "MERGE INTO contacts t USING audit s ON t.id = s.contact_id WHEN MATCHED THEN DO NOTHING",
        Code::Unscoped,
        "contacts",
    );
}

#[test]
fn a_plain_insert_target_is_not_read() {
    // DESIGN §2: "it needs no scope and accepts active".
    for &dialect in ALL {
        let sql = "INSERT INTO contacts (email) VALUES ('a')";
        on(dialect).proves(sql);
        on(dialect).becomes(sql, sql);
        let checked = on(dialect).check(&Ask::default(), sql);
        assert!(checked.references[0].insert_target);
    }
}

#[test]
fn no_scope_but_active_means_anything_for_a_plain_insert_target() {
    let sql = "INSERT INTO contacts (email) SELECT name FROM orders, contacts c";
    let plain = "INSERT INTO contacts (email) VALUES ('a')";
    for &dialect in ALL {
        for scopes in [&[("contacts", Deleted)], &[("contacts", WithDeleted)]] {
            let scope = Some(Active);
            let asked = Ask {
                scope,
                scopes,
                ..Ask::default()
            };
            on(dialect).refuses_as(&asked, plain, Code::MeaninglessScope, "contacts");
            on(dialect).refuses_as(&asked, sql, Code::MeaninglessScope, "contacts");
        }
    }
}

#[test]
fn insert_select_filters_what_it_reads() {
    // §3 first row of the table.
    for &dialect in ALL {
        on(dialect).becomes(
            "INSERT INTO audit (contact_id) SELECT id FROM contacts",
            "INSERT INTO audit (contact_id) SELECT id FROM contacts WHERE contacts.deleted_at IS NULL",
        );
    }
}

#[test]
fn a_value_must_not_land_in_the_marker() {
    // §3: "refused if a value other than NULL/DEFAULT lands in the marker".
    for &dialect in ALL {
        for sql in [
            "INSERT INTO contacts VALUES (1, 'e', 'n', 1, '2026-01-01')",
            "INSERT INTO contacts VALUES (1, 'e', 'n', 1, NULL), (2, 'e', 'n', 1, '2026-01-01')",
            "INSERT INTO contacts (email, deleted_at) VALUES ('e', '2026-01-01')",
            "INSERT INTO contacts SELECT 1, 'e', 'n', 1, '2026-01-01'",
            "INSERT INTO contacts (email, deleted_at) SELECT line, line FROM audit",
            "INSERT INTO notes (body, is_deleted) VALUES ('b', TRUE)",
        ] {
            let checked = on(dialect).check(&Ask::default(), sql);
            assert_eq!(
                checked.errors.first().map(|error| error.code),
                Some(Code::MarkerWritten),
                "{dialect}: {sql}"
            );
        }
        let star = on_more(
            dialect,
            "CREATE TABLE import (a INTEGER, b TEXT, c TEXT, d INTEGER, e TEXT);",
        );
        let checked = star.check(&Ask::default(), "INSERT INTO contacts SELECT * FROM import");
        assert_eq!(checked.errors[0].code, Code::MarkerWritten);
    }
}

#[test]
fn null_default_and_the_live_value_may_land_in_the_marker() {
    // §3.
    for &dialect in ALL {
        on(dialect).proves("INSERT INTO contacts VALUES (1, 'e', 'n', 1, NULL)");
        on(dialect).proves("INSERT INTO contacts (email, deleted_at) VALUES ('e', NULL)");
        on(dialect).proves("INSERT INTO contacts (email, deleted_at) SELECT line, NULL FROM audit");
    }
    for dialect in [Postgres, Mysql] {
        on(dialect).proves("INSERT INTO contacts (email, deleted_at) VALUES ('e', DEFAULT)");
    }
    for dialect in [Postgres, Sqlite] {
        on(dialect).proves("INSERT INTO contacts DEFAULT VALUES");
    }
}

#[test]
fn the_marker_is_not_assigned() {
    // §3, DESIGN §2: write-protected.
    for &dialect in ALL {
        for sql in [
            "UPDATE contacts SET deleted_at = '2026-01-01' WHERE id = 1",
            "UPDATE contacts SET name = 'x', deleted_at = NULL WHERE id = 1",
            "UPDATE contacts SET DELETED_AT = NULL WHERE id = 1",
        ] {
            for ask in [Ask::default(), scope(Active)] {
                let checked = on(dialect).check(&ask, sql);
                assert_eq!(
                    checked.errors[0].code,
                    Code::MarkerWritten,
                    "{dialect}: {sql}"
                );
            }
        }
    }
    for dialect in [Postgres, Sqlite] {
        for sql in [
            "UPDATE contacts SET (name, deleted_at) = ('x', NULL) WHERE id = 1",
            "UPDATE contacts SET (name, deleted_at) = (SELECT 'x', NULL) WHERE id = 1",
        ] {
            let checked = on(dialect).check(&scope(Active), sql);
            assert_eq!(
                checked.errors[0].code,
                Code::MarkerWritten,
                "{dialect}: {sql}"
            );
        }
    }
    on(Mysql).refuses_as(
        &scope(Active),
        "UPDATE orders o JOIN contacts c ON c.id = o.contact_id SET c.deleted_at = NULL",
        Code::MarkerWritten,
        "c.deleted_at",
    );
}

#[test]
fn a_custom_condition_protects_its_marker_and_the_page_says_so() {
    // §4: "protect every column of f against writes, or say so".
    let sql = "UPDATE articles SET status = 'archived' WHERE id = 1";
    for &dialect in ALL {
        on(dialect).becomes(
            sql,
            "UPDATE articles SET status = 'archived' WHERE (articles.deleted_at IS NULL AND articles.status <> 'archived') AND (id = 1)",
        );
    }
    let page = include_str!("../../../docs/errors/SD015.md");
    assert!(page.contains("Only the marker itself is protected"));
}

#[test]
fn replace_in_every_spelling_is_refused() {
    // §3: they physically delete the row they replace.
    let refused = |on: On, sql: &str| {
        let checked = on.check(&Ask::default(), sql);
        assert_eq!(checked.errors[0].code, Code::Replace, "{sql}");
        let checked = on.check(&scope(Active), sql);
        assert_eq!(checked.errors[0].code, Code::Replace, "{sql}");
    };
    for dialect in [Sqlite, Mysql] {
        refused(
            on(dialect),
            "REPLACE INTO contacts (id, email) VALUES (1, 'e')",
        );
    }
    refused(
        on(Sqlite),
        "INSERT OR REPLACE INTO contacts (id, email) VALUES (1, 'e')",
    );
    refused(
        on(Sqlite),
        "UPDATE OR REPLACE contacts SET email = 'e' WHERE deleted_at IS NULL",
    );
    on(Sqlite).proves("INSERT OR REPLACE INTO audit (id, line) VALUES (1, 'l')");
}

#[test]
fn a_conflict_clause_in_a_schema_is_refused() {
    // §3: column-level ON CONFLICT REPLACE / IGNORE (SQLite).
    for clause in ["REPLACE", "IGNORE"] {
        let ddl = format!(
            "CREATE TABLE t (id INTEGER PRIMARY KEY, email TEXT UNIQUE ON CONFLICT {clause}, deleted_at TEXT);"
        );
        assert_eq!(schema_errors(Sqlite, &ddl), [Code::SchemaConflictClause]);
    }
}

#[test]
fn a_view_is_written_as_its_base_table() {
    // §3: "DML through a view".
    for dialect in [Postgres, Mysql] {
        on(dialect).becomes(
            "UPDATE contact_states SET name = 'x'",
            "UPDATE contact_states SET name = 'x' WHERE contact_states.deleted_at IS NULL",
        );
        for sql in [
            "UPDATE contact_states SET deleted_at = NULL",
            "INSERT INTO contact_states VALUES (1, 'n', '2026-01-01')",
        ] {
            let checked = on(dialect).check(&scope(Active), sql);
            assert_eq!(
                checked.errors[0].code,
                Code::MarkerWritten,
                "{dialect}: {sql}"
            );
        }
        let checked = on(dialect).check(&scope(Active), "DELETE FROM live_contacts WHERE id = 1");
        assert_eq!(checked.errors[0].code, Code::DeleteNeedsVerb, "{dialect}");
    }
}

#[test]
fn what_records_a_deletion_is_protected_through_a_view_under_any_name() {
    let ddl = "
        CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, deleted_at TIMESTAMP NULL,
            deleted_by TEXT, deleted_reason TEXT);
        CREATE VIEW live_users AS SELECT id, name, deleted_by AS who, deleted_reason || '' AS why
            FROM users WHERE deleted_at IS NULL;
        CREATE VIEW every_user AS SELECT * FROM users;
        CREATE VIEW outer_users (id, culprit) AS SELECT id, who FROM live_users;
    ";
    for dialect in [Postgres, Mysql] {
        let on = || with_schema(dialect, ddl, "");
        for (sql, at) in [
            ("UPDATE live_users SET who = 'me'", "who"),
            (
                "UPDATE every_user SET deleted_reason = 'x' WHERE deleted_at IS NULL",
                "deleted_reason",
            ),
            ("UPDATE outer_users SET culprit = 'me'", "culprit"),
            ("INSERT INTO live_users (id, who) VALUES (1, 'me')", "'me'"),
        ] {
            on().refuses(sql, Code::MarkerWritten, at);
        }
        on().proves("UPDATE live_users SET name = 'x'");
        // An expression is no column: the database refuses to write it.
        on().proves("UPDATE live_users SET why = 'x'");
    }
}

#[test]
fn the_moment_of_an_erasure_is_written_by_erasures() {
    let ddl = "CREATE TABLE people (id BIGINT PRIMARY KEY, name VARCHAR(9), deleted_at TIMESTAMP NULL, erased_at TIMESTAMP NULL, \
         deleted_operation CHAR(36))";
    let toml = |erase: &str| {
        format!("[tables.people]\nerase = \"{erase}\"\npersonal = {{ name = \"NULL\" }}")
    };
    for &dialect in ALL {
        let on = |erase| with_schema(dialect, ddl, &toml(erase));
        let sql = "UPDATE people SET erased_at = NULL WHERE deleted_at IS NOT NULL";
        on("overwrite").refuses(sql, Code::MarkerWritten, "erased_at");
        on("remove").proves(sql);
    }
}

#[test]
fn statements_that_take_the_whole_table_are_refused() {
    // §3 last row.
    for (dialect, sql) in [
        (Postgres, "TRUNCATE contacts"),
        (Postgres, "TRUNCATE TABLE audit, contacts"),
        (Postgres, "COPY contacts TO STDOUT"),
        (Postgres, "COPY contacts (id) FROM STDIN"),
        (Mysql, "TRUNCATE TABLE contacts"),
    ] {
        on(dialect).refuses(sql, Code::Wholesale, "contacts");
    }
    // CASCADE reaches what references the table.
    on(Postgres).refuses("TRUNCATE audit CASCADE", Code::Wholesale, "audit");
    on(Postgres).becomes(
        "COPY (SELECT id FROM contacts) TO STDOUT",
        "COPY (SELECT id FROM contacts WHERE contacts.deleted_at IS NULL) TO STDOUT",
    );
}

#[test]
fn several_statements_in_one_string_are_refused() {
    for &dialect in ALL {
        let checked = on(dialect).check(
            &Ask::default(),
            "SELECT line FROM audit; SELECT id FROM contacts",
        );
        assert_eq!(checked.errors[0].code, Code::SeveralStatements);
    }
}

#[test]
fn active_may_be_said_for_a_plain_insert_target() {
    let ask = Ask {
        scope: Some(Active),
        scopes: &[("contacts", Active)],
        ..Ask::default()
    };
    for &dialect in ALL {
        on(dialect).gives(
            &ask,
            "INSERT INTO contacts (email) SELECT 'e' FROM orders",
            "INSERT INTO contacts (email) SELECT 'e' FROM orders WHERE orders.deleted_at IS NULL",
        );
    }
}
