//! One batch: a transaction that chooses rows, records them and removes them.

use sqlx::Pool;

use super::{
    PurgeDatabase, PurgeFailure,
    database::{Texts, Value},
    plan::{Keys, Param, Sql, TablePurge},
};
use crate::run::Token;

/// What a batch needs to know.
pub(super) struct Batch<'a> {
    pub(super) table: &'a TablePurge,
    pub(super) steps: &'static [Sql],
    pub(super) run_id: &'a str,
    pub(super) cutoff: &'a str,
    pub(super) from: Option<String>,
    pub(super) limit: u32,
}

/// What a batch did.
pub(super) struct Done {
    /// The rows that it chose.
    pub(super) picked: u64,
    /// The rows that are gone.
    pub(super) gone: u64,
    /// Where the next batch goes on.
    pub(super) to: Option<String>,
}

/// How often a batch begins anew that lost a deadlock, or found the database locked.
const ATTEMPTS: u32 = 5;

impl Batch<'_> {
    /// Runs it.
    pub(super) async fn run<DB: PurgeDatabase>(
        &self,
        pool: &Pool<DB>,
    ) -> Result<Done, PurgeFailure> {
        let mut attempt = 1;
        loop {
            match self.attempt(pool).await {
                Err(PurgeFailure::Database(crate::Error::Sqlx(error)))
                    if attempt < ATTEMPTS && is_transient(&error) =>
                {
                    tracing::debug!(table = self.table.table, attempt, %error, "batch begins anew");
                    attempt += 1;
                }
                done => return done,
            }
        }
    }

    async fn attempt<DB: PurgeDatabase>(&self, pool: &Pool<DB>) -> Result<Done, PurgeFailure> {
        let token = Token::new();
        // Dropped on every way out but the last, which rolls it back.
        let mut transaction = DB::begin(pool, token).await?;
        let pick = self.table.pick;
        let values = self.values(pick, None, None)?;
        let mut rows = DB::read(&mut transaction, pick.text, &values, token).await?;
        let picked = rows.len() as u64;
        let to = rows.last().and_then(cursor);
        if let (Some(recheck), false) = (self.table.recheck, rows.is_empty()) {
            let keys = self.keys(&rows);
            let values = self.values(recheck, Some(&keys), to.as_deref())?;
            rows = DB::read(&mut transaction, recheck.text, &values, token).await?;
        }
        if rows.is_empty() {
            transaction.rollback().await?;
            return Ok(Done {
                picked,
                gone: 0,
                to,
            });
        }
        let keys = self.keys(&rows);
        let mut counts = Vec::with_capacity(self.steps.len());
        for step in self.steps {
            let values = self.values(*step, Some(&keys), to.as_deref())?;
            counts.push(DB::change(&mut transaction, step.text, &values, token).await?);
        }
        let gone = counts.last().copied().unwrap_or_default();
        if let Some(audited) = counts.iter().find(|count| **count != gone) {
            return Err(PurgeFailure::AuditDiffers {
                table: self.table.table,
                audited: *audited,
                purged: gone,
            });
        }
        transaction.commit().await?;
        Ok(Done { picked, gone, to })
    }

    fn values(
        &self,
        sql: Sql,
        keys: Option<&str>,
        to: Option<&str>,
    ) -> Result<Vec<Value>, PurgeFailure> {
        let value = |param: &Param| match param {
            Param::Cutoff => Some(Value::Text(Some(self.cutoff.to_owned()))),
            Param::From => Some(Value::Text(self.from.clone())),
            Param::To => Some(Value::Text(to.map(str::to_owned))),
            Param::Limit => Some(Value::Integer(self.limit.into())),
            Param::Keys => Some(Value::Text(keys.map(str::to_owned))),
            Param::Run => Some(Value::Text(Some(self.run_id.to_owned()))),
            Param::Age => None,
        };
        let values: Option<Vec<Value>> = sql.params.iter().map(value).collect();
        values.ok_or(PurgeFailure::Answer {
            table: self.table.table,
        })
    }

    fn keys(&self, rows: &[Texts]) -> String {
        let keys: Vec<&str> = rows
            .iter()
            .filter_map(|row| row.first()?.as_deref())
            .collect();
        match self.table.keys {
            Keys::Array => format!("{{\"{}\"}}", keys.join("\",\"")),
            Keys::Json => format!("[{}]", keys.join(",")),
            Keys::Range => String::new(),
        }
    }
}

/// The last text of a picked row: the point itself, or the key that is also the point.
fn cursor(row: &Texts) -> Option<String> {
    row.last().cloned().flatten()
}

/// A deadlock, a failed serialization, a lock that was not got in time.
fn is_transient(error: &sqlx::Error) -> bool {
    let Some(error) = error.as_database_error() else {
        return false;
    };
    let code = error.code();
    // SQLite's number of "busy"; PostgreSQL's and MySQL's states; MySQL's lock timeout has none.
    matches!(code.as_deref(), Some("5" | "40001" | "40P01"))
        || error.message().starts_with("Lock wait timeout exceeded")
}
