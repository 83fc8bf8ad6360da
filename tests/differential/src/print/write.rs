//! UPDATE, INSERT, DELETE and MERGE.

use soft_delete_sql::Dialect;

use super::Printer;
use crate::ast::{Action, Conflict, Delete, Expr, From, Insert, JoinKind, Merge, Update};

impl Printer<'_> {
    fn set(&mut self, set: &[(String, Expr)]) {
        self.put(" SET ");
        self.assignments(set);
    }

    fn assignments(&mut self, set: &[(String, Expr)]) {
        self.list(set, ", ", |p, (column, expr)| {
            p.put(&format!("{column} = "));
            p.expr(expr);
        });
    }

    fn filter(&mut self, filter: Option<&Expr>) {
        if let Some(filter) = filter {
            self.put(" WHERE ");
            self.expr(filter);
        }
    }

    fn returning(&mut self, returning: &[Expr]) {
        if !returning.is_empty() {
            self.put(" RETURNING ");
            self.list(returning, ", ", Self::expr);
        }
    }

    pub(super) fn update(&mut self, update: &Update) {
        self.with(&update.with);
        self.put("UPDATE ");
        self.reference(&update.target);
        if self.dialect == Dialect::Mysql {
            return self.update_of_mysql(update);
        }
        self.set(&update.set);
        if !update.from.is_empty() {
            self.put(" FROM ");
            self.list(&update.from, ", ", Self::from);
        }
        self.filter(update.filter.as_ref());
        self.returning(&update.returning);
    }

    /// `UPDATE t, u SET t.c = …`
    fn update_of_mysql(&mut self, update: &Update) {
        let mut set = update.set.clone();
        if !update.from.is_empty() {
            self.beside(update.joined.as_ref(), &update.from);
            for (column, _) in &mut set {
                *column = format!("{}.{column}", update.target.qualifier());
            }
        }
        self.set(&set);
        self.filter(update.filter.as_ref());
        self.returning(&update.returning);
    }

    /// What stands beside the target of MySQL's writes.
    fn beside(&mut self, joined: Option<&(JoinKind, Expr)>, items: &[From]) {
        let rest = match (joined, items) {
            (Some((kind, on)), [first, rest @ ..]) => {
                self.put(super::word(*kind));
                let several = matches!(first, From::Join(_));
                self.put(if several { "(" } else { "" });
                self.from(first);
                self.put(if several { ") ON " } else { " ON " });
                self.expr(on);
                rest
            }
            (_, all) => all,
        };
        for item in rest {
            self.put(", ");
            self.from(item);
        }
    }

    pub(super) fn delete(&mut self, delete: &Delete) {
        self.with(&delete.with);
        self.put("DELETE ");
        let several = delete.target.alias.is_some() || !delete.using.is_empty();
        let lists = self.dialect == Dialect::Mysql && several;
        if lists {
            self.put(delete.target.qualifier());
            self.put(" ");
        }
        self.put("FROM ");
        self.reference(&delete.target);
        if lists {
            self.beside(delete.joined.as_ref(), &delete.using);
        } else if !delete.using.is_empty() {
            self.put(" USING ");
            self.list(&delete.using, ", ", Self::from);
        }
        self.filter(delete.filter.as_ref());
        self.returning(&delete.returning);
    }

    pub(super) fn insert(&mut self, insert: &Insert) {
        self.with(&insert.with);
        let ignores = |conflict: &Conflict| conflict.set.is_empty();
        let is_mysql = self.dialect == Dialect::Mysql;
        if is_mysql && insert.conflict.as_ref().is_some_and(ignores) {
            self.put("INSERT IGNORE INTO ");
        } else {
            self.put("INSERT INTO ");
        }
        self.reference(&insert.target);
        self.column_list(&insert.columns);
        self.put(" ");
        self.query(&insert.source);
        if let Some(conflict) = &insert.conflict
            && is_mysql
        {
            if !conflict.set.is_empty() {
                self.put(" ON DUPLICATE KEY UPDATE ");
                self.assignments(&conflict.set);
            }
        } else if let Some(conflict) = &insert.conflict {
            self.put(" ON CONFLICT");
            if let Some(column) = &conflict.column {
                self.put(&format!(" ({column})"));
            }
            self.filter(conflict.predicate.as_ref());
            if conflict.set.is_empty() {
                self.put(" DO NOTHING");
            } else {
                self.put(" DO UPDATE");
                self.set(&conflict.set);
                self.filter(conflict.filter.as_ref());
            }
        }
        self.returning(&insert.returning);
    }

    pub(super) fn merge(&mut self, merge: &Merge) {
        self.put("MERGE INTO ");
        self.reference(&merge.target);
        self.put(" USING ");
        self.from(&merge.source);
        self.put(" ON ");
        self.expr(&merge.on);
        for clause in &merge.clauses {
            self.put(match clause.action {
                _ if clause.by_source => " WHEN NOT MATCHED BY SOURCE",
                Action::Keep | Action::Update(_) => " WHEN MATCHED",
                Action::Insert(_) => " WHEN NOT MATCHED",
            });
            if let Some(filter) = &clause.filter {
                self.put(" AND ");
                self.operand(filter);
            }
            match &clause.action {
                Action::Keep => self.put(" THEN DO NOTHING"),
                Action::Update(set) => {
                    self.put(" THEN UPDATE");
                    self.set(set);
                }
                Action::Insert(values) => {
                    self.put(" THEN INSERT");
                    let columns: Vec<String> = values.iter().map(|(c, _)| c.clone()).collect();
                    self.column_list(&columns);
                    self.put(" VALUES (");
                    self.list(values, ", ", |p, (_, value)| p.expr(value));
                    self.put(")");
                }
            }
        }
    }
}
