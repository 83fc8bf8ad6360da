//! Runs the statements of an operation.

use std::sync::Arc;

use futures_core::future::BoxFuture;
use sqlx::Database;

use crate::{
    Backend, Error, Hook, Outcome, Result,
    outcome::{LeftDeleted, TableRows, add},
    plan::{Effect, Plan, Stage, Step, Text},
    run::Token,
    values::Values,
};

/// A round of a cycle marks at least one row, so that more rounds than this are no cascade of a
/// real table but a fault.
const ROUNDS: usize = 100_000;

/// An operation that is under way in a transaction.
pub(crate) struct Work<'w, DB: Backend> {
    pub(crate) connection: &'w mut DB::Connection,
    pub(crate) values: &'w Values<'w, DB>,
    /// The table of the operation.
    pub(crate) table: &'static str,
    /// A restore leaves deleted what it cannot restore.
    pub(crate) lenient: bool,
    pub(crate) hooks: &'w [Arc<dyn Hook<DB>>],
    /// The keys of rows of other tables, for the hooks.
    pub(crate) touched: Vec<(&'static str, Vec<String>)>,
    pub(crate) outcome: Outcome,
}

/// The state of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    Active,
    Deleted,
    Held,
    Erased,
    ErasedHeld,
}

impl<'w, DB: Backend> Work<'w, DB> {
    pub(crate) fn new(
        connection: &'w mut DB::Connection,
        values: &'w Values<'w, DB>,
        table: &'static str,
    ) -> Self {
        Self {
            connection,
            values,
            table,
            lenient: false,
            hooks: &[],
            touched: Vec::new(),
            outcome: Outcome::default(),
        }
    }

    /// The state of the row of the key; `None` where there is none.
    pub(crate) async fn state(&mut self, plan: &Plan) -> sqlx::Result<Option<State>> {
        let Some(row) = self.fetch(&plan.state).await? else {
            return Ok(None);
        };
        Ok(match DB::text(&row, Token::new())?.as_deref() {
            Some("active") => Some(State::Active),
            Some("held") => Some(State::Held),
            Some("erased") => Some(State::Erased),
            Some("erased held") => Some(State::ErasedHeld),
            _ => Some(State::Deleted),
        })
    }

    /// The keys that a statement selects.
    pub(crate) async fn keys(&mut self, text: &Text) -> sqlx::Result<Vec<String>> {
        let statement = self.values.statement(text);
        DB::texts(self.connection, statement, Token::new()).await
    }

    /// Runs a statement; the rows it affected.
    pub(crate) fn run(&mut self, text: &Text) -> impl Future<Output = sqlx::Result<u64>> + Send {
        let statement = self.values.statement(text);
        DB::run(self.connection, statement, Token::new())
    }

    /// The first row.
    pub(crate) fn fetch(
        &mut self,
        text: &Text,
    ) -> BoxFuture<'_, sqlx::Result<Option<<DB as Database>::Row>>> {
        let statement = self.values.statement(text);
        DB::fetch(self.connection, statement, Token::new())
    }

    /// The number that a statement counts.
    pub(crate) async fn count(&mut self, text: &Text) -> sqlx::Result<u64> {
        let row = self.fetch(text).await?.ok_or(sqlx::Error::RowNotFound)?;
        Ok(DB::number(&row, Token::new())?.unsigned_abs())
    }

    /// Runs all stages.
    pub(crate) async fn stages(&mut self, stages: &'static [Stage]) -> Result<()> {
        for stage in stages {
            match stage {
                Stage::Once(step) => {
                    self.step(step).await?;
                }
                Stage::Repeat(steps) => self.repeat(steps).await?,
                Stage::Collect(tables) if !self.hooks.is_empty() => {
                    for (table, text) in *tables {
                        let keys = self.keys(text).await?;
                        self.touched.push((table, keys));
                    }
                }
                Stage::Collect(_) => {}
            }
        }
        Ok(())
    }

    async fn repeat(&mut self, steps: &'static [Step]) -> Result<()> {
        for _ in 0..ROUNDS {
            let mut changed = 0;
            for step in steps {
                changed += self.step(step).await?;
            }
            if changed == 0 {
                return Ok(());
            }
        }
        Err(Error::Contended { table: self.table })
    }

    /// Runs a step; the number of rows that it changed.
    pub(crate) async fn step(&mut self, step: &'static Step) -> Result<u64> {
        if step.effect.is_hindrance() {
            let rows = self.count(&step.text).await?;
            if rows > 0 {
                self.hindrance(step, rows)?;
            }
            return Ok(0);
        }
        let rows = self.run(&step.text).await?;
        if rows == 0 {
            return Ok(0);
        }
        let (table, outcome) = (step.table, &mut self.outcome);
        match step.effect {
            Effect::Lock => return Ok(0),
            Effect::Change => add(&mut outcome.told().dependents, table, rows),
            Effect::OverwriteErased => {
                add(&mut outcome.told().dependents, table, rows);
                add(&mut outcome.told().overwritten, table, rows);
            }
            Effect::OverwriteKept => add(&mut outcome.told().overwritten, table, rows),
            Effect::Detach => add(&mut outcome.told().detached, table, rows),
            Effect::Reattach => add(&mut outcome.told().reattached, table, rows),
            Effect::Retract => outcome.told().retract(table, rows),
            // Nobody counts the first; the others were looked at above.
            Effect::Mark
            | Effect::Guard
            | Effect::Restricted
            | Effect::ParentDeleted
            | Effect::Orphaned
            | Effect::Conflict
            | Effect::Remaining => {}
        }
        Ok(rows)
    }

    /// Rows that stand in the way.
    fn hindrance(&mut self, step: &Step, rows: u64) -> Result<()> {
        let found = TableRows {
            table: step.table,
            rows,
        };
        match step.effect {
            Effect::ParentDeleted if self.lenient => {
                self.outcome
                    .told()
                    .left
                    .push(LeftDeleted::ParentDeleted(found));
                Ok(())
            }
            Effect::Conflict if self.lenient => {
                self.outcome.told().left.push(LeftDeleted::Conflict(found));
                Ok(())
            }
            // What has a reason was told before.
            Effect::Remaining if self.lenient => {
                if self.outcome.left_deleted().is_empty() {
                    self.outcome.told().left.push(LeftDeleted::Blocked(found));
                }
                Ok(())
            }
            Effect::Remaining => Err(Error::Contended { table: step.table }),
            Effect::Guard => Err(Error::Isolation { table: step.table }),
            Effect::ParentDeleted | Effect::Orphaned => Err(Error::ParentDeleted {
                table: self.table,
                parent: step.table,
            }),
            Effect::Conflict => Err(Error::Conflict {
                table: step.table,
                constraint: None,
                live: None,
            }),
            _ => Err(Error::Restricted {
                table: self.table,
                by: step.table,
                rows,
            }),
        }
    }
}
