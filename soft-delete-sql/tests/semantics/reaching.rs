//! DESIGN §3: every clause that can read a table is looked into, and what is reported of it.

use crate::setup::{
    ALL, Active, Ask, Code, Mysql, Postgres, Sqlite, Verb, WithDeleted, on, on_more, scope, verb,
    with_schema,
};

const LIVE: &str = "WHERE contacts.deleted_at IS NULL";

/// `{}` stands for the end of a query on contacts.
#[track_caller]
fn reaches(dialect: crate::setup::Dialect, sql: &str) {
    on(dialect).becomes(&sql.replace(" {}", ""), &sql.replace("{}", LIVE));
}

#[test]
fn a_with_in_front_of_any_statement_is_filtered() {
    let with = "WITH x AS (SELECT id FROM contacts {})";
    for &dialect in ALL {
        for body in [
            "SELECT id FROM x",
            "UPDATE audit SET line = 'x' WHERE id IN (SELECT id FROM x)",
            "DELETE FROM audit WHERE id IN (SELECT id FROM x)",
        ] {
            reaches(dialect, &format!("{with} {body}"));
        }
    }
    for dialect in [Postgres, Sqlite] {
        reaches(
            dialect,
            &format!("{with} INSERT INTO audit (id) SELECT id FROM x"),
        );
    }
    reaches(
        Postgres,
        &format!("{with} MERGE INTO audit a USING x ON a.id = x.id WHEN MATCHED THEN DO NOTHING"),
    );
}

#[test]
fn the_last_clauses_of_a_write_are_filtered() {
    for sql in [
        "DELETE FROM audit ORDER BY (SELECT max(id) FROM contacts {}) LIMIT 1",
        "UPDATE audit SET line = 'x' ORDER BY (SELECT max(id) FROM contacts {}) LIMIT 1",
        "INSERT INTO audit (id) VALUES (1) ON DUPLICATE KEY UPDATE line = (SELECT max(name) FROM contacts {})",
    ] {
        reaches(Mysql, sql);
    }
    for target in [
        "(id) WHERE id IN (SELECT id FROM contacts)",
        "((SELECT id FROM contacts))",
    ] {
        for dialect in [Postgres, Sqlite] {
            on(dialect).proves_nothing(
                &format!("INSERT INTO audit (id) VALUES (1) ON CONFLICT {target} DO NOTHING"),
                "contacts",
            );
        }
    }
}

#[test]
fn what_names_no_table_is_explained_where_columns_are_not_known() {
    let on = |dialect| {
        with_schema(
            dialect,
            "CREATE TABLE contacts (id INTEGER PRIMARY KEY, deleted_at TIMESTAMP NULL);
         CREATE TABLE audit (id INTEGER PRIMARY KEY, line TEXT);",
            "external = [\"ext\"]",
        )
    };
    for &dialect in ALL {
        for sql in [
            "UPDATE ext SET contacts = 1",
            "INSERT INTO ext (contacts) VALUES (1)",
            "SELECT 1 FROM ext e JOIN audit a USING (contacts)",
            "SELECT 1 FROM (SELECT 1) AS contacts",
            "SELECT 1 FROM ext AS contacts",
        ] {
            on(dialect).proves(sql);
        }
    }
    on(Postgres).proves("SELECT 1 FROM (SELECT 1) AS c (contacts)");
    on(Postgres).proves(
        "MERGE INTO ext USING audit a ON TRUE WHEN NOT MATCHED THEN INSERT (contacts) VALUES (1)",
    );
    on(Mysql).proves("DELETE contacts FROM ext AS contacts");
    on(Mysql)
        .proves("INSERT INTO audit (id) VALUES (1) AS contacts ON DUPLICATE KEY UPDATE line = 'x'");
}

