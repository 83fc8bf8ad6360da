//! The run: tables, passes, batches, limits.

use std::{
    iter,
    time::{Duration, Instant},
};

use futures_timer::Delay;
use sqlx::Pool;
use tracing::Instrument;

use super::{
    Audit, BATCH_SIZE, LARGEST_BATCH, LARGEST_WALK, PurgeDatabase, PurgeError, PurgeFailure,
    PurgeProgress, PurgeReport, Settings, StopReason, TARGET_TIME, TableReport,
    batch::{Batch, Done},
    database::{Plan, Value},
    plan::{Keys, Param, Sql, TablePurge, Walk},
};
use crate::{OperationId, hook::Hooks, run::Token};

/// Purges the tables in their order.
pub(super) async fn run<DB: PurgeDatabase>(
    tables: &[TablePurge],
    is_cyclic: bool,
    settings: Settings,
    hooks: Hooks<DB>,
    pool: &Pool<DB>,
) -> Result<PurgeReport, PurgeError> {
    let mut run = Run::new(tables, settings, hooks, pool);
    let span = tracing::info_span!("purge", run_id = %run.report.run_id);
    let outcome = async {
        run.purge(is_cyclic).await?;
        run.count().await
    };
    match outcome.instrument(span).await {
        Ok(()) => Ok(run.report),
        Err(failure) => Err(PurgeError::new(run.report, failure)),
    }
}

/// Counts what there is.
pub(super) async fn count<DB: PurgeDatabase>(
    tables: &[TablePurge],
    settings: Settings,
    pool: &Pool<DB>,
) -> Result<PurgeReport, PurgeError> {
    let mut run = Run::new(tables, settings, Vec::new(), pool);
    run.report.stop = StopReason::DryRun;
    let outcome = async {
        run.cutoffs().await?;
        run.count().await
    };
    match outcome.await {
        Ok(()) => Ok(run.report),
        Err(failure) => Err(PurgeError::new(run.report, failure)),
    }
}

pub(super) struct Run<'a, DB: PurgeDatabase> {
    pub(super) tables: &'a [TablePurge],
    pub(super) pool: &'a Pool<DB>,
    settings: Settings,
    hooks: Hooks<DB>,
    report: PurgeReport,
    pub(super) id: String,
    /// Of each table; computed once.
    pub(super) cutoffs: Vec<String>,
    /// Of each table: a walk removed all that was due.
    is_empty: Vec<bool>,
    begun: Instant,
    size: u32,
    target_time: Option<Duration>,
    throttle: f64,
}

impl<'a, DB: PurgeDatabase> Run<'a, DB> {
    fn new(
        tables: &'a [TablePurge],
        settings: Settings,
        hooks: Hooks<DB>,
        pool: &'a Pool<DB>,
    ) -> Self {
        let run_id = OperationId::random();
        let default_time = settings.batch_size.is_none().then_some(TARGET_TIME);
        Self {
            tables,
            pool,
            report: PurgeReport {
                run_id,
                stop: StopReason::Finished,
                tables: tables
                    .iter()
                    .map(|own| TableReport::new(own.table))
                    .collect(),
            },
            id: run_id.to_string(),
            cutoffs: Vec::new(),
            is_empty: vec![false; tables.len()],
            begun: Instant::now(),
            size: settings.batch_size.unwrap_or(BATCH_SIZE),
            target_time: settings.target_time.or(default_time),
            throttle: settings.throttle.unwrap_or(DB::THROTTLE),
            settings,
            hooks,
        }
    }

    async fn purge(&mut self, is_cyclic: bool) -> Result<(), PurgeFailure> {
        let (audit, walks) = (self.settings.audit, self.hooks.is_empty());
        let steps: Option<Vec<Steps>> = self
            .tables
            .iter()
            .map(|own| Steps::of(own, audit, walks))
            .collect();
        let steps = steps.ok_or(PurgeFailure::NoAuditTable)?;
        self.cutoffs().await?;
        loop {
            let before = self.report.purged();
            for (at, steps) in steps.iter().enumerate() {
                let span = tracing::info_span!("purge_table", table = self.tables[at].table);
                if let Some(stop) = self.table(at, steps).instrument(span).await? {
                    self.report.stop = stop;
                    return Ok(());
                }
            }
            // Where tables reference one another, what is gone may free rows of an earlier one.
            if !is_cyclic || self.report.purged() == before {
                return Ok(());
            }
        }
    }

