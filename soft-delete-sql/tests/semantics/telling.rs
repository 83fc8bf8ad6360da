//! DESIGN §1 Kind: one slip is one error, and what an error says of it.

use soft_delete_sql::Diagnostic;

use crate::setup::{
    ALL, Active, Ask, Code, Deleted, Dialect, Mysql, On, Postgres, Sqlite, Verb, WithDeleted, on,
    on_more, scope, verb, with_schema,
};

/// The faults, each with the text that it stands at.
#[track_caller]
fn tells(on: &On, ask: &Ask, sql: &str, expected: &[(Code, &str)]) {
    let errors = on.check(ask, sql).errors;
    let told: Vec<(Code, &str)> = errors
        .iter()
        .map(|fault| (fault.code, fault.span.clone().map_or("", |span| &sql[span])))
        .collect();
    assert_eq!(told, expected, "{sql}");
}

fn first(dialect: Dialect, ask: &Ask, sql: &str) -> Diagnostic {
    on(dialect).check(ask, sql).errors.remove(0)
}

#[test]
fn a_marker_that_is_compared_with_null_is_told_beside_another_slip_only() {
    for &dialect in ALL {
        let sql = "SELECT 1 FROM contacts c JOIN orders o ON o.deleted_at = NULL";
        let equals = (Code::MarkerEqualsNull, "o.deleted_at = NULL");
        tells(
            &on(dialect),
            &Ask::default(),
            sql,
            &[equals, (Code::Unscoped, "contacts")],
        );
        // That a word is left over is no consequence of it.
        tells(
            &on(dialect),
            &scope(WithDeleted),
            sql,
            &[equals, (Code::ScopeLeftOver, "orders")],
        );
    }
}

#[test]
fn a_verb_for_another_statement_hides_which_scopes_are_missing_and_nothing_else() {
    for &dialect in ALL {
        tells(
            &on(dialect),
            &verb(Verb::Erase),
            "SELECT 1 FROM contcats, orders",
            &[(Code::UnknownRelation, "contcats"), (Code::VerbMisused, "")],
        );
    }
    let ddl = "CREATE TABLE contacts (id INTEGER PRIMARY KEY, deleted_at TIMESTAMP NULL);
        CREATE TABLE orders (id INTEGER PRIMARY KEY, contact_id INTEGER REFERENCES contacts (id), deleted_at TIMESTAMP NULL);";
    let config = "[tables.contacts.references]\norders = \"cascade\"";
    tells(
        &with_schema(Postgres, ddl, config),
        &verb(Verb::SoftDelete),
        "DELETE FROM contacts USING orders o WHERE o.contact_id = contacts.id",
        &[
            (Code::Unscoped, "orders"),
            (Code::PolicyNotSupported, "contacts"),
        ],
    );
}

#[test]
fn an_upsert_that_is_refused_is_not_told_of_its_own_scope_as_well() {
    tells(
        &on(Postgres),
        &Ask::default(),
        "INSERT INTO contacts (id, email) SELECT id, 'e' FROM orders ON CONFLICT (id) DO UPDATE SET email = 'x'",
        &[
            (Code::Unscoped, "orders"),
            (
                Code::ConflictCountsTombstones,
                "ON CONFLICT (id) DO UPDATE SET email = 'x'",
            ),
        ],
    );
}

#[test]
fn a_row_without_marker_follows_from_a_scope_that_means_nothing() {
    let ask = Ask {
        model: true,
        ..scope(Active)
    };
    for &dialect in ALL {
        tells(
            &on(dialect),
            &ask,
            "SELECT line FROM audit",
            &[(Code::MeaninglessScope, "audit")],
        );
    }
}

#[test]
fn the_same_fault_at_the_same_place_is_told_once() {
    tells(
        &on(Postgres),
        &scope(Active),
        "MERGE INTO contacts t USING audit s ON t.id = s.id WHEN MATCHED AND t.id = 1 THEN DELETE WHEN MATCHED THEN DELETE",
        &[(Code::DeleteNeedsVerb, "contacts")],
    );
}

#[test]
fn a_leaky_relation_says_what_it_is_and_how_to_go_on() {
    let fault = first(Postgres, &scope(Active), "SELECT n.id FROM contact_names n");
    assert_eq!(
        fault.message,
        "the view `contact_names` shows soft-deleted rows and cannot be filtered here"
    );
    assert!(fault.help.contains("`n: with_deleted`"), "{}", fault.help);
    assert!(
        fault.help.contains("[views.contact_names]"),
        "{}",
        fault.help
    );
    let on = on_more(
        Postgres,
        "CREATE TABLE base (id INTEGER PRIMARY KEY);
         CREATE TABLE child (deleted_at TIMESTAMP) INHERITS (base);",
    );
    let fault = on
        .check(&scope(Active), "SELECT id FROM base")
        .errors
        .remove(0);
    assert_eq!(
        fault.message,
        "`base` shows soft-deleted rows and cannot be filtered here"
    );
    assert!(
        fault.help.starts_with("write `ONLY base`"),
        "{}",
        fault.help
    );
}

