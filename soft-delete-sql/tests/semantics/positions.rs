//! Every position in which a table can be read: each is found, and filtered in its own block (§3,
//! last paragraph).

use crate::setup::{
    ALL, Active, Ask, Code, Dialect, Mysql, On, Postgres, Sqlite, WithDeleted, on, on_more, scope,
};

/// A subquery, and what it becomes.
const READ: &str = "(SELECT max(id) FROM orders)";
const FILTERED: &str = "(SELECT max(id) FROM orders WHERE orders.deleted_at IS NULL)";

/// `§` stands for the subquery.
#[track_caller]
fn filters_the_subquery(dialects: &[Dialect], template: &str) {
    for &dialect in dialects {
        let sql = template.replace('§', READ);
        on(dialect).becomes(&sql, &template.replace('§', FILTERED));
        on(dialect).proves_nothing(&sql, "orders");
        let checked = on(dialect).check(&Ask::default(), &sql);
        let found = checked
            .references
            .iter()
            .filter(|found| found.table == "orders")
            .count();
        assert_eq!(found, template.matches('§').count(), "{sql}");
    }
}

#[test]
fn subqueries_anywhere_in_a_select() {
    for template in [
        "SELECT § FROM audit",
        "SELECT a.id, coalesce(§, 0) + 1 AS n FROM audit a",
        "SELECT CASE WHEN id = § THEN § ELSE § END FROM audit",
        "SELECT id FROM audit WHERE id = §",
        "SELECT id FROM audit WHERE id IN §",
        "SELECT id FROM audit WHERE id NOT IN §",
        "SELECT id FROM audit WHERE EXISTS §",
        "SELECT id FROM audit WHERE NOT EXISTS §",
        "SELECT id FROM audit WHERE id BETWEEN § AND §",
        "SELECT id FROM audit WHERE abs(§) > 1 AND (1, 2) = (§, 2)",
        "SELECT a.id FROM audit a JOIN audit b ON a.id = §",
        "SELECT contact_id FROM audit GROUP BY contact_id HAVING max(id) < §",
        "SELECT contact_id FROM audit GROUP BY §",
        "SELECT id FROM audit ORDER BY § DESC",
        "SELECT sum(id) OVER (PARTITION BY § ORDER BY §) FROM audit",
        "SELECT sum(id) OVER w FROM audit WINDOW w AS (ORDER BY §)",
        "SELECT id FROM audit UNION SELECT § FROM audit",
        "SELECT x.id FROM § x, audit",
        "SELECT ((§))",
    ] {
        filters_the_subquery(ALL, template);
    }
    for template in [
        "SELECT id FROM audit LIMIT § OFFSET §",
        "SELECT count(*) FILTER (WHERE id = §) FROM audit",
        "VALUES (1, §), (§, 2)",
        "SELECT id FROM audit ORDER BY id LIMIT §",
    ] {
        filters_the_subquery(&[Postgres, Sqlite], template);
    }
    for template in [
        "SELECT id FROM audit WHERE id = ANY §",
        "SELECT id FROM audit WHERE id > ALL §",
    ] {
        filters_the_subquery(&[Postgres, Mysql], template);
    }
    for template in [
        "SELECT ARRAY§ FROM audit",
        "SELECT DISTINCT ON (§) id FROM audit",
        "SELECT n FROM generate_series(1, §) AS n",
        "SELECT array_agg(id ORDER BY §) FROM audit",
        "SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY §) FROM audit",
        "SELECT (array[1, 2])[§] FROM audit",
        "SELECT §::text FROM audit",
        "SELECT id FROM audit FETCH FIRST § ROWS ONLY",
        "SELECT EXTRACT(year FROM §::timestamp) FROM audit",
    ] {
        filters_the_subquery(&[Postgres], template);
    }
}

#[test]
fn subqueries_anywhere_in_a_write() {
    for template in [
        "INSERT INTO audit (id) VALUES (§)",
        "INSERT INTO audit (id) SELECT §",
        "UPDATE audit SET id = § WHERE contact_id = §",
        "DELETE FROM audit WHERE id = §",
    ] {
        filters_the_subquery(ALL, template);
    }
    for template in [
        "INSERT INTO audit (id) VALUES (1) RETURNING §",
        "UPDATE audit SET id = 1 RETURNING id, § AS n",
        "DELETE FROM audit RETURNING §",
        "UPDATE audit SET (id, contact_id) = (§, 1)",
    ] {
        filters_the_subquery(&[Postgres, Sqlite], template);
    }
    filters_the_subquery(&[Mysql], "INSERT INTO audit SET id = §");
    filters_the_subquery(&[Mysql], "UPDATE audit SET id = 1 ORDER BY § LIMIT 1");
    filters_the_subquery(
        &[Postgres],
        "MERGE INTO audit a USING (VALUES (§)) AS s (id) ON a.id = § WHEN MATCHED AND s.id = § THEN UPDATE SET contact_id = § WHEN NOT MATCHED THEN INSERT (id) VALUES (§)",
    );
}

