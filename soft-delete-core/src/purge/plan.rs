//! The statements of a purge, made at compile time.

use std::marker::PhantomData;

use crate::SoftDeletable;

/// A row type whose deleted rows can be purged by their age; implemented by
/// `#[derive(SoftDeletable)]`.
#[diagnostic::on_unimplemented(
    message = "deleted rows of `{Self}` cannot be purged by their age",
    label = "no age of its deleted rows is known",
    note = "the table needs a primary key and a marker that says when a row was deleted: a flag does \
            not, and a number only with `now` in soft-delete.toml",
    note = "`soft_query!(purge, \"DELETE FROM … WHERE …\")` purges rows by any condition"
)]
pub trait Purgeable: SoftDeletable {
    /// The database of the dialect.
    type Database;
    /// [`AgeKnown`] when soft-delete.toml gives the table a `retention`, else [`AgeMissing`].
    type Age;
    #[doc(hidden)]
    const PURGE: &'static TablePurge;
}

/// How old a row must be is said: by `retention`, or by
/// [`older_than`](super::Purge::older_than).
#[derive(Debug)]
pub enum AgeKnown {}

/// How old a row must be is not said yet.
#[derive(Debug)]
pub enum AgeMissing {}

/// A purge that knows how old a row must be.
#[diagnostic::on_unimplemented(
    message = "this purge does not say how old a deleted row must be",
    label = "say it first: `.older_than(…)`",
    note = "or once for all, in soft-delete.toml: `retention = \"90 days\"`"
)]
pub trait AgeSettled {}

#[diagnostic::do_not_recommend]
impl AgeSettled for AgeKnown {}

/// What `retention_plan!()` makes: the purge of every table that has a retention.
#[derive(Debug)]
pub struct RetentionPlan<DB> {
    pub(super) tables: &'static [TablePurge],
    pub(super) is_cyclic: bool,
    database: PhantomData<fn() -> DB>,
}

impl<DB> Clone for RetentionPlan<DB> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<DB> Copy for RetentionPlan<DB> {}

impl<DB> RetentionPlan<DB> {
    #[doc(hidden)]
    #[must_use]
    pub const fn new(tables: &'static [TablePurge], is_cyclic: bool) -> Self {
        Self {
            tables,
            is_cyclic,
            database: PhantomData,
        }
    }

    /// The tables, children before parents.
    pub fn tables(&self) -> impl Iterator<Item = &'static str> + use<DB> {
        self.tables.iter().map(|table| table.table)
    }
}

/// What stands for a placeholder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Param {
    /// The moment before which a row must have been deleted.
    Cutoff,
    /// How old a row must be, in seconds.
    Age,
    /// Where the batch begins.
    From,
    /// Where it ends.
    To,
    /// How many rows it takes.
    Limit,
    /// The keys of its rows.
    Keys,
    /// The id of the run.
    Run,
    /// The number of a part of the table.
    Part,
}

/// A statement and what is bound to it.
#[derive(Debug, Clone, Copy)]
pub struct Sql {
    /// The text.
    pub text: &'static str,
    /// In the order of the placeholders.
    pub params: &'static [Param],
}

/// How the keys of a batch are written as one text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keys {
    /// `{"k","k"}`
    Array,
    /// `[k,k]`
    Json,
    /// Not at all.
    Range,
}

/// The purge of one table; `soft_delete_sql::lifecycle::purge` says what each statement does.
#[derive(Debug, Clone, Copy)]
pub struct TablePurge {
    /// The table.
    pub table: &'static str,
    /// Rows reference rows of the same table.
    pub is_tree: bool,
    /// The cutoff of the retention.
    pub cutoff: Option<Sql>,
    /// The cutoff of an age.
    pub cutoff_of_age: Sql,
    /// Chooses the rows of a batch.
    pub pick: Sql,
    /// How their keys are joined.
    pub keys: Keys,
    /// Chooses again.
    pub recheck: Option<Sql>,
    /// The keys of the rows that would be removed now, as texts.
    pub names: Sql,
    /// Removes them.
    pub plain: &'static [Sql],
    /// Records and removes them.
    pub audited: Option<&'static [Sql]>,
    /// The same with the whole row.
    pub snapshot: Option<&'static [Sql]>,
    /// A faster way through a table with many rows that are due.
    pub walk: Option<Walk>,
    /// A due row may have to stay.
    pub may_stay: bool,
    /// Counts.
    pub tally: Sql,
    /// The tables whose counts end the tally.
    pub blockers: &'static [&'static str],
}

/// A walk through a table, part by part.
#[derive(Debug, Clone, Copy)]
pub struct Walk {
    /// How many blocks there are, and how many rows in one.
    pub extent: Sql,
    /// Whether a part can be claimed.
    pub claim: Sql,
    /// Claims a part and removes rows in it.
    pub plain: Sql,
    /// Records and removes them.
    pub audited: Option<Sql>,
    /// The same with the whole row.
    pub snapshot: Option<Sql>,
}
