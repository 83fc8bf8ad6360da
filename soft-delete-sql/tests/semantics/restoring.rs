//! DESIGN §2: what an UPDATE of the marker becomes under `restore`.

use crate::{
    setup::{ALL, Active, Ask, Code, Mysql, Postgres, Sqlite, Verb, on, verb, with_schema},
    verbs::{FAMILY, POLICIES, RECORDED},
};

#[test]
fn a_restore_is_the_update_of_the_marker_and_of_nothing_else() {
    let restore = verb(Verb::Restore);
    for &dialect in ALL {
        with_schema(dialect, RECORDED, "").gives(
            &restore,
            "UPDATE contacts SET deleted_at = NULL WHERE name = 'x'",
            "UPDATE contacts SET deleted_at = NULL, deleted_by = NULL, deleted_reason = NULL, deleted_operation = NULL WHERE contacts.deleted_at IS NOT NULL AND (name = 'x')",
        );
        on(dialect).gives(
            &restore,
            "UPDATE notes SET is_deleted = FALSE WHERE id = 1",
            "UPDATE notes SET is_deleted = FALSE WHERE notes.is_deleted AND (id = 1)",
        );
        for sql in [
            "UPDATE contacts SET deleted_at = NULL, name = 'x'",
            "UPDATE contacts SET name = 'x'",
            "UPDATE contacts SET deleted_at = CURRENT_TIMESTAMP",
            "DELETE FROM contacts",
            "SELECT * FROM contacts",
        ] {
            let checked = on(dialect).check(&restore, sql);
            assert!(checked.scoped.is_none(), "{sql}");
            let codes: Vec<Code> = checked.errors.iter().map(|fault| fault.code).collect();
            assert!(codes.contains(&Code::VerbMisused), "{sql}: {codes:?}");
        }
    }
    // The operation stays until those that follow have been found by it.
    with_schema(Postgres, FAMILY, POLICIES).gives(
        &restore,
        "UPDATE teams AS t SET deleted_at = NULL WHERE t.id = 1",
        "UPDATE teams AS t SET deleted_at = NULL, deleted_by = NULL WHERE t.deleted_at IS NOT NULL AND (t.id = 1)",
    );
}

#[test]
fn a_marker_is_taken_away_by_its_live_value_in_every_spelling() {
    let restore = verb(Verb::Restore);
    for &dialect in ALL {
        for set in [
            "deleted_at = NULL",
            "deleted_at = null",
            "deleted_at = (NULL)",
        ] {
            on(dialect).gives(
                &restore,
                &format!("UPDATE contacts SET {set} WHERE id = 1"),
                &format!(
                    "UPDATE contacts SET {set} WHERE contacts.deleted_at IS NOT NULL AND (id = 1)"
                ),
            );
        }
        on(dialect).gives(
            &restore,
            "UPDATE files SET is_deleted = 0 WHERE id = 1",
            "UPDATE files SET is_deleted = 0 WHERE files.is_deleted <> 0 AND (id = 1)",
        );
    }
}

#[test]
fn another_column_or_value_is_shown() {
    let restore = verb(Verb::Restore);
    for &dialect in ALL {
        for set in [
            "name = NULL",
            "deleted_at = NULL, name = NULL",
            "name = NULL, deleted_at = NULL",
            "deleted_at = name",
            "deleted_at = COALESCE(NULL, name)",
            "deleted_at = NULL IS NULL",
        ] {
            on(dialect).refuses_as(
                &restore,
                &format!("UPDATE contacts SET {set} WHERE id = 1"),
                Code::VerbMisused,
                set,
            );
        }
        on(dialect).refuses_as(
            &restore,
            "UPDATE files SET is_deleted = 1",
            Code::VerbMisused,
            "is_deleted = 1",
        );
    }
}

#[test]
fn what_was_proven_to_be_deleted_is_left_as_it_is() {
    let sql = "UPDATE notes SET is_deleted = FALSE WHERE is_deleted";
    for &dialect in ALL {
        let scoped = on(dialect).check(&verb(Verb::Restore), sql).scoped.unwrap();
        assert_eq!((&*scoped.sql, &*scoped.edits), (sql, &[][..]), "{dialect}");
    }
}

#[test]
fn only_the_update_of_the_statement_itself_restores() {
    let restore = verb(Verb::Restore);
    on(Postgres).gives(
        &restore,
        "WITH x AS (UPDATE audit SET line = 'x' RETURNING id) UPDATE contacts SET deleted_at = NULL WHERE id IN (SELECT id FROM x)",
        "WITH x AS (UPDATE audit SET line = 'x' RETURNING id) UPDATE contacts SET deleted_at = NULL WHERE contacts.deleted_at IS NOT NULL AND (id IN (SELECT id FROM x))",
    );
    let both = "WITH x AS (UPDATE orders SET deleted_at = NULL RETURNING id) \
                UPDATE contacts SET deleted_at = NULL WHERE id IN (SELECT id FROM x)";
    let checked = on(Postgres).check(&restore, both);
    assert!(checked.scoped.is_none());
    let codes: Vec<Code> = checked.errors.iter().map(|fault| fault.code).collect();
    assert_eq!(codes, [Code::MarkerWritten, Code::Unscoped]);
    // Its target is none of the verb's.
    let other = "WITH x AS (UPDATE orders SET total = 0 RETURNING id) \
                 UPDATE contacts SET deleted_at = NULL WHERE id IN (SELECT id FROM x)";
    on(Postgres).refuses_as(&restore, other, Code::Unscoped, "orders");
}

