//! Writes marker tests into a statement by hand, as a careful developer would, and often enough
//! as a careless one.

use soft_delete_sql::Dialect;

use crate::{
    ast::{Constraint, Expr, From, JoinKind, Ref, Select, Statement},
    generate::live_test,
    walk::{Node, walk},
    world::{Marker, World},
};

/// Where a test belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// The ON of a join, by [`crate::ast::Join::id`].
    On(usize),
    Where,
    /// No condition of the block is equivalent to filtering the table first.
    Nowhere,
}

/// A reference on its way from its leaf to the top of its block.
#[derive(Debug, Clone)]
pub(crate) struct Carried {
    pub(crate) reference: Ref,
    /// The first inner ON that it passed.
    on: Option<usize>,
    place: Option<Place>,
}

impl Carried {
    pub(crate) fn place(&self) -> Place {
        self.place.unwrap_or(Place::Where)
    }
}

/// Where the test of each reference of a FROM belongs.
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
        From::Table(reference) => {
            let mut carried = beside;
            carried.push(Carried {
                reference: reference.clone(),
                on: None,
                place: None,
            });
            carried
        }
        From::Cte { .. } | From::Derived { .. } => beside,
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
                JoinKind::Inner | JoinKind::Cross => {
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

fn closed(expr: Expr) -> Expr {
    match expr {
        Expr::Any(_) => Expr::Paren(Box::new(expr)),
        expr => expr,
    }
}

/// Writes a test for every soft-deletable reference, or a wrong one.
pub(crate) fn prove(world: &World, statement: &mut Statement, rng: &mut fastrand::Rng) {
    let careless = rng.u8(..100) < 55;
    let mut prover = Prover {
        world,
        rng,
        careless,
    };
    walk(statement, &mut |node| match node {
        Node::Select(select) => {
            let Select { from, filter, .. } = select;
            prover.block(None, from, filter);
        }
        Node::Statement(Statement::Update(update)) => {
            prover.block(Some(&update.target), &mut update.from, &mut update.filter);
        }
        Node::Statement(Statement::Delete(delete)) => {
            prover.block(Some(&delete.target), &mut delete.using, &mut delete.filter);
        }
        _ => {}
    });
}

struct Prover<'a> {
    world: &'a World,
    rng: &'a mut fastrand::Rng,
    careless: bool,
}

impl Prover<'_> {
    fn block(&mut self, target: Option<&Ref>, from: &mut [From], filter: &mut Option<Expr>) {
        let mut all: Vec<(Ref, Place)> = places(self.world.dialect, from)
            .into_iter()
            .map(|carried| (carried.reference.clone(), carried.place()))
            .collect();
        if let Some(target) = target {
            all.push((target.clone(), Place::Where));
        }
        let ons: Vec<usize> = all
            .iter()
            .filter_map(|(_, place)| match place {
                Place::On(id) => Some(*id),
                Place::Where | Place::Nowhere => None,
            })
            .collect();
        for (reference, mut place) in all {
            let Some(marker) = self.world.tables[reference.table].marker else {
                continue;
            };
            let mut test = self.test(&reference, marker, reference.qualifier());
            if self.careless && self.rng.u8(..100) < 40 {
                match self.rng.u8(..9) {
                    0 | 1 => continue,
                    2 | 3 => place = Place::Where,
                    4 => test = Expr::Any(vec![test, Expr::literal("1 = 1")]),
                    5 => test = Expr::Paren(Box::new(test)).negated(),
                    6 => test = self.test(&reference, marker, ""),
                    7 => {
                        if let Some(id) = self.rng.choice(&ons) {
                            place = Place::On(*id);
                        }
                    }
                    _ => {
                        let column = Expr::column(Some(reference.qualifier()), marker.column());
                        test = Expr::binary(
                            Expr::literal("1"),
                            "=",
                            Expr::Case(
                                vec![(column.postfix("IS NULL"), Expr::literal("1"))],
                                Box::new(Expr::literal("0")),
                            ),
                        );
                    }
                }
            }
            let placed = match place {
                Place::On(id) => from.iter_mut().any(|item| put_on(item, id, &test)),
                Place::Where | Place::Nowhere => false,
            };
            if !placed {
                *filter = Some(Expr::and(filter.take().map(closed), closed(test)));
            }
        }
    }

    fn test(&mut self, reference: &Ref, marker: Marker, qualifier: &str) -> Expr {
        let named = |name: &'static str| {
            let columns = &self.world.tables[reference.table].columns;
            let at = columns.iter().position(|column| column.name == name);
            let renamed = at.and_then(|at| reference.columns.get(at));
            let qualifier = (!qualifier.is_empty()).then_some(qualifier);
            Expr::column(qualifier, renamed.map_or(name, String::as_str))
        };
        let column = named(marker.column());
        if marker == Marker::Custom {
            let status = named("status");
            return Expr::All(vec![
                column.postfix("IS NULL"),
                Expr::binary(status, "<>", Expr::literal("'archived'")),
            ]);
        }
        if self.rng.u8(..20) == 0 {
            return match marker {
                Marker::Time(_) | Marker::Custom => column.postfix("IS NOT NULL"),
                Marker::Bool => column.postfix("IS TRUE"),
                Marker::Int => Expr::binary(column, "<>", Expr::literal("0")),
            };
        }
        live_test(self.rng, column, marker)
    }
}
