//! §1: conditions, qualifiers, placement, replacement.

use crate::setup::{
    ALL, Active, Code, Deleted, Mysql, Postgres, Sqlite, WithDeleted, on, on_more, scope,
    with_schema,
};

#[test]
fn a_table_that_stands_alone_is_replaced_whatever_it_is_called() {
    // In FROM its name would be that of a column which a derived table does not have.
    let table = |name: &str| {
        format!(
            "CREATE TABLE {name} (id INTEGER PRIMARY KEY, deleted_at TIMESTAMP NULL);
             CREATE TABLE audit (id INTEGER PRIMARY KEY);"
        )
    };
    with_schema(Sqlite, &table("oid"), "").becomes(
        "SELECT id FROM audit WHERE id IN oid",
        "SELECT id FROM audit WHERE id IN (SELECT * FROM oid WHERE oid.deleted_at IS NULL)",
    );
    with_schema(Postgres, &table("xmin"), "").becomes(
        "TABLE xmin",
        "SELECT * FROM xmin WHERE xmin.deleted_at IS NULL",
    );
}

#[test]
fn each_kind_of_marker_has_its_own_condition() {
    // "f(T)": active := f IS TRUE, deleted := f IS NOT TRUE.
    for (table, active, deleted) in [
        (
            "contacts",
            "contacts.deleted_at IS NULL",
            "contacts.deleted_at IS NOT NULL",
        ),
        ("notes", "NOT notes.is_deleted", "notes.is_deleted"),
        ("files", "files.is_deleted = 0", "files.is_deleted <> 0"),
        (
            "articles",
            "(articles.deleted_at IS NULL AND articles.status <> 'archived')",
            "(articles.deleted_at IS NULL AND articles.status <> 'archived') IS NOT TRUE",
        ),
    ] {
        for &dialect in ALL {
            let sql = format!("SELECT id FROM {table}");
            on(dialect).becomes(&sql, &format!("{sql} WHERE {active}"));
            on(dialect).gives(&scope(Deleted), &sql, &format!("{sql} WHERE {deleted}"));
            on(dialect).gives(&scope(WithDeleted), &sql, &sql);
        }
    }
}

#[test]
fn deleted_rows_of_a_custom_condition_include_those_where_it_is_null() {
    // "Partition": not `NOT f`, which loses rows where f is NULL.
    for &dialect in ALL {
        on(dialect).gives(
            &scope(Deleted),
            "SELECT id FROM articles a",
            "SELECT id FROM articles a WHERE (a.deleted_at IS NULL AND a.status <> 'archived') IS NOT TRUE",
        );
    }
}

#[test]
fn the_condition_comes_first_and_the_old_one_stands_in_parentheses() {
    // §1 Placement.
    for &dialect in ALL {
        on(dialect).becomes(
            "SELECT * FROM contacts WHERE name = 'a' OR name = 'b' ORDER BY id",
            "SELECT * FROM contacts WHERE contacts.deleted_at IS NULL AND (name = 'a' OR name = 'b') ORDER BY id",
        );
    }
}

#[test]
fn without_where_the_condition_stands_right_behind_from() {
    // §1 Placement: before GROUP BY, HAVING, WINDOW, ORDER BY, LIMIT and locks.
    for &dialect in ALL {
        for tail in [
            "",
            ";",
            " GROUP BY name HAVING count(*) > 1",
            " ORDER BY name LIMIT 3",
            " -- the end",
            "\n/* c */ ORDER BY name",
        ] {
            on(dialect).becomes(
                &format!("SELECT name FROM contacts{tail}"),
                &format!("SELECT name FROM contacts WHERE contacts.deleted_at IS NULL{tail}"),
            );
        }
    }
}

#[test]
fn a_line_comment_at_the_end_of_a_condition_does_not_swallow_the_parenthesis() {
    // DESIGN §3 Beware: "line comments right where text is inserted".
    for &dialect in ALL {
        on(dialect).becomes(
            "SELECT id FROM contacts -- all\nWHERE name = 'a' -- or b\nORDER BY id",
            "SELECT id FROM contacts -- all\nWHERE contacts.deleted_at IS NULL AND (name = 'a') -- or b\nORDER BY id",
        );
    }
}