    /// Computes what "long enough ago" is, by the clock of the database.
    async fn cutoffs(&mut self) -> Result<(), PurgeFailure> {
        let age = self.settings.age.map(|age| {
            let whole = i64::try_from(age.as_secs()).unwrap_or(i64::MAX);
            whole.saturating_add(i64::from(age.subsec_nanos() > 0))
        });
        for table in self.tables {
            let sql = match (age, table.cutoff) {
                (None, Some(cutoff)) => cutoff,
                _ => table.cutoff_of_age,
            };
            let values: Vec<Value> = sql
                .params
                .iter()
                .map(|_| Value::Integer(age.unwrap_or_default()))
                .collect();
            let mut connection = self.pool.acquire().await?;
            let rows =
                DB::read(&mut connection, sql.text, &values, Plan::Each, Token::new()).await?;
            let cutoff = rows.into_iter().flatten().flatten().next();
            let table = table.table;
            self.cutoffs
                .push(cutoff.ok_or(PurgeFailure::AgeOutOfRange { table })?);
        }
        Ok(())
    }

    /// Passes through one table until one finds nothing; says why it must stop before.
    async fn table(
        &mut self,
        at: usize,
        steps: &Steps,
    ) -> Result<Option<StopReason>, PurgeFailure> {
        let tables = self.tables;
        let table = &tables[at];
        loop {
            let mut pass = self.pass(at, steps).await?;
            let is_walked = pass.is_cut;
            if let (true, Some((walk, step))) = (is_walked, steps.walk) {
                let before = pass.gone;
                // The future of a whole run would be large otherwise.
                pass = Box::pin(self.walk(at, steps.batch, walk, step)).await?;
                // What it left to others, or could not claim, is for the next pass.
                pass.gone += before;
            }
            if pass.stop.is_some() {
                return Ok(pass.stop);
            }
            if is_walked && !pass.leaves_rows && !table.is_tree {
                self.is_empty[at] = !table.may_stay;
                return Ok(None);
            }
            // One batch that took all it saw leaves nothing behind, unless the rows that went held
            // back others.
            let is_all = pass.batches <= 1 && pass.gone == pass.picked && !table.is_tree;
            if pass.gone == 0 || is_all {
                return Ok(None);
            }
        }
    }

    /// Goes through the table once, or far enough to see that a walk is worth it.
    async fn pass(&mut self, at: usize, steps: &Steps) -> Result<Pass, PurgeFailure> {
        /// So many full batches: for fewer, an index may be faster than a walk.
        const MANY: u64 = 4;
        /// A block has that many: smaller batches would not even take one.
        const LARGE: u32 = 300;
        let table = &self.tables[at];
        let has_cursor = table.pick.params.contains(&Param::From);
        let mut pass = Pass::default();
        let mut from = None;
        loop {
            pass.stop = self.must_stop();
            pass.is_cut = pass.batches >= MANY && self.size >= LARGE && steps.walk.is_some();
            if pass.stop.is_some() || pass.is_cut {
                return Ok(pass);
            }
            let limit = self.batch_limit(at);
            let done = self.batch(at, steps.batch, from.clone(), limit).await?;
            pass.add(done.picked, done.gone);
            let stands_still = done.gone == 0 && (!has_cursor || done.to == from);
            if done.picked < u64::from(limit) || stands_still {
                return Ok(pass);
            }
            from = done.to;
        }
    }

    /// One batch, and the pause behind it.
    pub(super) async fn batch(
        &mut self,
        at: usize,
        steps: &'static [Sql],
        from: Option<String>,
        limit: u32,
    ) -> Result<Done, PurgeFailure> {
        let batch = Batch {
            table: &self.tables[at],
            steps,
            hooks: &self.hooks,
            run: self.report.run_id,
            run_id: &self.id,
            cutoff: &self.cutoffs[at],
            from,
            limit,
        };
        let done = batch.run(self.pool).await?;
        self.record(at, done.gone, done.took);
        if done.picked >= u64::from(limit) {
            self.adapt(done.took);
            self.pause(done.took).await;
        }
        Ok(done)
    }

    /// How many rows it may still remove.
    pub(super) fn left(&self) -> u64 {
        let most = self.settings.max_rows;
        most.map_or(u64::MAX, |most| most.saturating_sub(self.report.purged()))
    }

    /// How many rows a batch takes whose keys are picked.
    pub(super) fn batch_limit(&self, at: usize) -> u32 {
        /// PostgreSQL compares each row with the whole array of its places.
        const LARGEST_ARRAY: u32 = 1000;
        let most = match self.tables[at].keys {
            Keys::Array => LARGEST_ARRAY,
            Keys::Json | Keys::Range => LARGEST_BATCH,
        };
        let left = u32::try_from(self.left()).unwrap_or(u32::MAX);
        left.min(self.size).min(most)
    }

    /// How many rows a batch of a walk reads.
    pub(super) fn walk_limit(&self) -> u64 {
        self.left().min(self.size.into())
    }

    pub(super) fn pauses(&self) -> bool {
        self.throttle > 0.0
    }

    pub(super) fn must_stop(&self) -> Option<StopReason> {
        let settings = &self.settings;
        if settings.cancel.is_cancelled() {
            return Some(StopReason::Cancelled);
        }
        if settings
            .max_rows
            .is_some_and(|most| self.report.purged() >= most)
        {
            return Some(StopReason::MaxRows);
        }
        let is_over = settings
            .max_time
            .is_some_and(|most| self.begun.elapsed() >= most);
        is_over.then_some(StopReason::MaxTime)
    }

