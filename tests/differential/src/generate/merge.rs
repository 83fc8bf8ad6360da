//! MERGE (PostgreSQL).

use super::{Env, Generator, Visible};
use crate::ast::{Action, Body, Expr, From, Item, Merge, Query, Ref, Select, Type, When};

/// PostgreSQL has WHEN NOT MATCHED BY SOURCE since 17.
fn knows_by_source() -> bool {
    std::env::var_os("SOFT_DELETE_MERGE_BY_SOURCE").is_some()
}

impl Generator<'_> {
    /// MERGE from a source that has each key once.
    pub(super) fn merge(&mut self, env: &Env) -> Option<Merge> {
        let mut taken = Vec::new();
        let target = self.target(&mut taken, false);
        self.writes(&target);
        let (source, mut columns) = self.merge_source(env, &mut taken)?;
        let source_name = columns.first()?.relation.clone()?;
        // Only by qualifier: both sides have the same names.
        for column in &mut columns {
            column.covered = true;
        }
        let mut both = self.columns_of(&target);
        for column in &mut both {
            column.covered = true;
        }
        both.extend(columns.iter().cloned());
        let own = env.with_frame(both[..both.len() - columns.len()].to_vec());
        let (read, both) = (env.with_frame(columns), env.with_frame(both));
        let id = |name: &str| Expr::column(Some(name), "id");
        let mut on = Expr::binary(id(target.qualifier()), "=", id(&source_name));
        if self.chance(30) {
            let more = self.expr(&both, Type::Bool, 1);
            on = Expr::All(vec![on, Expr::Paren(Box::new(more))]);
        }
        let key = Expr::binary(id(&source_name), "+", Expr::literal("100"));
        let count = self.rng.usize(1..4);
        let clauses = (1..=count).map(|clause| {
            let by_source = knows_by_source() && self.chance(40);
            let inserts = !by_source && self.rng.bool();
            let both = if by_source { &own } else { &both };
            // What follows a clause without condition is unreachable.
            let filter = (clause < count || self.chance(40))
                .then(|| self.expr(if inserts { &read } else { both }, Type::Bool, 1));
            let action = if inserts {
                self.insertion(&read, &target, key.clone())
            } else {
                self.change(both, &target)
            };
            When {
                by_source,
                filter,
                action,
            }
        });
        let clauses = clauses.collect();
        Some(Merge {
            target,
            source,
            on,
            clauses,
        })
    }

    /// A table, or a derived table over one.
    fn merge_source(&mut self, env: &Env, taken: &mut Vec<String>) -> Option<(From, Vec<Visible>)> {
        let reference = self.reference(env, taken)?;
        let mut columns = self.columns_of(&reference);
        let source = From::Table(reference);
        if self.chance(65) {
            return Some((source, columns));
        }
        let inner = env.with_frame(columns.clone());
        let select = Select {
            items: vec![Item::Star],
            from: vec![source],
            filter: Some(self.expr(&inner, Type::Bool, 1)),
            ..Select::default()
        };
        let alias = format!("s{}", self.number());
        for column in &mut columns {
            column.relation = Some(alias.clone());
        }
        let source = From::Derived {
            query: Box::new(Query {
                body: Body::Select(Box::new(select)),
                ..Query::default()
            }),
            alias,
            columns: Vec::new(),
            lateral: false,
        };
        Some((source, columns))
    }

    /// Columns that a write may fill with anything.
    pub(super) fn free_columns(&self, target: &Ref) -> Vec<(&'static str, Type)> {
        let columns = self.world.tables[target.table].columns.iter();
        columns
            .filter(|column| matches!(column.name, "k" | "v" | "s"))
            .map(|column| (column.name, column.ty))
            .collect()
    }

    fn insertion(&mut self, env: &Env, target: &Ref, key: Expr) -> Action {
        let mut values = vec![("id".to_owned(), key)];
        for (name, ty) in self.free_columns(target) {
            values.push((name.to_owned(), self.expr(env, ty, 1)));
        }
        Action::Insert(values)
    }

    fn change(&mut self, env: &Env, target: &Ref) -> Action {
        let free = self.free_columns(target);
        match self.pick(&free) {
            Some((name, ty)) if self.chance(85) => {
                Action::Update(vec![(name.to_owned(), self.expr(env, ty, 1))])
            }
            _ => Action::Keep,
        }
    }
}
