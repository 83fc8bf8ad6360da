//! §2.2, §2.6: what each form says of each kind of marker, and of a row of NULLs.

use crate::setup::{
    ALL, Active, Ask, Deleted, Dialect, Mysql, Postgres, Scope, Sqlite, on, with_schema,
};

#[track_caller]
fn says(dialect: Dialect, table: &str, condition: &str, scope: Option<Scope>) {
    let sql = format!("SELECT id FROM {table} WHERE {condition}");
    let checked = on(dialect).check(&Ask::default(), &sql);
    let proven = checked.references[0].scope;
    assert_eq!(proven, scope, "{dialect}: {sql}");
    assert_eq!(
        checked.scoped.is_some(),
        scope.is_some(),
        "{dialect}: {sql}"
    );
}

#[test]
fn a_number_is_a_boolean_where_the_dialect_has_none() {
    for (table, condition, scope) in [
        ("notes", "is_deleted = 0", Active),
        ("notes", "is_deleted <> 0", Deleted),
        ("files", "is_deleted = FALSE", Active),
        ("files", "is_deleted = TRUE", Deleted),
        ("files", "NOT is_deleted", Active),
        ("files", "is_deleted", Deleted),
    ] {
        says(Postgres, table, condition, None);
        says(Sqlite, table, condition, Some(scope));
        says(Mysql, table, condition, Some(scope));
    }
}

#[test]
fn a_form_of_another_kind_of_marker_says_nothing() {
    for &dialect in ALL {
        for condition in [
            "deleted_at = FALSE",
            "deleted_at IS TRUE",
            "deleted_at IS NOT TRUE",
            "deleted_at",
            "NOT deleted_at",
            "deleted_at = 0",
            "deleted_at <> 0",
        ] {
            says(dialect, "contacts", condition, None);
        }
        for condition in [
            "is_deleted IS NULL",
            "is_deleted IS NOT NULL",
            "is_deleted > 0",
        ] {
            says(dialect, "notes", condition, None);
            says(dialect, "files", condition, None);
        }
        says(dialect, "files", "is_deleted IS NOT TRUE", None);
        says(dialect, "files", "is_deleted IS NOT FALSE", None);
    }
}

#[test]
fn a_nullable_boolean_that_is_not_false_may_be_null() {
    let ddl = "CREATE TABLE flags (id INTEGER PRIMARY KEY, is_deleted BOOLEAN);";
    let config = "[tables.flags]\naccept = [\"nullable_marker\"]";
    for &dialect in ALL {
        let on = with_schema(dialect, ddl, config);
        on.proves_nothing(
            "SELECT id FROM flags WHERE is_deleted IS NOT FALSE",
            "flags",
        );
        on.proves("SELECT id FROM flags WHERE is_deleted IS NOT TRUE");
        on.becomes(
            "SELECT id FROM flags",
            "SELECT id FROM flags WHERE flags.is_deleted IS NOT TRUE",
        );
    }
}

#[test]
fn behind_an_outer_join_only_what_rejects_the_row_of_nulls_proves() {
    let behind = |table: &str, condition: &str| {
        format!("SELECT a.id FROM audit a LEFT JOIN {table} t ON t.id = a.id WHERE {condition}")
    };
    for &dialect in ALL {
        for (table, condition) in [
            ("files", "t.is_deleted = 0"),
            ("files", "t.is_deleted <> 0"),
            ("files", "t.is_deleted = 0 AND a.id = 5"),
            ("notes", "t.is_deleted"),
            ("notes", "NOT t.is_deleted"),
            ("notes", "t.is_deleted = FALSE OR t.is_deleted IS FALSE"),
            (
                "contacts",
                "t.deleted_at IS NULL AND t.id = 5 OR t.id = 6 AND t.deleted_at IS NULL",
            ),
        ] {
            on(dialect).proves(&behind(table, condition));
        }
        for (table, condition) in [
            ("notes", "t.is_deleted IS NOT TRUE"),
            ("notes", "t.is_deleted IS NOT FALSE"),
            ("notes", "t.is_deleted = FALSE OR t.is_deleted IS NOT TRUE"),
            (
                "contacts",
                "t.deleted_at IS NULL AND t.id = 5 OR t.deleted_at IS NULL",
            ),
            ("contacts", "t.deleted_at IS NULL AND a.id = 5"),
            (
                "contacts",
                "t.deleted_at IS NULL AND (t.id = 5 OR a.id = 5)",
            ),
        ] {
            on(dialect).proves_nothing(&behind(table, condition), table);
        }
    }
}

#[test]
fn a_derived_table_passes_on_the_one_marker_that_is_tested() {
    for &dialect in ALL {
        on(dialect).proves(
            "SELECT 1 FROM (SELECT * FROM (SELECT id, deleted_at FROM contacts) y) x WHERE x.deleted_at IS NULL",
        );
        on(dialect).proves_nothing(
            "SELECT 1 FROM (SELECT deleted_at, deleted_at AS d2 FROM contacts) x WHERE x.deleted_at IS NULL",
            "contacts",
        );
        on(dialect).proves_nothing(
            "SELECT 1 FROM (SELECT c.deleted_at AS d1, o.deleted_at AS d2 FROM contacts c JOIN orders o ON o.contact_id = c.id) x WHERE x.d1 IS NULL",
            "orders",
        );
        on(dialect).proves(
            "SELECT 1 FROM (SELECT c.deleted_at AS d1, o.deleted_at AS d2 FROM contacts c JOIN orders o ON o.contact_id = c.id) x WHERE x.d1 IS NULL AND x.d2 IS NULL",
        );
    }
}