    pub(super) fn record(&mut self, at: usize, rows: u64, took: Duration) {
        if rows == 0 {
            return;
        }
        let report = &mut self.report.tables[at];
        report.purged += rows;
        report.batches += 1;
        let table = report.table;
        tracing::debug!(table, rows, ?took, "batch");
        let progress = PurgeProgress {
            run_id: self.report.run_id,
            table,
            rows,
            took,
            purged: self.report.purged(),
        };
        if let Some(call) = &mut self.settings.on_progress {
            call(progress);
        }
    }

    /// Brings the size of the batches nearer to the target time, by a factor of two at the most.
    pub(super) fn adapt(&mut self, took: Duration) {
        let Some(target) = self.target_time else {
            return;
        };
        let factor = target.as_secs_f64() / took.as_secs_f64().max(1e-6);
        let size = f64::from(self.size) * factor.clamp(0.5, 2.0);
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "it is clamped to what the type holds"
        )]
        let size = size.clamp(1.0, f64::from(LARGEST_WALK)) as u32;
        self.size = size;
    }

    /// Waits behind a batch that took so long, but not for one that must stop.
    pub(super) async fn pause(&mut self, took: Duration) {
        const STEP: Duration = Duration::from_millis(50);
        let mut left = took.mul_f64(self.throttle);
        while !left.is_zero() && self.must_stop().is_none() {
            let step = left.min(STEP);
            Delay::new(step).await;
            left = left.saturating_sub(step);
        }
    }

    /// What is left of every table.
    async fn count(&mut self) -> Result<(), PurgeFailure> {
        for (at, table) in self.tables.iter().enumerate() {
            if self.is_empty[at] {
                self.report.tables[at].counted = true;
                continue;
            }
            let cutoff = Value::Text(Some(self.cutoffs[at].clone()));
            let values: Vec<Value> = iter::repeat_n(cutoff, table.tally.params.len()).collect();
            let mut connection = self.pool.acquire().await?;
            let rows = DB::read(
                &mut connection,
                table.tally.text,
                &values,
                Plan::Each,
                Token::new(),
            )
            .await?;
            let row = rows.into_iter().next().unwrap_or_default();
            tally(table, &row, &mut self.report.tables[at])
                .ok_or(PurgeFailure::Answer { table: table.table })?;
        }
        Ok(())
    }
}

/// The statements that remove the rows of a table, with the record that is asked for.
struct Steps {
    batch: &'static [Sql],
    walk: Option<(Walk, Sql)>,
}

impl Steps {
    fn of(table: &TablePurge, audit: Audit, walks: bool) -> Option<Self> {
        let batch = match audit {
            Audit::Off => Some(table.plain),
            Audit::Rows => table.audited,
            Audit::Snapshot => table.snapshot,
        };
        let walk = table.walk.filter(|_| walks).and_then(|walk| {
            let steps = match audit {
                Audit::Off => Some(walk.plain),
                Audit::Rows => walk.audited,
                Audit::Snapshot => walk.snapshot,
            };
            Some((walk, steps?))
        });
        Some(Self {
            batch: batch?,
            walk,
        })
    }
}

/// What one way through a table did.
#[derive(Default)]
pub(super) struct Pass {
    pub(super) batches: u64,
    pub(super) picked: u64,
    pub(super) gone: u64,
    pub(super) stop: Option<StopReason>,
    /// It ended where a walk is worth it.
    pub(super) is_cut: bool,
    /// A walk went round rows that others had locked or claimed.
    pub(super) leaves_rows: bool,
}

impl Pass {
    pub(super) fn add(&mut self, picked: u64, gone: u64) {
        self.batches += 1;
        self.picked += picked;
        self.gone += gone;
    }
}

fn tally(table: &TablePurge, row: &[Option<String>], report: &mut TableReport) -> Option<()> {
    let number = |at: usize| row.get(at)?.as_deref()?.parse::<u64>().ok();
    report.backlog = number(0)?;
    report.held = number(1)?;
    report.blocked = number(2)?;
    let age = row.get(3)?.as_deref().and_then(|text| text.parse().ok());
    report.oldest = age.and_then(|age: f64| Duration::try_from_secs_f64(age.max(0.0)).ok());
    for (at, blocker) in table.blockers.iter().enumerate() {
        let rows = number(4 + at)?;
        if rows > 0 {
            report.blocked_by.push((blocker, rows));
        }
    }
    if report.blocked > 0 {
        tracing::warn!(
            table = report.table,
            blocked = report.blocked,
            by = ?report.blocked_by,
            "rows stay because others reference them"
        );
    }
    report.counted = true;
    Some(())
}
