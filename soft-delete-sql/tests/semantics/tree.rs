//! §1: the join tree, and how far a condition is carried up in it.

use crate::setup::{ALL, Mysql, Postgres, Sqlite, on};

#[test]
fn inner_joins_of_every_spelling_pass_the_condition_up_to_where() {
    // §1 Tree: INNER, CROSS, comma, NATURAL INNER and STRAIGHT_JOIN are inner.
    for &dialect in ALL {
        for join in [
            "contacts c JOIN audit a ON a.contact_id = c.id",
            "contacts c INNER JOIN audit a ON a.contact_id = c.id",
            "audit a CROSS JOIN contacts c",
            "contacts c, audit a",
            "contacts c NATURAL JOIN audit a",
            "contacts c NATURAL INNER JOIN audit a",
            "contacts c JOIN audit a USING (id)",
        ] {
            on(dialect).becomes(
                &format!("SELECT a.line FROM {join}"),
                &format!("SELECT a.line FROM {join} WHERE c.deleted_at IS NULL"),
            );
        }
    }
    on(Mysql).becomes(
        "SELECT a.line FROM contacts c STRAIGHT_JOIN audit a ON a.contact_id = c.id",
        "SELECT a.line FROM contacts c STRAIGHT_JOIN audit a ON a.contact_id = c.id WHERE c.deleted_at IS NULL",
    );
}

#[test]
fn the_comma_binds_as_join_in_sqlite_and_weaker_elsewhere() {
    // §1 Tree: `FROM a, b RIGHT JOIN c` differs.
    let sql = "SELECT a.line FROM orders o, contacts c RIGHT JOIN audit a ON a.contact_id = c.id";
    on(Sqlite).becomes(
        sql,
        "SELECT a.line FROM orders o, contacts c RIGHT JOIN audit a ON o.deleted_at IS NULL AND c.deleted_at IS NULL AND (a.contact_id = c.id)",
    );
    for dialect in [Postgres, Mysql] {
        on(dialect).becomes(
            sql,
            "SELECT a.line FROM orders o, contacts c RIGHT JOIN audit a ON c.deleted_at IS NULL AND (a.contact_id = c.id) WHERE o.deleted_at IS NULL",
        );
    }
}

#[test]
fn the_comma_is_left_associative_in_sqlite() {
    // §1 Tree: `a LEFT JOIN b ON p, c LEFT JOIN d ON q`.
    on(Sqlite).becomes(
        "SELECT a.line FROM audit a LEFT JOIN contacts c ON c.id = a.contact_id, orders o LEFT JOIN notes n ON n.contact_id = o.contact_id",
        "SELECT a.line FROM audit a LEFT JOIN contacts c ON c.deleted_at IS NULL AND (c.id = a.contact_id), orders o LEFT JOIN notes n ON NOT n.is_deleted AND (n.contact_id = o.contact_id) WHERE o.deleted_at IS NULL",
    );
}

#[test]
fn the_preserved_side_of_an_outer_join_passes_up() {
    // §1 Carry 1.
    for &dialect in ALL {
        on(dialect).becomes(
            "SELECT c.id FROM contacts c LEFT JOIN audit a ON a.contact_id = c.id",
            "SELECT c.id FROM contacts c LEFT JOIN audit a ON a.contact_id = c.id WHERE c.deleted_at IS NULL",
        );
        on(dialect).becomes(
            "SELECT c.id FROM audit a RIGHT OUTER JOIN contacts c ON a.contact_id = c.id",
            "SELECT c.id FROM audit a RIGHT OUTER JOIN contacts c ON a.contact_id = c.id WHERE c.deleted_at IS NULL",
        );
    }
}

#[test]
fn the_nullable_side_goes_into_on() {
    // §1 Carry 2.
    for &dialect in ALL {
        on(dialect).becomes(
            "SELECT a.id FROM audit a LEFT JOIN contacts c ON c.id = a.contact_id OR c.id = 0",
            "SELECT a.id FROM audit a LEFT JOIN contacts c ON c.deleted_at IS NULL AND (c.id = a.contact_id OR c.id = 0)",
        );
        on(dialect).becomes(
            "SELECT a.id FROM contacts c RIGHT JOIN audit a ON c.id = a.contact_id",
            "SELECT a.id FROM contacts c RIGHT JOIN audit a ON c.deleted_at IS NULL AND (c.id = a.contact_id)",
        );
    }
}

#[test]
fn each_side_of_a_left_join_gets_its_own_place() {
    // §1 Carry 1, 2 and 4 in one block.
    for &dialect in ALL {
        on(dialect).becomes(
            "SELECT c.id FROM contacts c LEFT JOIN orders o ON o.contact_id = c.id WHERE c.name = 'x'",
            "SELECT c.id FROM contacts c LEFT JOIN orders o ON o.deleted_at IS NULL AND (o.contact_id = c.id) WHERE c.deleted_at IS NULL AND (c.name = 'x')",
        );
    }
}

#[test]
fn a_left_join_inside_the_nullable_side_keeps_each_condition_at_its_own_join() {
    // §1 Carry 2: the nearest join on whose nullable side it stands.
    for &dialect in ALL {
        on(dialect).becomes(
            "SELECT a.id FROM audit a LEFT JOIN (contacts c LEFT JOIN orders o ON o.contact_id = c.id) ON c.id = a.contact_id",
            "SELECT a.id FROM audit a LEFT JOIN (contacts c LEFT JOIN orders o ON o.deleted_at IS NULL AND (o.contact_id = c.id)) ON c.deleted_at IS NULL AND (c.id = a.contact_id)",
        );
    }
}

