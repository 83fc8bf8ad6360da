//! §2: which conditions are tests of the marker.

use crate::setup::{ALL, Active, Ask, Deleted, Dialect, Mysql, Postgres, Scope, Sqlite, on};

/// The statement proves the scope: the reference has it, as proven, and nothing is changed.
#[track_caller]
fn proves_scope(dialect: Dialect, sql: &str, scope: Scope) {
    let checked = on(dialect).check(&Ask::default(), sql);
    on(dialect).proves(sql);
    let reference = checked
        .references
        .iter()
        .find(|reference| reference.soft_deletable);
    let reference = reference.expect("a soft-deletable reference");
    assert_eq!(
        (reference.scope, reference.proven),
        (Some(scope), true),
        "{sql}"
    );
}

#[test]
fn the_and_of_between_is_no_connective() {
    // §2.1: `x BETWEEN 1 AND deleted_at IS NULL` tests something else.
    for &dialect in ALL {
        on(dialect).proves_nothing(
            "SELECT id FROM contacts WHERE id BETWEEN 1 AND deleted_at IS NULL",
            "contacts",
        );
        on(dialect).proves_nothing(
            "SELECT id FROM contacts WHERE id NOT BETWEEN 1 AND deleted_at IS NULL",
            "contacts",
        );
        proves_scope(
            dialect,
            "SELECT id FROM contacts WHERE id BETWEEN 1 AND 2 AND deleted_at IS NULL",
            Active,
        );
    }
    on(Postgres).proves_nothing(
        "SELECT id FROM contacts WHERE id BETWEEN SYMMETRIC 1 AND deleted_at IS NULL",
        "contacts",
    );
}

#[test]
fn the_and_of_case_and_of_window_frames_is_no_connective() {
    // §2.1.
    for &dialect in ALL {
        on(dialect).proves_nothing(
            "SELECT id FROM contacts WHERE CASE WHEN id = 1 AND deleted_at IS NULL THEN 1 ELSE 1 END = 1",
            "contacts",
        );
        on(dialect).proves_nothing(
            "SELECT id FROM contacts WHERE CASE id WHEN 1 AND deleted_at IS NULL THEN id END",
            "contacts",
        );
        proves_scope(
            dialect,
            "SELECT id FROM contacts WHERE CASE WHEN id = 1 AND id = 2 THEN 1 END = 1 AND deleted_at IS NULL",
            Active,
        );
        on(dialect).proves_nothing(
            "SELECT id FROM contacts WHERE 1 < sum(id) OVER (ORDER BY id ROWS BETWEEN 1 PRECEDING AND deleted_at IS NULL)",
            "contacts",
        );
    }
}

#[test]
fn a_comparison_that_takes_the_column_first_is_no_test() {
    // §2.1: `k = deleted_at IS NULL` is `(k = deleted_at) IS NULL` in SQLite and MySQL, and no
    // test of the marker anywhere.
    for &dialect in ALL {
        for condition in [
            "name = deleted_at IS NULL",
            "id + deleted_at IS NULL",
            "name || deleted_at IS NULL",
            "NOT deleted_at IS NULL = (1 = 1)",
            "deleted_at IS NULL = (1 = 2)",
            "deleted_at IS NULL IS NULL",
        ] {
            on(dialect).proves_nothing(
                &format!("SELECT id FROM contacts WHERE {condition}"),
                "contacts",
            );
        }
    }
}

#[test]
fn mysql_operators_that_depend_on_sql_mode_prove_nothing() {
    // §2.1: `&&`, `||`, XOR, `!`.
    for condition in [
        "id = 1 && deleted_at IS NULL",
        "deleted_at IS NULL && id = 1",
        "deleted_at IS NULL || id = 1",
        "deleted_at IS NULL XOR id = 1",
        "!(deleted_at IS NOT NULL)",
        "! deleted_at IS NOT NULL",
        "id = 1 AND deleted_at IS NULL || id = 2",
        // HIGH_NOT_PRECEDENCE reads `(NOT deleted_at) IS NOT NULL`.
        "NOT deleted_at IS NOT NULL",
    ] {
        on(Mysql).proves_nothing(
            &format!("SELECT id FROM contacts WHERE {condition}"),
            "contacts",
        );
    }
}