#[test]
fn what_is_inserted_never_joins_a_neighbouring_word() {
    // §1 Placement, in texts that need no space before a parenthesis or a string.
    for &dialect in ALL {
        on(dialect).becomes(
            "SELECT*FROM contacts WHERE(id=1)OR(id=2)ORDER BY 1",
            "SELECT*FROM contacts WHERE contacts.deleted_at IS NULL AND ((id=1)OR(id=2))ORDER BY 1",
        );
        on(dialect).becomes(
            "SELECT a.id FROM audit a LEFT JOIN contacts c ON(c.id=a.id)",
            "SELECT a.id FROM audit a LEFT JOIN contacts c ON c.deleted_at IS NULL AND ((c.id=a.id))",
        );
        on(dialect).becomes(
            "SELECT x.id FROM(SELECT id FROM contacts)x",
            "SELECT x.id FROM(SELECT id FROM contacts WHERE contacts.deleted_at IS NULL)x",
        );
    }
    for dialect in [Postgres, Sqlite] {
        on(dialect).becomes(
            "UPDATE contacts SET name='x'RETURNING id",
            "UPDATE contacts SET name='x' WHERE contacts.deleted_at IS NULL RETURNING id",
        );
    }
}

#[test]
fn several_references_of_one_place_are_joined_in_source_order() {
    for &dialect in ALL {
        on(dialect).becomes(
            "SELECT o.id FROM orders o, notes n, contacts c",
            "SELECT o.id FROM orders o, notes n, contacts c WHERE o.deleted_at IS NULL AND NOT n.is_deleted AND c.deleted_at IS NULL",
        );
    }
}

#[test]
fn the_qualifier_is_the_alias_else_the_name_as_written() {
    // §1 Qualifier.
    for &dialect in ALL {
        for (from, qualifier) in [
            ("contacts", "contacts"),
            ("Contacts", "Contacts"),
            ("contacts c", "c"),
            ("contacts AS People", "People"),
        ] {
            on(dialect).becomes(
                &format!("SELECT id FROM {from}"),
                &format!("SELECT id FROM {from} WHERE {qualifier}.deleted_at IS NULL"),
            );
        }
    }
    for dialect in [Postgres, Sqlite] {
        on(dialect).becomes(
            "SELECT id FROM \"contacts\"",
            "SELECT id FROM \"contacts\" WHERE \"contacts\".deleted_at IS NULL",
        );
    }
    on(Mysql).becomes(
        "SELECT id FROM `contacts`",
        "SELECT id FROM `contacts` WHERE `contacts`.deleted_at IS NULL",
    );
}

#[test]
fn a_qualified_name_qualifies_the_marker_as_written() {
    // §1 Qualifier: `s.t`.
    on_more(
        Postgres,
        "CREATE TABLE crm.people (id integer, deleted_at timestamptz);",
    )
    .becomes(
        "SELECT id FROM crm.people",
        "SELECT id FROM crm.people WHERE crm.people.deleted_at IS NULL",
    );
    on(Sqlite).becomes(
        "SELECT id FROM main.contacts",
        "SELECT id FROM main.contacts WHERE main.contacts.deleted_at IS NULL",
    );
}

#[test]
fn a_marker_whose_name_needs_quotes_is_quoted() {
    let config = "markers = [\"deletedAt\"]";
    with_schema(
        Postgres,
        "CREATE TABLE \"Tenant\" (id integer, \"deletedAt\" timestamp);",
        config,
    )
    .becomes(
        "SELECT id FROM \"Tenant\" t",
        "SELECT id FROM \"Tenant\" t WHERE t.\"deletedAt\" IS NULL",
    );
}

#[test]
fn a_join_with_an_alias_hides_the_names_inside_it() {
    // §1 Qualifier: not addressable outside, so filtered inside that scope.
    on(Postgres).becomes(
        "SELECT j.line FROM (contacts c JOIN audit a ON a.contact_id = c.id) AS j",
        "SELECT j.line FROM (contacts c JOIN audit a ON c.deleted_at IS NULL AND (a.contact_id = c.id)) AS j",
    );
    on(Postgres).becomes(
        "SELECT j.line FROM (contacts c CROSS JOIN audit a) AS j",
        "SELECT j.line FROM ((SELECT * FROM contacts WHERE contacts.deleted_at IS NULL) c CROSS JOIN audit a) AS j",
    );
}

#[test]
fn one_name_twice_in_a_block_is_replaced_in_place() {
    // §1 Qualifier: `FROM t, t` (SQLite).
    on(Sqlite).becomes(
        "SELECT count(*) FROM contacts, contacts",
        "SELECT count(*) FROM (SELECT * FROM contacts WHERE contacts.deleted_at IS NULL) AS contacts, (SELECT * FROM contacts WHERE contacts.deleted_at IS NULL) AS contacts",
    );
}