#[test]
fn a_table_named_by_table() {
    // `TABLE t` has no place for a condition: it is written out.
    for dialect in [Postgres, Mysql] {
        on(dialect).refuses("TABLE contacts", Code::Unscoped, "contacts");
        on(dialect).refuses(
            "SELECT id, email, name, org_id, deleted_at FROM contacts WHERE deleted_at IS NULL UNION TABLE contacts",
            Code::Unscoped,
            "contacts",
        );
        on(dialect).gives(&scope(WithDeleted), "TABLE contacts", "TABLE contacts");
    }
}

#[test]
fn the_table_of_sqlites_in() {
    // DESIGN §3 Beware: `x IN table_name`.
    on_more(
        Sqlite,
        "CREATE TABLE gone (id INTEGER PRIMARY KEY, deleted_at TEXT);",
    )
    .refuses(
        "SELECT id FROM audit WHERE id IN gone",
        Code::Unscoped,
        "gone",
    );
    on_more(
        Sqlite,
        "CREATE TABLE gone (id INTEGER PRIMARY KEY, deleted_at TEXT);",
    )
    .refuses(
        "SELECT id FROM audit WHERE id NOT IN main.gone",
        Code::Unscoped,
        "main.gone",
    );
}

#[test]
fn only_and_the_star_behind_a_table() {
    // DESIGN §3 Beware: `ONLY t`, `t *`.
    for (from, qualifier) in [
        ("ONLY contacts", "contacts"),
        ("ONLY (contacts)", "contacts"),
        ("ONLY contacts AS c", "c"),
        ("contacts *", "contacts"),
        ("contacts * c", "c"),
    ] {
        on(Postgres).becomes(
            &format!("SELECT id FROM {from}"),
            &format!("SELECT id FROM {from} WHERE {qualifier}.deleted_at IS NULL"),
        );
    }
    on(Postgres).becomes(
        "UPDATE ONLY contacts SET name = 'x'",
        "UPDATE ONLY contacts SET name = 'x' WHERE contacts.deleted_at IS NULL",
    );
}

#[test]
fn modifiers_of_a_table() {
    // TABLESAMPLE, INDEXED BY, index hints, PARTITION: the condition stands behind them.
    for (dialect, from) in [
        (Postgres, "contacts TABLESAMPLE SYSTEM (10) REPEATABLE (1)"),
        (Sqlite, "contacts INDEXED BY contacts_name"),
        (Sqlite, "contacts NOT INDEXED"),
        (
            Mysql,
            "contacts USE INDEX (contacts_name) IGNORE INDEX FOR ORDER BY (contacts_email)",
        ),
        (Mysql, "contacts PARTITION (p0, p1)"),
    ] {
        on(dialect).becomes(
            &format!("SELECT id FROM {from}"),
            &format!("SELECT id FROM {from} WHERE contacts.deleted_at IS NULL"),
        );
    }
}

#[test]
fn locks() {
    for lock in [
        "FOR UPDATE",
        "FOR NO KEY UPDATE",
        "FOR KEY SHARE",
        "FOR UPDATE OF c NOWAIT",
        "FOR UPDATE OF c SKIP LOCKED FOR SHARE OF a",
    ] {
        on(Postgres).becomes(
            &format!("SELECT c.id FROM contacts c, audit a {lock}"),
            &format!("SELECT c.id FROM contacts c, audit a WHERE c.deleted_at IS NULL {lock}"),
        );
    }
    for lock in ["FOR UPDATE", "LOCK IN SHARE MODE", "FOR UPDATE SKIP LOCKED"] {
        on(Mysql).becomes(
            &format!("SELECT id FROM contacts {lock}"),
            &format!("SELECT id FROM contacts WHERE contacts.deleted_at IS NULL {lock}"),
        );
    }
    // The name behind OF is explained: it is the reference.
    on(Postgres).becomes(
        "SELECT id FROM contacts FOR UPDATE OF contacts",
        "SELECT id FROM contacts WHERE contacts.deleted_at IS NULL FOR UPDATE OF contacts",
    );
}