#[test]
fn references_are_reported_in_source_order() {
    let sql =
        "SELECT (SELECT max(body) FROM notes), x.line FROM contacts c, (SELECT line FROM audit) x";
    for &dialect in ALL {
        let checked = on(dialect).check(&Ask::default(), sql);
        let tables: Vec<&str> = checked
            .references
            .iter()
            .map(|reference| &*reference.table)
            .collect();
        assert_eq!(tables, ["notes", "contacts", "audit"]);
        let soft: Vec<bool> = checked
            .references
            .iter()
            .map(|reference| reference.soft_deletable)
            .collect();
        assert_eq!(soft, [true, true, false]);
        on(dialect).refuses(sql, Code::Unscoped, "notes");
        on(dialect).becomes(
            sql,
            "SELECT (SELECT max(body) FROM notes WHERE NOT notes.is_deleted), x.line FROM contacts c, (SELECT line FROM audit) x WHERE c.deleted_at IS NULL",
        );
    }
    on(Sqlite).becomes(
        "SELECT (SELECT max(body) FROM notes) FROM audit a JOIN (contacts AS c)",
        "SELECT (SELECT max(body) FROM notes WHERE NOT notes.is_deleted) FROM audit a JOIN (SELECT * FROM contacts AS c WHERE c.deleted_at IS NULL) AS contacts",
    );
}

#[test]
fn a_cte_is_no_reference_and_a_target_says_that_it_is_one() {
    for dialect in [Postgres, Sqlite] {
        let sql = "WITH x AS (SELECT id FROM contacts) INSERT INTO orders (id) SELECT id FROM x";
        let checked = on(dialect).check(&scope(Active), sql);
        let told: Vec<_> = checked
            .references
            .iter()
            .map(|reference| (&*reference.table, reference.scope, reference.insert_target))
            .collect();
        assert_eq!(
            told,
            [("contacts", Some(Active), false), ("orders", None, true)]
        );
        let sql = "SELECT id FROM contact_names";
        let checked = on(dialect).check(&scope(WithDeleted), sql);
        assert!(checked.references[0].soft_deletable);
        let checked = on(dialect).check(&Ask::default(), "SELECT id FROM audit");
        assert_eq!(checked.references[0].scope, None);
    }
}

#[test]
fn what_returns_rows_says_so() {
    let returns = |dialect, sql: &str| {
        let ask = if sql.contains("contacts") {
            scope(Active)
        } else {
            Ask::default()
        };
        let scoped = on(dialect).check(&ask, sql).scoped;
        scoped.unwrap_or_else(|| panic!("{sql}")).returns_rows
    };
    for &dialect in ALL {
        assert!(returns(dialect, "SELECT id FROM contacts"));
        for sql in [
            "UPDATE contacts SET name = 'x'",
            "INSERT INTO contacts (id) VALUES (1)",
            "DELETE FROM audit",
        ] {
            assert!(!returns(dialect, sql), "{sql}");
        }
    }
    for dialect in [Postgres, Sqlite] {
        for sql in [
            "UPDATE contacts SET name = 'x' RETURNING id",
            "INSERT INTO contacts (id) VALUES (1) RETURNING *",
            "DELETE FROM audit RETURNING id",
            "EXPLAIN SELECT id FROM contacts",
        ] {
            assert!(returns(dialect, sql), "{sql}");
        }
    }
    let merge = "MERGE INTO audit a USING contacts c ON a.id = c.id WHEN MATCHED THEN DELETE";
    assert!(!returns(Postgres, merge));
    assert!(returns(Postgres, &format!("{merge} RETURNING a.id")));
    assert!(returns(
        Postgres,
        "UPDATE audit SET line = 'x' FROM json_populate_record(NULL::t, '{}') AS x RETURNING *"
    ));
    assert!(!returns(Postgres, "SELECT id INTO copies FROM contacts"));
    assert!(returns(
        Postgres,
        "SELECT id FROM contacts UNION SELECT id FROM audit"
    ));
}