#[test]
fn a_single_table_in_parentheses_loses_its_alias_in_sqlite() {
    // §1 Qualifier: there `c.deleted_at` is no column outside of the parentheses.
    on(Sqlite).becomes(
        "SELECT a.line FROM audit a JOIN (contacts AS c)",
        "SELECT a.line FROM audit a JOIN (SELECT * FROM contacts AS c WHERE c.deleted_at IS NULL) AS contacts",
    );
    // In front of all others it keeps it.
    on(Sqlite).becomes(
        "SELECT c.id FROM (contacts AS c)",
        "SELECT c.id FROM (SELECT * FROM contacts AS c WHERE c.deleted_at IS NULL) AS c",
    );
    on(Sqlite).becomes(
        "SELECT id FROM (contacts)",
        "SELECT id FROM (contacts) WHERE contacts.deleted_at IS NULL",
    );
}

#[test]
fn a_column_alias_list_renames_the_marker() {
    // §1 Qualifier: "use the mapped name of the marker".
    on(Postgres).becomes(
        "SELECT c.a FROM contacts AS c (a, b, n, o, gone)",
        "SELECT c.a FROM contacts AS c (a, b, n, o, gone) WHERE c.gone IS NULL",
    );
    on(Postgres).becomes(
        "SELECT c.a FROM contacts AS c (a)",
        "SELECT c.a FROM contacts AS c (a) WHERE c.deleted_at IS NULL",
    );
}

#[test]
fn a_column_alias_that_takes_the_markers_name_is_not_the_marker() {
    // §1 Qualifier: here `deleted_at` is the id.
    on(Postgres).proves_nothing(
        "SELECT 1 FROM contacts AS c (deleted_at) WHERE deleted_at IS NULL",
        "contacts",
    );
}

#[test]
fn a_replacement_keeps_what_belongs_to_the_table_inside() {
    // §1 Replacement: ONLY, TABLESAMPLE, INDEXED BY, PARTITION.
    on(Postgres).becomes(
        "SELECT c.name FROM audit a FULL JOIN ONLY contacts c ON c.id = a.id",
        "SELECT c.name FROM audit a FULL JOIN (SELECT * FROM ONLY contacts WHERE contacts.deleted_at IS NULL) c ON c.id = a.id",
    );
    on(Postgres).becomes(
        "SELECT c.name FROM audit a FULL JOIN contacts AS c TABLESAMPLE SYSTEM (10) ON c.id = a.id",
        "SELECT c.name FROM audit a FULL JOIN (SELECT * FROM contacts AS c TABLESAMPLE SYSTEM (10) WHERE c.deleted_at IS NULL) AS c ON c.id = a.id",
    );
    on_more(Sqlite, "CREATE INDEX contacts_name ON contacts (name);").becomes(
        "SELECT c.name FROM audit a FULL JOIN contacts AS c INDEXED BY contacts_name ON c.id = a.id",
        "SELECT c.name FROM audit a FULL JOIN (SELECT * FROM contacts AS c INDEXED BY contacts_name WHERE c.deleted_at IS NULL) AS c ON c.id = a.id",
    );
    on(Mysql).becomes(
        "SELECT c.name FROM audit a LEFT JOIN contacts PARTITION (p0) AS c USING (id)",
        "SELECT c.name FROM audit a LEFT JOIN (SELECT * FROM contacts PARTITION (p0) WHERE contacts.deleted_at IS NULL) AS c USING (id)",
    );
}

#[test]
fn a_replacement_repeats_the_column_alias_list() {
    // §1 Qualifier: "or replace and repeat the list".
    on(Postgres).becomes(
        "SELECT c.n FROM audit a FULL JOIN contacts AS c (id, e, n) ON c.id = a.id",
        "SELECT c.n FROM audit a FULL JOIN (SELECT * FROM contacts WHERE contacts.deleted_at IS NULL) AS c (id, e, n) ON c.id = a.id",
    );
}