#[test]
fn a_contradiction_says_who_asked_and_what_could_be_asked() {
    for &dialect in ALL {
        let sql = "SELECT c.id FROM contacts c WHERE c.deleted_at IS NOT NULL";
        let fault = first(dialect, &scope(Active), sql);
        assert_eq!(
            fault.label,
            "true for `deleted` rows only, and `active` is asked for"
        );
        assert!(fault.help.contains("`c: deleted`"), "{}", fault.help);
        let sql = "SELECT c.id FROM contacts c WHERE c.deleted_at IS NULL";
        let fault = first(dialect, &scope(Deleted), sql);
        assert_eq!(
            fault.label,
            "true for `active` rows only, and `deleted` is asked for"
        );
        assert!(fault.help.contains("`c: active`"), "{}", fault.help);
        let sql = "SELECT id FROM contacts c JOIN audit a ON c.deleted_at IS NULL WHERE c.deleted_at IS NOT NULL";
        let fault = first(dialect, &Ask::default(), sql);
        assert_eq!(
            fault.label,
            "true for `deleted` rows only, and `active` is tested elsewhere"
        );
    }
}

#[test]
fn a_table_that_is_not_read_takes_no_scope_of_its_own() {
    for scopes in [
        &[("contacts", Active)],
        &[("contacts", Deleted)],
        &[("contacts", WithDeleted)],
    ] {
        let ask = Ask {
            scopes,
            ..Ask::default()
        };
        for (dialect, sql) in [
            (Postgres, "LOCK TABLE contacts"),
            (Postgres, "VACUUM contacts"),
        ] {
            on(dialect).proves(sql);
            tells(
                &on(dialect),
                &ask,
                sql,
                &[(Code::MeaninglessScope, "contacts")],
            );
        }
        // Why it is refused anyway comes first.
        tells(
            &on(Postgres),
            &ask,
            "TRUNCATE contacts",
            &[(Code::Wholesale, "contacts")],
        );
    }
}

#[test]
fn a_leaky_table_is_vouched_for_where_that_is_possible() {
    let help = |on: On, sql: &str| {
        let fault = on.check(&scope(Active), sql).errors.remove(0);
        assert_eq!(fault.code, Code::LeakyView);
        fault.help
    };
    let said = "say that deleted rows are wanted: `far: with_deleted`";
    let far = "CREATE FOREIGN TABLE far (id integer) SERVER s OPTIONS (table_name 'contacts');";
    assert_eq!(
        help(on_more(Postgres, far), "SELECT id FROM far"),
        format!("{said}\nor, in soft-delete.toml: [tables.far] accept = [\"leaky\"]")
    );
    assert_eq!(
        help(
            on(Mysql),
            "SELECT name FROM contacts FOR SYSTEM_TIME ALL far"
        ),
        said
    );
}

#[test]
fn a_scope_that_nobody_asked_for_cannot_be_lost() {
    let sql = "SELECT id FROM (SELECT id FROM contacts UNION ALL SELECT a.id FROM audit a RIGHT JOIN audit b ON TRUE) x";
    tells(
        &on(Sqlite),
        &Ask::default(),
        sql,
        &[(Code::Unscoped, "contacts")],
    );
    tells(
        &on(Sqlite),
        &scope(Active),
        sql,
        &[(Code::CannotScope, "contacts")],
    );
    on(Sqlite).gives(&scope(WithDeleted), sql, sql);
    // Of a UNION, or beside other joins, nothing is lost.
    for (first, second) in [
        ("UNION", "a.id FROM audit a RIGHT JOIN audit b ON TRUE"),
        ("UNION ALL", "a.id FROM audit a JOIN audit b ON TRUE"),
        ("UNION ALL", "1"),
    ] {
        on(Sqlite).becomes(
            &format!("SELECT id FROM (SELECT id FROM contacts {first} SELECT {second}) x"),
            &format!(
                "SELECT id FROM (SELECT id FROM contacts WHERE contacts.deleted_at IS NULL {first} SELECT {second}) x"
            ),
        );
    }
    // The union of the statement itself keeps its conditions.
    let sql = "SELECT id FROM contacts WHERE deleted_at IS NULL UNION ALL SELECT a.id FROM audit a RIGHT JOIN audit b ON TRUE";
    on(Sqlite).proves(sql);
    on(Sqlite).proves(&format!("{sql};"));
}
