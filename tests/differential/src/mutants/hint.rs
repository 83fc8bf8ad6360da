//! What the conditions of a statement ask of rows, as far as a glance tells. Hints steer the
//! search for witnesses; a wrong one costs a try.

use crate::{
    ast::{Body, Constraint, Expr, From, Item, Statement},
    walk::{self, Node, walk},
    world::World,
};

/// A column of a base table, both by index.
pub(super) type Place = (usize, usize);

/// `left op right`
#[derive(Debug, Clone)]
pub(super) struct Hint {
    pub(super) left: Vec<Place>,
    pub(super) op: Op,
    pub(super) right: Side,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Op {
    Equal,
    Less,
    More,
    Other,
}

#[derive(Debug, Clone)]
pub(super) enum Side {
    /// One of these columns: which, a name may leave open.
    Columns(Vec<Place>),
    Literal(String),
}

/// The base tables that a statement reads, views looked through.
pub(super) fn tables(world: &World, statement: &Statement) -> Vec<usize> {
    let mut found: Vec<usize> = walk::references(statement)
        .iter()
        .map(|reference| base(world, reference.table))
        .collect();
    found.sort_unstable();
    found.dedup();
    found
}

fn base(world: &World, table: usize) -> usize {
    world.tables[table].view_of.map_or(table, |(of, _)| of)
}

pub(super) fn hints(world: &World, statement: &Statement) -> Vec<Hint> {
    let names = Names::of(world, statement);
    let mut found = Vec::new();
    walk(&mut statement.clone(), &mut |node| match node {
        Node::Expr(expr) => names.expr(expr, &mut found),
        Node::Body(Body::Combine { left, right, .. }) => {
            for (left, right) in items(left).into_iter().zip(items(right)) {
                names.compare(left, Op::Equal, right, &mut found);
            }
        }
        Node::From(From::Join(join)) => match &join.constraint {
            Constraint::Using(columns) => {
                for name in columns {
                    names.shared(name, &mut found);
                }
            }
            Constraint::Natural => {
                for name in ["id", "k", "v", "s", "code", "deleted_at", "removed_at"] {
                    names.shared(name, &mut found);
                }
            }
            Constraint::None | Constraint::On(_) => {}
        },
        _ => {}
    });
    found
}

struct Names<'w> {
    world: &'w World,
    /// Qualifiers with the base tables they may stand for.
    qualifiers: Vec<(String, usize)>,
    tables: Vec<usize>,
}

impl<'w> Names<'w> {
    fn of(world: &'w World, statement: &Statement) -> Self {
        Self {
            world,
            qualifiers: walk::references(statement)
                .iter()
                .map(|reference| {
                    let name = reference.qualifier().to_lowercase();
                    (name, base(world, reference.table))
                })
                .collect(),
            tables: tables(world, statement),
        }
    }

    /// The columns that an expression may name.
    fn places(&self, expr: &Expr) -> Vec<Place> {
        let Expr::Column { qualifier, name } = expr else {
            return Vec::new();
        };
        let qualifier = qualifier.as_ref().map(|qualifier| qualifier.to_lowercase());
        let mut tables: Vec<usize> = self
            .qualifiers
            .iter()
            .filter(|(known, _)| Some(known) == qualifier.as_ref())
            .map(|(_, table)| *table)
            .collect();
        // A bare name, or one of a CTE or derived table.
        if tables.is_empty() {
            tables.clone_from(&self.tables);
        }
        let name = if name == "rowid" { "id" } else { name };
        self.named(&tables, name)
    }

    fn named(&self, tables: &[usize], name: &str) -> Vec<Place> {
        let mut found = Vec::new();
        for table in tables {
            let columns = &self.world.tables[*table].columns;
            found.extend(
                columns
                    .iter()
                    .position(|c| c.name == name)
                    .map(|at| (*table, at)),
            );
        }
        found
    }

    fn shared(&self, name: &str, found: &mut Vec<Hint>) {
        let places = self.named(&self.tables, name);
        for pair in places.windows(2) {
            found.push(Hint {
                left: vec![pair[0]],
                op: Op::Equal,
                right: Side::Columns(vec![pair[1]]),
            });
        }
    }

    fn expr(&self, expr: &Expr, found: &mut Vec<Hint>) {
        let mut add = |left: &Expr, op: Op, right: &Expr| self.compare(left, op, right, found);
        match expr {
            Expr::Binary(left, op, right) => {
                let op = match *op {
                    "<" => Op::Less,
                    ">" => Op::More,
                    "<>" | "IS NOT" | "IS DISTINCT FROM" => Op::Other,
                    _ => Op::Equal,
                };
                add(left, op, right);
            }
            Expr::Between(value, low, high) => {
                add(value, Op::Equal, low);
                add(value, Op::Equal, high);
            }
            Expr::In(value, _, list) => list.iter().for_each(|item| add(value, Op::Equal, item)),
            Expr::InQuery(value, _, query) | Expr::Quantified(value, _, query) => {
                if let Some(first) = items(&query.body).first() {
                    add(value, Op::Equal, first);
                }
            }
            _ => {}
        }
    }

    fn compare(&self, left: &Expr, op: Op, right: &Expr, found: &mut Vec<Hint>) {
        let places = self.places(left);
        if places.is_empty() {
            if !self.places(right).is_empty() && matches!(left, Expr::Literal(_)) {
                let turned = match op {
                    Op::Less => Op::More,
                    Op::More => Op::Less,
                    op => op,
                };
                self.compare(right, turned, left, found);
            }
            return;
        }
        let right = match right {
            Expr::Literal(text) => Side::Literal(text.clone()),
            right => match self.places(right) {
                places if places.is_empty() => return,
                places => Side::Columns(places),
            },
        };
        found.push(Hint {
            left: places,
            op,
            right,
        });
    }
}

/// What a query returns, where it says so.
fn items(body: &Body) -> Vec<&Expr> {
    match body {
        Body::Select(select) => select
            .items
            .iter()
            .filter_map(|item| match item {
                Item::Expr { expr, .. } => Some(expr),
                Item::Star | Item::QualifiedStar(_) => None,
            })
            .collect(),
        Body::Combine { left, .. } => items(left),
        Body::Paren(query) => items(&query.body),
        Body::Values(_) | Body::Table(_) => Vec::new(),
    }
}
