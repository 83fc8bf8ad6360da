//! §1: where a derived table may stand, and where it would change the query.

use crate::setup::{
    Active, Code, Dialect, Mysql, Postgres, Sqlite, Verb, on, on_more, scope, verb,
};

/// `c` of `LEFT JOIN contacts c USING (id)` becomes a derived table.
#[track_caller]
fn is_replaced(dialect: Dialect, ddl: &str, sql: &str) {
    let (before, behind) = sql
        .split_once("JOIN contacts ")
        .expect("a statement that joins contacts");
    on_more(dialect, ddl).becomes(
        sql,
        &format!(
            "{before}JOIN (SELECT * FROM contacts WHERE contacts.deleted_at IS NULL) {behind}"
        ),
    );
}

#[track_caller]
fn is_refused(dialect: Dialect, ddl: &str, sql: &str, table: &str) {
    on_more(dialect, ddl).refuses_as(&scope(Active), sql, Code::CannotScope, table);
}

#[test]
fn the_first_inner_on_takes_the_condition() {
    // §1 Carry 1: "remember the first inner ON passed".
    for dialect in [Postgres, Sqlite] {
        on(dialect).becomes(
            "SELECT c.name FROM audit a FULL JOIN (contacts c JOIN audit b ON b.id = c.id JOIN audit d ON d.id = c.id) ON a.id = c.id",
            "SELECT c.name FROM audit a FULL JOIN (contacts c JOIN audit b ON c.deleted_at IS NULL AND (b.id = c.id) JOIN audit d ON d.id = c.id) ON a.id = c.id",
        );
    }
    on(Sqlite).becomes(
        "SELECT a.id FROM audit a LEFT JOIN (contacts c JOIN audit b ON b.id = c.id)",
        "SELECT a.id FROM audit a LEFT JOIN (contacts c JOIN audit b ON c.deleted_at IS NULL AND (b.id = c.id))",
    );
}

#[test]
fn a_single_table_in_parentheses_keeps_its_alias_in_mysql() {
    // §1 Qualifier: only SQLite loses it.
    on(Mysql).becomes(
        "SELECT a.line FROM audit a JOIN (contacts AS c)",
        "SELECT a.line FROM audit a JOIN (contacts AS c) WHERE c.deleted_at IS NULL",
    );
}

#[test]
fn the_parentheses_of_a_single_table_become_those_of_its_derived_table() {
    // MySQL 9.7 has no `((SELECT …) AS c)` in FROM; MariaDB has.
    for (table, derived) in [
        (
            "(contacts)",
            "(SELECT * FROM contacts WHERE contacts.deleted_at IS NULL) AS contacts",
        ),
        (
            "(contacts AS c)",
            "(SELECT * FROM contacts AS c WHERE c.deleted_at IS NULL) AS c",
        ),
        (
            "((contacts c USE INDEX (x)))",
            "((SELECT * FROM contacts c USE INDEX (x) WHERE c.deleted_at IS NULL)) AS c",
        ),
    ] {
        for from in [
            format!("audit a LEFT JOIN {table} USING (id)"),
            format!("{table} RIGHT JOIN audit a USING (id)"),
        ] {
            let sql = format!("SELECT a.line FROM {from}");
            on(Mysql).becomes(&sql, &sql.replace(table, derived));
        }
    }
}

#[test]
fn what_is_written_is_never_replaced() {
    // §1 Targets, MERGE.
    for wanted in [Verb::SoftDelete, Verb::Purge] {
        on(Mysql).refuses_as(
            &verb(wanted),
            "DELETE c FROM audit a LEFT JOIN contacts c USING (id)",
            Code::CannotScope,
            "contacts",
        );
    }
    let sql = "MERGE INTO contacts USING contacts ON TRUE WHEN MATCHED THEN UPDATE SET name = 'x'";
    is_refused(Postgres, "", sql, "contacts");
    let fault = on(Postgres).check(&scope(Active), sql).errors.remove(0);
    assert_eq!(fault.why, "the table that is written cannot be replaced");
}

