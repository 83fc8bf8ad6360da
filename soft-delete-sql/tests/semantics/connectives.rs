//! §2.1, §2.2: where a condition splits, and what negation makes of a test.

use crate::setup::{ALL, Active, Ask, Dialect, Mysql, Postgres, Sqlite, on, with_schema};

#[track_caller]
fn proves(dialect: Dialect, table: &str, condition: &str) {
    let sql = format!("SELECT id FROM {table} WHERE {condition}");
    on(dialect).proves(&sql);
    let checked = on(dialect).check(&Ask::default(), &sql);
    assert_eq!(checked.references[0].scope, Some(Active), "{sql}");
}

#[track_caller]
fn proves_nothing(dialect: Dialect, table: &str, condition: &str) {
    on(dialect).proves_nothing(
        &format!("SELECT id FROM {table} WHERE {condition}"),
        table.split(' ').next().unwrap_or(table),
    );
}

/// `open` and `close` put around a condition that often.
fn nested(open: &str, condition: &str, close: &str, times: usize) -> String {
    format!("{}{condition}{}", open.repeat(times), close.repeat(times))
}

#[test]
fn mysql_proves_nothing_beside_an_operator_that_depends_on_sql_mode() {
    // `||` as OR binds looser than AND: each of these shows rows whatever the marker says.
    for condition in [
        "id = 1 || id = 2 AND deleted_at IS NULL",
        "id = 1 XOR id = 2 AND deleted_at IS NULL",
        "id = 1 && id = 2 AND deleted_at IS NULL",
        "! id = 2 AND deleted_at IS NULL",
        "@a := id = 2 AND deleted_at IS NULL",
    ] {
        proves_nothing(Mysql, "contacts", condition);
    }
    // Inside parentheses they are one operand.
    proves(
        Mysql,
        "contacts",
        "(id = 1 || id = 2) AND deleted_at IS NULL",
    );
    for dialect in [Postgres, Sqlite] {
        proves(
            dialect,
            "contacts",
            "name || 'a' = 'b' AND deleted_at IS NULL",
        );
    }
}

#[test]
fn an_and_inside_case_is_no_connective_wherever_the_test_stands() {
    for &dialect in ALL {
        proves_nothing(
            dialect,
            "contacts",
            "CASE WHEN id = 1 AND deleted_at IS NULL AND id = 2 THEN 1 ELSE 1 END = 1",
        );
        proves_nothing(
            dialect,
            "contacts",
            "CASE WHEN CASE WHEN id = 1 THEN 1 END = 1 AND deleted_at IS NULL AND id = 2 THEN 1 ELSE 1 END = 1",
        );
    }
}

#[test]
fn a_column_or_table_called_like_a_keyword_is_none() {
    for &dialect in ALL {
        for column in ["between", "case", "end", "or"] {
            proves(
                dialect,
                "contacts c",
                &format!("c.{column} = 1 AND c.deleted_at IS NULL"),
            );
        }
    }
    proves(
        Sqlite,
        "contacts end",
        "end.id = 1 AND end.deleted_at IS NULL",
    );
    proves(
        Sqlite,
        "contacts end",
        "CASE WHEN end.id = 1 THEN 1 END = 1 AND end.deleted_at IS NULL",
    );
    let (bare, before) = (
        "end > 5 AND deleted_at IS NULL",
        "end > 5 AND CASE WHEN id = 1 THEN 1 END = 1 AND deleted_at IS NULL",
    );
    for dialect in [Sqlite, Mysql] {
        proves(dialect, "contacts", bare);
        proves(dialect, "contacts", before);
        for condition in [
            "CASE WHEN end > 5 AND deleted_at IS NULL AND id = 2 THEN 1 ELSE 1 END = 1",
            "CASE WHEN id = 1 THEN end AND deleted_at IS NULL AND id = 2 ELSE 1 END = 1",
            "CASE WHEN id = 1 THEN 1 ELSE end AND deleted_at IS NULL AND id = 2 END = 1",
        ] {
            proves_nothing(dialect, "contacts", condition);
        }
    }
    // There it is reserved.
    proves_nothing(Postgres, "contacts", bare);
}

#[test]
fn what_is_cut_short_proves_nothing() {
    // No database takes these: not to guess is safe.
    for &dialect in ALL {
        for condition in [
            "AND deleted_at IS NULL",
            "deleted_at IS NULL AND",
            "OR deleted_at IS NULL",
            "deleted_at IS NULL OR",
            "deleted_at IS NULL AND id BETWEEN 1",
            "id = 1 END = 1 AND CASE WHEN id = 1 THEN 1 END = 1 END AND deleted_at IS NULL",
            "NOT",
            "NOT (",
            "deleted_at <",
        ] {
            let sql = format!("SELECT id FROM contacts WHERE {condition}");
            let checked = on(dialect).check(&Ask::default(), &sql);
            assert!(checked.scoped.is_none(), "{dialect}: {sql}");
        }
    }
    // The word behind it is no part of it.
    let ddl = "CREATE TABLE t (id INTEGER PRIMARY KEY, \"order\" BOOLEAN NOT NULL);";
    for dialect in [Postgres, Sqlite] {
        let on = with_schema(dialect, ddl, "markers = [\"order\"]");
        for condition in ["", "NOT", "()", "t.", "NOT t."] {
            let sql = format!("SELECT id FROM t WHERE {condition} ORDER BY id");
            let checked = on.check(&Ask::default(), &sql);
            assert!(checked.scoped.is_none(), "{dialect}: {sql}");
        }
        on.proves("SELECT id FROM t WHERE t.order ORDER BY id");
    }
}

#[test]
fn what_is_nested_too_deep_proves_nothing() {
    for &dialect in ALL {
        for (open, close, most) in [
            ("id = 1 AND (", ")", 101),
            ("id = 1 AND (", " OR deleted_at IS NULL)", 50),
            ("NOT (NOT (", "))", 50),
            ("(", ") IS TRUE", 100),
        ] {
            let at = |times| nested(open, "deleted_at IS NULL", close, times);
            proves(dialect, "contacts", &at(most));
            proves_nothing(dialect, "contacts", &at(most + 1));
        }
        // There an OR is no longer split: it must not pass for an operand of the comparison.
        for condition in [
            "deleted_at < 1 OR id = 2",
            "deleted_at < 1 OR id",
            "deleted_at < 1 AND id = 2",
            "deleted_at < 1 AND id",
        ] {
            let condition = nested("id = 1 AND (", condition, ")", 101);
            proves_nothing(dialect, "contacts", &condition);
        }
    }
}

#[test]
fn not_is_read_only_where_nothing_else_can_take_its_operand() {
    for &dialect in ALL {
        proves(dialect, "notes", "NOT (is_deleted)");
        proves(dialect, "notes", "NOT ((is_deleted))");
        for condition in [
            "NOT (is_deleted = TRUE)",
            "NOT (is_deleted IS TRUE)",
            "NOT (is_deleted) = TRUE",
        ] {
            proves_nothing(dialect, "notes", condition);
        }
        // HIGH_NOT_PRECEDENCE of MySQL reads `(NOT …) = TRUE`.
        for condition in [
            "NOT (deleted_at IS NOT NULL) = TRUE",
            "NOT (deleted_at) IS NOT NULL",
        ] {
            proves_nothing(dialect, "contacts", condition);
        }
    }
}