#[test]
fn each_test_of_a_live_timestamp_proves_active() {
    // §2.2.
    for (dialects, condition) in [
        (ALL, "deleted_at IS NULL"),
        (ALL, "contacts.deleted_at IS NULL"),
        (ALL, "((deleted_at) IS NULL)"),
        (ALL, "NOT (deleted_at IS NOT NULL)"),
        (ALL, "(deleted_at IS NULL) = TRUE"),
        (ALL, "(deleted_at IS NULL) IS TRUE"),
        (&[Postgres, Sqlite][..], "deleted_at ISNULL"),
        (
            &[Postgres, Sqlite][..],
            "deleted_at IS NOT DISTINCT FROM NULL",
        ),
    ] {
        for &dialect in dialects {
            let sql = format!("SELECT id FROM contacts WHERE name = 'a' AND {condition}");
            proves_scope(dialect, &sql, Active);
        }
    }
}

#[test]
fn each_test_of_a_deleted_timestamp_proves_deleted() {
    // §2.2: "deleted: the mirror, and m < x …".
    for (dialects, condition) in [
        (ALL, "deleted_at IS NOT NULL"),
        (ALL, "NOT (deleted_at IS NULL)"),
        (ALL, "(deleted_at IS NOT NULL) IS TRUE"),
        (ALL, "deleted_at < '2026-01-01'"),
        (ALL, "deleted_at <= '2026-01-01'"),
        (ALL, "deleted_at > '2026-01-01'"),
        (ALL, "deleted_at >= '2026-01-01'"),
        (ALL, "deleted_at BETWEEN '2026-01-01' AND '2026-02-01'"),
        (&[Postgres, Sqlite][..], "deleted_at NOTNULL"),
        (&[Postgres, Sqlite][..], "deleted_at IS DISTINCT FROM NULL"),
        (&[Postgres][..], "deleted_at < now() - interval '30 days'"),
    ] {
        for &dialect in dialects {
            let sql = format!("SELECT id FROM contacts WHERE {condition} AND name = 'a'");
            proves_scope(dialect, &sql, Deleted);
        }
    }
}

#[test]
fn each_test_of_a_boolean_proves() {
    // §2.2.
    for &dialect in ALL {
        for (condition, scope) in [
            ("NOT is_deleted", Active),
            ("NOT n.is_deleted", Active),
            ("is_deleted = FALSE", Active),
            ("is_deleted IS FALSE", Active),
            ("is_deleted IS NOT TRUE", Active),
            ("is_deleted", Deleted),
            ("is_deleted = TRUE", Deleted),
            ("is_deleted IS TRUE", Deleted),
        ] {
            let sql = format!("SELECT id FROM notes n WHERE {condition} AND body = 'a'");
            proves_scope(dialect, &sql, scope);
        }
    }
}

#[test]
fn an_integer_marker_is_tested_by_zero() {
    // §2.2: `m = 0`.
    for &dialect in ALL {
        proves_scope(dialect, "SELECT id FROM files WHERE is_deleted = 0", Active);
        proves_scope(
            dialect,
            "SELECT id FROM files WHERE is_deleted <> 0",
            Deleted,
        );
        on(dialect).proves_nothing("SELECT id FROM files WHERE is_deleted IS NULL", "files");
        on(dialect).proves_nothing("SELECT id FROM files WHERE is_deleted < 1", "files");
        on(dialect).proves_nothing("SELECT id FROM files WHERE is_deleted = 00.5", "files");
    }
}