#[test]
fn lateral_and_derived_tables_are_filtered_inside() {
    on(Postgres).becomes(
        "SELECT c.id, l.total FROM contacts c LEFT JOIN LATERAL (SELECT o.total FROM orders o WHERE o.contact_id = c.id ORDER BY o.id DESC LIMIT 1) l ON true",
        "SELECT c.id, l.total FROM contacts c LEFT JOIN LATERAL (SELECT o.total FROM orders o WHERE o.deleted_at IS NULL AND (o.contact_id = c.id) ORDER BY o.id DESC LIMIT 1) l ON true WHERE c.deleted_at IS NULL",
    );
    for &dialect in ALL {
        on(dialect).becomes(
            "SELECT x.n FROM (SELECT count(*) AS n FROM contacts) x",
            "SELECT x.n FROM (SELECT count(*) AS n FROM contacts WHERE contacts.deleted_at IS NULL) x",
        );
        on(dialect).becomes(
            "SELECT x.id FROM audit a LEFT JOIN (SELECT id FROM contacts) x ON x.id = a.contact_id",
            "SELECT x.id FROM audit a LEFT JOIN (SELECT id FROM contacts WHERE contacts.deleted_at IS NULL) x ON x.id = a.contact_id",
        );
    }
}

#[test]
fn each_arm_of_a_set_operation_is_filtered() {
    for &dialect in ALL {
        on(dialect).becomes(
            "SELECT id FROM contacts UNION ALL SELECT id FROM orders EXCEPT SELECT id FROM notes WHERE id = 1 ORDER BY 1",
            "SELECT id FROM contacts WHERE contacts.deleted_at IS NULL UNION ALL SELECT id FROM orders WHERE orders.deleted_at IS NULL EXCEPT SELECT id FROM notes WHERE NOT notes.is_deleted AND (id = 1) ORDER BY 1",
        );
    }
    for dialect in [Postgres, Mysql] {
        on(dialect).becomes(
            "(SELECT id FROM contacts ORDER BY id LIMIT 1) UNION (SELECT id FROM orders INTERSECT SELECT id FROM files)",
            "(SELECT id FROM contacts WHERE contacts.deleted_at IS NULL ORDER BY id LIMIT 1) UNION (SELECT id FROM orders WHERE orders.deleted_at IS NULL INTERSECT SELECT id FROM files WHERE files.is_deleted = 0)",
        );
    }
}

#[test]
fn ctes_are_filtered_inside() {
    for &dialect in ALL {
        on(dialect).becomes(
            "WITH x AS (SELECT id FROM contacts), y (n) AS (SELECT count(*) FROM x, orders) SELECT n FROM y",
            "WITH x AS (SELECT id FROM contacts WHERE contacts.deleted_at IS NULL), y (n) AS (SELECT count(*) FROM x, orders WHERE orders.deleted_at IS NULL) SELECT n FROM y",
        );
        on(dialect).becomes(
            "WITH RECURSIVE t AS (SELECT id FROM contacts WHERE org_id = 1 UNION ALL SELECT c.id FROM contacts c JOIN t ON c.org_id = t.id) SELECT id FROM t",
            "WITH RECURSIVE t AS (SELECT id FROM contacts WHERE contacts.deleted_at IS NULL AND (org_id = 1) UNION ALL SELECT c.id FROM contacts c JOIN t ON c.org_id = t.id WHERE c.deleted_at IS NULL) SELECT id FROM t",
        );
    }
    for dialect in [Postgres, Sqlite] {
        on(dialect).becomes(
            "WITH x AS MATERIALIZED (SELECT id FROM contacts), y AS NOT MATERIALIZED (SELECT id FROM orders) SELECT x.id FROM x, y",
            "WITH x AS MATERIALIZED (SELECT id FROM contacts WHERE contacts.deleted_at IS NULL), y AS NOT MATERIALIZED (SELECT id FROM orders WHERE orders.deleted_at IS NULL) SELECT x.id FROM x, y",
        );
    }
}

#[test]
fn data_modifying_ctes_are_statements_like_any_other() {
    // §3: "data-modifying CTE: recurse; CTE output is no table read".
    on(Postgres).becomes(
        "WITH x AS (UPDATE contacts SET name = 'x' RETURNING id) INSERT INTO audit (contact_id) SELECT id FROM x",
        "WITH x AS (UPDATE contacts SET name = 'x' WHERE contacts.deleted_at IS NULL RETURNING id) INSERT INTO audit (contact_id) SELECT id FROM x",
    );
    on(Postgres).refuses(
        "WITH x AS (DELETE FROM contacts WHERE id = 1 RETURNING id) SELECT id FROM x",
        Code::DeleteNeedsVerb,
        "contacts",
    );
    on(Postgres).refuses(
        "WITH x AS (UPDATE contacts SET name = 'x' RETURNING id) SELECT id FROM x",
        Code::Unscoped,
        "contacts",
    );
}

