//! §2.4, §1 Qualifier: which names can be seen from where.

use crate::setup::{
    ALL, Active, Ask, Code, Dialect, Mysql, Postgres, Sqlite, on, on_more, with_schema,
};

#[test]
fn an_on_sees_its_own_operands() {
    // §2.4: there `deleted_at` is that of the orders, and of no table outside of the join.
    let sql = "SELECT 1 FROM contacts c, audit a JOIN orders o ON o.id = a.id AND deleted_at IS NULL WHERE c.deleted_at IS NULL";
    on(Postgres).proves(sql);
    on(Mysql).proves(sql);
    // SQLite looks through all of FROM, or through the parentheses around.
    on(Sqlite).refuses(sql, Code::AmbiguousMarker, "deleted_at");
    on(Sqlite).refuses(
        "SELECT 1 FROM audit a JOIN orders o ON deleted_at IS NULL JOIN audit x JOIN contacts c WHERE c.deleted_at IS NULL",
        Code::AmbiguousMarker,
        "deleted_at",
    );
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
    on(Sqlite).proves("SELECT 1 FROM (audit a JOIN contacts c ON deleted_at IS NULL) AS j");
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

#[test]
fn a_merged_marker_proves_neither_of_its_sides() {
    // §2.4: the second side too, where the first has its scope already.
    let first = Ask {
        scopes: &[("c", Active)],
        ..Ask::default()
    };
    for &dialect in ALL {
        for join in [
            "JOIN orders o USING (deleted_at)",
            "JOIN orders o USING (id, deleted_at)",
            "NATURAL JOIN orders o",
        ] {
            on(dialect).refuses_as(
                &first,
                &format!("SELECT c.id FROM contacts c {join} WHERE deleted_at IS NULL"),
                Code::Unscoped,
                "orders",
            );
        }
        // Merged are other columns: the marker is ambiguous.
        on(dialect).refuses(
            "SELECT c.id FROM contacts c JOIN orders o USING (id) WHERE deleted_at IS NULL",
            Code::AmbiguousMarker,
            "deleted_at",
        );
    }
}

#[test]
fn a_qualified_name_is_that_of_its_own_schema_and_table() {
    on(Postgres).proves_nothing(
        "SELECT 1 FROM public.contacts, public.orders WHERE public.contacts.deleted_at IS NULL",
        "public.orders",
    );
    let on = with_schema(
        Postgres,
        "CREATE TABLE crm.people (id INTEGER PRIMARY KEY, deleted_at TIMESTAMP NULL);
         CREATE TABLE public.people (id INTEGER PRIMARY KEY, deleted_at TIMESTAMP NULL);",
        "",
    );
    for (tested, open) in [
        ("crm.people", "public.people"),
        ("public.people", "crm.people"),
        ("people", "crm.people"),
    ] {
        on.proves_nothing(
            &format!("SELECT 1 FROM crm.people, public.people WHERE {tested}.deleted_at IS NULL"),
            open,
        );
    }
    on.proves(
        "SELECT 1 FROM crm.people, public.people WHERE crm.people.deleted_at IS NULL AND public.people.deleted_at IS NULL",
    );
}

#[test]
fn a_column_is_the_only_one_of_its_name() {
    for &dialect in ALL {
        for list in ["deleted_at, id AS deleted_at", "(deleted_at)"] {
            on(dialect).proves_nothing(
                &format!(
                    "SELECT 1 FROM (SELECT {list} FROM contacts) x WHERE x.deleted_at IS NULL"
                ),
                "contacts",
            );
        }
        on(dialect).proves(
            "SELECT 1 FROM (SELECT (deleted_at) AS deleted_at FROM contacts) x WHERE x.deleted_at IS NULL",
        );
    }
}

#[test]
fn an_on_of_update_from_does_not_see_the_target() {
    let sql = "UPDATE contacts SET name = 'x' FROM orders o JOIN audit b ON deleted_at IS NULL WHERE contacts.deleted_at IS NULL";
    on(Postgres).proves(sql);
    on(Sqlite).refuses(sql, Code::AmbiguousMarker, "deleted_at");
    for dialect in [Postgres, Sqlite] {
        on(dialect).proves(
            "UPDATE audit SET line = 'x' FROM contacts c JOIN orders o ON o.id = c.id AND c.deleted_at IS NULL AND o.deleted_at IS NULL WHERE audit.id = c.id",
        );
    }
}

#[test]
fn a_name_hidden_by_the_alias_of_a_join_can_be_used_again() {
    on(Postgres).becomes(
        "SELECT 1 FROM (contacts c JOIN audit a ON a.id = c.id) AS j JOIN orders c ON TRUE",
        "SELECT 1 FROM (contacts c JOIN audit a ON c.deleted_at IS NULL AND (a.id = c.id)) AS j JOIN orders c ON TRUE WHERE c.deleted_at IS NULL",
    );
}

#[test]
fn an_unqualified_column_of_a_conflict_clause_is_the_targets_in_sqlite() {
    let ddl = "CREATE UNIQUE INDEX contacts_email ON contacts (email) WHERE deleted_at IS NULL;";
    let sql = "INSERT INTO contacts (email) VALUES ('a') ON CONFLICT (email) WHERE deleted_at IS NULL DO UPDATE SET name = 'x' WHERE deleted_at IS NULL";
    on_more(Sqlite, ddl).becomes(sql, sql);
    // In PostgreSQL it could be that of `excluded`.
    on_more(Postgres, ddl).refuses(sql, Code::AmbiguousMarker, "deleted_at");
}

#[test]
fn a_name_in_brackets_or_a_string_is_quoted_as_a_name() {
    on(Sqlite).proves("SELECT id FROM contacts WHERE [deleted_at] IS NULL AND id = 1");
    on(Sqlite).becomes(
        "SELECT id FROM main.'contacts'",
        "SELECT id FROM main.'contacts' WHERE main.contacts.deleted_at IS NULL",
    );
    // A subscript is no part of a condition.
    on(Postgres).proves("SELECT id FROM contacts WHERE (name)[1] = 'a' AND deleted_at IS NULL");
    on(Postgres).proves_nothing(
        "SELECT id FROM contacts WHERE name[1 AND deleted_at IS NULL]",
        "contacts",
    );
}

#[test]
fn brackets_hide_what_is_in_them() {
    for condition in [
        "name[1 AND deleted_at IS NULL AND 2]",
        "(name[1 AND deleted_at IS NULL AND 2]) = 'a'",
        "ARRAY[id = 1 AND deleted_at IS NULL AND id = 2] IS NOT NULL",
    ] {
        on(Postgres).proves_nothing(
            &format!("SELECT id FROM contacts WHERE {condition}"),
            "contacts",
        );
    }
    on(Postgres).proves("SELECT id FROM contacts WHERE ((name[1]) = 'a' AND (deleted_at IS NULL))");
}

#[test]
fn a_name_is_written_without_what_stands_between_its_parts() {
    on(Postgres).becomes(
        "SELECT 1 FROM public /* here */ . contacts",
        "SELECT 1 FROM public /* here */ . contacts WHERE public.contacts.deleted_at IS NULL",
    );
}

#[test]
fn what_lost_its_alias_in_sqlite_goes_by_the_last_part_of_its_name() {
    on(Sqlite).proves(
        "SELECT 1 FROM audit a JOIN (main.contacts AS c) WHERE contacts.deleted_at IS NULL",
    );
    let sql =
        "SELECT 1 FROM audit a JOIN (main.contacts AS c) JOIN orders o WHERE deleted_at IS NULL";
    on(Sqlite).refuses(sql, Code::AmbiguousMarker, "deleted_at");
    let fault = on(Sqlite).check(&Ask::default(), sql).errors.remove(0);
    assert_eq!(
        fault.help,
        "qualify it: `contacts.deleted_at` or `o.deleted_at`"
    );
}

/// Says for each column of `*` whether a test of it proves the scope.
#[track_caller]
fn the_marker_is(dialect: Dialect, ddl: &str, from: &str, names: &[&str]) {
    let on = with_schema(dialect, ddl, "");
    let list: Vec<String> = (0..names.len()).map(|at| format!("c{at}")).collect();
    for (column, name) in list.iter().zip(names) {
        let list = list.join(", ");
        let sql = format!(
            "WITH x ({list}) AS (SELECT * FROM {from}) SELECT 1 FROM x WHERE {column} IS NULL"
        );
        if *name == "deleted_at" {
            on.proves(&sql);
        } else {
            on.proves_nothing(&sql, "t");
        }
    }
}

#[test]
fn a_star_has_the_columns_of_a_join_in_the_order_of_the_database() {
    let ddl = "
        CREATE TABLE t (id INTEGER, deleted_at TIMESTAMP NULL, org INTEGER, b INTEGER);
        CREATE TABLE o (v INTEGER, b INTEGER, org INTEGER, w INTEGER);";
    for &dialect in ALL {
        for from in ["t JOIN o ON o.b = t.b", "t, o"] {
            let names = ["id", "deleted_at", "org", "b", "v", "b", "org", "w"];
            the_marker_is(dialect, ddl, from, &names);
        }
        let (using, natural, turned): (&[&str], &[&str], &[&str]) = match dialect {
            Postgres => (
                &["org", "id", "deleted_at", "b", "v", "b", "w"],
                &["org", "b", "id", "deleted_at", "v", "w"],
                &["org", "b", "v", "w", "id", "deleted_at"],
            ),
            Sqlite => (
                &["id", "deleted_at", "org", "b", "v", "b", "w"],
                &["id", "deleted_at", "org", "b", "v", "w"],
                &["v", "b", "org", "w", "id", "deleted_at"],
            ),
            Mysql => (
                &["org", "id", "deleted_at", "b", "v", "b", "w"],
                &["org", "b", "id", "deleted_at", "v", "w"],
                &["org", "b", "id", "deleted_at", "v", "w"],
            ),
        };
        the_marker_is(dialect, ddl, "t JOIN o USING (org)", using);
        the_marker_is(dialect, ddl, "t NATURAL JOIN o", natural);
        the_marker_is(dialect, ddl, "o RIGHT JOIN t USING (org, b)", turned);
        // As USING lists them, or as the first side has them: the place of the marker is the same.
        the_marker_is(dialect, ddl, "t JOIN o USING (b, org)", natural);
    }
}

#[test]
fn a_right_join_inside_of_one_that_merges_has_no_certain_order_in_mysql() {
    let ddl = "
        CREATE TABLE t (id INTEGER, deleted_at TIMESTAMP NULL);
        CREATE TABLE o (v INTEGER);
        CREATE TABLE p (id INTEGER);";
    let on = with_schema(Mysql, ddl, "");
    for from in [
        "o RIGHT JOIN t ON 1 JOIN p USING (id)",
        "p JOIN (o RIGHT JOIN t ON 1) USING (id)",
        "(o RIGHT JOIN t ON 1 JOIN o AS q ON 1) NATURAL JOIN p",
        "p JOIN (o AS q JOIN (o RIGHT JOIN t ON 1) ON 1) USING (id)",
    ] {
        for column in ["a", "b", "c", "d"] {
            let list = if from.contains('q') {
                "a, b, c, d"
            } else {
                "a, b, c"
            };
            on.proves_nothing(
                &format!("WITH x ({list}) AS (SELECT * FROM {from}) SELECT 1 FROM x WHERE {column} IS NULL"),
                "t",
            );
        }
    }
    on.proves("WITH x (a, b, c, d) AS (SELECT * FROM o RIGHT JOIN t ON 1 JOIN p ON 1) SELECT 1 FROM x WHERE c IS NULL");
}

#[test]
fn a_join_that_merges_in_parentheses_has_no_certain_order_in_sqlite() {
    // `p JOIN (t JOIN o USING (b)) ON 1` has b in front of t's columns, without parentheses not.
    let ddl = "
        CREATE TABLE t (id INTEGER, deleted_at TEXT, b INTEGER);
        CREATE TABLE o (b INTEGER, v INTEGER);";
    let on = with_schema(Sqlite, ddl, "");
    for from in [
        "o AS p JOIN (t JOIN o USING (b)) ON 1",
        "o AS p, ((t NATURAL JOIN o) JOIN o AS q ON 1)",
    ] {
        let list = if from.contains('q') {
            "a, c, d, e, f, g, h, i"
        } else {
            "a, c, d, e, f, g"
        };
        for column in ["d", "e", "f"] {
            on.proves_nothing(
                &format!("WITH x ({list}) AS (SELECT * FROM {from}) SELECT 1 FROM x WHERE {column} IS NULL"),
                "t",
            );
        }
    }
}

#[test]
fn what_makes_the_order_of_one_database_uncertain_does_nothing_in_the_others() {
    let ddl = "
        CREATE TABLE t (id INTEGER, deleted_at TIMESTAMP NULL, b INTEGER);
        CREATE TABLE o (v INTEGER, b INTEGER);
        CREATE TABLE p (id INTEGER, x INTEGER);";
    for dialect in [Postgres, Mysql] {
        let names = ["id", "x", "b", "id", "deleted_at", "v"];
        let from = "p JOIN (t JOIN o USING (b)) ON p.id = t.id";
        the_marker_is(dialect, ddl, from, &names);
        let names = ["id", "x", "b", "id", "deleted_at", "v", "id", "x"];
        let from = "p, ((t NATURAL JOIN o) JOIN p q ON q.id = t.id)";
        the_marker_is(dialect, ddl, from, &names);
    }
    let from = "o RIGHT JOIN t ON o.b = t.b JOIN p USING (id)";
    let names = ["id", "v", "b", "deleted_at", "b", "x"];
    the_marker_is(Postgres, ddl, from, &names);
    let names = ["v", "b", "id", "deleted_at", "b", "x"];
    the_marker_is(Sqlite, ddl, from, &names);
}

#[test]
fn a_column_that_is_merged_twice_is_one_column() {
    let ddl = "
        CREATE TABLE o (k INTEGER, v INTEGER);
        CREATE TABLE p (k INTEGER, w INTEGER);
        CREATE TABLE t (k INTEGER, deleted_at TIMESTAMP NULL);";
    for &dialect in ALL {
        for from in [
            "o NATURAL JOIN p NATURAL JOIN t",
            "o JOIN p USING (k) JOIN t USING (k)",
        ] {
            the_marker_is(dialect, ddl, from, &["k", "v", "w", "deleted_at"]);
        }
    }
}

#[test]
fn a_natural_join_merges_the_columns_of_values_by_their_names() {
    for (dialect, values, name) in [
        (Postgres, "VALUES (7)", "column1"),
        (Sqlite, "VALUES (7)", "column1"),
        (Mysql, "VALUES ROW(7)", "column_0"),
        // MariaDB's.
        (Mysql, "VALUES ('a' 'b')", "ab"),
    ] {
        let ddl = format!("CREATE TABLE t ({name} INTEGER, deleted_at TIMESTAMP NULL);");
        let from = format!("({values}) v NATURAL JOIN t");
        the_marker_is(dialect, &ddl, &from, &[name, "deleted_at"]);
    }
    // A column may be called as MariaDB calls a number.
    let ddl = "CREATE TABLE t (`7` INTEGER, deleted_at TIMESTAMP NULL);";
    with_schema(Mysql, ddl, "").proves_nothing(
        "WITH x (a, b) AS (SELECT * FROM (VALUES (7)) v NATURAL JOIN t) SELECT 1 FROM x WHERE b IS NULL",
        "t",
    );
}

#[test]
fn merged_columns_leave_the_second_side_and_keep_their_places_in_others() {
    let ddl = "
        CREATE TABLE t (id INTEGER, deleted_at TIMESTAMP NULL, org INTEGER, b INTEGER);
        CREATE TABLE o (v INTEGER, b INTEGER, org INTEGER, w INTEGER);
        CREATE TABLE p (id INTEGER, x INTEGER);";
    for &dialect in ALL {
        let names = ["id", "x", "deleted_at", "org", "b"];
        the_marker_is(dialect, ddl, "p JOIN t USING (id)", &names);
        let names = ["id", "deleted_at", "org", "b", "v", "b", "org", "w", "x"];
        the_marker_is(
            dialect,
            ddl,
            "t JOIN o ON t.b = o.b JOIN p USING (id)",
            &names,
        );
    }
    let names = ["id", "deleted_at", "org", "b", "v", "w", "id", "x"];
    the_marker_is(Sqlite, ddl, "t NATURAL JOIN o JOIN p ON 1", &names);
    let names = ["id", "org", "deleted_at", "b", "v", "b", "w", "x"];
    the_marker_is(
        Mysql,
        ddl,
        "o RIGHT JOIN t USING (org) NATURAL JOIN p",
        &names,
    );
    let names = ["id", "org", "b", "deleted_at", "v", "w", "x"];
    the_marker_is(Mysql, ddl, "o NATURAL RIGHT JOIN t NATURAL JOIN p", &names);
}

#[test]
fn a_join_that_may_merge_a_column_without_a_known_name_has_no_certain_order() {
    // SQLite and MySQL call an expression by its text, PostgreSQL by a function in it.
    let ddl = "CREATE TABLE t (id INTEGER, deleted_at TIMESTAMP NULL);";
    for &dialect in ALL {
        let on = on_more(dialect, ddl);
        let query = |list: &str, from: &str, column: &str| {
            format!(
                "WITH x ({list}) AS (SELECT * FROM {from}) SELECT 1 FROM x WHERE {column} IS NULL"
            )
        };
        for join in ["JOIN t USING (id)", "NATURAL JOIN t"] {
            let from = |value: &str| format!("(SELECT 1 AS id, {value} FROM audit a) y {join}");
            on.proves(&query("a, b, c", &from("0 + 2"), "c"));
            on.proves_nothing(&query("a, b, c", &from("0 + a.id"), "c"), "t");
        }
        for join in ["JOIN {} USING (id)", "NATURAL JOIN {}"] {
            let from = |value: &str| {
                let derived = format!("(SELECT 1 AS id, {value} FROM audit a) y");
                format!("t {}", join.replace("{}", &derived))
            };
            on.proves(&query("a, b, c", &from("0 + 2"), "b"));
            on.proves_nothing(&query("a, b, c", &from("0 + a.id"), "b"), "t");
        }
        let both = |one: &str, other: &str| {
            let from = format!(
                "(SELECT id, deleted_at, 1 + 1{one} FROM t) y NATURAL JOIN (SELECT 1 AS id, 1 + 1{other}) z"
            );
            query("a, b, c, d", &from, "b")
        };
        on.proves(&both(" AS q", " AS r"));
        on.proves_nothing(&both("", ""), "t");
    }
}
