//! One batch: a transaction that chooses rows, records them and removes them.

use std::{
    collections::HashSet,
    sync::Arc,
    time::{Duration, Instant},
};

use sqlx::Pool;

use super::{
    PurgeDatabase, PurgeFailure,
    database::{Plan, Texts, Value},
    plan::{Keys, Param, Sql, TablePurge},
};
use crate::{Event, Hook, OperationId, hook::Kind, run::Token};

/// What a batch needs to know.
pub(super) struct Batch<'a, DB: PurgeDatabase> {
    pub(super) table: &'a TablePurge,
    pub(super) steps: &'static [Sql],
    pub(super) hooks: &'a [Arc<dyn Hook<DB>>],
    pub(super) run: OperationId,
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
    /// How long its transaction took. What it waited before for a connection, or for SQLite's lock, says
    /// nothing of how many rows suit a batch.
    pub(super) took: Duration,
}

/// How often a batch begins anew that lost a deadlock, or found the database locked.
const ATTEMPTS: u32 = 5;

impl<DB: PurgeDatabase> Batch<'_, DB> {
    /// Runs it.
    pub(super) async fn run(&self, pool: &Pool<DB>) -> Result<Done, PurgeFailure> {
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

    async fn attempt(&self, pool: &Pool<DB>) -> Result<Done, PurgeFailure> {
        let token = Token::new();
        // Dropped on every way out but the last, which rolls it back.
        let mut transaction = DB::begin(pool, token).await?;
        let begun = Instant::now();
        let pick = self.table.pick;
        let values = self.inputs(None, None).of(self.table, pick)?;
        let mut rows = DB::read(&mut transaction, pick.text, &values, Plan::Each, token).await?;
        let picked = rows.len() as u64;
        let to = rows.last().and_then(cursor);
        if let (Some(recheck), false) = (self.table.recheck, rows.is_empty()) {
            let keys = self.keys(&rows);
            let values = self
                .inputs(Some(&keys), to.as_deref())
                .of(self.table, recheck)?;
            rows = DB::read(&mut transaction, recheck.text, &values, Plan::Each, token).await?;
        }
        if rows.is_empty() {
            transaction.rollback().await?;
            return Ok(Done {
                picked,
                gone: 0,
                to,
                took: begun.elapsed(),
            });
        }
        let keys = self.keys(&rows);
        let inputs = self.inputs(Some(&keys), to.as_deref());
        let gone = if self.hooks.is_empty() {
            let (table, steps) = (self.table, self.steps);
            remove::<DB>(&mut transaction, table, steps, &inputs, Plan::Each).await?
        } else {
            // Apart, as few purges have hooks.
            Box::pin(self.remove_told(&mut transaction, &inputs)).await?
        };
        transaction.commit().await?;
        Ok(Done {
            picked,
            gone,
            to,
            took: begun.elapsed(),
        })
    }

    /// Removes the rows, and tells the hooks before and after it.
    async fn remove_told(
        &self,
        connection: &mut DB::Connection,
        inputs: &Inputs<'_>,
    ) -> Result<u64, PurgeFailure> {
        let mut event = Event {
            kind: Kind::Purge,
            operation_id: Some(self.run),
            table: self.table.table,
            keys: self.names(connection, inputs).await?,
        };
        for hook in self.hooks {
            hook.before(&event, connection).await?;
        }
        // What they changed may keep rows, and must bring no other into the batch.
        let keys = self.names(connection, inputs).await?;
        let told: HashSet<&String> = event.keys.iter().collect();
        let untold = keys.iter().filter(|key| !told.contains(key)).count();
        let gone = remove::<DB>(connection, self.table, self.steps, inputs, Plan::Each).await?;
        if untold > 0 || gone != keys.len() as u64 {
            return Err(PurgeFailure::HookInterferes {
                table: self.table.table,
            });
        }
        event.keys = keys;
        if gone > 0 {
            for hook in self.hooks {
                hook.after(&event, connection).await?;
            }
        }
        Ok(gone)
    }

    /// The keys of the rows that would be removed now.
    async fn names(
        &self,
        connection: &mut DB::Connection,
        inputs: &Inputs<'_>,
    ) -> Result<Vec<String>, PurgeFailure> {
        let sql = self.table.names;
        let values = inputs.of(self.table, sql)?;
        let rows = DB::read(connection, sql.text, &values, Plan::Each, Token::new()).await?;
        let key = |row: Texts| row.into_iter().next().flatten().unwrap_or_default();
        Ok(rows.into_iter().map(key).collect())
    }

    fn inputs<'i>(&'i self, keys: Option<&'i str>, to: Option<&'i str>) -> Inputs<'i> {
        Inputs {
            cutoff: self.cutoff,
            run_id: self.run_id,
            from: self.from.as_deref(),
            limit: self.limit,
            keys,
            to,
            part: None,
        }
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

/// What is bound to the statements of a batch.
pub(super) struct Inputs<'a> {
    pub(super) cutoff: &'a str,
    pub(super) run_id: &'a str,
    pub(super) from: Option<&'a str>,
    pub(super) to: Option<&'a str>,
    pub(super) limit: u32,
    pub(super) keys: Option<&'a str>,
    pub(super) part: Option<u32>,
}

impl Inputs<'_> {
    /// In the order of the statement's placeholders.
    pub(super) fn of(&self, table: &TablePurge, sql: Sql) -> Result<Vec<Value>, PurgeFailure> {
        let text = |text: Option<&str>| Some(Value::Text(text.map(str::to_owned)));
        let value = |param: &Param| match param {
            Param::Cutoff => text(Some(self.cutoff)),
            Param::From => text(self.from),
            Param::To => text(self.to),
            Param::Limit => Some(Value::Integer(self.limit.into())),
            Param::Keys => text(self.keys),
            Param::Run => text(Some(self.run_id)),
            Param::Part => self.part.map(|part| Value::Integer(part.into())),
            Param::Age => None,
        };
        let values: Option<Vec<Value>> = sql.params.iter().map(value).collect();
        values.ok_or(PurgeFailure::Answer { table: table.table })
    }
}

/// Runs the statements of a batch and counts the rows that are gone.
pub(super) async fn remove<DB: PurgeDatabase>(
    connection: &mut DB::Connection,
    table: &TablePurge,
    steps: &'static [Sql],
    inputs: &Inputs<'_>,
    plan: Plan,
) -> Result<u64, PurgeFailure> {
    let mut counts = Vec::with_capacity(steps.len());
    for step in steps {
        let values = inputs.of(table, *step)?;
        counts.push(DB::change(connection, step.text, &values, plan, Token::new()).await?);
    }
    let gone = counts.last().copied().unwrap_or_default();
    match counts.iter().find(|count| **count != gone) {
        Some(audited) => Err(PurgeFailure::AuditDiffers {
            table: table.table,
            audited: *audited,
            purged: gone,
        }),
        None => Ok(gone),
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