#[test]
fn a_replacement_is_refused_where_the_block_uses_the_real_table() {
    // §1 Replacement: what it would break, one by one.
    for (dialect, sql) in [
        (
            Postgres,
            "SELECT c.ctid FROM audit a LEFT JOIN contacts c USING (id)",
        ),
        (
            Postgres,
            "SELECT c.xmin FROM audit a LEFT JOIN contacts c USING (id)",
        ),
        (
            Postgres,
            "SELECT c.tableoid FROM audit a LEFT JOIN contacts c USING (id)",
        ),
        (
            Postgres,
            "SELECT ctid FROM (SELECT 1 AS id) x LEFT JOIN contacts c USING (id)",
        ),
        (
            Postgres,
            "SELECT public.contacts.name FROM audit LEFT JOIN public.contacts USING (id)",
        ),
        (
            Postgres,
            "SELECT c FROM audit a LEFT JOIN contacts c USING (id)",
        ),
        (
            Postgres,
            "SELECT row_to_json(c) FROM audit a LEFT JOIN contacts c USING (id)",
        ),
        (
            Postgres,
            "SELECT c.id, c.name FROM audit a LEFT JOIN contacts c USING (id) GROUP BY c.id",
        ),
        (
            Sqlite,
            "SELECT c.rowid FROM audit a LEFT JOIN contacts c USING (id)",
        ),
        (
            Sqlite,
            "SELECT c._rowid_ FROM audit a LEFT JOIN contacts c USING (id)",
        ),
        (
            Sqlite,
            "SELECT c.oid FROM audit a LEFT JOIN contacts c USING (id)",
        ),
        (
            Mysql,
            "SELECT c.name FROM audit a LEFT JOIN contacts c USING (id) FOR UPDATE",
        ),
        (
            Mysql,
            "SELECT c.name FROM audit a LEFT JOIN contacts c USING (id) LOCK IN SHARE MODE",
        ),
    ] {
        let at = if sql.contains("public.contacts U") {
            "public.contacts"
        } else {
            "contacts"
        };
        on(dialect).refuses_as(&scope(Active), sql, Code::CannotScope, at);
    }
}

#[test]
fn a_replacement_stands_beside_another_table_whose_system_columns_are_used() {
    on(Postgres).becomes(
        "SELECT a.ctid FROM audit a LEFT JOIN contacts c USING (id)",
        "SELECT a.ctid FROM audit a LEFT JOIN (SELECT * FROM contacts WHERE contacts.deleted_at IS NULL) c USING (id)",
    );
    on(Sqlite).becomes(
        "SELECT a.rowid FROM audit a LEFT JOIN contacts c USING (id)",
        "SELECT a.rowid FROM audit a LEFT JOIN (SELECT * FROM contacts WHERE contacts.deleted_at IS NULL) c USING (id)",
    );
}

#[test]
fn a_replacement_is_refused_where_the_order_uses_the_real_table() {
    // §1 Replacement: "SQLite then gives NULL for rowid, silently".
    for (dialect, column) in [(Sqlite, "rowid"), (Postgres, "ctid")] {
        on(dialect).refuses_as(
            &scope(Active),
            &format!("SELECT a.line FROM audit a LEFT JOIN contacts c USING (id) ORDER BY c.{column} LIMIT 1"),
            Code::CannotScope,
            "contacts",
        );
    }
}

#[test]
fn a_replacement_is_refused_under_a_full_text_match() {
    // §1 Replacement: FTS MATCH needs the virtual table itself.
    on_more(
        Sqlite,
        "CREATE VIRTUAL TABLE pages USING fts5 (body, deleted_at UNINDEXED);",
    )
    .refuses_as(
        &scope(Active),
        "SELECT a.line FROM audit a LEFT JOIN pages p USING (body) WHERE p MATCH 'x'",
        Code::CannotScope,
        "pages",
    );
}

#[test]
fn the_help_of_a_refused_replacement_is_on_instead_of_using() {
    // §1 Replacement: 'Help: "write ON instead of USING"'.
    let sql = "SELECT c.ctid FROM audit a LEFT JOIN contacts c USING (id)";
    let checked = on(Postgres).check(&scope(Active), sql);
    let help = &checked.errors[0].help;
    assert!(help.contains("ON instead of USING"), "{help}");
}

#[test]
fn group_by_primary_key_across_a_full_join_is_refused() {
    // §1 Carry 3: keeping it is possible, and may raise errors from the join keys of tombstones.
    on(Postgres).refuses_as(
        &scope(Active),
        "SELECT c.id, c.name FROM contacts c FULL JOIN audit a ON a.contact_id = c.id GROUP BY c.id",
        Code::CannotScope,
        "contacts",
    );
}

