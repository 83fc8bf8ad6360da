//! FROM: join trees of every shape.

use super::{Env, Generator, Known, Visible, select::has_duplicates};
use crate::ast::{Constraint, Expr, From, Hint, Join, JoinKind, Type};

impl Generator<'_> {
    /// The items of a FROM and the columns they make visible.
    pub(super) fn tables(&mut self, env: &Env, depth: u32) -> (Vec<From>, Vec<Visible>) {
        let mut taken = Vec::new();
        self.tables_beside(env, depth, &mut taken)
    }

    /// As [`Self::tables`], where some names are taken already.
    pub(super) fn tables_beside(
        &mut self,
        env: &Env,
        depth: u32,
        taken: &mut Vec<String>,
    ) -> (Vec<From>, Vec<Visible>) {
        let items = if self.chance(18) { 2 } else { 1 };
        let mut list = Vec::new();
        let mut columns: Vec<Visible> = Vec::new();
        let merges = self.merges;
        for _ in 0..items {
            let (item, more) = self.item(env, depth, taken, &columns);
            list.push(item);
            columns.extend(more);
            // SQLite's comma binds as tightly as JOIN: a merged name would be ambiguous.
            self.merges = !self.is_sqlite();
        }
        self.merges = merges;
        (list, columns)
    }

    pub(super) fn item(
        &mut self,
        env: &Env,
        depth: u32,
        taken: &mut Vec<String>,
        beside: &[Visible],
    ) -> (From, Vec<Visible>) {
        if depth > 0 && self.chance(45) {
            return self.join(env, depth, taken, beside);
        }
        if !self.is_postgres() && self.chance(2) {
            let (inner, columns) = self.leaf(env, depth, taken, beside);
            if self.is_sqlite() && !matches!(inner, From::Table(_)) {
                // Its name would not be seen outside.
                return (inner, columns);
            }
            let inner = Box::new(inner);
            return (From::Paren { inner, alias: None }, columns);
        }
        self.leaf(env, depth, taken, beside)
    }

    fn leaf(
        &mut self,
        env: &Env,
        depth: u32,
        taken: &mut Vec<String>,
        beside: &[Visible],
    ) -> (From, Vec<Visible>) {
        if !env.ctes.is_empty() && self.chance(45) {
            let cte = env.ctes[self.rng.usize(..env.ctes.len())].clone();
            return self.cte_item(cte, taken);
        }
        if depth > 0 && self.chance(12) {
            return self.derived(env, depth, taken, beside);
        }
        if let Some(mut reference) = self.reference(env, taken) {
            let width = self.world.tables[reference.table].columns.len();
            // PostgreSQL cannot rename the columns of something it has no alias for.
            if self.is_postgres() && reference.hint == Hint::None && self.chance(4) {
                let alias = reference.alias.clone();
                reference.alias = alias.or_else(|| self.alias("z", true, taken));
                let mut columns = self.columns_of(&reference);
                columns.truncate(self.rng.usize(1..=width));
                reference.columns = self.fresh_names(&columns);
            }
            let columns = self.columns_of(&reference);
            return (From::Table(reference), columns);
        }
        let alias = self.alias("d", true, taken).unwrap_or_default();
        let mut select = crate::ast::Select {
            ..crate::ast::Select::default()
        };
        select.items.push(crate::ast::Item::Expr {
            expr: Expr::literal("1"),
            alias: Some("id".to_owned()),
        });
        let query = crate::ast::Query {
            body: crate::ast::Body::Select(Box::new(select)),
            ..crate::ast::Query::default()
        };
        derived_item(query, alias, false, vec![("id".to_owned(), Type::Int)])
    }

    pub(super) fn cte_item(&mut self, cte: Known, taken: &mut Vec<String>) -> (From, Vec<Visible>) {
        let needed = taken.contains(&cte.name);
        let alias = self.alias("c", needed, taken);
        if alias.is_none() {
            taken.push(cte.name.clone());
        }
        let relation = alias.clone().unwrap_or_else(|| cte.name.clone());
        let columns = visible(&relation, cte.columns);
        let name = cte.name;
        (From::Cte { name, alias }, columns)
    }

    fn derived(
        &mut self,
        env: &Env,
        depth: u32,
        taken: &mut Vec<String>,
        beside: &[Visible],
    ) -> (From, Vec<Visible>) {
        let lateral = self.is_postgres() && !beside.is_empty() && self.chance(60);
        let inner = if lateral {
            env.with_frame(beside.to_vec())
        } else {
            env.clone()
        };
        let alias = self.alias("d", true, taken).unwrap_or_default();
        let (query, outputs) = self.query(&inner, None, depth - 1, false);
        derived_item(query, alias, lateral, outputs)
    }

    /// Names of the same type that no table has.
    fn fresh_names(&mut self, columns: &[Visible]) -> Vec<String> {
        columns
            .iter()
            .map(|column| format!("{}_{}", column.name, self.number()))
            .collect()
    }

    fn join(
        &mut self,
        env: &Env,
        depth: u32,
        taken: &mut Vec<String>,
        beside: &[Visible],
    ) -> (From, Vec<Visible>) {
        let kind = match self.rng.u8(..100) {
            0..=4 | 82..=92 if self.is_mysql() => JoinKind::Straight,
            0..=33 => JoinKind::Inner,
            34..=69 => JoinKind::Left,
            70..=81 => JoinKind::Right,
            82..=92 => JoinKind::Full,
            _ => JoinKind::Cross,
        };
        let (left, left_columns) = self.item(env, depth - 1, taken, beside);
        let mut seen = beside.to_vec();
        // LATERAL cannot look at a side that it may have to do without.
        if !matches!(kind, JoinKind::Right | JoinKind::Full) {
            seen.extend(left_columns.iter().cloned());
        }
        let (mut right, right_columns) = self.item(env, depth - 1, taken, &seen);
        if matches!(right, From::Join(_)) && (!self.is_postgres() || self.chance(80)) {
            let inner = Box::new(right);
            right = From::Paren { inner, alias: None };
        }
        let shared = shared_names(&left_columns, &right_columns);
        let (constraint, merged) =
            self.constraint(env, kind, &left_columns, &right_columns, shared);
        let columns = merge(left_columns, right_columns, &merged);
        let join = Box::new(Join {
            id: self.number(),
            kind,
            left,
            right,
            constraint,
        });
        if self.is_postgres() && !has_duplicates(&columns) && self.chance(12) {
            return self.named_parentheses(From::Join(join), columns, taken);
        }
        if self.chance(12) {
            let inner = Box::new(From::Join(join));
            return (From::Paren { inner, alias: None }, columns);
        }
        (From::Join(join), columns)
    }

    /// `( … ) AS j`: only `j.column` and bare names are left.
    fn named_parentheses(
        &mut self,
        inner: From,
        columns: Vec<Visible>,
        taken: &mut Vec<String>,
    ) -> (From, Vec<Visible>) {
        let alias = self.alias("j", true, taken).unwrap_or_default();
        let columns = columns
            .into_iter()
            .filter(|column| !column.covered)
            .map(|column| Visible {
                relation: Some(alias.clone()),
                ..column
            })
            .collect();
        let from = From::Paren {
            inner: Box::new(inner),
            alias: Some(alias),
        };
        (from, columns)
    }

    fn constraint(
        &mut self,
        env: &Env,
        kind: JoinKind,
        left: &[Visible],
        right: &[Visible],
        shared: Vec<String>,
    ) -> (Constraint, Vec<String>) {
        if kind == JoinKind::Cross {
            return (Constraint::None, Vec::new());
        }
        if self.merges && !shared.is_empty() && kind != JoinKind::Straight && self.chance(14) {
            let names: Vec<String> = shared
                .iter()
                .filter(|_| self.rng.u8(..3) > 0)
                .cloned()
                .collect();
            if !names.is_empty() {
                return (Constraint::Using(names.clone()), names);
            }
        }
        let once = left
            .iter()
            .chain(right)
            .filter(|column| !column.covered)
            .all(|column| {
                let other = |side: &[Visible]| side.iter().any(|c| c.name == column.name);
                shared.contains(&column.name) || !(other(left) && other(right))
            });
        if self.merges && once && kind != JoinKind::Straight && self.chance(8) {
            return (Constraint::Natural, shared);
        }
        // SQLite knows every join without constraint, MySQL the inner ones.
        let inner = matches!(kind, JoinKind::Inner | JoinKind::Straight);
        if (self.is_sqlite() || (self.is_mysql() && inner)) && self.chance(3) {
            return (Constraint::None, Vec::new());
        }
        let mut both = left.to_vec();
        both.extend_from_slice(right);
        // SQLite looks for a bare name in all of FROM.
        if self.is_sqlite() && self.chance(95) {
            for column in &mut both {
                column.covered = true;
            }
        }
        let env = env.with_frame(both);
        let mut parts = Vec::new();
        let equality = self.equality(left, right);
        // PostgreSQL joins FULL by merge or hash only.
        if (kind == JoinKind::Full && self.is_postgres()) || self.chance(85) {
            parts.extend(equality);
        }
        if parts.is_empty() || self.chance(35) {
            let extra = if self.chance(40) {
                self.marker_test(&env, true)
            } else {
                None
            };
            let extra = match extra {
                Some(extra) => extra,
                None => self.expr(&env, Type::Bool, 1),
            };
            parts.push(extra);
        }
        let on = match parts.len() {
            1 => parts.remove(0),
            // Precedence must be respected by whatever is put beside it.
            _ if kind != JoinKind::Full && self.chance(10) => Expr::Any(parts),
            _ => Expr::All(parts),
        };
        (Constraint::On(on), Vec::new())
    }

    /// `l.x = r.y`, when both sides have a number.
    fn equality(&mut self, left: &[Visible], right: &[Visible]) -> Option<Expr> {
        let numbers = |columns: &[Visible]| -> Vec<Visible> {
            columns
                .iter()
                .filter(|column| column.ty == Type::Int && column.relation.is_some())
                .cloned()
                .collect()
        };
        let left = self.pick(&numbers(left))?;
        let right = self.pick(&numbers(right))?;
        Some(Expr::binary(
            Expr::column(left.relation.as_deref(), &left.name),
            "=",
            Expr::column(right.relation.as_deref(), &right.name),
        ))
    }
}

