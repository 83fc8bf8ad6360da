//! §2.2, §2.6: comparisons that test the marker, and those that only begin like one.

use crate::setup::{ALL, Active, Ask, Deleted, Dialect, Mysql, Postgres, Scope, Sqlite, on};

#[track_caller]
fn proves(dialect: Dialect, table: &str, condition: &str, scope: Scope) {
    let sql = format!("SELECT id FROM {table} WHERE {condition}");
    on(dialect).proves(&sql);
    let checked = on(dialect).check(&Ask::default(), &sql);
    assert_eq!(checked.references[0].scope, Some(scope), "{sql}");
}

#[track_caller]
fn proves_nothing(dialect: Dialect, table: &str, condition: &str) {
    let sql = format!("SELECT id FROM {table} WHERE {condition}");
    on(dialect).proves_nothing(&sql, table);
}

#[test]
fn a_comparison_ends_where_a_looser_operator_begins() {
    // `m < x IS NULL` is `(m < x) IS NULL` in SQLite and MySQL: true for every live row.
    for &dialect in ALL {
        for behind in [
            "IS NULL",
            "ISNULL",
            "NOTNULL",
            "NOT NULL",
            "IN (1)",
            "LIKE 'a'",
            "ILIKE 'a'",
            "SIMILAR TO 'a'",
            "BETWEEN 1 AND 2",
            "XOR id = 1",
            "XOR id",
            "REGEXP 'a'",
            "RLIKE 'a'",
            "GLOB 'a'",
            "MATCH 'a'",
            "SOUNDS 'a'",
            "MEMBER OF ('a')",
            "ESCAPE 'a'",
            "OVERLAPS (1, 2)",
            "= (1 = 2)",
            "< 2",
            "<> 2",
        ] {
            proves_nothing(dialect, "contacts", &format!("deleted_at < 1 {behind}"));
        }
        for operand in [
            "ALL (SELECT id FROM audit)",
            "ANY (SELECT id FROM audit)",
            "SOME (SELECT id FROM audit)",
            "CASE WHEN 1 = 1 THEN 1 END",
        ] {
            proves_nothing(dialect, "contacts", &format!("deleted_at < {operand}"));
        }
        proves_nothing(dialect, "contacts", "deleted_at BETWEEN 1 AND 2 IS NULL");
        proves_nothing(dialect, "contacts", "deleted_at BETWEEN 1 AND 2 = 0");
    }
    proves_nothing(Mysql, "contacts", "deleted_at < 1 || id = 2");
    proves_nothing(Mysql, "contacts", "deleted_at < 1 || id");
}

#[test]
fn a_comparison_takes_arithmetic_with_it() {
    for &dialect in ALL {
        for operand in ["1 + 2", "1 - 2", "1 * 2", "1 / 2", "1 % 2", "(1 = 2)"] {
            let condition = format!("deleted_at < {operand}");
            proves(dialect, "contacts", &condition, Deleted);
        }
    }
    for dialect in [Postgres, Sqlite] {
        proves(dialect, "contacts", "deleted_at < 'a' || 'b'", Deleted);
    }
    let condition = "deleted_at < '2026-01-01'::timestamp";
    proves(Postgres, "contacts", condition, Deleted);
}

#[test]
fn a_number_is_zero_or_is_not() {
    for &dialect in ALL {
        for condition in ["is_deleted = 1", "is_deleted = 10", "is_deleted != 0"] {
            proves(dialect, "files", condition, Deleted);
        }
        for condition in [
            "is_deleted = 00",
            "is_deleted = 1.5",
            "is_deleted = 0 + 1",
            "is_deleted = 0 IS NULL",
            "is_deleted <> 1",
            "is_deleted != 10",
            "is_deleted <> 0 + 1",
            "is_deleted = id",
            "is_deleted = '0'",
        ] {
            proves_nothing(dialect, "files", condition);
        }
    }
    proves(Sqlite, "files", "is_deleted == 0", Active);
    proves(Sqlite, "files", "is_deleted == 1", Deleted);
}

#[test]
fn the_rarer_forms_of_a_test() {
    proves(Sqlite, "contacts", "deleted_at NOT NULL", Deleted);
    for &dialect in ALL {
        proves(dialect, "notes", "is_deleted IS NOT FALSE", Deleted);
    }
}

#[test]
fn every_comparison_beside_the_test_rejects_the_row_of_nulls() {
    // §2.6: a strict conjunct on T.
    let beside = |condition: &str| {
        format!(
            "SELECT a.id FROM audit a LEFT JOIN contacts c ON c.id = a.contact_id WHERE c.deleted_at IS NULL AND {condition}"
        )
    };
    for &dialect in ALL {
        for op in ["=", "<>", "!=", "<", "<=", ">", ">="] {
            on(dialect).proves(&beside(&format!("c.id {op} 5")));
        }
        on(dialect).proves(&beside("c.id IS NOT NULL"));
        on(dialect).proves(
            "SELECT a.id FROM audit a LEFT JOIN notes n ON n.id = a.id WHERE NOT n.is_deleted AND a.id = 5",
        );
        for condition in [
            "c.id IS NULL",
            "c.id =",
            "c.id = 5 IS NULL",
            "c.id = 5 OR TRUE",
            "a.id = 5",
            "NOT c.id IS NOT NULL",
            // PostgreSQL calls `f(c)`, which need not be NULL where `c` is.
            "c.f = 5",
        ] {
            let checked = on(dialect).check(&Ask::default(), &beside(condition));
            assert!(checked.scoped.is_none(), "{dialect}: {condition}");
        }
    }
}