#[test]
fn group_by_primary_key_survives_under_a_predicate() {
    // §1, DESIGN §3: predicates are preferred as a derived table costs GROUP BY primary key.
    on(Postgres).becomes(
        "SELECT c.id, c.name, count(o.id) FROM contacts c LEFT JOIN orders o ON o.contact_id = c.id GROUP BY c.id",
        "SELECT c.id, c.name, count(o.id) FROM contacts c LEFT JOIN orders o ON o.deleted_at IS NULL AND (o.contact_id = c.id) WHERE c.deleted_at IS NULL GROUP BY c.id",
    );
}

#[test]
fn a_statement_that_needs_no_edit_is_unchanged_byte_for_byte() {
    // DESIGN §3 guard 4.
    let sql = "  SELECT\tid /* x */ FROM contacts\r\n WHERE deleted_at IS NULL ; ";
    for &dialect in ALL {
        on(dialect).becomes(sql, sql);
        on(dialect).proves(sql);
    }
}

#[test]
fn stripping_the_edits_gives_the_original_byte_for_byte() {
    // DESIGN §3 guard 4.
    let sql = "SELECT c.id, 'é' FROM contacts c LEFT JOIN orders o USING (id) WHERE c.name = 'ü' OR 1 = 1";
    for &dialect in ALL {
        let scoped = on(dialect).check(&scope(Active), sql).scoped.unwrap();
        let mut stripped = scoped.sql.clone();
        let mut shift = 0;
        for edit in &scoped.edits {
            assert!(edit.span.is_empty(), "a visibility scope only inserts");
            let at = edit.span.start + shift;
            assert_eq!(&scoped.sql[at..at + edit.text.len()], edit.text);
            shift += edit.text.len();
        }
        for edit in &scoped.edits {
            let at = edit.span.start;
            stripped.replace_range(at..at + edit.text.len(), "");
        }
        assert_eq!(stripped, sql);
    }
}

#[test]
fn keywords_of_a_custom_condition_are_no_columns_of_the_same_name() {
    for (condition, expected) in [
        (
            "deleted_at IS NULL AND status <> 'old'",
            "p.deleted_at IS NULL AND p.status <> 'old'",
        ),
        (
            "CASE WHEN kept IS NULL THEN deleted_at IS NULL ELSE TRUE END",
            "CASE WHEN p.kept IS NULL THEN p.deleted_at IS NULL ELSE TRUE END",
        ),
    ] {
        let config = format!("[tables.posts]\nactive = \"{condition}\"");
        for &dialect in ALL {
            let ddl =
                "CREATE TABLE posts (id INTEGER PRIMARY KEY, \"null\" INTEGER, \"end\" INTEGER,
                \"when\" INTEGER, kept INTEGER, status TEXT, deleted_at TIMESTAMP NULL);";
            let ddl = match dialect {
                Mysql => ddl.replace('"', "`"),
                Postgres | Sqlite => ddl.to_owned(),
            };
            with_schema(dialect, &ddl, &config).becomes(
                "SELECT id FROM posts AS p",
                &format!("SELECT id FROM posts AS p WHERE ({expected})"),
            );
        }
    }
}

#[test]
fn the_and_of_a_case_is_no_connective_of_a_custom_condition() {
    let ddl =
        "CREATE TABLE posts (id INTEGER, status TEXT, kept INTEGER, deleted_at TIMESTAMP NULL);";
    let case = "CASE WHEN kept = 1 AND status = 'x' OR id BETWEEN 1 AND 2 THEN status <> 'old' ELSE TRUE END";
    for dialect in ALL {
        for active in [
            format!("deleted_at IS NULL AND {case}"),
            format!("{case} AND deleted_at IS NULL"),
            format!("deleted_at IS NULL AND ({case}) AND id BETWEEN 1 AND 9"),
        ] {
            let config = format!("[tables.posts]\nactive = \"{active}\"");
            let on = with_schema(*dialect, ddl, &config);
            on.proves(&format!("SELECT id FROM posts WHERE {active}"));
            on.proves(&format!("SELECT id FROM posts WHERE id = 1 AND {active}"));
            let checked = on.check(&scope(Active), "SELECT id FROM posts AS p");
            assert!(
                checked.scoped.is_some(),
                "{dialect}: {active}: {:?}",
                checked.errors
            );
        }
        let config = format!("[tables.posts]\nactive = \"deleted_at IS NULL AND {case}\"");
        with_schema(*dialect, ddl, &config)
            .proves_nothing("SELECT id FROM posts WHERE deleted_at IS NULL", "posts");
    }
}
