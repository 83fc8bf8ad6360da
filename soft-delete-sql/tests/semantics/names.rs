//! §2 Names: which table a name means.

use crate::setup::{
    ALL, Active, Ask, Code, Mysql, Postgres, Sqlite, WithDeleted, on, on_more, scope, with_schema,
};

#[test]
fn inside_its_own_cte_a_name_is_the_base_table() {
    // §2 Names: not under RECURSIVE.
    for dialect in [Postgres, Mysql] {
        on(dialect).becomes(
            "WITH contacts AS (SELECT * FROM contacts) SELECT id FROM contacts",
            "WITH contacts AS (SELECT * FROM contacts WHERE contacts.deleted_at IS NULL) SELECT id FROM contacts",
        );
        on(dialect).proves(
            "WITH contacts AS (SELECT * FROM contacts WHERE deleted_at IS NULL) SELECT id FROM contacts WHERE name = 'a'",
        );
    }
}

#[test]
fn inside_its_own_recursive_cte_a_name_is_the_cte() {
    // §2 Names: under RECURSIVE nothing soft-deletable is read here.
    for &dialect in ALL {
        on(dialect).refuses_as(
            &scope(Active),
            "WITH RECURSIVE contacts AS (SELECT 1 AS id UNION ALL SELECT id + 1 FROM contacts WHERE id < 5) SELECT id FROM contacts",
            Code::MeaninglessScope,
            "",
        );
    }
}

#[test]
fn a_cte_that_is_listed_later_is_visible_in_sqlite_and_under_recursive() {
    // §2 Names: "an earlier CTE may read a later one of the list".
    let plain =
        "WITH a AS (SELECT id FROM contacts), contacts AS (SELECT 1 AS id) SELECT id FROM a";
    on(Postgres).becomes(
        plain,
        "WITH a AS (SELECT id FROM contacts WHERE contacts.deleted_at IS NULL), contacts AS (SELECT 1 AS id) SELECT id FROM a",
    );
    on(Sqlite).proves(plain);
    let recursive = "WITH RECURSIVE a AS (SELECT id FROM contacts), contacts AS (SELECT 1 AS id) SELECT id FROM a";
    on(Postgres).proves(recursive);
    on(Sqlite).proves(recursive);
}

#[test]
fn a_cte_shadows_a_table_only_where_it_is_visible() {
    // DESIGN §3 Beware: CTE shadowing.
    for &dialect in ALL {
        on(dialect).becomes(
            "SELECT id FROM contacts WHERE id IN (WITH contacts AS (SELECT 1 AS id) SELECT id FROM contacts)",
            "SELECT id FROM contacts WHERE contacts.deleted_at IS NULL AND (id IN (WITH contacts AS (SELECT 1 AS id) SELECT id FROM contacts))",
        );
    }
    // A qualified name is never a CTE.
    on(Postgres).becomes(
        "WITH contacts AS (SELECT 1 AS id) SELECT c.id FROM public.contacts c",
        "WITH contacts AS (SELECT 1 AS id) SELECT c.id FROM public.contacts c WHERE c.deleted_at IS NULL",
    );
}

#[test]
fn inside_a_cte_of_an_inner_with_a_table_s_name_is_read_in_two_ways() {
    // MariaDB 10.11 returns the rows of the table, MySQL the one of the expression.
    let contacts = "contacts AS (SELECT 1 AS id)";
    for inner in [
        "SELECT id FROM (§) d",
        "SELECT 1 FROM audit WHERE EXISTS (§)",
        "SELECT id FROM (SELECT id FROM (§) d) e",
    ] {
        let inner = inner.replace('§', "WITH c AS (SELECT id FROM contacts) SELECT id FROM c");
        let sql = format!("WITH {contacts} {inner}");
        for ask in [Ask::default(), scope(Active)] {
            on(Mysql).refuses_as(&ask, &sql, Code::UnknownRelation, "contacts");
        }
        on(Postgres).proves(&sql);
        // Whichever is read, no deleted row is.
        on(Mysql).proves(&sql.replace("contacts", "audit"));
    }
    on(Mysql).refuses(
        "WITH contacts AS (SELECT 1 AS id) SELECT id FROM (WITH contacts AS (SELECT id FROM contacts) SELECT id FROM contacts) d",
        Code::UnknownRelation,
        "contacts",
    );
    on(Mysql).proves(
        "WITH n AS (SELECT 1 AS id) SELECT id FROM (WITH c AS (SELECT id FROM n) SELECT c.id FROM c JOIN n ON true) d",
    );
    on(Mysql).becomes(
        "WITH n AS (SELECT 1 AS id) SELECT id FROM (WITH c AS (SELECT id FROM contacts) SELECT id FROM c) d",
        "WITH n AS (SELECT 1 AS id) SELECT id FROM (WITH c AS (SELECT id FROM contacts WHERE contacts.deleted_at IS NULL) SELECT id FROM c) d",
    );
}

