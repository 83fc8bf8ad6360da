//! §2: when the SQL says its scope itself.

use crate::setup::{
    ALL, Active, Ask, Code, Deleted, Dialect, Mysql, Postgres, Scope, Sqlite, on, on_more, scope,
};

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

#[test]
fn a_test_proves_every_reference_it_names_and_no_other() {
    // §2.4, and "the wrong alias" of a correlated subquery.
    for &dialect in ALL {
        on(dialect).proves(
            "SELECT c.id FROM contacts c JOIN orders o ON o.contact_id = c.id WHERE c.deleted_at IS NULL AND o.deleted_at IS NULL",
        );
        on(dialect).proves_nothing(
            "SELECT c.id FROM contacts c JOIN orders o ON o.contact_id = c.id WHERE c.deleted_at IS NULL",
            "orders",
        );
        on(dialect).proves_nothing(
            "SELECT c.id FROM contacts c WHERE c.deleted_at IS NULL AND EXISTS (SELECT 1 FROM orders o WHERE o.contact_id = c.id AND c.deleted_at IS NULL)",
            "orders",
        );
        on(dialect).proves_nothing(
            "SELECT c.id FROM contacts c, contacts d WHERE c.deleted_at IS NULL AND c.deleted_at IS NULL",
            "contacts",
        );
    }
}

#[test]
fn an_unqualified_marker_of_two_tables_is_ambiguous() {
    // §2.4.
    for &dialect in ALL {
        on(dialect).refuses(
            "SELECT c.id FROM contacts c JOIN orders o ON o.contact_id = c.id WHERE deleted_at IS NULL",
            Code::AmbiguousMarker,
            "deleted_at",
        );
    }
}

#[test]
fn an_unqualified_marker_beside_unknown_columns_proves_nothing() {
    // §2.4: "and the columns of all items are known".
    on(Postgres).proves_nothing(
        "SELECT 1 FROM contacts, json_populate_record(NULL::t, '{}') AS x WHERE deleted_at IS NULL",
        "contacts",
    );
    on(Postgres).proves(
        "SELECT 1 FROM contacts c, json_populate_record(NULL::t, '{}') AS x WHERE c.deleted_at IS NULL",
    );
}

#[test]
fn an_unqualified_marker_of_one_table_among_several_proves() {
    // §2.4: exactly one item of this block exposes it.
    for &dialect in ALL {
        on(dialect).proves(
            "SELECT c.id FROM contacts c JOIN audit a ON a.contact_id = c.id WHERE deleted_at IS NULL",
        );
        on(dialect).proves(
            "SELECT c.id FROM contacts c JOIN notes n ON n.contact_id = c.id WHERE deleted_at IS NULL AND NOT is_deleted",
        );
    }
}

#[test]
fn a_marker_merged_by_using_or_natural_proves_nothing() {
    // §2.4.
    for &dialect in ALL {
        on(dialect).proves_nothing(
            "SELECT 1 FROM contacts c NATURAL JOIN orders o WHERE deleted_at IS NULL",
            "contacts",
        );
        on(dialect).proves_nothing(
            "SELECT 1 FROM contacts c JOIN orders o USING (deleted_at) WHERE deleted_at IS NULL",
            "contacts",
        );
    }
}

#[test]
fn a_name_bound_to_an_outer_block_never_proves() {
    // §2.4: the inner block captures the outer marker.
    for &dialect in ALL {
        on(dialect).proves_nothing(
            "SELECT id FROM contacts WHERE EXISTS (SELECT 1 FROM (SELECT 1) s WHERE deleted_at IS NULL)",
            "contacts",
        );
        on(dialect).proves_nothing(
            "SELECT id FROM contacts WHERE deleted_at IS NULL AND EXISTS (SELECT 1 FROM notes WHERE deleted_at IS NULL)",
            "notes",
        );
        // The inner table has the column: it is that one's test, and the outer has none.
        on(dialect).proves_nothing(
            "SELECT id FROM contacts WHERE EXISTS (SELECT 1 FROM orders WHERE deleted_at IS NULL)",
            "contacts",
        );
    }
}

#[test]
fn where_proves_through_inner_and_preserved_edges() {
    // §2.5.
    for &dialect in ALL {
        on(dialect).proves(
            "SELECT c.id FROM contacts c LEFT JOIN audit a ON a.contact_id = c.id WHERE c.deleted_at IS NULL",
        );
        on(dialect).proves(
            "SELECT c.id FROM audit a RIGHT JOIN contacts c ON a.contact_id = c.id WHERE c.deleted_at IS NULL",
        );
        on(dialect).proves("SELECT c.id FROM audit a, contacts c WHERE c.deleted_at IS NULL");
    }
}

#[test]
fn on_of_an_inner_join_proves() {
    // §2.5.
    for &dialect in ALL {
        on(dialect).proves(
            "SELECT c.id FROM audit a JOIN contacts c ON c.id = a.contact_id AND c.deleted_at IS NULL",
        );
        on(dialect).proves(
            "SELECT a.id FROM audit a LEFT JOIN (contacts c JOIN orders o ON o.contact_id = c.id AND c.deleted_at IS NULL AND o.deleted_at IS NULL) ON c.id = a.contact_id",
        );
    }
}

