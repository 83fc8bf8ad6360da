//! §2: which reference a test is about, and where it counts.

use crate::setup::{ALL, Active, Ask, Code, Deleted, Mysql, Postgres, Sqlite, on, on_more, scope};

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
        on(dialect).proves(
            "SELECT a.id FROM audit a LEFT JOIN contacts c ON c.id = a.contact_id WHERE c.deleted_at IS NOT NULL",
        );
        // Each of these holds for the NULL row, or may.
        for beside in [
            "c.id IS NULL",
            "COALESCE(c.id, 5) = 5",
            "(c.id = 5 OR a.id = 1)",
            "(c.id = 5) IS NOT TRUE",
            "c.id IN (SELECT NULL) IS NOT TRUE",
            "NOT EXISTS (SELECT 1 FROM audit b WHERE b.id = c.id)",
            "c.id = 5 IS NULL",
        ] {
            on(dialect).proves_nothing(
                &format!("SELECT a.id FROM audit a LEFT JOIN contacts c ON c.id = a.contact_id WHERE c.deleted_at IS NULL AND {beside}"),
                "contacts",
            );
        }
        // `IS NOT TRUE` accepts the NULL row.
        on(dialect).proves_nothing(
            "SELECT a.id FROM audit a LEFT JOIN notes n ON n.contact_id = a.contact_id WHERE n.is_deleted IS NOT TRUE",
            "notes",
        );
    }
}

#[test]
fn all_is_no_strict_conjunct() {
    // §2.6: over an empty set it holds for the NULL row too.
    for dialect in [Postgres, Mysql] {
        on(dialect).proves_nothing(
            "SELECT a.id FROM audit a LEFT JOIN contacts c ON c.id = a.contact_id WHERE c.deleted_at IS NULL AND c.id = ALL (SELECT id FROM audit WHERE 1 = 0)",
            "contacts",
        );
    }
    for (dialect, beside) in [
        (Postgres, "c.id IS NOT DISTINCT FROM 5"),
        (Postgres, "concat(c.id, '') = ''"),
        (Sqlite, "c.id IS 5"),
        (Sqlite, "c.id IS NOT 5"),
        (Mysql, "c.id <=> 5"),
    ] {
        on(dialect).proves_nothing(
            &format!("SELECT a.id FROM audit a LEFT JOIN contacts c ON c.id = a.contact_id WHERE c.deleted_at IS NULL AND {beside}"),
            "contacts",
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
        assert!(text.contains("also drops rows without a `c`"), "{text}");
        assert!(text.contains("move the test to ON"), "{text}");
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
