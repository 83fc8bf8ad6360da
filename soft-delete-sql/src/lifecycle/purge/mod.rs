//! The purge of a table in batches: rows that were deleted long enough ago, that are not on hold and
//! that no row references.
//!
//! A batch is one transaction: `pick` chooses rows, and locks them where the database locks rows;
//! `recheck` sees what was committed until then; the statements of a `Record` write the audit rows
//! and remove the rows. Each tests again all that it can, and the last one says how many are gone.

mod age;
mod due;
mod mysql;
mod postgres;
mod sqlite;
mod tally;
pub mod text;

use std::collections::BTreeSet;

pub use text::{Param, Text};

use super::{audit, graph};
use crate::{Code, Diagnostic, Dialect, Schema, fact};
use due::Due;

/// The statements that purge one table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TablePurge {
    /// The table.
    pub table: String,
    /// Its rows reference one another, so that one pass may make others eligible.
    pub is_tree: bool,
    /// Computes the cutoff of the retention; `None` where soft-delete.toml names none.
    pub cutoff: Option<Text>,
    /// Computes the cutoff of an age, and never a later one than that of the retention.
    pub cutoff_of_age: Text,
    /// Chooses the rows of a batch: a row for each with its key and, where it is another, the point
    /// from which the next batch goes on.
    pub pick: Text,
    /// How the keys are joined to one parameter.
    pub keys: Keys,
    /// Picks again, of the rows that are locked now.
    pub recheck: Option<Text>,
    /// The keys of the rows that would be removed now, for people and logs.
    pub names: Text,
    /// Removes the rows.
    pub plain: Vec<Text>,
    /// Records them and removes them; `None` without an audit table.
    pub audited: Option<Vec<Text>>,
    /// The same with the whole row as JSON.
    pub snapshot: Option<Vec<Text>>,
    /// A faster way through a table with many rows that are due.
    pub walk: Option<Walk>,
    /// A due row may have to stay: one that is on hold or referenced.
    pub may_stay: bool,
    /// Counts: eligible, on hold, blocked, the seconds since the earliest deletion among the
    /// eligible, and what each table of `blockers` blocks.
    pub tally: Text,
    /// Tables whose rows reference this one's.
    pub blockers: Vec<String>,
}

/// PostgreSQL: a walk through the table, part by part, that removes rows without locking them
/// before. A batch is one statement and a transaction of its own, for which the worker claims the
/// part. What another session has locked is waited for, for some milliseconds, and left to a batch
/// that skips it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Walk {
    /// How many blocks the table has, how many rows a block can have, and how many it has on the
    /// average, where that is known.
    pub extent: Text,
    /// Whether a part can be claimed now.
    pub claim: Text,
    /// Claims a part and removes the rows of a range in it.
    pub plain: Text,
    /// Records them as well.
    pub audited: Option<Text>,
    /// The same with the whole row as JSON.
    pub snapshot: Option<Text>,
}

/// How the keys of a batch are written as one text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keys {
    /// `{"k","k"}`: an array of PostgreSQL.
    Array,
    /// `[k,k]`: JSON.
    Json,
    /// Not at all: the batch is the range from its beginning to its end.
    Range,
}

/// The purge of every table with a retention.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetentionPlan {
    /// Children before parents.
    pub tables: Vec<TablePurge>,
    /// Tables reference one another in a circle, so that no order suits all rows.
    pub is_cyclic: bool,
}

