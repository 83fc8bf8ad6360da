//! UPDATE, INSERT and DELETE whose effect does not depend on the order of rows.

use soft_delete_sql::Scope;

use super::{Env, Generator, Visible, query::Outputs};
use crate::ast::{
    Body, Conflict, Delete, Expr, From, Hint, Insert, Item, JoinKind, Query, Ref, Select,
    Statement, Type, Update, With,
};

impl Generator<'_> {
    pub(super) fn write(&mut self, env: &Env) -> Statement {
        let alone = env.frames.is_empty() && env.ctes.is_empty();
        if self.is_postgres()
            && alone
            && self.chance(15)
            && let Some(merge) = self.merge(env)
        {
            return Statement::Merge(merge);
        }
        if self.chance(55) {
            Statement::Update(self.update(env))
        } else {
            Statement::Insert(self.insert(env))
        }
    }

    /// A write that returns rows, for a CTE.
    pub(super) fn returning_write(&mut self, env: &Env) -> Option<(Statement, Outputs)> {
        let mut statement = self.write(env);
        // A number that the database gives differs from run to run.
        let (target, returning, column) = match &mut statement {
            Statement::Update(update) => (&update.target, &mut update.returning, "id".to_owned()),
            Statement::Insert(insert) => {
                let column = insert.columns.first()?.clone();
                (&insert.target, &mut insert.returning, column)
            }
            Statement::Query(_) | Statement::Delete(_) | Statement::Merge(_) => return None,
        };
        let columns = &self.world.tables[target.table].columns;
        let column = *columns.iter().find(|known| known.name == column)?;
        *returning = vec![Expr::column(Some(target.qualifier()), column.name)];
        Some((statement, vec![(column.name.to_owned(), column.ty)]))
    }

    /// The table that is written; never a view, and where possible none that is written already.
    pub(super) fn target(&mut self, taken: &mut Vec<String>, soft: bool) -> Ref {
        let mut tries = 50;
        loop {
            let table = self.rng.usize(..if soft { 6 } else { 8 });
            tries -= i32::from(tries > 0);
            if tries > 0 && self.written.contains(&table) {
                continue;
            }
            let found = self.reference_to(table, &Env::default(), taken);
            if let Some(mut target) = found {
                target.hint = Hint::None;
                return target;
            }
        }
    }

    /// A view that can be written.
    fn view(&mut self, taken: &mut Vec<String>) -> Ref {
        let table = self.rng.usize(8..self.world.tables.len());
        if self.written.contains(&self.base(table)) {
            return self.target(taken, false);
        }
        match self.reference_to(table, &Env::default(), taken) {
            Some(target) => target,
            None => self.target(taken, false),
        }
    }

    fn base(&self, table: usize) -> usize {
        self.world.tables[table].view_of.map_or(table, |(of, _)| of)
    }

    /// Notes that the statement writes it.
    pub(super) fn writes(&mut self, target: &Ref) {
        self.written.push(self.base(target.table));
    }

    /// WITH before a write; its names may hide the target from what is read, not from the write.
    fn with_writing(&mut self, env: &Env, target: &Ref) -> (With, Env) {
        let mut env = env.clone();
        // MariaDB has none there.
        let top = env.frames.is_empty() && env.ctes.is_empty();
        if self.is_mysql() || !top || !self.chance(20) {
            return (With::default(), env);
        }
        if !self.is_postgres() {
            env.written = Some(target.table);
        }
        let with = self.with(&mut env, 2);
        (with, env)
    }

    /// The surroundings of an expression that is evaluated while the target is written.
    fn while_writing(&self, env: &Env, target: &Ref) -> Env {
        let mut columns = self.columns_of(target);
        // Only by qualifier: FROM may have the same names.
        for column in &mut columns {
            column.covered = true;
        }
        let mut env = env.with_frame(columns);
        if !self.is_postgres() {
            env.written = Some(target.table);
        }
        env
    }

    fn assignments(&mut self, env: &Env, target: &Ref) -> Vec<(String, Expr)> {
        let table = &self.world.tables[target.table];
        let free: Vec<(String, Type)> = table
            .columns
            .iter()
            .filter(|column| !table.is_protected(column.name))
            .filter(|column| !matches!(column.name, "id" | "code"))
            .map(|column| (column.name.to_owned(), column.ty))
            .collect();
        let free = if free.is_empty() {
            vec![("id".to_owned(), Type::Int)]
        } else {
            free
        };
        let count = self.rng.usize(1..=free.len().min(2));
        let writing = self.while_writing(env, target);
        free[..count]
            .iter()
            .map(|(column, ty)| {
                let value = if column == "id" {
                    Expr::column(Some(target.qualifier()), "id")
                } else {
                    self.expr(&writing, *ty, 2)
                };
                (column.clone(), value)
            })
            .collect()
    }

    /// Columns of the target without its marker, which a verb changes.
    fn returning(&mut self, target: &Ref, without_id: bool) -> Vec<Expr> {
        if self.is_mysql() || self.chance(60) {
            return Vec::new();
        }
        let table = &self.world.tables[target.table];
        // SQLite does not know the alias there.
        let qualifier = self.is_postgres().then(|| target.qualifier().to_owned());
        let columns = table
            .columns
            .iter()
            .filter(|column| !table.is_protected(column.name))
            .filter(|column| !(without_id && column.name == "id"));
        columns
            .map(|column| Expr::column(qualifier.as_deref(), column.name))
            .collect()
    }

    fn update(&mut self, env: &Env) -> Update {
        let mut taken = Vec::new();
        let view = !self.is_sqlite() && self.chance(10);
        let target = if view {
            self.view(&mut taken)
        } else {
            self.target(&mut taken, false)
        };
        self.writes(&target);
        let (with, env) = &self.with_writing(env, &target);
        let with = with.clone();
        let mut set = self.assignments(env, &target);
        let mut columns = self.columns_of(&target);
        let mut from = Vec::new();
        if self.chance(45) && !(view && self.is_mysql()) {
            let (items, more) = self.tables_beside(env, 2, &mut taken);
            from = items;
            columns.extend(more);
        }
        if self.is_mysql() && !from.is_empty() {
            // In which order MySQL assigns to the columns of joined tables is not said.
            set.truncate(1);
        }
        // Nor where the table is read as well, which a copy of it is not.
        let budget = self.budget;
        if self.is_mysql() && set.len() > 1 {
            self.budget = 0;
        }
        let mut filter = self.write_filter(env, &columns, &target);
        self.budget = budget;
        let mut own = self.columns_of(&target);
        for column in &mut own {
            column.covered = !from.is_empty();
        }
        let test = self.marker_test(&env.with_frame(own), !self.contradicts);
        if let Some(test) = test.filter(|_| self.chance(15)) {
            filter = Some(Expr::and(filter, test));
        }
        let mut returning = self.returning(&target, false);
        if self.is_postgres() && !returning.is_empty() && self.budget > 0 && self.chance(20) {
            let writing = self.while_writing(env, &target);
            returning.push(Expr::Scalar(Box::new(self.single(&writing, Type::Int, 1))));
        }
        let joined = self.joined(&target, &from);
        Update {
            with,
            target,
            set,
            joined,
            from,
            filter,
            returning,
        }
    }

    /// How MySQL joins the target to the first item beside it, if not by a comma.
    fn joined(&mut self, target: &Ref, beside: &[From]) -> Option<(JoinKind, Expr)> {
        if !self.is_mysql() || beside.is_empty() || !self.chance(60) {
            return None;
        }
        let kind = self.one([
            JoinKind::Inner,
            JoinKind::Straight,
            JoinKind::Left,
            JoinKind::Left,
            JoinKind::Right,
        ]);
        let on = self.joined_on(target, &beside[0])?;
        Some((kind, on))
    }

    /// `target.id = other.id`, with a table that can be named.
    fn joined_on(&mut self, target: &Ref, first: &From) -> Option<Expr> {
        let other = match first {
            From::Table(reference) => reference.qualifier(),
            From::Join(join) => match &join.left {
                From::Table(reference) => reference.qualifier(),
                _ => return None,
            },
            _ => return None,
        };
        Some(Expr::binary(
            Expr::column(Some(target.qualifier()), "id"),
            self.one(["=", "=", "<="]),
            Expr::column(Some(other), "id"),
        ))
    }

    fn write_filter(&mut self, env: &Env, columns: &[Visible], target: &Ref) -> Option<Expr> {
        let several = columns.len() > self.world.tables[target.table].columns.len();
        let inner = env.with_frame(columns.to_vec());
        let mut filter = None;
        if several {
            let mine = |column: &Visible| {
                column.ty == Type::Int && column.relation.as_deref() == Some(target.qualifier())
            };
            let left = self.column_in(columns, mine);
            let right = self.column_in(columns, |column| column.ty == Type::Int && !mine(column));
            if let (Some(left), Some(right)) = (left, right) {
                filter = Some(Expr::binary(left, "=", right));
            }
        }
        if self.chance(60) {
            let more = self.expr(&inner, Type::Bool, 2);
            filter = Some(match (filter, more) {
                (Some(filter), Expr::Any(parts)) => {
                    Expr::and(Some(filter), Expr::Paren(Box::new(Expr::Any(parts))))
                }
                (filter, more) => Expr::and(filter, more),
            });
        }
        filter
    }

    pub(super) fn delete(&mut self) -> Delete {
        let env = Env::default();
        let mut taken = Vec::new();
        let target = self.target(&mut taken, true);
        self.writes(&target);
        let (with, env) = self.with_writing(&env, &target);
        let mut columns = self.columns_of(&target);
        let mut using = Vec::new();
        if !self.is_sqlite() && self.chance(40) {
            let (items, more) = self.tables_beside(&env, 2, &mut taken);
            using = items;
            columns.extend(more);
        }
        let filter = self.write_filter(&env, &columns, &target);
        let joined = self.joined(&target, &using);
        Delete {
            with,
            joined,
            using,
            filter,
            // A verb returns an operation, not rows.
            returning: Vec::new(),
            target,
        }
    }

    fn insert(&mut self, env: &Env) -> Insert {
        let mut taken = Vec::new();
        let mut target = self.target(&mut taken, false);
        if self.chance(if self.is_mysql() { 25 } else { 50 }) {
            while !self.world.tables[target.table].unique_code {
                target = self.target(&mut taken, true);
            }
        }
        target.scope = Scope::Active;
        if self.is_mysql() {
            target.alias = None;
        }
        self.writes(&target);
        let (with, env) = &self.with_writing(env, &target);
        let with = with.clone();
        let table = &self.world.tables[target.table];
        let mut columns: Vec<(String, Type)> = Vec::new();
        // A conflict that tombstones take part in.
        let accepted = self.is_mysql() && table.unique_code && !table.generated_id;
        let often = if self.is_mysql() { 70 } else { 25 };
        let clash = self.contradicts && !accepted && self.chance(often);
        let with_id = (!self.is_sqlite() && !table.generated_id) || clash || self.chance(20);
        let upsert = table.unique_code && self.chance(75);
        // ON DUPLICATE KEY looks at every key, so an id that is given would be refused.
        let counts = self.is_mysql() && upsert && !accepted && !clash;
        if with_id && !counts {
            columns.push(("id".to_owned(), Type::Int));
        }
        if upsert {
            columns.push(("code".to_owned(), Type::Text));
        }
        for column in &table.columns {
            if matches!(column.name, "k" | "v" | "s") {
                columns.push((column.name.to_owned(), column.ty));
            }
        }
        if columns.is_empty() {
            columns.push(("id".to_owned(), Type::Int));
        }
        let types: Vec<Type> = columns.iter().map(|(_, ty)| *ty).collect();
        let with_id = columns[0].0 == "id";
        let source = if upsert || clash || (with_id && self.chance(50)) {
            let mut env = env.clone();
            if self.is_mysql() {
                // It would read the rows before.
                env.written = Some(target.table);
            }
            self.rows(&env, &columns, clash)
        } else if with_id {
            self.numbered(env, &types[1..])
        } else {
            self.query(env, Some(&types), 2, false).0
        };
        let conflict = (upsert || clash).then(|| self.conflict(env, &target, clash));
        let returning = self.returning(&target, !with_id);
        Insert {
            with,
            columns: columns.into_iter().map(|(name, _)| name).collect(),
            source,
            conflict,
            returning,
            target,
        }
    }

    /// VALUES with keys that are new, and codes that differ.
    fn rows(&mut self, env: &Env, columns: &[(String, Type)], clash: bool) -> Query {
        let first = self.rng.usize(1..9);
        let rows = (0..self.rng.usize(1..4)).map(|row| {
            let value = |(name, ty): &(String, Type)| match name.as_str() {
                "id" if clash => Expr::literal((first + row).to_string()),
                "id" => Expr::literal((100 + row).to_string()),
                "code" => Expr::literal(format!("'c{}'", first + row)),
                _ => self.expr(env, *ty, 2),
            };
            columns.iter().map(value).collect()
        });
        Query {
            body: Body::Values(rows.collect()),
            ..Query::default()
        }
    }

    /// `SELECT t.id + 100, …` from one table: as many keys as rows.
    fn numbered(&mut self, env: &Env, types: &[Type]) -> Query {
        let mut select = Select {
            ..Select::default()
        };
        let (item, columns) = self.item(env, 0, &mut Vec::new(), &[]);
        select.from.push(item);
        let inner = env.with_frame(columns);
        let id = self.column_in(inner.local(), |column| column.name == "id");
        let id = id.unwrap_or_else(|| Expr::literal("1"));
        let key = Expr::binary(id, "+", Expr::literal("100"));
        select.items.push(Item::Expr {
            expr: key,
            alias: None,
        });
        for ty in types {
            let expr = self.expr(&inner, *ty, 2);
            select.items.push(Item::Expr { expr, alias: None });
        }
        select.filter = Some(self.expr(&inner, Type::Bool, 2));
        Query {
            body: Body::Select(Box::new(select)),
            ..Query::default()
        }
    }

    fn conflict(&mut self, env: &Env, target: &Ref, clash: bool) -> Conflict {
        let marker = self.world.tables[target.table].marker;
        let predicate = marker
            .filter(|_| self.rng.bool())
            .map(|marker| Expr::literal(marker.active("")));
        let mut conflict = Conflict {
            column: Some(if clash { "id" } else { "code" }.to_owned()),
            predicate: predicate.filter(|_| !clash),
            set: Vec::new(),
            filter: None,
        };
        if self.chance(25) {
            if clash && self.rng.bool() {
                conflict.column = None;
                conflict.predicate = None;
            }
            return conflict;
        }
        // The columns of the target are ambiguous with `excluded` unless they are qualified.
        let qualifier = target.qualifier().to_owned();
        let mut writing = env.clone();
        if !self.is_postgres() {
            writing.written = Some(target.table);
        }
        for (name, ty) in self.free_columns(target) {
            let value = match self.rng.u8(..4) {
                0 | 1 => Expr::column(Some("excluded"), name),
                2 => Expr::column(Some(&qualifier), name),
                _ => self.expr(&writing, ty, 2),
            };
            conflict.set.push((name.to_owned(), value));
            if self.chance(20) {
                conflict.filter = Some(Expr::binary(
                    Expr::column(Some(&qualifier), name),
                    self.one(["=", "<>", "IS NOT DISTINCT FROM"]),
                    Expr::column(Some("excluded"), name),
                ));
            }
        }
        conflict
    }
}
