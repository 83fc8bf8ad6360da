//! SELECT with every clause.

use soft_delete_sql::Dialect;

use super::{Env, Generator, Visible, query::Outputs};
use crate::ast::{Expr, From, Item, Select, Type};

impl Generator<'_> {
    pub(super) fn types(&mut self) -> Vec<Type> {
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
    pub(super) fn name(&mut self, ty: Type) -> String {
        let name = match ty {
            Type::Int => self.one(["id", "k", "v", "n"]),
            Type::Text => self.one(["s", "code", "t"]),
            Type::Bool => self.one(["flag", "is_deleted"]),
            Type::Time => self.one(["deleted_at", "removed_at", "at"]),
        };
        name.to_owned()
    }

    pub(super) fn block(&mut self, from: Vec<From>) -> Select {
        Select {
            from,
            comments: if self.chance(6) { self.rng.u8(..8) } else { 0 },
            ..Select::default()
        }
    }

    pub(super) fn filter(&mut self, env: &Env, depth: u32) -> Option<Expr> {
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

    pub(super) fn select(
        &mut self,
        env: &Env,
        want: Option<&[Type]>,
        depth: u32,
    ) -> (Select, Outputs) {
        let inner_depth = depth.saturating_sub(1);
        let (from, columns) = self.tables(env, depth);
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
        // A window that nothing uses can end MariaDB.
        let used = types.contains(&Type::Int) || !self.is_mysql();
        if used && self.windows && self.chance(8) {
            select.window = Some(("w".to_owned(), self.over(&inner)));
        }
        let mut outputs: Outputs = Vec::new();
        for ty in types {
            let named = select.window.as_ref().map(|_| "w");
            let expr = if ty == Type::Int && (named.is_some() || (self.windows && self.chance(6))) {
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
        if !select.distinct && select.distinct_on.is_none() && want.is_none() && self.chance(8) {
            select.sort = Some(self.expr(&inner, Type::Int, inner_depth + 1));
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
            shown = columns
                .iter()
                .filter(|column| relation.is_some() && column.relation == relation)
                .cloned()
                .collect();
            let Some(relation) = relation else {
                let mut outputs = Outputs::new();
                self.output(&mut select, &mut outputs, Expr::literal("1"), Type::Int);
                return (select, outputs);
            };
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
        if !keys.is_empty() && !self.is_sqlite() && self.chance(15) {
            select.grouping = Some(match self.world.dialect {
                Dialect::Mysql => "WITH ROLLUP",
                _ => self.one(["ROLLUP", "CUBE", "GROUPING SETS"]),
            });
        }
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
            && select.grouping.is_none()
            && !self.is_mysql()
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
            frame.retain(|column| {
                let same =
                    |key: &Visible| key.relation == column.relation && key.name == column.name;
                !keys.iter().any(same)
            });
            for column in frame.iter_mut() {
                column.ungrouped = true;
            }
            frame.extend(keys);
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
        // MariaDB 10.11 keeps `HAVING min(x) <= 1` of no rows, and loses a group whose HAVING has a
        // query that reads the key of a view.
        let having = !self.is_mysql() || !select.group.is_empty();
        if self.chance(25) && having {
            let left = self.aggregate(env, Type::Int, 0);
            let depth = if self.is_mysql() { 0 } else { depth };
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

pub(super) fn outputs_of(columns: &[Visible]) -> Outputs {
    columns
        .iter()
        .map(|column| (column.name.clone(), column.ty))
        .collect()
}

/// Whether a name would come out twice.
pub(super) fn has_duplicates(columns: &[Visible]) -> bool {
    let shown: Vec<&Visible> = columns.iter().filter(|column| !column.covered).collect();
    shown
        .iter()
        .enumerate()
        .any(|(at, column)| shown[..at].iter().any(|other| other.name == column.name))
}