#[test]
fn window_distinct_on_and_limit_see_filtered_rows_only() {
    on(Postgres).becomes(
        "SELECT DISTINCT ON (org_id) id, rank() OVER (ORDER BY id) FROM contacts ORDER BY org_id LIMIT 5",
        "SELECT DISTINCT ON (org_id) id, rank() OVER (ORDER BY id) FROM contacts WHERE contacts.deleted_at IS NULL ORDER BY org_id LIMIT 5",
    );
}

#[test]
fn explain_is_transparent() {
    for (dialect, explain) in [
        (Postgres, "EXPLAIN (ANALYZE, FORMAT JSON)"),
        (Postgres, "EXPLAIN ANALYZE VERBOSE"),
        (Sqlite, "EXPLAIN QUERY PLAN"),
        (Mysql, "EXPLAIN FORMAT=JSON"),
    ] {
        on(dialect).becomes(
            &format!("{explain} SELECT id FROM contacts"),
            &format!("{explain} SELECT id FROM contacts WHERE contacts.deleted_at IS NULL"),
        );
    }
}

#[test]
fn select_into_creates_a_table_from_filtered_rows() {
    // DESIGN §3 Beware: `SELECT … INTO`.
    let sql = "SELECT id INTO TEMP copied FROM contacts";
    let checked = on(Postgres).check(&Ask::default(), sql);
    assert!(checked.scoped.is_none(), "the read is found");
    assert!(
        checked
            .references
            .iter()
            .any(|found| found.table == "contacts")
    );
}

#[test]
fn every_reference_is_reported_with_its_bytes() {
    let sql = "SELECT a.id FROM audit a JOIN \"contacts\" AS c ON c.id = a.contact_id WHERE a.id IN (SELECT id FROM public.orders)";
    let checked = on(Postgres).check(&scope(Active), sql);
    let found: Vec<_> = checked
        .references
        .iter()
        .map(|found| {
            (
                found.table.as_str(),
                found.alias.as_deref(),
                &sql[found.span.clone()],
                found.soft_deletable,
                found.scope,
                found.proven,
            )
        })
        .collect();
    assert_eq!(
        found,
        [
            ("audit", Some("a"), "audit", false, None, false),
            (
                "contacts",
                Some("c"),
                "\"contacts\"",
                true,
                Some(Active),
                false
            ),
            ("orders", None, "public.orders", true, Some(Active), false),
        ]
    );
}

#[test]
fn partitions_and_inheriting_tables_follow_their_parent() {
    let on: On = on_more(
        Postgres,
        "CREATE TABLE events (id bigint, day date, deleted_at timestamptz) PARTITION BY RANGE (day);
         CREATE TABLE events_2026 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');",
    );
    on.refuses("SELECT id FROM events_2026", Code::Unscoped, "events_2026");
    on.becomes(
        "SELECT id FROM events_2026",
        "SELECT id FROM events_2026 WHERE events_2026.deleted_at IS NULL",
    );
}

#[test]
fn maintenance_names_its_tables_and_needs_no_scope() {
    for (sql, tables) in [
        ("ANALYZE contacts", vec!["contacts"]),
        (
            "ANALYZE (VERBOSE) contacts (id, name), orders",
            vec!["contacts", "orders"],
        ),
        ("VACUUM FULL ANALYZE public.contacts", vec!["contacts"]),
        (
            "LOCK TABLE ONLY contacts IN SHARE MODE NOWAIT",
            vec!["contacts"],
        ),
        ("VACUUM", vec![]),
    ] {
        let checked = on(Postgres).check(&Ask::default(), sql);
        assert_eq!(checked.errors, [], "{sql}");
        let found: Vec<&str> = checked
            .references
            .iter()
            .map(|reference| reference.table.as_str())
            .collect();
        assert_eq!(found, tables, "{sql}");
    }
}

#[test]
fn the_next_value_of_a_sequence_ends_no_select_list() {
    // MariaDB.
    let on = on_more(Mysql, "CREATE SEQUENCE numbers;");
    on.proves("SELECT NEXT VALUE FOR numbers, PREVIOUS VALUE FOR numbers FROM audit");
    on.becomes(
        "SELECT NEXT VALUE FOR numbers FROM contacts FOR UPDATE",
        "SELECT NEXT VALUE FOR numbers FROM contacts WHERE contacts.deleted_at IS NULL FOR UPDATE",
    );
}
