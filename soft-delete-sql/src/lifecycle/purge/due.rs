//! Which rows a purge takes: the conditions on a row `t`.

use super::{age::Clock, text::table_name};
use crate::{
    Diagnostic, Dialect, Schema, Scope,
    lifecycle::{
        graph::{self, Edge},
        rows::Rows,
    },
    schema::{Action, Table},
    scope::{condition_of, qualified},
};

/// The conditions on a row of one table.
pub(super) struct Due<'s> {
    pub(super) schema: &'s Schema,
    pub(super) table: &'s Table,
    pub(super) clock: Clock<'s>,
    /// It is soft-deleted.
    deleted: String,
    /// It is on hold.
    pub(super) held: Option<String>,
    /// A row of a table references it.
    pub(super) blockers: Vec<Blocker>,
}

/// A foreign key whose rows keep the row that they reference.
pub(super) struct Blocker {
    /// The referencing table.
    pub(super) table: String,
    /// That there is such a row.
    pub(super) exists: String,
    /// The rows reference their own table.
    pub(super) is_loop: bool,
    /// The database refuses to remove a row that is referenced, rather than act on the other.
    pub(super) is_refused: bool,
}

impl<'s> Due<'s> {
    pub(super) fn of(schema: &'s Schema, table: usize) -> Result<Self, Diagnostic> {
        let own = &schema.tables[table];
        let clock = Clock::of(schema, own)?;
        let deleted = condition_of(schema.dialect, own, Scope::Deleted, "t");
        let held = own.settings.hold.as_ref().map(|hold| {
            let hold = qualified(schema.dialect, hold, own, "t");
            format!("({hold}) IS TRUE")
        });
        Ok(Self {
            schema,
            table: own,
            clock,
            deleted: deleted.unwrap_or_default(),
            held,
            blockers: blockers(schema, table),
        })
    }

    /// Deleted before the cutoff, on hold or not.
    pub(super) fn is_old(&self) -> String {
        format!("{} AND {}", self.deleted, self.clock.is_older())
    }

    /// Deleted before the cutoff and not on hold: what the row itself says.
    pub(super) fn is_due(&self) -> String {
        match &self.held {
            Some(held) => format!("{} AND NOT ({held})", self.is_old()),
            None => self.is_old(),
        }
    }

    /// No row references it. Whatever that row is: a live one must stay, ON DELETE would remove or
    /// change it without a record, and a deleted one goes by its own retention, or is restored.
    pub(super) fn is_free(&self) -> Option<String> {
        if self.blockers.is_empty() {
            return None;
        }
        let tests = self.blockers.iter();
        let tests: Vec<String> = tests
            .map(|blocker| format!("NOT {}", blocker.exists))
            .collect();
        Some(tests.join(" AND "))
    }

    /// Due, and free.
    pub(super) fn is_eligible(&self) -> String {
        match self.is_free() {
            Some(free) => format!("{} AND {free}", self.is_due()),
            None => self.is_due(),
        }
    }

    /// `t`'s table under its alias.
    pub(super) fn from(&self) -> String {
        let dialect = self.schema.dialect;
        format!("{} AS t", table_name(dialect, &self.table.name))
    }

    /// The key of `t` as a text.
    pub(super) fn key_text(&self) -> String {
        let rows = Rows {
            dialect: self.schema.dialect,
            table: self.table,
        };
        rows.key_text("t")
    }

    /// A column behind `t`.
    pub(super) fn column(&self, name: &str) -> String {
        format!("t.{}", self.schema.dialect.quote(name))
    }

    /// The columns of the primary key behind `t`.
    pub(super) fn key(&self) -> Vec<String> {
        let key = self.table.primary_key.iter();
        key.map(|name| self.column(name)).collect()
    }
}

/// The foreign keys that reference rows of the table, by its own name or by that of a table whose
/// rows are also its own.
fn blockers(schema: &Schema, table: usize) -> Vec<Blocker> {
    let mut family = schema.descendants(table);
    family.push(table);
    family.extend(ancestors(schema, table));
    graph::edges(schema)
        .iter()
        .filter(|edge| family.contains(&edge.parent))
        .map(|edge| blocker(schema, table, edge, family.contains(&edge.child)))
        .collect()
}

fn blocker(schema: &Schema, table: usize, edge: &Edge, is_loop: bool) -> Blocker {
    let dialect = schema.dialect;
    let child = &schema.tables[edge.child];
    let equal = |one: &String, other: &String| {
        format!("c.{} = t.{}", dialect.quote(one), dialect.quote(other))
    };
    let mut tests: Vec<String> = edge
        .columns
        .iter()
        .zip(&edge.parent_columns)
        .map(|(column, referenced)| equal(column, referenced))
        .collect();
    let key = &schema.tables[table].primary_key;
    let is_refused = matches!(edge.on_delete(schema), Action::NoAction | Action::Restrict);
    // A row may reference itself; InnoDB then does not let it go, unless the foreign key takes it along.
    let keeps_itself = dialect == Dialect::Mysql && is_refused;
    if is_loop && !key.is_empty() && !keeps_itself {
        let same: Vec<String> = key.iter().map(|name| equal(name, name)).collect();
        tests.push(format!("NOT ({})", same.join(" AND ")));
    }
    Blocker {
        table: child.name.to_string(),
        exists: format!(
            "EXISTS (SELECT 1 FROM {} AS c WHERE {})",
            table_name(dialect, &child.name),
            tests.join(" AND ")
        ),
        is_loop,
        is_refused,
    }
}

/// The tables that the table inherits from or is a partition of, at any depth.
fn ancestors(schema: &Schema, table: usize) -> Vec<usize> {
    let mut found = vec![table];
    let mut at = 0;
    while let Some(&child) = found.get(at) {
        for (parent, candidate) in schema.tables.iter().enumerate() {
            let is_parent = schema.tables[child].parents.contains(&candidate.name);
            if is_parent && !found.contains(&parent) {
                found.push(parent);
            }
        }
        at += 1;
    }
    found.remove(0);
    found
}