#[test]
fn a_custom_condition_needs_all_its_conjuncts() {
    // §2.2: "all its conjuncts, token-equal".
    for &dialect in ALL {
        for condition in [
            "deleted_at IS NULL AND status <> 'archived'",
            "a.status <> 'archived' AND title = 'x' AND a.deleted_at IS NULL",
            "(deleted_at IS NULL AND status <> 'archived') AND title = 'x'",
        ] {
            let sql = format!("SELECT id FROM articles a WHERE {condition}");
            proves_scope(dialect, &sql, Active);
        }
        for condition in [
            "deleted_at IS NULL",
            "status <> 'archived'",
            "deleted_at IS NULL AND status <> 'Archived'",
            "deleted_at IS NULL AND NOT status = 'archived'",
        ] {
            on(dialect).proves_nothing(
                &format!("SELECT id FROM articles a WHERE {condition}"),
                "articles",
            );
        }
    }
}

#[test]
fn what_only_looks_like_a_test_proves_nothing() {
    // §2.2: CASE, COALESCE, row comparison, IN, NOT over OR, parameters.
    for &dialect in ALL {
        for condition in [
            "COALESCE(deleted_at, NULL) IS NULL",
            "(deleted_at, id) IS NULL",
            "NOT (deleted_at IS NOT NULL OR id = 1)",
            "NOT (deleted_at IS NOT NULL AND id = 1)",
            "deleted_at IS NULL IN (1)",
            "(deleted_at IS NULL) = (1 = 1)",
            "CASE WHEN deleted_at IS NULL THEN 1 END = 1",
            "(SELECT deleted_at) IS NULL",
            "'deleted_at IS NULL' = name",
        ] {
            on(dialect).proves_nothing(
                &format!("SELECT id FROM contacts WHERE {condition}"),
                "contacts",
            );
        }
        for condition in ["is_deleted IN (FALSE)", "NOT (is_deleted OR id = 1)"] {
            on(dialect).proves_nothing(&format!("SELECT id FROM notes WHERE {condition}"), "notes");
        }
    }
    on(Postgres).proves_nothing("SELECT id FROM notes WHERE is_deleted = $1", "notes");
    on(Sqlite).proves_nothing("SELECT id FROM contacts WHERE deleted_at IS ?", "contacts");
}

#[test]
fn a_test_in_a_comment_or_a_string_is_no_test() {
    // DESIGN §3 Beware: comments and strings.
    for &dialect in ALL {
        on(dialect).proves_nothing(
            "SELECT id FROM contacts /* WHERE deleted_at IS NULL */ WHERE name <> ' AND deleted_at IS NULL'",
            "contacts",
        );
        on(dialect).proves_nothing(
            "SELECT id FROM contacts WHERE name = 'a' -- AND deleted_at IS NULL",
            "contacts",
        );
    }
    on(Postgres).proves_nothing(
        "SELECT id FROM contacts WHERE name = $q$ AND deleted_at IS NULL $q$",
        "contacts",
    );
    on(Postgres).proves_nothing(
        "SELECT id FROM contacts WHERE name = E'\\' AND deleted_at IS NULL AND '' = '''",
        "contacts",
    );
    on(Postgres).proves_nothing(
        "SELECT id FROM contacts /* /* */ WHERE deleted_at IS NULL */",
        "contacts",
    );
}

#[test]
fn every_or_branch_must_hold_the_test() {
    // §2.3.
    for &dialect in ALL {
        for condition in [
            "deleted_at IS NULL AND name = 'a' OR deleted_at IS NULL AND name = 'b'",
            "deleted_at IS NULL AND (name = 'a' OR name = 'b')",
            "(name = 'a' OR name = 'b') AND ((deleted_at IS NULL))",
            "(deleted_at IS NULL AND id = 1 OR id = 2 AND deleted_at IS NULL) AND name = 'a'",
        ] {
            proves_scope(
                dialect,
                &format!("SELECT id FROM contacts WHERE {condition}"),
                Active,
            );
        }
        for condition in [
            "deleted_at IS NULL AND name = 'a' OR name = 'b'",
            "deleted_at IS NULL OR name = 'b'",
            "deleted_at IS NULL OR deleted_at IS NOT NULL",
            "deleted_at IS NULL AND name = 'a' OR deleted_at IS NOT NULL AND name = 'b'",
        ] {
            on(dialect).proves_nothing(
                &format!("SELECT id FROM contacts WHERE {condition}"),
                "contacts",
            );
        }
    }
}
