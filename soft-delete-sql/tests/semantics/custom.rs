//! §2.2: custom conditions, "all its conjuncts, token-equal".

use crate::setup::{
    ALL, Active, Code, Deleted, Dialect, Mysql, On, Postgres, Sqlite, on, on_more, scope,
    with_schema,
};

#[track_caller]
fn proves(on: &On, table: &str, condition: &str) {
    on.proves(&format!("SELECT id FROM {table} WHERE {condition}"));
}

#[track_caller]
fn proves_nothing(on: &On, table: &str, condition: &str) {
    on.proves_nothing(
        &format!("SELECT id FROM {table} WHERE {condition}"),
        table.split(' ').next().unwrap_or(table),
    );
}

#[test]
fn every_or_branch_must_hold_all_of_it() {
    for &dialect in ALL {
        let on = on(dialect);
        for condition in [
            "deleted_at IS NULL AND status <> 'archived' AND id = 1 OR id = 2 AND deleted_at IS NULL AND status <> 'archived'",
            "id = 3 AND (deleted_at IS NULL AND status <> 'archived' AND id = 1 OR id = 2 AND deleted_at IS NULL AND status != 'archived')",
            "title = 'x' AND (id = 1 OR id = 2) AND status <> 'archived' AND deleted_at IS NULL",
        ] {
            proves(&on, "articles", condition);
        }
        for condition in [
            "deleted_at IS NULL AND status <> 'archived' OR id = 2",
            "id = 1 AND (deleted_at IS NULL AND status <> 'archived' OR id = 2)",
            "deleted_at IS NULL AND (status <> 'archived' OR id = 2)",
            "id = 1 AND (id = 2 OR id = 3)",
            "deleted_at IS NULL OR status <> 'archived'",
        ] {
            proves_nothing(&on, "articles", condition);
        }
    }
}

#[test]
fn the_columns_are_those_of_the_reference() {
    for &dialect in ALL {
        on(dialect).proves_nothing(
            "SELECT a.id FROM articles a JOIN articles b ON a.id = b.id WHERE a.deleted_at IS NULL AND b.status <> 'archived' AND b.deleted_at IS NULL",
            "articles",
        );
        on(dialect).proves(
            "SELECT a.id FROM articles a JOIN articles b ON a.id = b.id AND a.deleted_at IS NULL AND b.status <> 'archived' WHERE b.deleted_at IS NULL AND a.status <> 'archived' AND b.status <> 'archived' AND a.deleted_at IS NULL",
        );
        proves(
            &on(dialect),
            "articles a",
            "a.DELETED_AT is null AND STATUS != 'archived'",
        );
        // Not token by token the same.
        for condition in [
            "deleted_at IS NULL AND (status) <> 'archived'",
            "deleted_at IS NULL AND 'archived' <> status",
            "deleted_at IS NULL AND status <> 'archived' || ''",
            "deleted_at IS NULL AND status = 'archived'",
        ] {
            proves_nothing(&on(dialect), "articles", condition);
        }
        // Outside of the derived table it cannot be told which columns these are.
        on(dialect).proves_nothing(
            "SELECT id FROM (SELECT id, deleted_at, status FROM articles) x WHERE x.deleted_at IS NULL AND x.status <> 'archived'",
            "articles",
        );
    }
    for dialect in [Postgres, Sqlite] {
        proves(
            &on(dialect),
            "articles a",
            "a.\"deleted_at\" IS NULL AND \"status\" <> 'archived'",
        );
    }
}

fn strange(dialect: Dialect) -> On {
    with_schema(
        dialect,
        "CREATE TABLE ranked (id INTEGER PRIMARY KEY, score INTEGER, deleted_at TIMESTAMP NULL);
         CREATE TABLE cased (id INTEGER PRIMARY KEY, deleted_at TIMESTAMP NULL);
         CREATE TABLE either (id INTEGER PRIMARY KEY, keep INTEGER, deleted_at TIMESTAMP NULL);
         CREATE TABLE called (id INTEGER PRIMARY KEY, status TEXT, lower TEXT, deleted_at TIMESTAMP NULL);",
        "[tables.ranked]
         active = \"deleted_at IS NULL AND score BETWEEN 1 AND 5 AND (score <> 3)\"
         [tables.cased]
         active = \"CASE WHEN deleted_at IS NULL AND id > 0 THEN 1 ELSE 0 END = 1\"
         [tables.either]
         active = \"deleted_at IS NULL OR keep = 1\"
         [tables.called]
         active = \"(deleted_at IS NULL) AND (lower(status) = 'live')\"",
    )
}