#[test]
fn returning_yields_the_rows_of_every_table_in_sight() {
    let model = Ask {
        model: true,
        ..scope(Active)
    };
    for sql in [
        "UPDATE contacts c SET name = 'x' FROM orders o WHERE o.id = c.id RETURNING *",
        "MERGE INTO contacts c USING orders o ON c.id = o.id WHEN MATCHED THEN UPDATE SET name = 'x' RETURNING *",
        "DELETE FROM audit USING contacts c, orders o WHERE c.id = o.id RETURNING *",
    ] {
        on(Postgres).refuses_as(&model, sql, Code::MarkerNotSelected, "");
    }
    let sql = "UPDATE contacts c SET name = 'x' FROM orders o WHERE o.id = c.id RETURNING c.*";
    assert!(on(Postgres).check(&model, sql).scoped.is_some());
}

#[test]
fn one_slip_is_one_error() {
    for &dialect in ALL {
        for (ask, sql, code) in [
            (
                Ask::default(),
                "SELECT id FROM contacts WHERE deleted_at = NULL",
                Code::MarkerEqualsNull,
            ),
            (
                Ask::default(),
                "SELECT c.id FROM contacts c, orders o WHERE deleted_at IS NULL",
                Code::AmbiguousMarker,
            ),
            (
                verb(Verb::SoftDelete),
                "UPDATE contacts SET name = 'x'",
                Code::VerbMisused,
            ),
            (
                verb(Verb::Purge),
                "SELECT id FROM contacts",
                Code::VerbMisused,
            ),
        ] {
            let checked = on(dialect).check(&ask, sql);
            let codes: Vec<Code> = checked.errors.iter().map(|error| error.code).collect();
            assert_eq!(codes, [code], "{dialect}: {sql}");
        }
        // Two slips are two.
        let sql = "SELECT c.id FROM contacts c, orders o WHERE c.deleted_at = NULL";
        let checked = on(dialect).check(&Ask::default(), sql);
        let codes: Vec<Code> = checked.errors.iter().map(|error| error.code).collect();
        assert_eq!(codes, [Code::MarkerEqualsNull, Code::Unscoped]);
    }
    for dialect in [Postgres, Sqlite] {
        let on = on_more(dialect, "CREATE UNIQUE INDEX n ON contacts (name);");
        let sql = "INSERT INTO contacts (name) SELECT name FROM orders ON CONFLICT (name) DO UPDATE SET name = 'x'";
        let sql = sql.replace(
            "SELECT name FROM orders",
            "VALUES ((SELECT 'x' FROM orders))",
        );
        let checked = on.check(&Ask::default(), &sql);
        let codes: Vec<Code> = checked.errors.iter().map(|error| error.code).collect();
        assert!(
            codes.contains(&Code::Unscoped) && codes.contains(&Code::ConflictCountsTombstones),
            "{codes:?}"
        );
        assert_eq!(codes.len(), 2, "{codes:?}");
    }
}

#[test]
fn an_update_at_a_cursor_concerns_its_own_table() {
    on(Postgres).becomes(
        "WITH x AS (UPDATE audit SET line = 'x' WHERE CURRENT OF cur RETURNING id) SELECT id FROM orders",
        "WITH x AS (UPDATE audit SET line = 'x' WHERE CURRENT OF cur RETURNING id) SELECT id FROM orders WHERE orders.deleted_at IS NULL",
    );
}

