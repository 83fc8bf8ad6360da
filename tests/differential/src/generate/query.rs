//! Queries: WITH, set operations, SELECT with every clause.

use super::{Env, Generator, Known, Visible};
use crate::ast::{
    Body, Constraint, Cte, Expr, From, Item, Join, JoinKind, Query, Select, Statement, Type,
};

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
        if depth > 0 && self.chance(if top { 30 } else { 7 }) {
            self.with(&mut env, &mut query, depth);
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
                let offset = if self.chance(30) { 1 } else { 0 };
                query.limit = Some((self.rng.u32(1..5), offset));
            }
        } else if matches!(&query.body, Body::Select(select) if select.distinct_on.is_some()) {
            query.order = (1..=outputs.len()).map(|at| (at, false)).collect();
        }
        if self.is_postgres() && self.chance(3) {
            let lock = self.one(["FOR UPDATE", "FOR SHARE", "FOR NO KEY UPDATE SKIP LOCKED"]);
            let plain = matches!(&query.body, Body::Select(select)
                if select.group.is_empty() && !select.distinct && !select.from.is_empty());
            query.lock = plain.then(|| lock.to_owned());
        }
        (query, outputs)
    }

    /// A query of one row and one column.
    pub(super) fn single(&mut self, env: &Env, ty: Type, depth: u32) -> Query {
        if self.chance(60) {
            let (from, columns) = self.from(env, depth.min(1));
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
        query.lock = None;
        query
    }

    /// WITH: names may shadow tables, and later names may be read where the dialect allows it.
    fn with(&mut self, env: &mut Env, query: &mut Query, depth: u32) {
        let count = self.rng.usize(1..3);
        query.recursive = self.chance(30);
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
        let everywhere = query.recursive || !self.is_postgres();
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
            let (cte, columns) = self.cte(&inner, name, query.recursive, depth);
            query.ctes.push(cte);
            env.ctes.retain(|known| known.name != *name);
            env.hidden.push(name.clone());
            env.ctes.push(Known {
                name: name.clone(),
                columns,
            });
        }
        if everywhere && self.rng.bool() {
            query.ctes.reverse();
        }
    }

    fn cte(&mut self, env: &Env, name: &str, recursive: bool, depth: u32) -> (Cte, Outputs) {
        let materialized = match self.rng.u8(..10) {
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
        let (from, visible) = self.from(env, 1);
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
        let value = number(self.column(&env.with_frame(other_columns), Type::Int));
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

    fn body(&mut self, env: &Env, want: Option<&[Type]>, depth: u32) -> (Body, Outputs) {
        if depth > 0 && self.chance(14) {
            let types = match want {
                Some(types) => types.to_vec(),
                None => self.types(),
            };
            let (mut left, outputs) = self.arm(env, &types, depth);
            for _ in 0..self.rng.usize(1..3) {
                let op = self.one(["UNION", "UNION ALL", "EXCEPT", "INTERSECT"]);
                let right = Box::new(self.arm(env, &types, depth).0);
                left = Body::Combine {
                    op,
                    left: Box::new(left),
                    right,
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
        if self.is_postgres() && self.chance(12) {
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

    fn types(&mut self) -> Vec<Type> {
        (0..self.rng.usize(1..4))
            .map(|_| {
                self.one([
                    Type::Int,
                    Type::Int,
                    Type::Int,
                    Type::Text,
                    Type::Bool,
                    Type::Time,
                ])
            })
            .collect()
    }

    /// An output name; markers are among them.
    fn name(&mut self, ty: Type) -> String {
        let name = match ty {
            Type::Int => self.one(["id", "k", "v", "n"]),
            Type::Text => self.one(["s", "code", "t"]),
            Type::Bool => self.one(["flag", "is_deleted"]),
            Type::Time => self.one(["deleted_at", "removed_at", "at"]),
        };
        name.to_owned()
    }

    fn block(&mut self, from: Vec<From>) -> Select {
        Select {
            id: self.number(),
            from,
            comments: if self.chance(6) { self.rng.u8(..8) } else { 0 },
            ..Select::default()
        }
    }

    fn filter(&mut self, env: &Env, depth: u32) -> Option<Expr> {
        let mut filter = None;
        if self.chance(65) {
            filter = Some(self.expr(env, Type::Bool, depth));
        }
        if self.chance(if self.contradicts { 25 } else { 15 }) {
            let test = self.marker_test(env, !self.contradicts);
            filter = match (filter, test) {
                (Some(filter), Some(test)) if self.chance(12) => {
                    Some(Expr::Any(vec![filter, test]))
                }
                (filter, Some(test)) => Some(Expr::and(filter, test)),
                (filter, None) => filter,
            };
        }
        filter
    }

    fn select(&mut self, env: &Env, want: Option<&[Type]>, depth: u32) -> (Select, Outputs) {
        let inner_depth = depth.saturating_sub(1);
        let (from, columns) = self.from(env, depth);
        let mut select = self.block(from);
        if want.is_none() && self.chance(25) {
            return self.star(env, select, columns, depth);
        }
        let inner = env.with_frame(columns);
        select.filter = self.filter(&inner, depth);
        let types = match want {
            Some(types) => types.to_vec(),
            None => self.types(),
        };
        if self.chance(22) {
            return self.grouped(&inner, select, &types, inner_depth);
        }
        if self.chance(8) {
            select.window = Some(("w".to_owned(), self.over(&inner)));
        }
        let mut outputs: Outputs = Vec::new();
        for ty in types {
            let named = select.window.as_ref().map(|_| "w");
            let expr = if ty == Type::Int && (named.is_some() || self.chance(6)) {
                self.window(&inner, named)
            } else if self.chance(70) {
                let column = self.column(&inner, ty);
                column.unwrap_or_else(|| self.literal(ty))
            } else {
                self.expr(&inner, ty, inner_depth)
            };
            self.output(&mut select, &mut outputs, expr, ty);
        }
        if self.is_postgres() && select.window.is_none() && want.is_none() && self.chance(4) {
            if let Some(Item::Expr { expr, .. }) = select.items.first()
                && matches!(expr, Expr::Column { .. })
            {
                select.distinct_on = Some(expr.clone());
            }
        } else {
            select.distinct = self.chance(10);
        }
        (select, outputs)
    }

    fn literal(&mut self, ty: Type) -> Expr {
        self.expr(&Env::default(), ty, 0)
    }

    /// Adds an item under a name that is new in the list.
    fn output(&mut self, select: &mut Select, outputs: &mut Outputs, expr: Expr, ty: Type) {
        let taken = |name: &str, outputs: &Outputs| outputs.iter().any(|(used, _)| used == name);
        let own = match &expr {
            Expr::Column { name, .. } if self.chance(70) => Some(name.clone()),
            _ => None,
        };
        let (name, alias) = match own {
            Some(name) if !taken(&name, outputs) => (name, None),
            _ => {
                let mut name = self.name(ty);
                if taken(&name, outputs) {
                    name = format!("{name}_{}", self.number());
                }
                (name.clone(), Some(name))
            }
        };
        select.items.push(Item::Expr { expr, alias });
        outputs.push((name, ty));
    }

    /// `*`, or `t.*`, where no name comes out twice.
    fn star(
        &mut self,
        env: &Env,
        mut select: Select,
        columns: Vec<Visible>,
        depth: u32,
    ) -> (Select, Outputs) {
        let mut shown: Vec<Visible> = columns.iter().filter(|c| !c.covered).cloned().collect();
        let mut item = Item::Star;
        if has_duplicates(&shown) || self.chance(20) {
            let relation = columns
                .iter()
                .filter_map(|column| column.relation.clone())
                .find(|relation| self.is_postgres() || !relation.contains('.'));
            let relation = relation.unwrap_or_default();
            shown = columns
                .iter()
                .filter(|column| column.relation.as_ref() == Some(&relation))
                .cloned()
                .collect();
            item = Item::QualifiedStar(relation);
        }
        select.items.push(item);
        let inner = env.with_frame(columns);
        select.filter = self.filter(&inner, depth);
        select.distinct = self.chance(8);
        (select, outputs_of(&shown))
    }

    fn grouped(
        &mut self,
        env: &Env,
        mut select: Select,
        types: &[Type],
        depth: u32,
    ) -> (Select, Outputs) {
        let mut keys: Vec<Visible> = Vec::new();
        let usable: Vec<Visible> = env
            .local()
            .iter()
            .filter(|column| column.relation.is_some())
            .cloned()
            .collect();
        for _ in 0..self.rng.usize(..3) {
            keys.extend(self.pick(&usable));
        }
        select.group = keys
            .iter()
            .map(|key| Expr::column(key.relation.as_deref(), &key.name))
            .collect();
        // By a primary key, the other columns of its table may be read too.
        let primary = keys
            .iter()
            .find(|key| key.name == "id" && key.base.is_some());
        let is_table = |key: &Visible| {
            let table = key.base.and_then(|base| self.world.tables.get(base));
            table.is_some_and(|table| table.view_of.is_none())
        };
        if let Some(key) = primary.filter(|key| is_table(key)).cloned()
            && keys.len() == 1
        {
            let same = usable
                .iter()
                .filter(|column| column.relation == key.relation);
            keys.extend(same.filter(|column| column.name != "id").cloned());
        }
        let mut restricted = env.clone();
        // Only by qualifier: a bare name may be ambiguous outside of the keys.
        for key in &mut keys {
            key.covered = true;
        }
        if let Some(frame) = restricted.frames.last_mut() {
            *frame = keys;
        }
        let mut outputs = Vec::new();
        for ty in types {
            let key = if self.rng.bool() {
                self.column_in(restricted.local(), |column| column.ty == *ty)
            } else {
                None
            };
            let expr = match key {
                Some(key) => key,
                None if self.chance(75) => self.aggregate(env, *ty, depth),
                None => self.expr(&restricted, *ty, depth),
            };
            self.output(&mut select, &mut outputs, expr, *ty);
        }
        if self.chance(25) {
            let left = self.aggregate(env, Type::Int, 0);
            let right = self.expr(&restricted, Type::Int, depth);
            select.having = Some(Expr::binary(left, self.one([">", "<=", "="]), right));
        }
        // Without keys and aggregates it would be no group.
        if select.group.is_empty()
            && let Some(Item::Expr { expr, .. }) = select.items.first_mut()
        {
            *expr = self.aggregate(env, types[0], 0);
        }
        (select, outputs)
    }
}

fn outputs_of(columns: &[Visible]) -> Outputs {
    columns
        .iter()
        .map(|column| (column.name.clone(), column.ty))
        .collect()
}

fn has_duplicates(columns: &[Visible]) -> bool {
    columns
        .iter()
        .enumerate()
        .any(|(at, column)| columns[..at].iter().any(|other| other.name == column.name))
}
