//! Where in a block a condition on one item is equivalent to filtering that item first.

use soft_delete_sql::Dialect;

use crate::ast::{Constraint, Expr, From, JoinKind};

/// Where a test belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// The ON of a join, by [`crate::ast::Join::id`].
    On(usize),
    Where,
    /// No condition of the block is equivalent to filtering the table first.
    Nowhere,
}

/// A table, CTE or derived table on its way to the top of its block.
#[derive(Debug, Clone)]
pub(crate) struct Carried {
    /// Never a join or parentheses.
    pub(crate) item: From,
    /// The first inner ON that it passed.
    on: Option<usize>,
    place: Option<Place>,
}

impl Carried {
    pub(crate) fn place(&self) -> Place {
        self.place.unwrap_or(Place::Where)
    }
}

/// Where the test of each item of a FROM belongs.
pub(crate) fn places(dialect: Dialect, from: &[From]) -> Vec<Carried> {
    let mut carried = Vec::new();
    for item in from {
        if dialect == Dialect::Sqlite {
            // The comma binds as tightly as JOIN: what stands before it is part of the left side.
            carried = carry(item, carried);
        } else {
            carried.extend(carry(item, Vec::new()));
        }
    }
    carried
}

fn carry(from: &From, beside: Vec<Carried>) -> Vec<Carried> {
    match from {
        From::Table(_) | From::Cte { .. } | From::Derived { .. } => {
            let mut carried = beside;
            carried.push(Carried {
                item: from.clone(),
                on: None,
                place: None,
            });
            carried
        }
        From::Paren { inner, alias } => {
            let mut carried = carry(inner, Vec::new());
            if alias.is_some() {
                // Its name is not visible outside.
                stop(&mut carried, None);
            }
            carried.extend(beside);
            carried
        }
        From::Join(join) => {
            let mut left = carry(&join.left, beside);
            let mut right = carry(&join.right, Vec::new());
            let on = matches!(join.constraint, Constraint::On(_)).then_some(join.id);
            match join.kind {
                JoinKind::Inner | JoinKind::Straight | JoinKind::Cross => {
                    for carried in left.iter_mut().chain(&mut right) {
                        carried.on = carried.on.or(on);
                    }
                }
                JoinKind::Left => stop(&mut right, on),
                JoinKind::Right => stop(&mut left, on),
                JoinKind::Full => {
                    stop(&mut left, None);
                    stop(&mut right, None);
                }
            }
            left.extend(right);
            left
        }
    }
}

/// These references can be carried no further.
fn stop(carried: &mut [Carried], on: Option<usize>) {
    for reference in carried {
        let place = on.or(reference.on).map_or(Place::Nowhere, Place::On);
        reference.place.get_or_insert(place);
    }
}

/// Puts a condition at its place in a FROM; false when that place is not here.
pub(crate) fn put_on(from: &mut From, id: usize, condition: &Expr) -> bool {
    match from {
        From::Join(join) => {
            if join.id == id
                && let Constraint::On(on) = &mut join.constraint
            {
                let old = std::mem::replace(on, Expr::literal(""));
                *on = Expr::and(Some(closed(old)), condition.clone());
                return true;
            }
            put_on(&mut join.left, id, condition) || put_on(&mut join.right, id, condition)
        }
        From::Paren { inner, .. } => put_on(inner, id, condition),
        From::Table(_) | From::Cte { .. } | From::Derived { .. } => false,
    }
}

/// A condition that more can be added to by AND.
pub(crate) fn closed(expr: Expr) -> Expr {
    match expr {
        Expr::Any(_) => Expr::Paren(Box::new(expr)),
        expr => expr,
    }
}