#[test]
fn a_condition_splits_at_its_own_and_only() {
    for &dialect in ALL {
        let on = strange(dialect);
        proves(
            &on,
            "ranked",
            "deleted_at IS NULL AND score BETWEEN 1 AND 5 AND score <> 3",
        );
        for condition in [
            "deleted_at IS NULL AND score BETWEEN 1 AND 5",
            "deleted_at IS NULL AND score <> 3",
            "deleted_at IS NULL AND score BETWEEN 1 AND 6 AND score <> 3",
        ] {
            proves_nothing(&on, "ranked", condition);
        }
        proves(
            &on,
            "cased",
            "CASE WHEN deleted_at IS NULL AND id > 0 THEN 1 ELSE 0 END = 1",
        );
        proves_nothing(&on, "cased", "deleted_at IS NULL");
        proves(&on, "either", "deleted_at IS NULL OR keep = 1");
        proves(&on, "either", "(deleted_at IS NULL OR keep = 1) AND id = 2");
        proves_nothing(&on, "either", "deleted_at IS NULL");
        proves_nothing(&on, "either", "keep = 1");
        proves_nothing(&on, "either", "deleted_at IS NULL OR keep = 1 OR id = 2");
        proves(
            &on,
            "called",
            "deleted_at IS NULL AND lower(status) = 'live'",
        );
    }
}

#[test]
fn only_bare_columns_are_qualified() {
    for &dialect in ALL {
        let on = strange(dialect);
        on.gives(
            &scope(Active),
            "SELECT id FROM called c",
            "SELECT id FROM called c WHERE ((c.deleted_at IS NULL) AND (lower(c.status) = 'live'))",
        );
        on.gives(
            &scope(Active),
            "SELECT id FROM cased",
            "SELECT id FROM cased WHERE (CASE WHEN cased.deleted_at IS NULL AND cased.id > 0 THEN 1 ELSE 0 END = 1)",
        );
    }
}

/// A table `t` with this column beside the marker, and this condition of a live row.
fn live(dialect: Dialect, column: &str, condition: &str) -> On {
    let ddl = format!(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, {column}, deleted_at TIMESTAMP NULL);
         CREATE TABLE logs (id INTEGER PRIMARY KEY, deleted_at TIMESTAMP NULL);"
    );
    let config =
        format!("[tables.t]\nactive = '''{condition}'''\n[tables.logs]\nsoft_deletable = false");
    with_schema(dialect, &ddl, &config)
}

#[test]
fn parentheses_around_all_of_a_conjunct_are_none() {
    for &dialect in ALL {
        for (condition, same, other) in [
            ("is_live", "(is_live)", "id"),
            ("((is_live))", "is_live", "id"),
            ("(is_live OR id = 1)", "is_live OR id = 1", "is_live"),
            (
                "(is_live) OR (id = 1)",
                "((is_live) OR (id = 1))",
                "is_live OR id = 1",
            ),
            (
                "((is_live) OR (id = 1))",
                "(is_live) OR (id = 1)",
                "is_live",
            ),
            (
                "is_live AND ((id = 1 OR id = 2))",
                "(id = 1 OR id = 2) AND is_live",
                "is_live",
            ),
            (
                "is_live AND (id) IN (1, (2))",
                "(id) IN (1, (2)) AND is_live",
                "is_live AND id IN (1, (2))",
            ),
            (
                "is_live AND id = 1 OR id = 2",
                "is_live AND id = 1 OR id = 2",
                "is_live AND (id = 1 OR id = 2)",
            ),
        ] {
            let on = live(dialect, "is_live INTEGER", condition);
            proves(&on, "t", condition);
            proves(&on, "t", same);
            proves_nothing(&on, "t", other);
        }
    }
}