#[test]
fn on_of_an_outer_join_proves_its_nullable_operand() {
    // §2.5.
    for &dialect in ALL {
        on(dialect).proves(
            "SELECT a.id FROM audit a LEFT JOIN contacts c ON c.id = a.contact_id AND c.deleted_at IS NULL",
        );
        on(dialect).proves(
            "SELECT a.id FROM contacts c RIGHT JOIN audit a ON c.id = a.contact_id AND c.deleted_at IS NULL",
        );
        on(dialect).proves(
            "SELECT a.id FROM audit a LEFT JOIN (contacts c JOIN orders o ON o.contact_id = c.id) ON c.id = a.contact_id AND c.deleted_at IS NULL AND o.deleted_at IS NULL",
        );
    }
}

#[test]
fn a_test_of_the_preserved_side_in_on_proves_nothing() {
    // §2.5: ON of an outer join does not filter the preserved side.
    for &dialect in ALL {
        on(dialect).proves_nothing(
            "SELECT c.id FROM contacts c LEFT JOIN audit a ON a.contact_id = c.id AND c.deleted_at IS NULL",
            "contacts",
        );
    }
}

#[test]
fn an_inner_on_above_a_nullable_edge_proves_nothing() {
    // §2.5: NULL rows of the left join pass `c.deleted_at IS NULL`.
    for &dialect in ALL {
        on(dialect).proves_nothing(
            "SELECT a.id FROM audit a LEFT JOIN contacts c ON c.id = a.contact_id JOIN files f ON f.is_deleted = 0 AND c.deleted_at IS NULL",
            "contacts",
        );
    }
}

#[test]
fn where_over_an_outer_join_proves_nothing_for_the_nullable_side() {
    // §2.5 and §2.8: the row whose only partner is deleted is lost.
    for &dialect in ALL {
        on(dialect).proves_nothing(
            "SELECT a.id FROM audit a LEFT JOIN contacts c ON c.id = a.contact_id WHERE c.deleted_at IS NULL",
            "contacts",
        );
    }
    for dialect in [Postgres, Sqlite] {
        on(dialect).proves_nothing(
            "SELECT a.id FROM audit a FULL JOIN contacts c ON c.id = a.contact_id WHERE c.deleted_at IS NULL",
            "contacts",
        );
    }
}

#[test]
fn a_test_that_rejects_null_rows_proves_through_nullable_edges() {
    // §2.6.
    for &dialect in ALL {
        on(dialect).proves(
            "SELECT a.id FROM audit a LEFT JOIN notes n ON n.contact_id = a.contact_id WHERE n.is_deleted = FALSE",
        );
        on(dialect).proves(
            "SELECT a.id FROM audit a LEFT JOIN contacts c ON c.id = a.contact_id WHERE c.deleted_at IS NULL AND c.id = 5",
        );
        // `IS NOT TRUE` accepts the NULL row.
        on(dialect).proves_nothing(
            "SELECT a.id FROM audit a LEFT JOIN notes n ON n.contact_id = a.contact_id WHERE n.is_deleted IS NOT TRUE",
            "notes",
        );
    }
}

#[test]
fn a_derived_table_of_from_and_where_passes_its_marker_outward() {
    // §2.7.
    for &dialect in ALL {
        on(dialect).proves(
            "SELECT id FROM (SELECT id, deleted_at, name FROM contacts) x WHERE x.deleted_at IS NULL AND x.name = 'a'",
        );
        on(dialect).proves(
            "WITH x AS (SELECT id, deleted_at FROM contacts) SELECT id FROM x WHERE x.deleted_at IS NULL",
        );
    }
}

#[test]
fn a_derived_table_that_does_more_passes_nothing_outward() {
    // §2.7: one SELECT with FROM/WHERE alone, the marker a bare output column.
    for &dialect in ALL {
        for inner in [
            "SELECT id, deleted_at FROM contacts ORDER BY id LIMIT 1",
            "SELECT DISTINCT name, deleted_at FROM contacts",
            "SELECT max(id), deleted_at FROM contacts GROUP BY deleted_at",
            "SELECT id, row_number() OVER (ORDER BY id) AS n, deleted_at FROM contacts",
            "SELECT id, COALESCE(deleted_at, NULL) AS deleted_at FROM contacts",
            "SELECT id, NULL AS deleted_at FROM contacts",
        ] {
            on(dialect).proves_nothing(
                &format!("SELECT 1 FROM ({inner}) x WHERE x.deleted_at IS NULL"),
                "contacts",
            );
        }
    }
}

