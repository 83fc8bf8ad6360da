//! Purgers, a restorer and an application that adds rows, all at once.

use std::{
    env,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use soft_delete::{Audit, Purge, StopReason, retention_plan};
use sqlx::Pool;

use super::ledger::Ledger;
use crate::{Db, database::with_address};

/// How long the races last, in seconds.
const VARIABLE: &str = "SOFT_DELETE_RACE_SECONDS";

/// How much later than its time it may be over.
const LATE: Duration = Duration::from_mins(1);

/// When it is over: at its time, or later where a purger had no turn yet.
struct Clock {
    end: Instant,
    purged: [Arc<AtomicU64>; 2],
}

impl Clock {
    fn start() -> Self {
        let seconds = env::var(VARIABLE).ok().and_then(|text| text.parse().ok());
        Self {
            end: Instant::now() + Duration::from_secs(seconds.unwrap_or(2)),
            purged: [Arc::default(), Arc::default()],
        }
    }

    fn purged(&self) -> [u64; 2] {
        [0, 1].map(|purger| self.purged[purger].load(Ordering::Relaxed))
    }

    fn is_over(&self) -> bool {
        let late = Instant::now().saturating_duration_since(self.end);
        let all_had_a_turn = !self.purged().contains(&0);
        late > LATE || (late > Duration::ZERO && all_had_a_turn)
    }

    /// What is left, and a while to catch up with the application.
    fn left(&self) -> Duration {
        self.end.saturating_duration_since(Instant::now()) + LATE
    }
}

/// The same numbers in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: i64) -> i64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        i64::try_from(self.0 >> 33).unwrap_or(0) % end.max(1)
    }
}

/// What a purger runs, again and again, with batches of this size.
pub(crate) type Purger<'p> = &'p dyn Fn(u32) -> Purge<Db>;

async fn purge(pool: &Pool<Db>, purger: Purger<'_>, size: u32, clock: &Clock, own: usize) {
    let rows = &clock.purged[own];
    while !clock.is_over() {
        let seen = Arc::clone(rows);
        let purge = purger(size)
            .max_time(clock.left())
            .on_progress(move |batch| {
                seen.fetch_add(batch.rows, Ordering::Relaxed);
            });
        purge.execute(pool).await.expect("the purge runs");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// Adds rows, restores some and puts a shelf into others, until the end.
async fn application(pool: &Pool<Db>, mut ledger: Ledger, rows: i64, clock: &Clock) -> Ledger {
    let mut dice = Dice(7);
    while !clock.is_over() {
        ledger.make(pool, rows).await;
        for _ in 0..8 {
            // The youngest are most likely there.
            let youngest = ledger.made.last().copied().unwrap_or(1);
            let id = (youngest - dice.below(60)).max(1);
            if dice.below(2) == 0 {
                ledger.restore(pool, id).await;
            } else {
                ledger.furnish(pool, id).await;
            }
        }
    }
    ledger
}

/// The race, and what holds behind it; the application adds `rows` rows at a time.
pub(crate) async fn race(pool: &Pool<Db>, mut ledger: Ledger, purger: Purger<'_>, rows: i64) {
    let clock = Clock::start();
    ledger.make(pool, 20 * rows).await;
    let (ledger, (), ()) = tokio::join!(
        application(pool, ledger, rows, &clock),
        purge(pool, purger, 7, &clock, 0),
        purge(pool, purger, 30, &clock, 1)
    );
    let [one, other] = clock.purged();
    println!(
        "{} rows made, {one} and {other} purged, {} restored, {} shelves",
        ledger.made.len(),
        ledger.restored.len(),
        ledger.shelves.len()
    );
    assert!(one > 0 && other > 0, "both purgers work: {one}, {other}");
    assert!(!ledger.restored.is_empty() && !ledger.shelves.is_empty());
    ledger.holds(pool).await;

    let report = purger(1000)
        .execute(pool)
        .await
        .expect("the last purge runs");
    assert_eq!(report.stop, StopReason::Finished);
    assert!(
        report.tables.iter().all(|own| own.backlog == 0),
        "{report:?}"
    );
    ledger.holds(pool).await;
    ledger.is_done(pool).await;
}

#[tokio::test]
async fn what_is_restored_or_referenced_in_time_stays_and_all_else_goes_once() {
    with_address("races", async |pool, _| {
        let purger = |size| {
            let purge = Purge::plan(retention_plan!()).audit(Audit::Rows);
            purge.batch_size(size)
        };
        race(pool, Ledger::default(), &purger, 40).await;
    })
    .await;
}
