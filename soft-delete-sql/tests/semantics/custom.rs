//! §2.2: custom conditions, "all its conjuncts, token-equal".

use crate::setup::{ALL, Active, Dialect, On, Postgres, Sqlite, on, scope, with_schema};

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