#[test]
fn every_use_of_a_cte_must_be_filtered() {
    // §2.7.
    for &dialect in ALL {
        on(dialect).proves_nothing(
            "WITH x AS (SELECT id, deleted_at FROM contacts) SELECT id FROM x WHERE x.deleted_at IS NULL AND id IN (SELECT id FROM x)",
            "contacts",
        );
        on(dialect).proves(
            "WITH x AS (SELECT id, deleted_at FROM contacts) SELECT id FROM x WHERE x.deleted_at IS NULL AND id IN (SELECT id FROM x WHERE x.deleted_at IS NULL)",
        );
    }
}

#[test]
fn an_unrecognised_test_costs_one_redundant_predicate_under_active() {
    // §2.8.
    for &dialect in ALL {
        on(dialect).becomes(
            "SELECT id FROM contacts WHERE COALESCE(deleted_at, NULL) IS NULL",
            "SELECT id FROM contacts WHERE contacts.deleted_at IS NULL AND (COALESCE(deleted_at, NULL) IS NULL)",
        );
        on(dialect).becomes(
            "SELECT a.id FROM audit a LEFT JOIN contacts c ON c.id = a.contact_id WHERE c.deleted_at IS NULL",
            "SELECT a.id FROM audit a LEFT JOIN contacts c ON c.deleted_at IS NULL AND (c.id = a.contact_id) WHERE c.deleted_at IS NULL",
        );
    }
}

#[test]
fn the_help_for_a_test_behind_a_left_join_is_to_move_it_to_on() {
    // §2.8.
    let sql = "SELECT a.id FROM audit a LEFT JOIN contacts c ON c.id = a.contact_id WHERE c.deleted_at IS NULL";
    for &dialect in ALL {
        let checked = on(dialect).check(&Ask::default(), sql);
        let error = &checked.errors[0];
        let text = format!("{}\n{}\n{}", error.label, error.why, error.help);
        assert!(text.contains("move it to ON"), "{text}");
    }
}

#[test]
fn equals_null_is_an_error_of_its_own() {
    // DESIGN §3: `marker = NULL` and `<> NULL` are errors.
    for &dialect in ALL {
        for condition in [
            "deleted_at = NULL",
            "deleted_at <> NULL",
            "deleted_at != NULL",
        ] {
            let sql = format!("SELECT id FROM contacts WHERE {condition}");
            on(dialect).refuses(&sql, Code::MarkerEqualsNull, condition);
            on(dialect).refuses_as(&scope(Active), &sql, Code::MarkerEqualsNull, condition);
        }
    }
}

#[test]
fn a_test_that_contradicts_the_scope_is_an_error() {
    // DESIGN §3.
    for &dialect in ALL {
        on(dialect).refuses_as(
            &scope(Active),
            "SELECT id FROM contacts WHERE deleted_at IS NOT NULL",
            Code::Contradiction,
            "deleted_at IS NOT NULL",
        );
        on(dialect).refuses_as(
            &scope(Deleted),
            "SELECT id FROM contacts WHERE name = 'a' AND deleted_at IS NULL",
            Code::Contradiction,
            "deleted_at IS NULL",
        );
        on(dialect).refuses(
            "SELECT id FROM contacts WHERE deleted_at IS NULL AND deleted_at < '2026-01-01'",
            Code::Contradiction,
            "deleted_at < '2026-01-01'",
        );
    }
}

#[test]
fn a_view_that_proves_itself_needs_no_word() {
    // DESIGN §4: views are classified by their body.
    for &dialect in ALL {
        on(dialect).proves("SELECT id FROM live_contacts WHERE name = 'a'");
    }
}

#[test]
fn a_leaky_view_that_exposes_the_marker_is_filtered_under_rule_seven() {
    // §3, last paragraph.
    for &dialect in ALL {
        on(dialect).proves("SELECT id FROM contact_states WHERE deleted_at IS NULL");
        on(dialect).becomes(
            "SELECT id FROM contact_states s WHERE name = 'a'",
            "SELECT id FROM contact_states s WHERE s.deleted_at IS NULL AND (name = 'a')",
        );
        on(dialect).refuses_as(
            &scope(Active),
            "SELECT id FROM contact_names",
            Code::LeakyView,
            "contact_names",
        );
        on_more(
            dialect,
            "CREATE VIEW latest AS SELECT id, deleted_at FROM contacts ORDER BY id LIMIT 1;",
        )
        .refuses_as(
            &scope(Active),
            "SELECT id FROM latest",
            Code::LeakyView,
            "latest",
        );
    }
}

#[test]
fn postgres_freezes_the_star_of_a_view() {
    // §3: a marker added later is absent; SQLite expands `*` at use.
    let ddl = "CREATE TABLE people (id INTEGER PRIMARY KEY);
        CREATE VIEW everyone AS SELECT * FROM people;
        ALTER TABLE people ADD COLUMN deleted_at TIMESTAMP NULL;";
    let sql = "SELECT id FROM everyone";
    on_more(Postgres, ddl).refuses_as(&scope(Active), sql, Code::LeakyView, "everyone");
    on_more(Sqlite, ddl).becomes(
        sql,
        "SELECT id FROM everyone WHERE everyone.deleted_at IS NULL",
    );
}