#[test]
fn a_cte_of_one_block_shadows_in_its_subqueries() {
    for &dialect in ALL {
        on(dialect).proves(
            "WITH contacts AS (SELECT 1 AS id) SELECT id FROM audit WHERE contact_id IN (SELECT id FROM contacts)",
        );
    }
}

#[test]
fn identifiers_fold_as_the_dialect_folds() {
    // DESIGN §3 Beware: identifiers folding by dialect.
    for &dialect in ALL {
        on(dialect).refuses("SELECT ID FROM CONTACTS", Code::Unscoped, "CONTACTS");
    }
    on(Sqlite).refuses(
        "SELECT id FROM \"CONTACTS\"",
        Code::Unscoped,
        "\"CONTACTS\"",
    );
    on(Sqlite).refuses("SELECT id FROM [Contacts]", Code::Unscoped, "[Contacts]");
    on(Sqlite).refuses("SELECT id FROM 'contacts'", Code::Unscoped, "'contacts'");
    on(Mysql).refuses("SELECT id FROM `Contacts`", Code::Unscoped, "`Contacts`");
    // PostgreSQL folds only what is not quoted: this is another table.
    on(Postgres).refuses(
        "SELECT id FROM \"CONTACTS\"",
        Code::UnknownRelation,
        "\"CONTACTS\"",
    );
}

#[test]
fn postgres_truncates_names_at_63_bytes() {
    // DESIGN §3 Beware: names over 63 bytes.
    let name = "c".repeat(63);
    let ddl = format!("CREATE TABLE {name} (id integer, deleted_at timestamptz);");
    let long = format!("{name}_and_more");
    on_more(Postgres, &ddl).refuses(&format!("SELECT id FROM {long}"), Code::Unscoped, &long);
}

#[test]
fn a_relation_of_no_migration_is_refused() {
    // DESIGN §3 guard 3: closed world.
    for &dialect in ALL {
        on(dialect).refuses("SELECT id FROM contcats", Code::UnknownRelation, "contcats");
        let checked = on(dialect).check(&Ask::default(), "SELECT id FROM contcats");
        let text = format!("{} {}", checked.errors[0].message, checked.errors[0].help);
        assert!(text.contains("`contacts`"), "names the nearest: {text}");
    }
}

#[test]
fn system_catalogs_and_table_functions_are_no_unknown_relations() {
    // DESIGN §3 Beware: "system catalogs and table functions (allowed)".
    on(Postgres).proves("SELECT relname FROM pg_catalog.pg_class JOIN pg_namespace n ON true");
    on(Postgres).proves("SELECT table_name FROM information_schema.tables");
    on(Postgres).proves("SELECT n FROM generate_series(1, 3) AS n");
    on(Sqlite).proves("SELECT name FROM sqlite_master");
    on(Sqlite).proves("SELECT value FROM json_each('[1]')");
    on(Mysql).proves("SELECT table_name FROM information_schema.tables");
    on(Mysql).proves("SELECT 1 FROM DUAL");
}

#[test]
fn a_table_name_that_no_rule_explains_is_refused() {
    // DESIGN §3 guard 2: token accounting.
    on(Postgres).refuses(
        "SELECT some_function(contacts) FROM audit",
        Code::UnexplainedToken,
        "contacts",
    );
}