#[test]
fn a_join_with_an_alias_passes_its_markers_on() {
    for sql in [
        "SELECT 1 FROM (contacts c LEFT JOIN audit a ON a.id = c.id) AS j WHERE j.deleted_at IS NULL",
        "SELECT 1 FROM ((contacts c LEFT JOIN audit a ON a.id = c.id)) AS j WHERE j.deleted_at IS NULL",
        "SELECT 1 FROM ((contacts c JOIN audit a ON a.id = c.id) AS j JOIN audit b ON b.id = 1) AS k WHERE k.deleted_at IS NULL",
        "SELECT 1 FROM audit x LEFT JOIN (contacts c JOIN audit a ON a.id = c.id) AS j ON j.deleted_at IS NULL",
        "SELECT 1 FROM (contacts c JOIN audit a ON a.id = c.id) AS j JOIN (orders o JOIN audit b ON b.id = o.id) AS k ON TRUE WHERE j.deleted_at IS NULL AND k.deleted_at IS NULL",
        "UPDATE audit x SET line = 'x' FROM (contacts c JOIN audit a ON a.id = c.id) AS j WHERE j.deleted_at IS NULL",
    ] {
        on(Postgres).proves(sql);
    }
    for (sql, table) in [
        (
            "SELECT 1 FROM (audit a LEFT JOIN contacts c ON a.id = c.id) AS j WHERE j.deleted_at IS NULL",
            "contacts",
        ),
        (
            "SELECT 1 FROM (audit a FULL JOIN contacts c ON a.id = c.id) AS j WHERE j.deleted_at IS NULL",
            "contacts",
        ),
        (
            "SELECT 1 FROM (audit a LEFT JOIN notes n ON a.id = n.id) AS j WHERE j.is_deleted = FALSE",
            "notes",
        ),
        (
            "SELECT 1 FROM audit x LEFT JOIN (contacts c JOIN audit a ON a.id = c.id) AS j ON TRUE WHERE j.deleted_at IS NULL",
            "contacts",
        ),
        (
            "SELECT 1 FROM (contacts c JOIN audit a ON a.id = c.id) AS j JOIN (orders o JOIN audit b ON b.id = o.id) AS k ON TRUE WHERE j.deleted_at IS NULL",
            "orders",
        ),
        (
            "SELECT 1 FROM (contacts c JOIN audit a ON a.id = c.id) AS j JOIN (orders o JOIN audit b ON b.id = o.id) AS k ON TRUE WHERE k.deleted_at IS NULL",
            "contacts",
        ),
    ] {
        on(Postgres).proves_nothing(sql, table);
    }
}

#[test]
fn each_when_of_a_merge_that_touches_the_target_is_tested() {
    let on = on(Postgres);
    let head = "MERGE INTO contacts t USING audit s ON t.id = s.contact_id";
    let live = "AND t.deleted_at IS NULL";
    let update = "THEN UPDATE SET name = 'x'";
    for whens in [
        format!("{live} WHEN MATCHED {update} WHEN NOT MATCHED BY SOURCE {live} {update}"),
        format!("WHEN MATCHED {live} {update} WHEN NOT MATCHED BY SOURCE {live} {update}"),
    ] {
        on.proves(&format!("{head} {whens}"));
    }
    for whens in [
        format!("WHEN MATCHED AND s.line = 'x' {update}"),
        format!("WHEN MATCHED {live} {update} WHEN MATCHED {update}"),
        format!("WHEN MATCHED {live} {update} WHEN NOT MATCHED {live} THEN INSERT (id) VALUES (1)"),
        format!(
            "{live} WHEN NOT MATCHED BY SOURCE {live} {update} WHEN NOT MATCHED BY SOURCE {update}"
        ),
        String::from("WHEN MATCHED THEN DO NOTHING"),
    ] {
        on.proves_nothing(&format!("{head} {whens}"), "contacts");
    }
}

#[test]
fn only_a_name_is_a_column() {
    for &dialect in ALL {
        for condition in [
            "'deleted_at' IS NULL",
            "'deleted_at' IS NOT NULL",
            "contacts.'deleted_at' IS NULL",
            "contacts. IS NULL",
            "5 IS NULL",
            "deleted_at.deleted_at IS NULL",
            "a.b.c.contacts.deleted_at IS NULL",
            "deleted_at() IS NULL",
            "deleted_at(contacts) IS NULL",
        ] {
            says(dialect, "contacts", condition, None);
        }
    }
    // A word that is a value, and a column of that name.
    let config =
        "markers = [\"null\", \"true\", \"false\", \"not\", \"case\", \"exists\", \"default\"]";
    for word in ["null", "true", "false", "not", "case", "exists", "default"] {
        let ddl = format!("CREATE TABLE odd (id INTEGER PRIMARY KEY, \"{word}\" TIMESTAMP);");
        let on = with_schema(Postgres, &ddl, config);
        let checked = on.check(
            &Ask::default(),
            &format!("SELECT id FROM odd WHERE {word} IS NULL"),
        );
        assert!(checked.scoped.is_none(), "{word}");
        on.proves(&format!("SELECT id FROM odd WHERE \"{word}\" IS NULL"));
        on.proves(&format!("SELECT id FROM odd o WHERE o.{word} IS NULL"));
    }
}
