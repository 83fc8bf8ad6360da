//! How a purge is held back and stopped.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use soft_delete::{Audit, CancelToken, Purge, StopReason, retention_plan};

use super::shops::{audited, fill, ids, run};
use crate::{database::with_contacts, sql::ago};

/// Many shops that are due.
async fn many(pool: &sqlx::Pool<crate::Db>, count: i64) {
    for id in 1000..1000 + count {
        let deleted = ago(31);
        run(
            pool,
            format!("INSERT INTO shops (id, name, deleted_at) VALUES ({id}, 'Many', {deleted})"),
        )
        .await;
    }
}

#[tokio::test]
async fn batches_of_any_size_take_the_same_rows() {
    for size in [1, 2, 3, 1000] {
        with_contacts(async |pool| {
            fill(pool).await;
            many(pool, 7).await;
            let report = Purge::plan(retention_plan!())
                .batch_size(size)
                .audit(Audit::Rows)
                .execute(pool)
                .await
                .unwrap();
            assert_eq!(report.purged(), 13, "batches of {size}");
            assert_eq!(
                ids(pool, "shops").await,
                [1, 3, 4, 5, 7],
                "batches of {size}"
            );
            let mut audited = audited(pool).await;
            assert_eq!(audited.len(), 13);
            audited.sort();
            audited.dedup();
            assert_eq!(audited.len(), 13, "no row is recorded twice");
            let shops = report.table("shops").unwrap();
            let least = 9_u64.div_ceil(u64::from(size));
            assert!(
                shops.batches >= least,
                "{} batches of {size}",
                shops.batches
            );
        })
        .await;
    }
}

#[tokio::test]
async fn it_stops_after_so_many_rows_and_says_what_is_left() {
    with_contacts(async |pool| {
        many(pool, 7).await;
        let purge = Purge::plan(retention_plan!()).batch_size(2).max_rows(5);
        let report = purge.execute(pool).await.unwrap();
        assert_eq!((report.purged(), report.stop), (5, StopReason::MaxRows));
        let shops = report.table("shops").unwrap();
        assert_eq!((shops.purged, shops.backlog), (5, 2));
        assert!(shops.oldest.unwrap() > Duration::from_hours(30 * 24));
    })
    .await;
}

#[tokio::test]
async fn it_stops_when_its_time_is_over() {
    with_contacts(async |pool| {
        many(pool, 3).await;
        let purge = Purge::plan(retention_plan!()).max_time(Duration::ZERO);
        let report = purge.execute(pool).await.unwrap();
        assert_eq!((report.purged(), report.stop), (0, StopReason::MaxTime));
    })
    .await;
}

#[tokio::test]
async fn it_stops_after_the_batch_in_which_it_is_cancelled() {
    with_contacts(async |pool| {
        many(pool, 7).await;
        let token = CancelToken::new();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (of_progress, to_progress) = (token.clone(), seen.clone());
        let report = Purge::plan(retention_plan!())
            .batch_size(2)
            .cancel(token)
            // A pause of weeks, which is not waited for.
            .throttle(1e9)
            .on_progress(move |progress| {
                to_progress
                    .lock()
                    .unwrap()
                    .push((progress.table, progress.rows));
                of_progress.cancel();
            })
            .execute(pool)
            .await
            .unwrap();
        assert_eq!((report.purged(), report.stop), (2, StopReason::Cancelled));
        assert_eq!(*seen.lock().unwrap(), [("shops", 2)]);
    })
    .await;
}

#[tokio::test]
async fn the_batches_grow_towards_their_time() {
    with_contacts(async |pool| {
        many(pool, 40).await;
        let sizes = Arc::new(Mutex::new(Vec::new()));
        let seen = sizes.clone();
        Purge::plan(retention_plan!())
            .batch_size(1)
            .target_time(Duration::from_hours(1))
            .on_progress(move |progress| seen.lock().unwrap().push(progress.rows))
            .execute(pool)
            .await
            .unwrap();
        assert_eq!(*sizes.lock().unwrap(), [1, 2, 4, 8, 16, 9]);
    })
    .await;
}