fn derived_item(
    query: crate::ast::Query,
    alias: String,
    lateral: bool,
    outputs: Vec<(String, Type)>,
) -> (From, Vec<Visible>) {
    let columns = visible(&alias, outputs);
    let from = From::Derived {
        query: Box::new(query),
        alias,
        columns: Vec::new(),
        lateral,
    };
    (from, columns)
}

fn visible(relation: &str, columns: Vec<(String, Type)>) -> Vec<Visible> {
    columns
        .into_iter()
        .map(|(name, ty)| Visible {
            relation: Some(relation.to_owned()),
            name,
            ty,
            covered: false,
            ungrouped: false,
            base: None,
        })
        .collect()
}

/// Names that both sides have once.
fn shared_names(left: &[Visible], right: &[Visible]) -> Vec<String> {
    let once = |columns: &[Visible], name: &str| {
        columns
            .iter()
            .filter(|column| !column.covered && column.name == name)
            .count()
            == 1
    };
    left.iter()
        .filter(|column| !column.covered)
        .map(|column| &column.name)
        .filter(|name| once(left, name) && once(right, name))
        .cloned()
        .collect()
}

/// The columns of a join that merges some names.
fn merge(left: Vec<Visible>, right: Vec<Visible>, names: &[String]) -> Vec<Visible> {
    let mut columns: Vec<Visible> = names
        .iter()
        .filter_map(|name| left.iter().find(|column| column.name == *name))
        .map(|column| Visible {
            relation: None,
            covered: false,
            base: None,
            ..column.clone()
        })
        .collect();
    for mut column in left.into_iter().chain(right) {
        if names.contains(&column.name) {
            column.covered = true;
            if column.relation.is_none() {
                continue;
            }
        }
        columns.push(column);
    }
    columns
}
