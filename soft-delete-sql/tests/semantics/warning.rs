//! What compiles and is worth a look, and tests of the marker that are written wrong.

use crate::setup::{
    ALL, Active, Ask, Code, Mysql, On, Postgres, Scope, Sqlite, WithDeleted, on, on_more, scope,
    with_schema,
};

const CALLS: &str = "
    CREATE TABLE calls (id INTEGER PRIMARY KEY, note TEXT NOT NULL,
        contact_id INTEGER NOT NULL REFERENCES contacts (id));
    CREATE TABLE visits (id INTEGER NOT NULL PRIMARY KEY, note TEXT NOT NULL,
        contact_id INTEGER REFERENCES contacts (id));";

fn said(scopes: &'static [(&'static str, Scope)]) -> Ask {
    Ask {
        scopes,
        ..Ask::default()
    }
}

#[track_caller]
fn warns(on: &On, ask: &Ask, sql: &str, codes: &[Code]) {
    assert_eq!(on.warnings(ask, sql), codes, "{sql}");
}

fn codes(on: &On, sql: &str) -> Vec<Code> {
    let checked = on.check(&Ask::default(), sql);
    checked.errors.iter().map(|error| error.code).collect()
}

#[test]
fn a_comparison_with_null_is_told_in_every_condition() {
    for &dialect in ALL {
        for (condition, at, help) in [
            (
                "deleted_at = NULL",
                "deleted_at = NULL",
                "`deleted_at IS NULL`",
            ),
            (
                "deleted_at <> NULL",
                "deleted_at <> NULL",
                "`deleted_at IS NOT NULL`",
            ),
            (
                "deleted_at != NULL",
                "deleted_at != NULL",
                "`deleted_at IS NOT NULL`",
            ),
            (
                "id = 1 AND contacts.deleted_at = NULL",
                "contacts.deleted_at = NULL",
                "`contacts.deleted_at IS NULL`",
            ),
            (
                "deleted_at = NULL AND id IN (SELECT 1)",
                "deleted_at = NULL",
                "`deleted_at IS NULL`",
            ),
        ] {
            let sql = format!("SELECT id FROM contacts WHERE {condition}");
            on(dialect).refuses(&sql, Code::MarkerEqualsNull, at);
            let fault = on(dialect).check(&Ask::default(), &sql).errors.remove(0);
            assert!(fault.help.contains(help), "{}", fault.help);
        }
        on(dialect).refuses(
            "SELECT deleted_at FROM contacts GROUP BY deleted_at HAVING deleted_at = NULL",
            Code::MarkerEqualsNull,
            "deleted_at = NULL",
        );
        on(dialect).proves("SELECT id FROM contacts WHERE name = NULL AND deleted_at IS NULL");
    }
    on(Sqlite).refuses(
        "SELECT id FROM contacts WHERE deleted_at == NULL",
        Code::MarkerEqualsNull,
        "deleted_at == NULL",
    );
}

#[test]
fn a_comparison_inside_a_subquery_is_about_the_table_there() {
    for &dialect in ALL {
        let sql = "SELECT id FROM contacts WHERE id IN (SELECT contact_id FROM orders WHERE deleted_at = NULL)";
        assert_eq!(
            codes(&on(dialect), sql),
            [Code::MarkerEqualsNull, Code::Unscoped]
        );
    }
}

#[test]
fn a_name_that_could_be_two_columns_is_told_where_one_is_a_marker() {
    // In HAVING it is the column of the select list.
    for dialect in [Sqlite, Mysql] {
        on(dialect)
            .proves("SELECT a.line FROM audit a, audit b GROUP BY a.line HAVING line IS NULL");
    }
}

#[test]
fn a_test_of_deleted_rows_is_not_called_misplaced() {
    let sql = |test: &str| {
        format!(
            "SELECT a.id FROM audit a LEFT JOIN contacts c ON c.id = a.contact_id WHERE {test} OR a.id = 1"
        )
    };
    for &dialect in ALL {
        for (test, told) in [
            ("c.deleted_at IS NULL", true),
            ("c.deleted_at IS NOT NULL", false),
            ("c.name IS NULL", false),
        ] {
            let fault = on(dialect)
                .check(&Ask::default(), &sql(test))
                .errors
                .remove(0);
            assert_eq!(fault.code, Code::Unscoped);
            assert_eq!(fault.why.contains("also drops rows"), told, "{test}");
        }
    }
}

#[test]
fn a_test_is_vacuous_where_on_filters_already() {
    let joined = |table: &str, test: &str| {
        format!("SELECT a.id FROM audit a LEFT JOIN {table} c ON c.id = a.contact_id WHERE {test}")
    };
    for &dialect in ALL {
        let on = on(dialect);
        for (table, test) in [
            ("contacts", "c.deleted_at IS NULL"),
            ("notes", "c.is_deleted IS NOT TRUE"),
        ] {
            let sql = joined(table, test);
            warns(&on, &said(&[("c", Active)]), &sql, &[Code::VacuousTest]);
            // ON filters nothing: the test is not vacuous.
            warns(&on, &said(&[("c", WithDeleted)]), &sql, &[]);
        }
        // It drops the rows without a note too.
        let sql = joined("notes", "c.is_deleted = FALSE");
        warns(&on, &said(&[("c", Active)]), &sql, &[]);
    }
}