#[test]
fn a_column_called_end_is_one_where_no_case_is_open() {
    for dialect in [Sqlite, Mysql] {
        let end = "`end` TIMESTAMP NULL";
        let on = live(dialect, end, "deleted_at IS NULL AND end IS NULL");
        on.becomes(
            "SELECT t.id FROM t",
            "SELECT t.id FROM t WHERE (t.deleted_at IS NULL AND t.end IS NULL)",
        );
        proves(&on, "t", "t.deleted_at IS NULL AND end IS NULL");
        let condition = "CASE WHEN deleted_at IS NULL THEN 1 ELSE 0 END = 1";
        let on = live(dialect, end, condition);
        on.becomes(
            "SELECT t.id FROM t",
            "SELECT t.id FROM t WHERE (CASE WHEN t.deleted_at IS NULL THEN 1 ELSE 0 END = 1)",
        );
        proves(&on, "t", condition);
    }
    // It can name the table as well.
    let condition = "CASE WHEN deleted_at IS NULL THEN 1 ELSE 0 END = 1";
    live(Sqlite, "x INTEGER", condition).proves(
        "SELECT id FROM t end WHERE CASE WHEN end.deleted_at IS NULL THEN 1 ELSE 0 END = 1",
    );
}

#[test]
fn a_quoted_column_is_a_column() {
    for dialect in [Postgres, Sqlite] {
        let condition = "deleted_at IS NULL AND \"Kind\" = 1";
        let on = live(dialect, "\"Kind\" INTEGER", condition);
        on.becomes(
            "SELECT id FROM t x",
            "SELECT id FROM t x WHERE (x.deleted_at IS NULL AND x.\"Kind\" = 1)",
        );
        proves(&on, "t", "\"Kind\" = 1 AND t.deleted_at IS NULL");
        // What is no column is compared with its quotes.
        let condition = "deleted_at IS NULL AND kind = \"X\"";
        let on = live(dialect, "kind INTEGER", condition);
        proves_nothing(&on, "t", "deleted_at IS NULL AND kind = x");
        proves(&on, "t", condition);
    }
}

#[test]
fn a_field_of_a_column_is_no_column() {
    let condition = "deleted_at IS NULL AND (address).status = 'x'";
    let on = live(Postgres, "address place, status TEXT", condition);
    on.becomes(
        "SELECT id FROM t a",
        "SELECT id FROM t a WHERE (a.deleted_at IS NULL AND (a.address).status = 'x')",
    );
    proves(&on, "t", "(address).status = 'x' AND t.deleted_at IS NULL");
    proves_nothing(&on, "t", "deleted_at IS NULL AND status = 'x'");
    proves_nothing(&on, "t", "deleted_at IS NULL AND (address).t.status = 'x'");
}

#[test]
fn a_nullable_boolean_is_deleted_where_it_is_true() {
    let ddl = "CREATE TABLE flags (id INTEGER PRIMARY KEY, is_deleted BOOLEAN);";
    let config = "[tables.flags]\naccept = [\"nullable_marker\"]";
    for &dialect in ALL {
        let on = with_schema(dialect, ddl, config);
        on.gives(
            &scope(Deleted),
            "SELECT id FROM flags",
            "SELECT id FROM flags WHERE flags.is_deleted IS TRUE",
        );
        on.becomes(
            "SELECT id FROM flags",
            "SELECT id FROM flags WHERE flags.is_deleted IS NOT TRUE",
        );
    }
}

#[test]
fn the_predicate_of_the_partial_key_to_make_is_told() {
    for (table, column, predicate) in [
        ("contacts", "name", "WHERE deleted_at IS NULL"),
        (
            "articles",
            "title",
            "WHERE deleted_at IS NULL AND status <> 'archived'",
        ),
    ] {
        let ddl = format!("CREATE UNIQUE INDEX n ON {table} ({column});");
        let sql = format!(
            "INSERT INTO {table} ({column}) VALUES ('a') ON CONFLICT ({column}) DO UPDATE SET id = 1"
        );
        let checked = on_more(Postgres, &ddl).check(&scope(Active), &sql);
        let fault = &checked.errors[0];
        assert_eq!(fault.code, Code::ConflictCountsTombstones);
        let first = fault.help.lines().next().unwrap_or_default();
        assert!(first.ends_with(predicate), "{first}");
    }
}