#[test]
fn a_table_whose_name_another_has_too_is_not_replaced() {
    // SQLite reads two tables of one name, but `name.*` of a derived table among them is
    // ambiguous; PostgreSQL reads tables of two schemas, but no derived table beside them.
    for (alias, other) in [("c", "c"), ("`c`", "[c]"), ("c", "C")] {
        for from in [
            format!("contacts AS {alias}, (SELECT 1 AS id) AS {other}"),
            format!("contacts AS {alias} JOIN (audit a JOIN audit AS {other} ON 1) ON 1"),
        ] {
            for star in [format!("{alias}.*"), "1, *".to_owned()] {
                is_refused(
                    Sqlite,
                    "",
                    &format!("SELECT {star} FROM {from}"),
                    "contacts",
                );
            }
            let sql = format!("SELECT 1 FROM {from}");
            let derived = "(SELECT * FROM contacts WHERE contacts.deleted_at IS NULL)";
            on(Sqlite).becomes(&sql, &sql.replace("contacts", derived));
        }
        let hidden = format!("contacts AS {alias} JOIN (SELECT 1 AS id FROM audit AS {other}) d");
        on(Sqlite).becomes(
            &format!("SELECT 1 FROM {hidden}"),
            &format!("SELECT 1 FROM {hidden} WHERE {alias}.deleted_at IS NULL"),
        );
    }
    let ddl = "CREATE TABLE crm.contacts (id INTEGER PRIMARY KEY);";
    is_refused(
        Postgres,
        ddl,
        "SELECT 1 FROM contacts, crm.contacts",
        "contacts",
    );
    on_more(Postgres, ddl).becomes(
        "SELECT 1 FROM contacts, crm.contacts AS c",
        "SELECT 1 FROM contacts, crm.contacts AS c WHERE contacts.deleted_at IS NULL",
    );
}

#[test]
fn a_table_in_the_parentheses_of_its_namesake_is_not_replaced_in_sqlite() {
    // SQLite 3.51 reads a join in parentheses as `SELECT *` of it: "ambiguous column name: *.c.id".
    for inside in [
        "contacts AS c JOIN (audit a JOIN (SELECT 1 AS id) AS c ON 1) ON 1",
        "(audit a LEFT JOIN contacts AS c USING (id)) JOIN audit AS c ON 1",
        // Behind a join the alias in parentheses is lost.
        "audit AS contacts CROSS JOIN (contacts AS n)",
        "audit AS contacts CROSS JOIN ((contacts AS n))",
    ] {
        let sql = format!("SELECT 1 FROM audit x JOIN ({inside}) ON 1");
        is_refused(Sqlite, "", &sql, "contacts");
    }
    on(Sqlite).becomes(
        "SELECT 1 FROM audit AS contacts CROSS JOIN (contacts AS n)",
        "SELECT 1 FROM audit AS contacts CROSS JOIN (SELECT * FROM contacts AS n WHERE n.deleted_at IS NULL) AS contacts",
    );
    on(Sqlite).becomes(
        "SELECT 1 FROM audit x JOIN (audit AS n CROSS JOIN (contacts AS n)) ON 1",
        "SELECT 1 FROM audit x JOIN (audit AS n CROSS JOIN (SELECT * FROM contacts AS n WHERE n.deleted_at IS NULL) AS contacts) ON 1",
    );
}

#[test]
fn locks_pass_through_a_derived_table_in_postgres() {
    // §1 Replacement: "MySQL locking clauses".
    is_replaced(
        Postgres,
        "",
        "SELECT c.name FROM audit a LEFT JOIN contacts c USING (id) FOR UPDATE OF a",
    );
}

#[test]
fn every_system_column_needs_the_table() {
    // §1 Replacement: ctid, xmin, tableoid.
    for column in ["ctid", "xmin", "xmax", "cmin", "cmax", "tableoid"] {
        let sql = format!("SELECT c.{column} FROM audit a LEFT JOIN contacts c USING (id)");
        is_refused(Postgres, "", &sql, "contacts");
        // It is a name, not a text.
        let sql = format!(
            "SELECT a.id FROM audit a LEFT JOIN contacts c USING (id) WHERE a.line = '{column}'"
        );
        is_replaced(Postgres, "", &sql);
    }
    // Here it is a column of the table, and the derived table has it too.
    on_more(
        Sqlite,
        "CREATE TABLE things (id INTEGER PRIMARY KEY, oid INTEGER, deleted_at TEXT);",
    )
    .becomes(
        "SELECT t.oid FROM audit a LEFT JOIN things t USING (id)",
        "SELECT t.oid FROM audit a LEFT JOIN (SELECT * FROM things WHERE things.deleted_at IS NULL) t USING (id)",
    );
}