#[test]
fn only_a_join_that_compares_a_marker_is_told() {
    let ddl = "
        CREATE TABLE contacts (id INTEGER PRIMARY KEY, deleted_at TIMESTAMP NULL);
        CREATE TABLE orders (id INTEGER PRIMARY KEY, deleted_at TIMESTAMP NULL);
        CREATE TABLE audit (id INTEGER PRIMARY KEY, line TEXT);
        CREATE TABLE logs (id INTEGER PRIMARY KEY, deleted_at TIMESTAMP NULL);";
    let config = "[tables.logs]\nsoft_deletable = false";
    for &dialect in ALL {
        let on = with_schema(dialect, ddl, config);
        for (from, told) in [
            ("contacts c JOIN orders o USING (id, deleted_at)", true),
            ("orders o JOIN logs l USING (deleted_at)", true),
            ("logs l JOIN orders o USING (deleted_at)", true),
            ("logs l NATURAL JOIN orders o", true),
            (
                "logs l JOIN audit a ON a.id = l.id JOIN contacts c USING (deleted_at)",
                true,
            ),
            ("orders o NATURAL JOIN logs l", true),
            ("contacts c JOIN orders o USING (id)", false),
            (
                "contacts c JOIN orders o ON c.deleted_at = o.deleted_at",
                false,
            ),
            ("contacts c NATURAL JOIN audit a", false),
            (
                "contacts c NATURAL JOIN audit a JOIN orders o ON o.id = a.id",
                false,
            ),
            (
                "orders o JOIN contacts c NATURAL JOIN audit a ON TRUE",
                false,
            ),
            (
                "logs l JOIN logs m USING (deleted_at) JOIN orders o ON o.id = l.id",
                false,
            ),
            (
                "orders o JOIN (logs l JOIN logs m USING (deleted_at)) ON o.id = l.id",
                false,
            ),
        ] {
            let sql = format!("SELECT 1 FROM {from}");
            let Some(_) = on.check(&scope(Active), &sql).scoped else {
                // Where the dialect does not nest joins so.
                assert_ne!(dialect, Postgres, "{from}");
                continue;
            };
            let codes: &[Code] = if told { &[Code::JoinedOnMarker] } else { &[] };
            warns(&on, &scope(Active), &sql, codes);
        }
    }
    let on = with_schema(Postgres, ddl, config);
    let sql = "UPDATE contacts SET id = 1 FROM logs l JOIN logs m USING (deleted_at) WHERE contacts.deleted_at IS NULL AND l.id = contacts.id";
    warns(&on, &Ask::default(), sql, &[]);
}

#[test]
fn an_insert_is_told_of_the_parents_that_it_names() {
    let ddl = "
        CREATE TABLE people (id INTEGER, part INTEGER, parent_id INTEGER REFERENCES people (id), deleted_at TIMESTAMP NULL, PRIMARY KEY (id));
        CREATE TABLE pairs (a INTEGER, b INTEGER, c TEXT, FOREIGN KEY (a, b) REFERENCES contacts (id, org_id));";
    for dialect in [Postgres, Sqlite] {
        let on = on_more(dialect, &format!("{CALLS}{ddl}"));
        for (sql, told) in [
            ("INSERT INTO calls (contact_id) VALUES (1)", true),
            ("INSERT INTO calls VALUES (1, 'n', 2)", true),
            ("INSERT INTO calls (note) VALUES ('n')", false),
            ("INSERT INTO calls DEFAULT VALUES", false),
            ("INSERT INTO pairs (c, b) VALUES ('c', 1)", true),
            ("INSERT INTO pairs (c) VALUES ('c')", false),
            (
                "INSERT INTO calls (contact_id) SELECT id FROM contacts WHERE deleted_at IS NULL",
                false,
            ),
            // The parent stands there as the table that is written.
            ("INSERT INTO people (parent_id) VALUES (1)", true),
        ] {
            let codes: &[Code] = if told {
                &[Code::ParentMayBeDeleted]
            } else {
                &[]
            };
            warns(&on, &Ask::default(), sql, codes);
        }
    }
    let ddl = "CREATE TABLE people (id INTEGER, name TEXT, parent_id INTEGER REFERENCES people (id), deleted_at TIMESTAMP NULL);
        CREATE UNIQUE INDEX people_name ON people (name) WHERE deleted_at IS NULL;";
    for dialect in [Postgres, Sqlite] {
        let on = with_schema(dialect, ddl, "");
        let sql = "INSERT INTO people (name, parent_id) VALUES ('a', 1) ON CONFLICT (name) DO UPDATE SET id = 1";
        warns(&on, &scope(Active), sql, &[Code::ParentMayBeDeleted]);
    }
}

#[test]
fn a_child_that_needs_its_parent_is_told_when_it_is_read_alone() {
    let ddl = "CREATE TABLE pairs (a INTEGER NOT NULL, b INTEGER, FOREIGN KEY (a, b) REFERENCES contacts (id, org_id));";
    for dialect in [Postgres, Sqlite] {
        let on = on_more(dialect, &format!("{CALLS}{ddl}"));
        for (sql, told) in [
            ("SELECT id FROM calls", true),
            (
                "SELECT 1 FROM audit WHERE id IN (SELECT id FROM calls)",
                true,
            ),
            // Rows without a contact are nobody's.
            ("SELECT id FROM visits", false),
            ("SELECT a FROM pairs", false),
            (
                "UPDATE audit SET line = 'x' WHERE id IN (SELECT id FROM calls)",
                false,
            ),
        ] {
            let codes: &[Code] = if told { &[Code::ChildReadAlone] } else { &[] };
            warns(&on, &Ask::default(), sql, codes);
        }
    }
}
