//! The purge: rows that were soft-deleted long enough ago are removed, batch by batch.

mod batch;
mod cancel;
mod database;
mod engine;
#[doc(hidden)]
pub mod plan;
mod report;
mod walk;

use std::{fmt, marker::PhantomData, slice, sync::Arc, time::Duration};

pub use cancel::CancelToken;
pub use database::PurgeDatabase;
use futures_core::future::BoxFuture;
pub use plan::{AgeKnown, AgeMissing, AgeSettled, Purgeable, RetentionPlan};
pub use report::{PurgeError, PurgeFailure, PurgeProgress, PurgeReport, StopReason, TableReport};
use sqlx::Pool;

use crate::{Hook, hook::Hooks};
use plan::TablePurge;

/// What a purge records of the rows that it removes, in `soft_delete_audit`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Audit {
    /// Nothing.
    #[default]
    Off,
    /// The table, the key, the marker, who deleted the row and why, and the run.
    Rows,
    /// The same, and the whole row as JSON.
    Snapshot,
}

/// The purge of one table, or of all that have a retention.
///
/// It removes rows that were deleted before a cutoff, that are not on hold, and that no row
/// references: a row that still has a child, live or deleted, stays and is counted as blocked. Each
/// batch is a transaction of its own with its audit rows, and tests every condition again under the
/// lock of the row, so that a concurrent restore wins. Several processes may purge at once and
/// share the work. A process that is killed loses the batch it was in, and the next run goes on.
///
/// ```ignore
/// let report = Purge::plan(retention_plan!())
///     .audit(Audit::Rows)
///     .throttle(1.0)
///     .max_time(Duration::from_secs(600))
///     .execute(&pool)
///     .await?;
/// ```
#[must_use = "a purge does nothing until it is executed"]
pub struct Purge<DB: PurgeDatabase, A = AgeKnown> {
    tables: &'static [TablePurge],
    is_cyclic: bool,
    settings: Settings,
    hooks: Hooks<DB>,
    state: PhantomData<fn() -> A>,
}

type OnProgress = Box<dyn FnMut(PurgeProgress) + Send>;

struct Settings {
    age: Option<Duration>,
    batch_size: Option<u32>,
    target_time: Option<Duration>,
    throttle: Option<f64>,
    max_rows: Option<u64>,
    max_time: Option<Duration>,
    cancel: CancelToken,
    on_progress: Option<OnProgress>,
    audit: Audit,
}

const BATCH_SIZE: u32 = 1000;
const TARGET_TIME: Duration = Duration::from_millis(50);
/// No more rows at once, however fast they go: the keys of a batch are held in memory.
const LARGEST_BATCH: u32 = 10_000;
/// A walk holds none.
const LARGEST_WALK: u32 = 100_000;

impl<DB: PurgeDatabase, A> Purge<DB, A> {
    fn new(tables: &'static [TablePurge], is_cyclic: bool) -> Self {
        Self {
            tables,
            is_cyclic,
            settings: Settings {
                age: None,
                batch_size: None,
                target_time: None,
                throttle: None,
                max_rows: None,
                max_time: None,
                cancel: CancelToken::new(),
                on_progress: None,
                audit: Audit::Off,
            },
            hooks: Vec::new(),
            state: PhantomData,
        }
    }

    /// The purge of a model's table.
    pub fn of<T>() -> Self
    where
        T: Purgeable<Database = DB, Age = A>,
    {
        Self::new(slice::from_ref(T::PURGE), false)
    }

    /// Takes rows that were deleted at least this long ago, to the second. Where the table has a
    /// retention, rows younger than that stay all the same.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use soft_delete_core::{AgeMissing, Purge, PurgeDatabase, PurgeError, PurgeReport};
    /// use sqlx::Pool;
    ///
    /// // let purge = Purge::of::<Contact>();
    /// async fn run<DB: PurgeDatabase>(
    ///     purge: Purge<DB, AgeMissing>,
    ///     pool: &Pool<DB>,
    /// ) -> Result<PurgeReport, PurgeError> {
    ///     let ninety_days = Duration::from_secs(90 * 86_400);
    ///     purge.older_than(ninety_days).execute(pool).await
    /// }
    /// ```
    ///
    /// Without it, where the table has no retention, it does not compile:
    ///
    /// ```compile_fail,E0277
    /// # use soft_delete_core::{AgeMissing, Purge, PurgeDatabase, PurgeError, PurgeReport};
    /// # use sqlx::Pool;
    /// # async fn run<DB: PurgeDatabase>(
    /// #     purge: Purge<DB, AgeMissing>,
    /// #     pool: &Pool<DB>,
    /// # ) -> Result<PurgeReport, PurgeError> {
    /// purge.execute(pool).await
    /// # }
    /// ```
    pub fn older_than(self, age: Duration) -> Purge<DB, AgeKnown> {
        let mut settings = self.settings;
        settings.age = Some(age);
        Purge {
            tables: self.tables,
            is_cyclic: self.is_cyclic,
            settings,
            hooks: self.hooks,
            state: PhantomData,
        }
    }