#[test]
fn a_restore_returns_no_rows_and_takes_no_cursor() {
    let restore = verb(Verb::Restore);
    for dialect in [Postgres, Sqlite] {
        on(dialect).refuses_as(
            &restore,
            "UPDATE contacts SET deleted_at = NULL RETURNING id",
            Code::VerbMisused,
            "",
        );
    }
    on(Postgres).refuses_as(
        &restore,
        "UPDATE contacts SET deleted_at = NULL WHERE CURRENT OF cur",
        Code::CannotScope,
        "contacts",
    );
}

#[test]
fn a_target_beside_a_derived_table_restores_and_what_that_reads_needs_its_scope() {
    let restore = verb(Verb::Restore);
    let orders = "CREATE TABLE orders (id INTEGER PRIMARY KEY, contact_id INTEGER, total INTEGER, deleted_at TIMESTAMP NULL);";
    let on = with_schema(Mysql, &format!("{RECORDED} {orders}"), "");
    let sql = "UPDATE contacts c JOIN (SELECT contact_id AS id FROM orders WHERE total = 1) o ON o.id = c.id SET c.deleted_at = NULL";
    on.refuses_as(&restore, sql, Code::Unscoped, "orders");
    let ask = Ask {
        scopes: &[("orders", Active)],
        ..restore.clone()
    };
    on.gives(
        &ask,
        sql,
        "UPDATE contacts c JOIN (SELECT contact_id AS id FROM orders WHERE orders.deleted_at IS NULL AND (total = 1)) o ON o.id = c.id SET c.deleted_at = NULL, c.deleted_by = NULL, c.deleted_reason = NULL, c.deleted_operation = NULL WHERE c.deleted_at IS NOT NULL",
    );
    // Any of the tables of a join could be written.
    let joined = "UPDATE contacts c JOIN orders o ON o.contact_id = c.id SET c.deleted_at = NULL";
    on.refuses_as(&restore, joined, Code::VerbMisused, "");
}

#[test]
fn an_erased_row_stays_deleted() {
    let ddl = "CREATE TABLE people (id BIGINT PRIMARY KEY, name VARCHAR(9), deleted_at TIMESTAMP NULL, erased_at TIMESTAMP NULL, \
         deleted_operation CHAR(36))";
    let toml = |erase: &str| {
        format!("[tables.people]\nerase = \"{erase}\"\npersonal = {{ name = \"NULL\" }}")
    };
    for &dialect in ALL {
        let gives = |erase: &str, sql: &str, expected: &str| {
            with_schema(dialect, ddl, &toml(erase)).gives(&verb(Verb::Restore), sql, expected);
        };
        let set = "UPDATE people SET deleted_at = NULL, deleted_operation = NULL WHERE";
        gives(
            "overwrite",
            "UPDATE people SET deleted_at = NULL",
            &format!("{set} people.erased_at IS NULL AND people.deleted_at IS NOT NULL"),
        );
        gives(
            "overwrite",
            "UPDATE people SET deleted_at = NULL WHERE id = 1 OR id = 2",
            &format!(
                "{set} people.erased_at IS NULL AND people.deleted_at IS NOT NULL AND (id = 1 OR id = 2)"
            ),
        );
        gives(
            "remove",
            "UPDATE people SET deleted_at = NULL",
            &format!("{set} people.deleted_at IS NOT NULL"),
        );
    }
}

#[test]
fn a_row_that_needs_a_live_parent_needs_the_operation_to_be_told_by() {
    let ddl = |operation: &str| {
        format!(
            "CREATE TABLE codes (id INTEGER PRIMARY KEY, deleted_at TIMESTAMP NULL, deleted_operation CHAR(36));
             CREATE TABLE uses (id INTEGER PRIMARY KEY, code_id INTEGER, deleted_at TIMESTAMP NULL{operation},
                 FOREIGN KEY (code_id) REFERENCES codes (id));"
        )
    };
    let sql = "UPDATE uses SET deleted_at = NULL WHERE id = 1";
    let gone = "WHERE uses.deleted_at IS NOT NULL AND (id = 1)";
    for &dialect in ALL {
        let on = |operation: &str, policy: &str| {
            let toml = format!("[tables.codes.references]\nuses = \"{policy}\"");
            with_schema(dialect, &ddl(operation), &toml)
        };
        let restore = verb(Verb::Restore);
        on("", "restrict").refuses_as(&restore, sql, Code::PolicyNotSupported, "uses");
        let set = "UPDATE uses SET deleted_at = NULL";
        on("", "keep").gives(&restore, sql, &format!("{set} {gone}"));
        on(", deleted_operation CHAR(36)", "restrict").gives(
            &restore,
            sql,
            &format!("{set} {gone}"),
        );
    }
}