/// The statements for a table of the schema.
///
/// # Errors
/// SD060 when the age of a deleted row is not known, SD061 when a row cannot be named by a key.
pub fn purge(schema: &Schema, table: usize) -> Result<TablePurge, Diagnostic> {
    let due = Due::of(schema, table)?;
    if due.table.primary_key.is_empty() {
        return Err(fact::no_key(schema, due.table));
    }
    let audit = audit::find(schema)?;
    let draft = match schema.dialect {
        Dialect::Postgres => postgres::draft(&due, audit, !schema.descendants(table).is_empty()),
        Dialect::Sqlite => sqlite::draft(&due, audit),
        Dialect::Mysql => mysql::draft(&due, audit),
    };
    let retention = due.table.settings.retention.as_deref();
    let text = |sql: &str| Text::new(schema.dialect, sql);
    let texts = |sql: &[String]| sql.iter().map(|sql| text(sql)).collect();
    Ok(TablePurge {
        table: due.table.name.to_string(),
        is_tree: due.blockers.iter().any(|blocker| blocker.is_loop),
        cutoff: retention.map(|retention| text(&due.clock.cutoff(Some(retention), false))),
        cutoff_of_age: text(&due.clock.cutoff(retention, true)),
        pick: text(&draft.pick),
        keys: draft.keys,
        recheck: draft.recheck.as_deref().map(text),
        names: text(&draft.names),
        plain: texts(&draft.plain),
        audited: draft.audited.as_deref().map(texts),
        snapshot: draft.snapshot.as_deref().map(texts),
        walk: draft.walk.map(|walk| Walk {
            extent: text(&walk.extent),
            claim: text(&walk.claim),
            plain: text(&walk.plain),
            audited: walk.audited.as_deref().map(text),
            snapshot: walk.snapshot.as_deref().map(text),
        }),
        may_stay: due.held.is_some() || !due.blockers.is_empty(),
        tally: text(&tally::sql(&due)),
        blockers: due.blockers.into_iter().map(|own| own.table).collect(),
    })
}

/// What a dialect writes.
struct Draft {
    pick: String,
    keys: Keys,
    recheck: Option<String>,
    names: String,
    plain: Vec<String>,
    audited: Option<Vec<String>>,
    snapshot: Option<Vec<String>>,
    walk: Option<WalkDraft>,
}

struct WalkDraft {
    extent: String,
    claim: String,
    plain: String,
    audited: Option<String>,
    snapshot: Option<String>,
}

/// The statements for every table that has a `retention`.
///
/// # Errors
/// One for each table that cannot be purged; SD063 when no table has a retention.
pub fn retention_plan(schema: &Schema) -> Result<RetentionPlan, Vec<Diagnostic>> {
    let retained: Vec<usize> = (0..schema.tables.len())
        .filter(|&table| schema.tables[table].settings.retention.is_some())
        .collect();
    if retained.is_empty() {
        return Err(vec![
            Diagnostic::new(Code::NoRetention, "no table has a retention").help(
                "say in soft-delete.toml how long deleted rows stay:\n\
                 [tables.contacts]\nretention = \"90 days\"",
            ),
        ]);
    }
    let (order, is_cyclic) = children_first(schema, &retained);
    let mut tables = Vec::new();
    let mut faults = Vec::new();
    for table in order {
        match purge(schema, table) {
            Ok(purge) => tables.push(purge),
            Err(fault) => faults.push(fault),
        }
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    Ok(RetentionPlan { tables, is_cyclic })
}

/// Orders tables so that one that references another comes first, where there is such an order.
fn children_first(schema: &Schema, tables: &[usize]) -> (Vec<usize>, bool) {
    let edges: Vec<(usize, usize)> = graph::edges(schema)
        .iter()
        .filter(|edge| !edge.is_loop())
        .map(|edge| (edge.child, edge.parent))
        .collect();
    let mut left: BTreeSet<usize> = tables.iter().copied().collect();
    let mut order = Vec::new();
    let mut is_cyclic = false;
    while let Some(&first) = left.first() {
        let waits = |table: usize| {
            edges
                .iter()
                .any(|(child, parent)| *parent == table && left.contains(child))
        };
        let free = left.iter().copied().find(|&table| !waits(table));
        is_cyclic |= free.is_none();
        let next = free.unwrap_or(first);
        left.remove(&next);
        order.push(next);
    }
    (order, is_cyclic)
}

#[cfg(test)]
mod tests;