#[test]
fn renamed_columns_of_a_custom_condition_stay_inside() {
    on(Postgres).becomes(
        "SELECT 1 FROM articles AS a (i, t, s, d)",
        "SELECT 1 FROM (SELECT * FROM articles WHERE (articles.deleted_at IS NULL AND articles.status <> 'archived')) AS a (i, t, s, d)",
    );
    on(Postgres).refuses_as(
        &scope(Active),
        "SELECT 1 FROM articles AS a (i, t, s, d) TABLESAMPLE SYSTEM (10)",
        Code::CannotScope,
        "articles",
    );
    on(Postgres).becomes(
        "SELECT 1 FROM articles AS a TABLESAMPLE SYSTEM (10)",
        "SELECT 1 FROM articles AS a TABLESAMPLE SYSTEM (10) WHERE (a.deleted_at IS NULL AND a.status <> 'archived')",
    );
    // Two columns of the marker's new name: none can be written.
    on(Postgres).becomes(
        "SELECT 1 FROM contacts AS c (deleted_at, b, n, o, deleted_at)",
        "SELECT 1 FROM (SELECT * FROM contacts WHERE contacts.deleted_at IS NULL) AS c (deleted_at, b, n, o, deleted_at)",
    );
}

#[test]
fn a_parent_shows_the_rows_of_its_children() {
    let on = on_more(
        Postgres,
        "CREATE TABLE base (id INTEGER PRIMARY KEY);
         CREATE TABLE child (deleted_at TIMESTAMP) INHERITS (base);",
    );
    let sql = "SELECT id FROM base";
    for ask in [Ask::default(), scope(Active)] {
        on.refuses_as(&ask, sql, Code::LeakyView, "base");
        let fault = on.check(&ask, sql).errors.remove(0);
        assert!(fault.help.contains("ONLY base"), "{}", fault.help);
    }
    on.gives(&scope(WithDeleted), sql, sql);
    on.proves("SELECT id FROM ONLY base");
    on.proves("INSERT INTO base (id) VALUES (1)");
    on.refuses("DELETE FROM base", Code::DeleteNeedsVerb, "base");
    for &dialect in ALL {
        crate::setup::on(dialect).proves("INSERT INTO contact_names (id) VALUES (1)");
    }
}

#[test]
fn what_is_found_of_a_reference_stays_with_it_when_a_subquery_stands_before_it() {
    // The select list is read behind FROM, and stands in front of it.
    on(Sqlite).becomes(
        "SELECT (SELECT count(*) FROM orders) FROM audit JOIN (contacts AS c)",
        "SELECT (SELECT count(*) FROM orders WHERE orders.deleted_at IS NULL) FROM audit JOIN (SELECT * FROM contacts AS c WHERE c.deleted_at IS NULL) AS contacts",
    );
    for (statement, code, at) in [
        (
            "INSERT INTO contacts (id) VALUES (1) ON CONFLICT (id) DO NOTHING RETURNING id",
            Code::ConflictCountsTombstones,
            "ON CONFLICT (id) DO NOTHING",
        ),
        (
            "MERGE INTO contacts t USING orders s ON t.id = s.id WHEN MATCHED THEN DELETE RETURNING t.id",
            Code::DeleteNeedsVerb,
            "contacts",
        ),
    ] {
        on(Postgres).refuses_as(
            &scope(Active),
            &format!("SELECT (WITH x AS ({statement}) SELECT max(id) FROM x) FROM audit"),
            code,
            at,
        );
    }
}

#[test]
fn only_a_statement_that_gives_rows_is_said_to() {
    let gives_rows = |sql: &str| {
        let checked = on(Postgres).check(&Ask::default(), sql);
        checked.scoped.unwrap().returns_rows
    };
    for sql in [
        "SELECT id FROM audit",
        "EXPLAIN SELECT id FROM audit",
        "EXPLAIN DELETE FROM audit",
        "SELECT id FROM audit UNION SELECT 1",
        "DELETE FROM audit RETURNING id",
        "VALUES (1)",
    ] {
        assert!(gives_rows(sql), "{sql}");
    }
    for sql in [
        "SELECT id INTO copy FROM audit",
        "SELECT id INTO copy FROM audit UNION SELECT 1",
        "DELETE FROM audit",
        "INSERT INTO audit (id) VALUES (1)",
    ] {
        assert!(!gives_rows(sql), "{sql}");
    }
}
