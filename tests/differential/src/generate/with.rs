//! WITH: shadowing names, recursion, writes.

use super::{Env, Generator, Known, Visible, query::Outputs};
use crate::ast::{
    Body, Constraint, Cte, Expr, From, Item, Join, JoinKind, Query, Statement, Type, With,
};

impl Generator<'_> {
    /// WITH: names may shadow tables, and later names may be read where the dialect allows it.
    pub(super) fn with(&mut self, env: &mut Env, depth: u32) -> With {
        let mut with = With::default();
        let count = self.rng.usize(1..3);
        with.recursive = self.chance(30);
        let mut names = Vec::new();
        for _ in 0..count {
            let name = if self.chance(30) {
                self.world.tables[self.rng.usize(..8)].name.to_owned()
            } else {
                format!("q{}", self.number())
            };
            if !names.contains(&name) {
                names.push(name);
            }
        }
        // All names of the list are visible in all of it: SQLite, and RECURSIVE.
        let everywhere = with.recursive || self.is_sqlite();
        let before = env.clone();
        for name in &names {
            let mut inner = env.clone();
            if everywhere {
                inner.hidden.extend(names.iter().cloned());
            }
            inner.ctes.retain(|cte| {
                !names.contains(&cte.name) || {
                    !before.ctes.iter().any(|old| old.name == cte.name)
                }
            });
            let (cte, columns) = self.cte(&inner, name, with.recursive, depth);
            with.ctes.push(cte);
            env.ctes.retain(|known| known.name != *name);
            env.hidden.push(name.clone());
            env.ctes.push(Known {
                name: name.clone(),
                columns,
            });
        }
        // MariaDB reads a later name under RECURSIVE, MySQL does not: nobody can rely on it.
        if everywhere && !self.is_mysql() && self.rng.bool() {
            with.ctes.reverse();
        }
        with
    }

    fn cte(&mut self, env: &Env, name: &str, recursive: bool, depth: u32) -> (Cte, Outputs) {
        let materialized = match self.rng.u8(..10) {
            _ if self.is_mysql() => None,
            0 => Some(true),
            1 => Some(false),
            _ => None,
        };
        let mut cte = Cte {
            name: name.to_owned(),
            columns: Vec::new(),
            materialized,
            body: Box::new(Statement::Query(Query::default())),
        };
        if recursive && self.chance(75) {
            let columns = vec![("k".to_owned(), Type::Int), ("n".to_owned(), Type::Int)];
            cte.columns = columns.iter().map(|(name, _)| name.clone()).collect();
            cte.materialized = None;
            let query = self.recursion(env, name, &columns, depth);
            *cte.body = Statement::Query(query);
            return (cte, columns);
        }
        let writes = self.is_postgres() && env.frames.is_empty() && depth >= 3 && self.chance(12);
        if writes && let Some((statement, columns)) = self.returning_write(env) {
            cte.materialized = None;
            *cte.body = statement;
            return (cte, columns);
        }
        let (query, mut columns) = self.query(env, None, depth - 1, false);
        if self.chance(25) {
            for (name, _) in &mut columns {
                *name = format!("{name}_{}", self.number());
            }
            cte.columns = columns.iter().map(|(name, _)| name.clone()).collect();
        }
        *cte.body = Statement::Query(query);
        (cte, columns)
    }

    /// `SELECT k, 0 … UNION SELECT x, n + 1 FROM r JOIN …`
    fn recursion(&mut self, env: &Env, name: &str, columns: &Outputs, depth: u32) -> Query {
        let (from, visible) = self.tables(env, 1);
        let inner = env.with_frame(visible);
        let mut start = self.block(from);
        let number = |expr: Option<Expr>| expr.unwrap_or_else(|| Expr::literal("1"));
        let first = number(self.column(&inner, Type::Int));
        for expr in [first, Expr::literal("0")] {
            start.items.push(Item::Expr { expr, alias: None });
        }
        start.filter = self.filter(&inner, depth.min(1));

        let mut taken = Vec::new();
        let known = Known {
            name: name.to_owned(),
            columns: columns.clone(),
        };
        let (own, own_columns) = self.cte_item(known, &mut taken);
        let (other, other_columns) = self.item(env, 1, &mut taken, &[]);
        let own_relation = own_columns[0].relation.clone();
        let local: Vec<Visible> = own_columns
            .into_iter()
            .chain(other_columns.iter().cloned())
            .collect();
        let inner = env.with_frame(local);
        let key = self.column_in(&other_columns, |column| {
            column.ty == Type::Int && column.relation.is_some()
        });
        let on = Expr::binary(Expr::column(own_relation.as_deref(), "k"), "=", number(key));
        let limit = Expr::binary(
            Expr::column(own_relation.as_deref(), "n"),
            "<",
            Expr::literal("2"),
        );
        let mut step = self.block(Vec::new());
        // By its qualifier: the other side has columns of these names.
        let mut named = other_columns;
        for column in &mut named {
            column.covered = true;
        }
        let value = number(self.column(&env.with_frame(named), Type::Int));
        let next = Expr::binary(
            Expr::column(own_relation.as_deref(), "n"),
            "+",
            Expr::literal("1"),
        );
        for expr in [value, next] {
            step.items.push(Item::Expr { expr, alias: None });
        }
        let mut filter = limit;
        if self.chance(25) {
            step.from = vec![own, other];
            filter = Expr::All(vec![on, filter]);
        } else {
            let kind = self.one([JoinKind::Inner, JoinKind::Inner, JoinKind::Left]);
            let right = match other {
                From::Join(_) => From::Paren {
                    inner: Box::new(other),
                    alias: None,
                },
                other => other,
            };
            step.from = vec![From::Join(Box::new(Join {
                id: self.number(),
                kind,
                left: own,
                right,
                constraint: Constraint::On(on),
            }))];
        }
        if self.chance(30) {
            let more = self.expr(&inner, Type::Bool, 1);
            filter = Expr::All(vec![filter, Expr::Paren(Box::new(more))]);
        }
        step.filter = Some(filter);
        Query {
            body: Body::Combine {
                op: if self.chance(80) {
                    "UNION"
                } else {
                    "UNION ALL"
                },
                left: Box::new(Body::Select(Box::new(start))),
                right: Box::new(Body::Select(Box::new(step))),
            },
            ..Query::default()
        }
    }
}