#[test]
fn a_table_name_may_be_an_alias_a_column_or_a_string() {
    // DESIGN §3 guard 2: what is explained.
    for &dialect in ALL {
        on(dialect).proves("SELECT count(*) AS contacts FROM audit");
        on(dialect).proves("SELECT contacts.line FROM audit AS contacts");
        on(dialect).proves("SELECT line FROM audit WHERE line = 'contacts' /* contacts */");
    }
    with_schema(
        Postgres,
        "CREATE TABLE contacts (id integer, deleted_at timestamptz);
         CREATE TABLE stats (contacts integer, orders integer);",
        "",
    )
    .proves("SELECT contacts, stats.contacts, sum(contacts) FROM stats GROUP BY contacts");
}

#[test]
fn a_scope_of_its_own_names_the_alias_or_the_name() {
    // DESIGN §2: "say so for that reference (its alias, or its name)".
    for &dialect in ALL {
        let per = |scopes| Ask {
            scope: Some(Active),
            scopes,
            ..Ask::default()
        };
        on(dialect).gives(
            &per(&[("c", WithDeleted)]),
            "SELECT o.id FROM orders o JOIN contacts c ON c.id = o.contact_id",
            "SELECT o.id FROM orders o JOIN contacts c ON c.id = o.contact_id WHERE o.deleted_at IS NULL",
        );
        on(dialect).gives(
            &per(&[("contacts", WithDeleted)]),
            "SELECT orders.id FROM orders JOIN contacts ON contacts.id = contact_id",
            "SELECT orders.id FROM orders JOIN contacts ON contacts.id = contact_id WHERE orders.deleted_at IS NULL",
        );
        on(dialect).refuses_as(
            &per(&[("x", WithDeleted)]),
            "SELECT id FROM contacts c",
            Code::UnknownAlias,
            "",
        );
    }
}

#[test]
fn deleted_and_with_deleted_stand_for_one_reference() {
    // DESIGN §2: "one switch that opens every table is a known leak".
    for &dialect in ALL {
        on(dialect).refuses_as(
            &scope(WithDeleted),
            "SELECT o.id FROM orders o JOIN contacts c ON c.id = o.contact_id",
            Code::ScopeLeftOver,
            "contacts",
        );
        on(dialect).gives(
            &scope(WithDeleted),
            "SELECT o.id FROM orders o JOIN contacts c ON c.id = o.contact_id WHERE o.deleted_at IS NULL",
            "SELECT o.id FROM orders o JOIN contacts c ON c.id = o.contact_id WHERE o.deleted_at IS NULL",
        );
    }
}

#[test]
fn a_scope_that_nothing_takes_is_refused() {
    // DESIGN §2: "it would mean nothing".
    for &dialect in ALL {
        on(dialect).refuses_as(
            &scope(Active),
            "SELECT line FROM audit",
            Code::MeaninglessScope,
            "audit",
        );
    }
}

#[test]
fn natural_join_and_using_on_the_marker_warn() {
    // §4: they join soft-deletable tables on their markers.
    for &dialect in ALL {
        for sql in [
            "SELECT o.total FROM contacts c NATURAL JOIN orders o",
            "SELECT o.total FROM contacts c JOIN orders o USING (deleted_at)",
        ] {
            assert_eq!(
                on(dialect).warnings(&scope(Active), sql),
                [Code::JoinedOnMarker],
                "{dialect}: {sql}"
            );
        }
        let sql = "SELECT a.line FROM contacts c NATURAL JOIN audit a";
        assert_eq!(on(dialect).warnings(&scope(Active), sql), []);
    }
}

#[test]
fn while_what_is_read_is_not_certain_a_scope_is_not_called_meaningless() {
    let ddl = "CREATE FUNCTION friends() RETURNS bigint LANGUAGE sql AS $$ SELECT count(*) FROM contacts $$;";
    for (sql, code) in [
        ("SELECT friends()", Code::OpaqueFunction),
        (
            "SELECT line FROM audit ORDER BY contacts",
            Code::UnexplainedToken,
        ),
    ] {
        let checked = on_more(Postgres, ddl).check(&scope(Active), sql);
        let codes: Vec<Code> = checked.errors.iter().map(|error| error.code).collect();
        assert_eq!(codes, [code], "{sql}");
    }
}