    /// How many rows a batch takes, at the most 10,000. In a walk through PostgreSQL's blocks it is
    /// about so many.
    ///
    /// Without it the first batch takes 1,000 rows, and the next are made to fit the target time.
    pub fn batch_size(mut self, rows: u32) -> Self {
        self.settings.batch_size = Some(rows.clamp(1, LARGEST_BATCH));
        self
    }

    /// Makes the batches larger or smaller until one takes about this long; 50 ms unless said, or
    /// unless [`batch_size`](Self::batch_size) is.
    pub fn target_time(mut self, time: Duration) -> Self {
        self.settings.target_time = Some(time);
        self
    }

    /// Pauses after each full batch, for the time that it took times `ratio`: 1.0 works half of the time.
    ///
    /// Unless it is said, the ratio is 0.0; on SQLite it is 0.5. There one session writes at a time, and
    /// others that write beside a purge without pauses wait for seconds, until their `busy_timeout` is over.
    pub fn throttle(mut self, ratio: f64) -> Self {
        self.settings.throttle = Some(if ratio.is_finite() {
            ratio.max(0.0)
        } else {
            0.0
        });
        self
    }

    /// Stops once so many rows are removed.
    pub fn max_rows(mut self, rows: u64) -> Self {
        self.settings.max_rows = Some(rows);
        self
    }

    /// Stops after this time, and the batch that is running then.
    pub fn max_time(mut self, time: Duration) -> Self {
        self.settings.max_time = Some(time);
        self
    }

    /// Stops after the batch during which the token is cancelled.
    pub fn cancel(mut self, token: CancelToken) -> Self {
        self.settings.cancel = token;
        self
    }

    /// Is called after each batch.
    pub fn on_progress(mut self, call: impl FnMut(PurgeProgress) + Send + 'static) -> Self {
        self.settings.on_progress = Some(Box::new(call));
        self
    }

    /// Records what is removed.
    pub fn audit(mut self, audit: Audit) -> Self {
        self.settings.audit = audit;
        self
    }

    /// Calls a hook in the transaction of each batch, after those that were said before: with the id of
    /// the run, the table and the keys of the rows. A row that `before` changes, so that it is no longer
    /// due, stays, and `after` does not tell it. An error of a hook takes the batch back and ends the
    /// run; those before it are done. A batch that lost a deadlock begins anew, and calls them again.
    ///
    /// PostgreSQL then removes rows batch by batch, also where it would walk through a large table.
    pub fn with_hook(mut self, hook: Arc<dyn Hook<DB>>) -> Self {
        self.hooks.push(hook);
        self
    }

    /// Purges.
    ///
    /// # Errors
    /// When the database or a hook refuses, or an audit is asked for that cannot be written. The error holds
    /// the report of what was done by then.
    #[must_use = "futures do nothing unless awaited"]
    pub fn execute(self, pool: &Pool<DB>) -> BoxFuture<'_, Result<PurgeReport, PurgeError>>
    where
        A: AgeSettled,
    {
        Box::pin(engine::run(
            self.tables,
            self.is_cyclic,
            self.settings,
            self.hooks,
            pool,
        ))
    }

    /// Removes nothing, and reports what there is: `backlog` counts the rows that are eligible now.
    /// A parent whose children would be purged first still counts as blocked.
    ///
    /// # Errors
    /// When the database refuses.
    #[must_use = "futures do nothing unless awaited"]
    pub fn dry_run(self, pool: &Pool<DB>) -> BoxFuture<'_, Result<PurgeReport, PurgeError>>
    where
        A: AgeSettled,
    {
        Box::pin(engine::count(self.tables, self.settings, pool))
    }
}

impl<DB: PurgeDatabase> Purge<DB, AgeKnown> {
    /// The purge of every table with a retention: `Purge::plan(retention_plan!())`.
    pub fn plan(plan: RetentionPlan<DB>) -> Self {
        Self::new(plan.tables, plan.is_cyclic)
    }
}

impl<DB: PurgeDatabase, A> fmt::Debug for Purge<DB, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tables: Vec<&str> = self.tables.iter().map(|own| own.table).collect();
        f.debug_struct("Purge")
            .field("tables", &tables)
            .field("audit", &self.settings.audit)
            .finish_non_exhaustive()
    }
}