#[test]
fn an_inner_join_behind_a_left_join_does_not_take_its_condition() {
    // §1 Carry: `a LEFT JOIN b ON p JOIN c ON q`: b stays in p; a and c go to WHERE.
    for &dialect in ALL {
        on(dialect).becomes(
            "SELECT c.id FROM contacts c LEFT JOIN notes n ON n.contact_id = c.id JOIN orders o ON o.contact_id = c.id",
            "SELECT c.id FROM contacts c LEFT JOIN notes n ON NOT n.is_deleted AND (n.contact_id = c.id) JOIN orders o ON o.contact_id = c.id WHERE c.deleted_at IS NULL AND o.deleted_at IS NULL",
        );
    }
}

#[test]
fn a_right_join_makes_everything_before_it_nullable() {
    // §1 Carry 2: both operands of the inner join go into the ON of the RIGHT JOIN, in source order.
    for &dialect in ALL {
        on(dialect).becomes(
            "SELECT f.id FROM contacts c JOIN orders o ON o.contact_id = c.id RIGHT JOIN files f ON f.id = o.id",
            "SELECT f.id FROM contacts c JOIN orders o ON o.contact_id = c.id RIGHT JOIN files f ON c.deleted_at IS NULL AND o.deleted_at IS NULL AND (f.id = o.id) WHERE f.is_deleted = 0",
        );
    }
}

#[test]
fn the_nullable_side_without_on_uses_the_inner_on_it_passed() {
    // §1 Carry 2: "else into D if set".
    for &dialect in ALL {
        on(dialect).becomes(
            "SELECT a.line FROM audit a LEFT JOIN (contacts c JOIN orders o ON o.contact_id = c.id) USING (contact_id)",
            "SELECT a.line FROM audit a LEFT JOIN (contacts c JOIN orders o ON c.deleted_at IS NULL AND o.deleted_at IS NULL AND (o.contact_id = c.id)) USING (contact_id)",
        );
    }
}

#[test]
fn the_nullable_side_of_using_is_replaced() {
    // §1 Carry 2: "else replace".
    for &dialect in ALL {
        on(dialect).becomes(
            "SELECT a.line, c.name FROM audit a LEFT JOIN contacts c USING (id)",
            "SELECT a.line, c.name FROM audit a LEFT JOIN (SELECT * FROM contacts WHERE contacts.deleted_at IS NULL) c USING (id)",
        );
        on(dialect).becomes(
            "SELECT line, contacts.name FROM audit NATURAL LEFT JOIN contacts",
            "SELECT line, contacts.name FROM audit NATURAL LEFT JOIN (SELECT * FROM contacts WHERE contacts.deleted_at IS NULL) AS contacts",
        );
    }
}

#[test]
fn sqlite_allows_a_left_join_without_constraint() {
    // §1 Carry 2: SQLite's LEFT JOIN without constraint may take `ON f`.
    on(Sqlite).becomes(
        "SELECT a.line, c.name FROM audit a LEFT JOIN contacts c",
        "SELECT a.line, c.name FROM audit a LEFT JOIN contacts c ON c.deleted_at IS NULL",
    );
}

#[test]
fn full_join_replaces_both_sides() {
    // §1 Carry 3.
    for dialect in [Postgres, Sqlite] {
        on(dialect).becomes(
            "SELECT c.name, o.total FROM contacts c FULL JOIN orders AS o ON o.contact_id = c.id",
            "SELECT c.name, o.total FROM (SELECT * FROM contacts WHERE contacts.deleted_at IS NULL) c FULL JOIN (SELECT * FROM orders WHERE orders.deleted_at IS NULL) AS o ON o.contact_id = c.id",
        );
    }
}

#[test]
fn full_join_uses_the_inner_on_that_was_passed() {
    // §1 Carry 3: "into D if set".
    for dialect in [Postgres, Sqlite] {
        on(dialect).becomes(
            "SELECT c.name FROM (contacts c JOIN audit a ON a.contact_id = c.id) FULL JOIN audit b ON b.id = a.id",
            "SELECT c.name FROM (contacts c JOIN audit a ON c.deleted_at IS NULL AND (a.contact_id = c.id)) FULL JOIN audit b ON b.id = a.id",
        );
    }
}

#[test]
fn full_join_above_a_left_join_leaves_the_nullable_side_in_its_on() {
    // §1 Carry 2 stops before 3 is reached.
    for dialect in [Postgres, Sqlite] {
        on(dialect).becomes(
            "SELECT b.id FROM audit a LEFT JOIN contacts c ON c.id = a.contact_id FULL JOIN audit b ON b.id = a.id",
            "SELECT b.id FROM audit a LEFT JOIN contacts c ON c.deleted_at IS NULL AND (c.id = a.contact_id) FULL JOIN audit b ON b.id = a.id",
        );
    }
}

#[test]
fn a_nested_join_without_parentheses_is_read_from_its_on_clauses() {
    // §1 Tree: `a LEFT JOIN b JOIN c ON p ON q` is a LEFT JOIN (b JOIN c ON p) ON q.
    for dialect in [Postgres, Mysql] {
        on(dialect).becomes(
            "SELECT a.id FROM audit a LEFT JOIN contacts c JOIN orders o ON o.contact_id = c.id ON c.id = a.contact_id",
            "SELECT a.id FROM audit a LEFT JOIN contacts c JOIN orders o ON o.contact_id = c.id ON c.deleted_at IS NULL AND o.deleted_at IS NULL AND (c.id = a.contact_id)",
        );
    }
}
