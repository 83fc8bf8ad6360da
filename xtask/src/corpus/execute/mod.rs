//! Runs what the analyser lets through, beside what stands for the truth.

mod ask;

use anyhow::Result;
use soft_delete_sql::{Dialect, Schema};

use super::read::{Corpus, Script};

pub(crate) use ask::{Asked, Scoped, ask};

/// What stands for the truth about a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Truth {
    /// The original on views that filter the tables.
    Views,
    /// The original on tables without the rows outside the scope.
    Clean,
}

/// What came of running a statement.
#[allow(dead_code, reason = "the databases join one by one")]
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Execution {
    /// The scoped statement does what the original does in the truth.
    Equal {
        truth: Truth,
        /// Rows returned, or written.
        rows: usize,
        /// The original, unscoped on the same data, does something else: a forgotten filter shows.
        telling: bool,
    },
    /// It does something else.
    Differs {
        truth: Truth,
        scoped: String,
        expected: String,
        found: String,
    },
    /// Only the scoped statement is rejected by the database.
    Rejected { scoped: String, message: String },
    /// Nothing could be learnt: the original fails on the data, or its result is not determined.
    /// The reason groups.
    Unjudged(String),
}

/// A database in the state that the next statement of a script meets.
pub(super) trait Stage {
    /// The schema as the analyser has it now.
    fn schema(&mut self) -> &Schema;

    /// Does the database accept the statement? False for a fault of its text or its names; a
    /// statement that only fails on the data is accepted.
    fn accepts(&mut self, sql: &str) -> bool;

    /// Runs the truth and the scoped statement, and leaves no trace.
    fn execute(&mut self, sql: &str, asked: &Asked) -> Execution;

    /// Runs a statement of a script for its effect, whatever comes of it.
    fn advance(&mut self, sql: &str);
}

/// The database that a script runs on, where there is one; `schema` is what the analyser knows
/// before its first statement.
pub(super) fn stage(
    _corpus: &Corpus,
    _script: &Script,
    schema: &Schema,
) -> Result<Option<Box<dyn Stage>>> {
    match schema.dialect {
        Dialect::Postgres | Dialect::Sqlite | Dialect::Mysql => Ok(None),
    }
}
