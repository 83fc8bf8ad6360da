//! What a purge did, and what it left.

use std::{error, fmt, time::Duration};

use crate::{Error, OperationId};

/// What a purge did.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct PurgeReport {
    /// The id of the run: it stands in every audit row of it.
    pub run_id: OperationId,
    /// Why it ended.
    pub stop: StopReason,
    /// What happened to each table, in the order of the purge.
    pub tables: Vec<TableReport>,
}

impl PurgeReport {
    /// The rows removed from all tables.
    #[must_use]
    pub fn purged(&self) -> u64 {
        self.tables.iter().map(|table| table.purged).sum()
    }

    /// What happened to one table.
    #[must_use]
    pub fn table(&self, name: &str) -> Option<&TableReport> {
        self.tables.iter().find(|table| table.table == name)
    }
}

/// What a purge did to one table, and what it found there at its end.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct TableReport {
    /// The table.
    pub table: &'static str,
    /// Rows removed.
    pub purged: u64,
    /// Transactions that removed rows.
    pub batches: u64,
    /// Rows that were due at the end and stayed: the run was stopped, or others held them.
    pub backlog: u64,
    /// How long ago the earliest of those was deleted.
    pub oldest: Option<Duration>,
    /// Rows that are old enough and on hold.
    pub held: u64,
    /// Rows that are old enough and referenced by another row.
    pub blocked: u64,
    /// How many of those each referencing table blocks; one row may be blocked by several.
    pub blocked_by: Vec<(&'static str, u64)>,
    /// False when the run failed before it could count what is left.
    pub counted: bool,
}

impl TableReport {
    pub(super) fn new(table: &'static str) -> Self {
        Self {
            table,
            purged: 0,
            batches: 0,
            backlog: 0,
            oldest: None,
            held: 0,
            blocked: 0,
            blocked_by: Vec::new(),
            counted: false,
        }
    }
}

/// Why a purge ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum StopReason {
    /// Nothing is left that it could have removed.
    Finished,
    /// It was a dry run.
    DryRun,
    /// `max_rows` is reached.
    MaxRows,
    /// `max_time` is over.
    MaxTime,
    /// The token was cancelled.
    Cancelled,
    /// An error ended it.
    Failed,
}

/// What is left after one batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct PurgeProgress {
    /// The run.
    pub run_id: OperationId,
    /// The table.
    pub table: &'static str,
    /// The rows that the batch removed.
    pub rows: u64,
    /// How long its transaction took, without the wait for a connection or for SQLite's lock before it.
    pub took: Duration,
    /// The rows that the run has removed so far, of all tables.
    pub purged: u64,
}

/// A purge that failed, with what it had done by then. Each batch is a transaction of its own: what
/// the report counts is committed, and the next run goes on where this one ended.
#[derive(Debug)]
pub struct PurgeError(Box<(PurgeReport, PurgeFailure)>);

impl PurgeError {
    pub(super) fn new(mut report: PurgeReport, failure: PurgeFailure) -> Self {
        report.stop = StopReason::Failed;
        Self(Box::new((report, failure)))
    }

    /// What was done before it failed.
    #[must_use]
    pub fn report(&self) -> &PurgeReport {
        &self.0.0
    }

    /// Why it failed.
    #[must_use]
    pub fn failure(&self) -> &PurgeFailure {
        &self.0.1
    }
}

/// Why a purge failed.
#[derive(Debug)]
#[non_exhaustive]
pub enum PurgeFailure {
    /// The database, the driver or a hook refused.
    Database(Error),
    /// An audit was asked for, and no migration creates `soft_delete_audit`.
    NoAuditTable,
    /// The age reaches back further than the database can count.
    AgeOutOfRange {
        /// The table.
        table: &'static str,
    },
    /// The audit rows of a batch are not as many as the rows removed: a trigger or a rule
    /// interferes. The batch was rolled back.
    AuditDiffers {
        /// The table.
        table: &'static str,
        /// Audit rows written.
        audited: u64,
        /// Rows removed.
        purged: u64,
    },
    /// A hook made other rows of the table due than those it was told of, or the database removed
    /// others. The batch was rolled back.
    HookInterferes {
        /// The table.
        table: &'static str,
    },
    /// The database answered what no version of it answers.
    Answer {
        /// The table.
        table: &'static str,
    },
}

impl From<Error> for PurgeFailure {
    fn from(error: Error) -> Self {
        Self::Database(error)
    }
}

impl From<sqlx::Error> for PurgeFailure {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error.into())
    }
}

impl fmt::Display for PurgeFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Database(error) => error.fmt(f),
            Self::NoAuditTable => f.write_str(
                "an audit is asked for and no migration creates the table `soft_delete_audit`",
            ),
            Self::AgeOutOfRange { table } => write!(
                f,
                "the age given for `{table}` reaches back further than the database can count"
            ),
            Self::AuditDiffers {
                table,
                audited,
                purged,
            } => write!(
                f,
                "{audited} audit rows for {purged} rows of `{table}`: a trigger or a rule interferes"
            ),
            Self::HookInterferes { table } => {
                write!(f, "a hook changed which rows of `{table}` are due")
            }
            Self::Answer { table } => {
                write!(f, "the database's answer about `{table}` cannot be read")
            }
        }
    }
}

impl error::Error for PurgeFailure {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        match self {
            Self::Database(error) => error.source(),
            _ => None,
        }
    }
}

impl fmt::Display for PurgeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let purged = self.report().purged();
        write!(
            f,
            "the purge failed after {purged} rows: {}",
            self.failure()
        )
    }
}

impl error::Error for PurgeError {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        self.failure().source()
    }
}
