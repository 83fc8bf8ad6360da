//! Purgers, a restorer and an application that adds rows, all at once.

use std::{
    env,
    time::{Duration, Instant},
};

use soft_delete::{Audit, Purge, StopReason, retention_plan};
use sqlx::Pool;

use super::ledger::{Ledger, furnish, restore};
use crate::{Db, database::with_address};

/// How long the races last, in seconds.
const VARIABLE: &str = "SOFT_DELETE_RACE_SECONDS";

fn end() -> Instant {
    let seconds = env::var(VARIABLE).ok().and_then(|text| text.parse().ok());
    Instant::now() + Duration::from_secs(seconds.unwrap_or(2))
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

async fn purge(pool: &Pool<Db>, size: u32, end: Instant) -> u64 {
    let mut purged = 0;
    while Instant::now() < end {
        let purge = Purge::plan(retention_plan!())
            .batch_size(size)
            .audit(Audit::Rows);
        purged += purge.execute(pool).await.expect("the purge runs").purged();
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    purged
}

#[tokio::test]
async fn what_is_restored_or_referenced_in_time_stays_and_all_else_goes_once() {
    with_address("races", async |pool, _| {
        let end = end();
        let mut ledger = Ledger::default();
        ledger.make(pool, 200).await;
        let application = async {
            let (mut ledger, mut dice) = (ledger, Dice(7));
            let mut shelf = 0;
            while Instant::now() < end {
                ledger.make(pool, 40).await;
                for _ in 0..8 {
                    // The youngest are most likely there.
                    let youngest = ledger.made.last().copied().unwrap_or(1);
                    let id = (youngest - dice.below(60)).max(1);
                    if dice.below(2) == 0 {
                        if restore(pool, id).await {
                            ledger.restored.insert(id);
                        }
                    } else {
                        shelf += 1;
                        if furnish(pool, shelf, id).await {
                            ledger.shelves.insert(shelf, id);
                        }
                    }
                }
            }
            ledger
        };
        let (ledger, one, other) =
            tokio::join!(application, purge(pool, 7, end), purge(pool, 30, end));
        println!(
            "{} rows made, {one} and {other} purged, {} restored, {} shelves",
            ledger.made.len(),
            ledger.restored.len(),
            ledger.shelves.len()
        );
        assert!(one > 0 && other > 0, "both purgers work: {one}, {other}");
        assert!(!ledger.restored.is_empty() && !ledger.shelves.is_empty());
        ledger.holds(pool).await;

        let last = Purge::plan(retention_plan!()).audit(Audit::Rows);
        let report = last.execute(pool).await.expect("the last purge runs");
        assert_eq!(report.stop, StopReason::Finished);
        assert_eq!(report.table("shops").map(|own| own.backlog), Some(0));
        ledger.holds(pool).await;
        ledger.is_done(pool).await;
    })
    .await;
}
