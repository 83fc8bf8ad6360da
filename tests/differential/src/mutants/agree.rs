//! Makes the conditions of a statement agree with rows that are all alike. What the generator
//! writes is mostly satisfied by no rows at all, and behind a condition that never holds no
//! predicate matters. Joins, blocks and clauses stay as they are.

use crate::{
    ast::{Body, Expr, Query, Statement},
    walk::{Node, walk},
};

/// The number, the text and the day that all rows have.
pub(super) const NUMBER: &str = "1";
pub(super) const TEXT: &str = "'a'";
pub(super) const DAY: &str = "2";

/// Columns whose tests are ours to write.
const MARKERS: [&str; 5] = [
    "deleted_at",
    "removed_at",
    "is_deleted",
    "removed",
    "purged_at",
];

pub(super) fn agree(statement: &mut Statement, rng: &mut fastrand::Rng) {
    let written = statement.clone();
    agree_conditions(statement, rng);
    match (statement, written) {
        // What is inserted must have keys of its own, and what is assigned must be something new.
        (Statement::Insert(insert), Statement::Insert(written)) => {
            match (&mut insert.source.body, written.source.body) {
                (Body::Select(select), Body::Select(written)) => select.items = written.items,
                (body, written) => *body = written,
            }
            if let (Some(conflict), Some(written)) = (&mut insert.conflict, written.conflict) {
                conflict.set = written.set;
            }
        }
        (Statement::Update(update), Statement::Update(written)) => {
            update.set = written.set;
            for (name, value) in &mut update.set {
                if matches!(value, Expr::Column { name: own, .. } if own == name) {
                    *value = Expr::literal(if name == "s" { "'z'" } else { "7" });
                }
            }
        }
        _ => {}
    }
}

fn agree_conditions(statement: &mut Statement, rng: &mut fastrand::Rng) {
    walk(statement, &mut |node| match node {
        Node::Expr(expr) => agree_expr(expr),
        // What is alike is gone behind EXCEPT.
        Node::Body(Body::Combine { op, .. }) if *op == "EXCEPT" && rng.u8(..4) > 0 => {
            *op = "UNION ALL";
        }
        Node::Query(query) => agree_query(query, rng),
        Node::Select(select) if rng.u8(..4) > 0 => select.having = None,
        _ => {}
    });
}

fn agree_query(query: &mut Query, rng: &mut fastrand::Rng) {
    if let Some((limit, offset)) = &mut query.limit
        && rng.u8(..4) > 0
    {
        *limit += 5;
        *offset = 0;
        query.limit_by = None;
    }
}

fn agree_expr(expr: &mut Expr) {
    while let Expr::Not(inner) = expr {
        *expr = std::mem::replace(&mut **inner, truth());
    }
    // What is computed differs from what is stored.
    while let Expr::Binary(left, "+" | "-" | "*" | "||", _) = expr {
        *expr = std::mem::replace(&mut **left, truth());
    }
    match expr {
        Expr::Literal(text) => {
            if text.parse::<i32>().is_ok() {
                NUMBER.clone_into(text);
            } else if text.starts_with('\'') && !text.contains(':') {
                TEXT.clone_into(text);
            }
        }
        Expr::Postfix(value, test) if tests_marker(value) || test.contains("NULL") => {
            *expr = truth();
        }
        Expr::Binary(left, op, right) => {
            if tests_marker(left) || tests_marker(right) || is_test(left) {
                *expr = truth();
            } else if matches!(*op, "<" | ">" | "<>" | "<=" | ">=") || op.starts_with("IS") {
                *op = "=";
            }
        }
        Expr::In(_, negated, _) | Expr::InQuery(_, negated, _) | Expr::Exists(negated, _) => {
            *negated = false;
        }
        Expr::Quantified(_, op, _) => *op = "= ANY",
        _ => {}
    }
}

fn truth() -> Expr {
    Expr::binary(Expr::literal(NUMBER), "=", Expr::literal(NUMBER))
}

fn tests_marker(expr: &Expr) -> bool {
    matches!(expr, Expr::Column { name, .. } if MARKERS.contains(&name.as_str()))
}

fn is_test(expr: &Expr) -> bool {
    matches!(expr, Expr::Postfix(..))
}