#[test]
fn a_column_takes_no_name_from_inside_a_subquery_but_its_first_columns() {
    let model = Ask {
        model: true,
        ..scope(Active)
    };
    for dialect in ALL {
        on(*dialect).gives(
            &model,
            "SELECT c.*, (SELECT count(*) FROM orders o WHERE o.deleted_at IS NULL) FROM contacts c",
            "SELECT c.*, (SELECT count(*) FROM orders o WHERE o.deleted_at IS NULL) FROM contacts c WHERE c.deleted_at IS NULL",
        );
        on(*dialect).gives(
            &model,
            "SELECT c.*, EXISTS (SELECT 1 FROM orders o WHERE o.deleted_at IS NULL) FROM contacts c",
            "SELECT c.*, EXISTS (SELECT 1 FROM orders o WHERE o.deleted_at IS NULL) FROM contacts c WHERE c.deleted_at IS NULL",
        );
        on(*dialect).refuses_as(
            &model,
            "SELECT c.*, max(c.deleted_at) FROM contacts c",
            Code::MarkerNotSelected,
            "c.*, max(c.deleted_at)",
        );
    }
    let ddl = "CREATE TABLE times (deleted_at TIMESTAMP);";
    let config = "[tables.times]\nsoft_deletable = false";
    let tables = "CREATE TABLE contacts (id INTEGER PRIMARY KEY, deleted_at TIMESTAMP NULL);";
    let on = with_schema(Postgres, &format!("{tables}{ddl}"), config);
    for subquery in [
        "(SELECT deleted_at FROM times)",
        "(SELECT id AS deleted_at FROM times, contacts x)",
        "(SELECT * FROM times)",
        "(TABLE times)",
        "((SELECT (SELECT max(deleted_at) FROM times)))",
        "CASE WHEN c.id = 1 THEN NULL ELSE (SELECT * FROM times) END",
    ] {
        let list = format!("c.*, {subquery}");
        let sql = format!("SELECT {list} FROM contacts c");
        on.refuses_as(&model, &sql, Code::MarkerNotSelected, &list);
    }
}

#[test]
fn a_name_of_the_select_list_may_be_that_of_a_table_behind_it() {
    for dialect in ALL {
        on(*dialect).becomes(
            "SELECT org_id, count(*) AS orders FROM contacts GROUP BY org_id ORDER BY orders DESC",
            "SELECT org_id, count(*) AS orders FROM contacts WHERE contacts.deleted_at IS NULL GROUP BY org_id ORDER BY orders DESC",
        );
        on(*dialect).becomes(
            "SELECT org_id + 1 AS orders FROM contacts GROUP BY orders HAVING count(*) > 1",
            "SELECT org_id + 1 AS orders FROM contacts WHERE contacts.deleted_at IS NULL GROUP BY orders HAVING count(*) > 1",
        );
    }
}

#[test]
fn a_table_below_the_order_is_read_although_the_select_list_has_its_name() {
    for dialect in ALL {
        on(*dialect).becomes(
            "SELECT id AS orders FROM audit ORDER BY (SELECT max(orders.id) FROM orders)",
            "SELECT id AS orders FROM audit ORDER BY (SELECT max(orders.id) FROM orders WHERE orders.deleted_at IS NULL)",
        );
    }
    on(Sqlite).becomes(
        "SELECT id AS orders FROM audit ORDER BY id IN orders",
        "SELECT id AS orders FROM audit ORDER BY id IN (SELECT * FROM orders WHERE orders.deleted_at IS NULL)",
    );
}

#[test]
fn an_expression_of_a_with_may_stand_among_the_targets_of_mysql() {
    on(Mysql).proves(
        "WITH contacts AS (SELECT 1 AS id) UPDATE audit a JOIN contacts c ON c.id = a.id SET a.line = 'x'",
    );
    // Elsewhere the target is the table.
    for dialect in [Postgres, Sqlite] {
        on(dialect).proves_nothing(
            "WITH contacts AS (SELECT 1 AS id) UPDATE contacts SET name = 'x'",
            "contacts",
        );
    }
}

#[test]
fn a_target_of_a_delete_is_found_by_the_last_part_of_its_name() {
    on(Mysql).refuses_as(
        &scope(Active),
        "DELETE shop.contacts FROM shop.contacts JOIN audit a ON a.id = contacts.id",
        Code::DeleteNeedsVerb,
        "shop.contacts",
    );
}

