//! §2.4, §1 Qualifier: which names can be seen from where.

use crate::setup::{ALL, Code, Mysql, Postgres, Sqlite, on};

#[test]
fn an_on_sees_its_own_operands() {
    // §2.4: there `deleted_at` is that of the orders, and of no table outside of the join.
    let sql = "SELECT 1 FROM contacts c, audit a JOIN orders o ON o.id = a.id AND deleted_at IS NULL WHERE c.deleted_at IS NULL";
    on(Postgres).proves(sql);
    on(Mysql).proves(sql);
    // SQLite looks through all of FROM, or through the parentheses around.
    on(Sqlite).refuses(sql, Code::AmbiguousMarker, "deleted_at");
    on(Sqlite).proves(
        "SELECT 1 FROM contacts c JOIN (audit a JOIN orders o ON deleted_at IS NULL) WHERE c.deleted_at IS NULL",
    );
    on(Sqlite).refuses(
        "SELECT 1 FROM contacts c JOIN (audit a JOIN (audit b JOIN orders o) ON deleted_at IS NULL) ON deleted_at IS NULL",
        Code::AmbiguousMarker,
        "deleted_at",
    );
    for &dialect in ALL {
        on(dialect).proves_nothing(
            "SELECT 1 FROM contacts c JOIN (audit a JOIN orders o ON o.id = a.id AND c.deleted_at IS NULL) ON a.id = c.id WHERE o.deleted_at IS NULL",
            "contacts",
        );
        on(dialect).proves(
            "SELECT 1 FROM contacts c JOIN audit a ON a.id = c.id JOIN orders o ON o.id = a.id AND c.deleted_at IS NULL AND o.deleted_at IS NULL",
        );
    }
}

#[test]
fn an_alias_of_a_join_is_no_name_inside_it_nor_are_its_tables_outside() {
    on(Postgres).proves(
        "SELECT 1 FROM (audit a JOIN contacts c ON a.id = c.id) AS j WHERE j.deleted_at IS NULL",
    );
    on(Postgres).proves_nothing(
        "SELECT 1 FROM (audit a JOIN contacts c ON a.id = c.id) AS j WHERE c.deleted_at IS NULL",
        "contacts",
    );
    on(Postgres).proves_nothing(
        "SELECT 1 FROM (audit a JOIN contacts c ON a.id = c.id AND j.deleted_at IS NULL) AS j",
        "contacts",
    );
}

#[test]
fn parentheses_of_sqlite_are_one_by_one_taken_off_a_single_table() {
    // §1 Qualifier.
    for (sql, expected) in [
        (
            "SELECT 1 FROM audit a JOIN ((contacts AS c))",
            "SELECT 1 FROM audit a JOIN ((SELECT * FROM contacts AS c WHERE c.deleted_at IS NULL)) AS contacts",
        ),
        (
            "SELECT 1 FROM audit a JOIN ((contacts AS c) AS d)",
            "SELECT 1 FROM audit a JOIN ((SELECT * FROM contacts AS c WHERE c.deleted_at IS NULL) AS d)",
        ),
        (
            "SELECT 1 FROM audit a JOIN (audit b JOIN (contacts AS c))",
            "SELECT 1 FROM audit a JOIN (audit b JOIN (SELECT * FROM contacts AS c WHERE c.deleted_at IS NULL) AS contacts)",
        ),
        (
            "SELECT 1 FROM audit a JOIN ((contacts AS c) JOIN audit b)",
            "SELECT 1 FROM audit a JOIN ((SELECT * FROM contacts AS c WHERE c.deleted_at IS NULL) AS c JOIN audit b)",
        ),
    ] {
        on(Sqlite).becomes(sql, expected);
    }
}