#[test]
fn only_a_whole_row_needs_the_table_not_a_column_or_function_of_its_name() {
    // §1 Replacement: "whole-row references".
    let plays = "CREATE TABLE plays (id INTEGER PRIMARY KEY, match TEXT, c TEXT);";
    for sql in [
        "SELECT p.match FROM plays p LEFT JOIN contacts c USING (id)",
        "SELECT p.c FROM plays p LEFT JOIN contacts c USING (id)",
        "SELECT lower(a.line) FROM audit a LEFT JOIN contacts lower USING (id)",
        "SELECT name FROM audit a LEFT JOIN contacts name USING (id)",
    ] {
        is_replaced(Postgres, plays, sql);
    }
    for dialect in [Sqlite, Mysql] {
        is_replaced(
            dialect,
            "CREATE TABLE plays (id INTEGER PRIMARY KEY, c TEXT);",
            "SELECT c FROM plays p LEFT JOIN contacts c USING (id)",
        );
    }
}

#[test]
fn an_invisible_column_needs_the_table_with_and_without_qualifier() {
    let hides = "CREATE TABLE hides (id INTEGER PRIMARY KEY, secret INTEGER INVISIBLE, deleted_at TIMESTAMP NULL);";
    for column in ["secret", "h.secret"] {
        let sql = format!("SELECT {column} FROM audit a LEFT JOIN hides h USING (id)");
        is_refused(Mysql, hides, &sql, "hides");
    }
    is_replaced(
        Mysql,
        hides,
        "SELECT a.secret FROM audit b LEFT JOIN contacts c USING (id) LEFT JOIN hides a ON a.id = b.id AND a.deleted_at IS NULL",
    );
}

#[test]
fn group_by_a_key_depends_on_the_table_in_postgres_only() {
    // §1 Replacement: "ungrouped columns that depend on T's key".
    for dialect in [Sqlite, Mysql] {
        is_replaced(
            dialect,
            "",
            "SELECT c.id, c.name FROM audit a LEFT JOIN contacts c USING (id) GROUP BY c.id",
        );
    }
    for sql in [
        "SELECT c.id FROM audit a LEFT JOIN contacts c USING (id) GROUP BY c.id HAVING max(c.name) = 'x'",
        "SELECT c.id FROM audit a LEFT JOIN contacts c USING (id) GROUP BY c.id ORDER BY c.name",
        "SELECT c.* FROM audit a LEFT JOIN contacts c USING (id) GROUP BY c.id",
    ] {
        is_refused(Postgres, "", sql, "contacts");
    }
    // Nothing else is selected, or it is in GROUP BY.
    for sql in [
        "SELECT a.id FROM audit a LEFT JOIN contacts c USING (id) GROUP BY a.id, c.email",
        "SELECT c.id, c.name FROM audit a LEFT JOIN contacts c USING (id) GROUP BY c.id, c.name",
        "SELECT c.id FROM audit a LEFT JOIN contacts c USING (id) GROUP BY c.id",
    ] {
        is_replaced(Postgres, "", sql);
    }
    // Part of a key is no key, and a text is no column.
    let pairs = "CREATE TABLE pairs (a INTEGER, b INTEGER, name TEXT, deleted_at TIMESTAMP, PRIMARY KEY (a, b));";
    is_refused(
        Postgres,
        pairs,
        "SELECT p.a, p.name FROM audit x LEFT JOIN pairs p USING (id) GROUP BY p.a, p.b",
        "pairs",
    );
    for group in ["p.a", "p.a, 'b'"] {
        let select = "SELECT p.a, max(p.name) FROM audit x LEFT JOIN";
        on_more(Postgres, pairs).becomes(
            &format!("{select} pairs p USING (id) GROUP BY {group}"),
            &format!("{select} (SELECT * FROM pairs WHERE pairs.deleted_at IS NULL) p USING (id) GROUP BY {group}"),
        );
    }
    // No key: nothing depends on it.
    on_more(
        Postgres,
        "CREATE TABLE keyless (id INTEGER, name TEXT, deleted_at TIMESTAMP);",
    )
    .becomes(
        "SELECT count(k.name) FROM audit a LEFT JOIN keyless k USING (id) GROUP BY a.id",
        "SELECT count(k.name) FROM audit a LEFT JOIN (SELECT * FROM keyless WHERE keyless.deleted_at IS NULL) k USING (id) GROUP BY a.id",
    );
}