#[test]
fn the_columns_of_a_recursive_expression_are_those_of_its_first_arm() {
    for &dialect in ALL {
        for list in ["x", "x (id)"] {
            on(dialect).proves(&format!(
                "WITH RECURSIVE {list} AS (SELECT id FROM audit UNION ALL SELECT c.id FROM x JOIN contacts c ON c.org_id = x.id WHERE deleted_at IS NULL) SELECT id FROM x"
            ));
        }
    }
}

#[test]
fn an_alias_list_that_is_longer_than_the_columns_leaves_nothing_known() {
    for dialect in [Postgres, Mysql] {
        on(dialect)
            .proves("SELECT 1 FROM (SELECT deleted_at FROM contacts) AS x (a) WHERE a IS NULL");
        on(dialect).proves_nothing(
            "SELECT 1 FROM (SELECT deleted_at FROM contacts) AS x (a, b) WHERE a IS NULL",
            "contacts",
        );
    }
    // A column definition list is whole.
    on(Postgres).proves(
        "SELECT 1 FROM contacts, json_to_record('{}') AS (a integer) WHERE deleted_at IS NULL",
    );
    let sql = "SELECT 1 FROM contacts, json_to_record('{}') AS (a integer, deleted_at text) WHERE deleted_at IS NULL";
    on(Postgres).refuses(sql, Code::AmbiguousMarker, "deleted_at");
    let fault = on(Postgres).check(&Ask::default(), sql).errors.remove(0);
    assert!(
        fault.help.contains("`json_to_record.deleted_at`"),
        "{}",
        fault.help
    );
}

#[test]
fn a_search_clause_adds_columns_to_a_recursive_expression() {
    let body = "(SELECT id FROM audit UNION ALL SELECT id FROM x)";
    for clause in [
        "SEARCH DEPTH FIRST BY id SET deleted_at",
        "CYCLE id SET deleted_at USING path",
    ] {
        on(Postgres).proves_nothing(
            &format!(
                "WITH RECURSIVE x AS {body} {clause} SELECT 1 FROM x, contacts WHERE deleted_at IS NULL"
            ),
            "contacts",
        );
    }
    on(Postgres).proves(&format!(
        "WITH RECURSIVE x AS {body} SELECT 1 FROM x, contacts WHERE deleted_at IS NULL"
    ));
}

#[test]
fn what_groups_or_stores_its_rows_is_not_filtered_from_outside() {
    for &dialect in ALL {
        for query in [
            "SELECT deleted_at FROM contacts GROUP BY deleted_at",
            "SELECT deleted_at FROM contacts GROUP BY id",
        ] {
            on(dialect).proves_nothing(
                &format!("SELECT 1 FROM ({query}) x WHERE x.deleted_at IS NULL"),
                "contacts",
            );
        }
    }
    on(Postgres).proves_nothing(
        "SELECT 1 FROM (SELECT deleted_at INTO copy FROM contacts) x WHERE x.deleted_at IS NULL",
        "contacts",
    );
}

#[test]
fn another_table_inside_a_cte_of_an_inner_with_is_read_in_one_way() {
    let with = "WITH contacts AS (SELECT 1 AS id), contact_names AS (SELECT 1 AS id)";
    on(Mysql).becomes(
        &format!("{with} SELECT id FROM (WITH c AS (SELECT id FROM orders) SELECT id FROM c) d"),
        &format!("{with} SELECT id FROM (WITH c AS (SELECT id FROM orders WHERE orders.deleted_at IS NULL) SELECT id FROM c) d"),
    );
    for name in ["contacts", "contact_names"] {
        let sql =
            format!("{with} SELECT id FROM (WITH c AS (SELECT id FROM {name}) SELECT id FROM c) d");
        let mut errors = on(Mysql).check(&Ask::default(), &sql).errors;
        let fault = errors.remove(0);
        assert_eq!(fault.code, Code::UnknownRelation);
        assert_eq!(errors, [], "{sql}");
        assert!(fault.why.contains("wrong for the other"), "{}", fault.why);
        assert!(fault.help.contains("another name"), "{}", fault.help);
    }
}
