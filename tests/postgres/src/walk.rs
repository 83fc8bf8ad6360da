//! The walk through a table with many rows that are due.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use chrono::{DateTime, Utc};
use soft_delete::{Audit, Purge, SoftDeletable, StopReason};

use crate::{
    Db,
    database::with_address,
    purge::{
        ledger::Ledger,
        races::race,
        shops::{ids, run},
    },
    restart::{cut, with_reviving_server},
};

#[derive(SoftDeletable)]
struct Barn {
    deleted_at: Option<DateTime<Utc>>,
}

fn purge(size: u32) -> Purge<Db> {
    Purge::of::<Barn>()
        .older_than(Duration::from_hours(24))
        .batch_size(size)
        .audit(Audit::Rows)
}

#[tokio::test]
async fn a_walk_keeps_what_is_restored_or_referenced_in_time() {
    with_address("walk", async |pool, _| {
        let purger = |size| purge(50 * size);
        race(pool, Ledger::of(["barns", "stalls"]), &purger, 2500).await;
    })
    .await;
}

#[tokio::test]
async fn a_walk_goes_round_rows_that_another_session_has_locked() {
    with_address("walk", async |pool, _| {
        let mut ledger = Ledger::of(["barns", "stalls"]);
        ledger.make(pool, 4000).await;
        let mut other = pool.begin().await.unwrap();
        sqlx::query("UPDATE barns SET deleted_at = NULL WHERE id IN (300, 3700)")
            .execute(&mut *other)
            .await
            .unwrap();
        let report = purge(300).execute(pool).await.unwrap();
        assert_eq!((report.stop, report.purged()), (StopReason::Finished, 3998));
        other.commit().await.unwrap();
        ledger.restored.extend([300, 3700]);
        ledger.holds(pool).await;
        ledger.is_done(pool).await;
    })
    .await;
}

#[tokio::test]
async fn a_walk_takes_no_more_rows_than_it_may() {
    with_address("walk", async |pool, _| {
        let mut ledger = Ledger::of(["barns", "stalls"]);
        ledger.make(pool, 4000).await;
        run(
            pool,
            "INSERT INTO stalls (id, shop_id) VALUES (1, 2500), (2, 2501)",
        )
        .await;
        let sizes = Arc::new(Mutex::new(Vec::new()));
        let seen = sizes.clone();
        let limited = purge(300).max_rows(2903);
        let report = limited
            .on_progress(move |batch| seen.lock().unwrap().push(batch.rows))
            .execute(pool)
            .await
            .unwrap();
        assert_eq!((report.stop, report.purged()), (StopReason::MaxRows, 2903));
        let sizes = sizes.lock().unwrap().clone();
        assert_eq!(sizes[..4], [300; 4], "batches before the walk");
        assert!(sizes.iter().all(|rows| *rows <= 600), "{sizes:?}");

        let report = purge(300).execute(pool).await.unwrap();
        assert_eq!((report.purged(), report.tables[0].blocked), (1095, 2));
        assert_eq!(ids(pool, "barns").await, [2500, 2501]);
    })
    .await;
}

#[tokio::test]
async fn a_walk_whose_server_ends_in_mid_batch_loses_that_batch_and_no_row() {
    with_reviving_server(async |pool| {
        let mut ledger = Ledger::of(["barns", "stalls"]);
        ledger.make(pool, 4000).await;
        cut(pool, &ledger, purge(300), "barns", 3000).await;
        let report = purge(300).execute(pool).await.unwrap();
        assert_eq!(report.stop, StopReason::Finished);
        ledger.holds(pool).await;
        ledger.is_done(pool).await;
    })
    .await;
}
