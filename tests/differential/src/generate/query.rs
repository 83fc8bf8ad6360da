//! Queries: WITH, set operations, SELECT with every clause.

use super::{Env, Generator, select::outputs_of};
use crate::ast::{Body, Expr, Item, Query, Type};

/// The columns of a result.
pub(super) type Outputs = Vec<(String, Type)>;

impl Generator<'_> {
    /// A query; with `want`, its columns have these types.
    pub(super) fn query(
        &mut self,
        env: &Env,
        want: Option<&[Type]>,
        depth: u32,
        top: bool,
    ) -> (Query, Outputs) {
        let mut query = Query::default();
        let mut env = env.clone();
        // A WITH inside of another ends MariaDB too often to go on.
        let may_have_with = depth > 0 && (top || !self.is_mysql());
        if may_have_with && self.chance(if top { 30 } else { 7 }) {
            query.with = self.with(&mut env, depth);
        }
        let (body, outputs) = self.body(&env, want, depth);
        query.body = body;
        if self.chance(if top { 35 } else { 15 }) {
            let mut positions: Vec<usize> = (1..=outputs.len()).collect();
            let distinct_on =
                matches!(&query.body, Body::Select(select) if select.distinct_on.is_some());
            if !distinct_on {
                self.rng.shuffle(&mut positions);
            }
            query.order = positions
                .into_iter()
                .map(|at| (at, self.rng.bool()))
                .collect();
            if self.chance(55) {
                let offset = u32::from(self.chance(30));
                query.limit = Some((self.rng.u32(1..5), offset));
                if self.budget > 0 && !self.is_mysql() && self.chance(12) {
                    query.limit_by = Some(Box::new(self.count(&env)));
                }
            }
        } else if matches!(&query.body, Body::Select(select) if select.distinct_on.is_some()) {
            query.order = (1..=outputs.len()).map(|at| (at, false)).collect();
        }
        if let Body::Select(select) = &mut query.body {
            if query.order.is_empty() {
                select.sort = None;
            } else if self.is_mysql() {
                // MariaDB has no order behind ROLLUP.
                select.grouping = None;
            }
        }
        if !self.is_sqlite() && self.chance(3) {
            let lock = if self.is_mysql() {
                self.one(["FOR UPDATE", "LOCK IN SHARE MODE", "FOR UPDATE SKIP LOCKED"])
            } else {
                self.one(["FOR UPDATE", "FOR SHARE", "FOR NO KEY UPDATE SKIP LOCKED"])
            };
            let plain = matches!(&query.body, Body::Select(select)
                if select.group.is_empty() && !select.distinct && !select.from.is_empty());
            query.lock = plain.then(|| lock.to_owned());
        }
        (query, outputs)
    }

    /// A query of one row and one column.
    pub(super) fn single(&mut self, env: &Env, ty: Type, depth: u32) -> Query {
        if self.chance(60) {
            let (from, columns) = self.tables(env, depth.min(1));
            let env = env.with_frame(columns);
            let mut select = self.block(from);
            let expr = self.aggregate(&env, ty, depth);
            select.items.push(Item::Expr { expr, alias: None });
            select.filter = self.filter(&env, depth);
            return Query {
                body: Body::Select(Box::new(select)),
                ..Query::default()
            };
        }
        let (mut query, _) = self.query(env, Some(&[ty]), depth, false);
        query.order = vec![(1, self.rng.bool())];
        query.limit = Some((1, 0));
        query.limit_by = None;
        query.lock = None;
        if let Body::Select(select) = &mut query.body
            && self.is_mysql()
        {
            select.grouping = None;
        }
        query
    }

    /// `SELECT count(*) FROM …`
    fn count(&mut self, env: &Env) -> Query {
        // LIMIT sees no column.
        let mut env = env.clone();
        env.frames = Vec::new();
        let (from, columns) = self.tables(&env, 0);
        let inner = env.with_frame(columns);
        let mut select = self.block(from);
        select.items.push(Item::Expr {
            expr: Expr::call("count", vec![Expr::literal("*")]),
            alias: None,
        });
        select.filter = self.filter(&inner, 1);
        Query {
            body: Body::Select(Box::new(select)),
            ..Query::default()
        }
    }

    pub(super) fn body(&mut self, env: &Env, want: Option<&[Type]>, depth: u32) -> (Body, Outputs) {
        if depth > 0 && self.chance(14) {
            let types = match want {
                Some(types) => types.to_vec(),
                None => self.types(),
            };
            let (mut left, outputs) = self.arm(env, &types, depth);
            for _ in 0..self.rng.usize(1..3) {
                let op = self.one(["UNION", "UNION ALL", "EXCEPT", "INTERSECT"]);
                let mut right = self.arm(env, &types, depth).0;
                // MariaDB 10.11 forgets such an arm, or rows of it, in a subquery with ORDER BY and
                // LIMIT.
                for arm in [&mut left, &mut right] {
                    if let (Body::Select(select), true) = (arm, self.is_mysql()) {
                        select.distinct = false;
                    }
                }
                left = Body::Combine {
                    op,
                    left: Box::new(left),
                    right: Box::new(right),
                };
            }
            return (left, outputs);
        }
        if want.is_none() && self.is_postgres() && self.chance(2) {
            let mut taken = vec!["\u{0}".to_owned()];
            let reference = self.reference(env, &mut taken);
            if let Some(mut reference) = reference {
                reference.alias = None;
                reference.hint = crate::ast::Hint::None;
                let columns = self.columns_of(&reference);
                return (Body::Table(reference), outputs_of(&columns));
            }
        }
        let (select, outputs) = self.select(env, want, depth);
        (Body::Select(Box::new(select)), outputs)
    }

    fn arm(&mut self, env: &Env, types: &[Type], depth: u32) -> (Body, Outputs) {
        if !self.is_sqlite() && self.chance(12) {
            let (query, outputs) = self.query(env, Some(types), depth - 1, false);
            return (Body::Paren(Box::new(query)), outputs);
        }
        if self.is_postgres() && self.chance(5) {
            let row = types.iter().map(|ty| self.expr(env, *ty, 0)).collect();
            let outputs = types.iter().map(|ty| (self.name(*ty), *ty)).collect();
            return (Body::Values(vec![row]), outputs);
        }
        let (select, outputs) = self.select(env, Some(types), depth - 1);
        (Body::Select(Box::new(select)), outputs)
    }
}