#[test]
fn a_table_without_select_gets_one() {
    // `TABLE t` and SQLite's `x IN t` have no WHERE of their own.
    on(Postgres).becomes(
        "TABLE contacts ORDER BY id",
        "SELECT * FROM contacts WHERE contacts.deleted_at IS NULL ORDER BY id",
    );
    on(Mysql).becomes(
        "TABLE contacts",
        "SELECT * FROM contacts WHERE contacts.deleted_at IS NULL",
    );
    on(Sqlite).becomes(
        "SELECT line FROM audit WHERE id IN contacts AND id > 1",
        "SELECT line FROM audit WHERE id IN (SELECT * FROM contacts WHERE contacts.deleted_at IS NULL) AND id > 1",
    );
}

#[test]
fn a_derived_table_is_called_as_the_table_was() {
    on(Postgres).becomes(
        "SELECT a.id FROM audit a LEFT JOIN public.contacts USING (id)",
        "SELECT a.id FROM audit a LEFT JOIN (SELECT * FROM public.contacts WHERE public.contacts.deleted_at IS NULL) AS contacts USING (id)",
    );
    on(Sqlite).becomes(
        "SELECT a.id FROM audit a LEFT JOIN (main.contacts) USING (id)",
        "SELECT a.id FROM audit a LEFT JOIN (SELECT * FROM main.contacts WHERE main.contacts.deleted_at IS NULL) AS contacts USING (id)",
    );
    on(Sqlite).becomes(
        "SELECT a.id FROM audit a JOIN (contacts AS c) AS x",
        "SELECT a.id FROM audit a JOIN (SELECT * FROM contacts AS c WHERE c.deleted_at IS NULL) AS x",
    );
}

#[test]
fn a_new_on_stands_in_front_of_a_new_where() {
    on(Sqlite).becomes(
        "SELECT o.id FROM orders o LEFT JOIN contacts c",
        "SELECT o.id FROM orders o LEFT JOIN contacts c ON c.deleted_at IS NULL WHERE o.deleted_at IS NULL",
    );
}

#[test]
fn a_name_of_any_first_letter_stays_apart_from_the_keyword() {
    for (dialect, name) in [
        (Postgres, "_c"),
        (Sqlite, "_c"),
        (Mysql, "$c"),
        (Postgres, "\"C\""),
        (Mysql, "`C`"),
        (Postgres, "é"),
    ] {
        on(dialect).becomes(
            &format!("SELECT id FROM contacts {name} WHERE({name}.id = 1)"),
            &format!("SELECT id FROM contacts {name} WHERE {name}.deleted_at IS NULL AND (({name}.id = 1))"),
        );
    }
}

#[test]
fn a_namesake_is_in_the_way_only_where_a_star_is_expanded() {
    let derived = "(SELECT * FROM contacts WHERE contacts.deleted_at IS NULL) AS";
    // SQLite 3.40 takes what becomes of them.
    for sql in [
        "UPDATE audit SET line = 'x' FROM audit c LEFT JOIN contacts AS c USING (id)",
        "UPDATE audit AS c SET line = 'x' FROM (audit a LEFT JOIN contacts AS c USING (id))",
    ] {
        on(Sqlite).becomes(sql, &sql.replace("contacts AS", derived));
    }
    // Behind the alias of a join its tables are not seen.
    let sql =
        "SELECT 1 FROM (audit c NATURAL JOIN audit a) AS j LEFT JOIN contacts AS c USING (id)";
    on(Postgres).becomes(sql, &sql.replace("contacts AS", derived));
    // In MySQL parentheses keep the alias of a table.
    let sql = "SELECT 1 FROM audit AS contacts LEFT JOIN (contacts AS n) USING (id)";
    on(Mysql).becomes(
        sql,
        "SELECT 1 FROM audit AS contacts LEFT JOIN (SELECT * FROM contacts AS n WHERE n.deleted_at IS NULL) AS n USING (id)",
    );
}
