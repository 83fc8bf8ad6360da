//! One session writes at a time: what another one is told that does not wait, and a purge beside others.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use soft_delete::{CancelToken, Error, Purge, SoftDeletable, StopReason, retention_plan};
use sqlx::{Connection, SqliteConnection, sqlite::SqliteConnectOptions};

use crate::{
    database::with_address,
    lifecycle::concurrent::sessions::with_sessions,
    purge::shops::{ids, run},
    sql::ago,
};

#[derive(Debug, sqlx::FromRow, SoftDeletable)]
struct Project {
    id: i64,
    deleted_at: Option<chrono::DateTime<chrono::Utc>>,
}

#[derive(Debug, sqlx::FromRow, SoftDeletable)]
struct Shop {
    id: i64,
    deleted_at: Option<chrono::DateTime<chrono::Utc>>,
}

fn is_busy<T>(done: &Result<T, Error>) -> bool {
    matches!(done, Err(Error::Sqlx(sqlx::Error::Database(error)))
        if error.message() == "database is locked")
}

async fn deleted(connection: &mut SqliteConnection) -> i64 {
    sqlx::query_scalar("SELECT count(*) FROM projects WHERE deleted_at IS NOT NULL")
        .fetch_one(connection)
        .await
        .unwrap()
}

#[tokio::test]
async fn a_session_that_does_not_wait_is_refused_and_may_try_again() {
    with_sessions("busy", &[()], async |sessions, ()| {
        let options = SqliteConnectOptions::clone(&sessions.pool.connect_options())
            .busy_timeout(Duration::ZERO);
        let mut one = SqliteConnection::connect_with(&options).await.unwrap();
        let mut other = SqliteConnection::connect_with(&options).await.unwrap();

        let mut first = one.begin_with("BEGIN IMMEDIATE").await.unwrap();
        let delete = Project::soft_delete_by_key(20).execute(&mut other).await;
        assert!(is_busy(&delete), "{delete:?}");
        Project::soft_delete_by_key(11)
            .execute(&mut *first)
            .await
            .unwrap();
        let delete = Project::soft_delete_by_key(20).execute(&mut other).await;
        assert!(is_busy(&delete), "{delete:?}");
        let restore = Project::restore_by_key(11).execute(&mut other).await;
        assert!(is_busy(&restore), "{restore:?}");
        first.commit().await.unwrap();
        assert_eq!(deleted(&mut other).await, 2, "11 and 12, which hangs on it");

        Project::soft_delete_by_key(20)
            .execute(&mut other)
            .await
            .unwrap();
        Project::restore_by_key(11)
            .execute(&mut other)
            .await
            .unwrap();
        assert_eq!(deleted(&mut one).await, 1);
        sessions.no_orphan().await;
    })
    .await;
}

#[tokio::test]
async fn a_reader_that_would_write_behind_another_writer_is_refused_and_begins_again() {
    with_sessions("stale", &[()], async |sessions, ()| {
        let mut first = sessions.begin().await;
        assert_eq!(deleted(&mut first).await, 0);
        Project::soft_delete_by_key(20)
            .execute(sessions.pool)
            .await
            .unwrap();
        // Its snapshot is of the time before.
        let delete = Project::soft_delete_by_key(20).execute(&mut *first).await;
        assert!(is_busy(&delete), "{delete:?}");
        first.rollback().await.unwrap();

        let delete = Project::soft_delete_by_key(20).execute(sessions.pool).await;
        assert!(
            matches!(delete, Err(Error::AlreadyDeleted { .. })),
            "{delete:?}"
        );
    })
    .await;
}

/// So many shops that are due.
async fn many(pool: &sqlx::SqlitePool, count: u32) {
    let shops = format!(
        "INSERT INTO shops (id, name, deleted_at) \
         WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count}) \
         SELECT 1000 + i, 'Many', {} FROM n",
        ago(31)
    );
    run(pool, shops).await;
}

/// Who waits for the write lock looks for it now and then, and would hardly ever meet the moment between
/// two batches.
#[tokio::test]
async fn a_purge_leaves_the_lock_to_others_between_its_batches() {
    with_address("starved", async |pool, _| {
        many(pool, 400_000).await;
        let token = CancelToken::new();
        let purge = Purge::plan(retention_plan!()).cancel(token.clone());
        let options = SqliteConnectOptions::clone(&pool.connect_options())
            .busy_timeout(Duration::from_secs(5));
        let mut application = SqliteConnection::connect_with(&options).await.unwrap();
        let writes = async {
            for id in 1..=40 {
                sqlx::query("INSERT INTO shops (id, name) VALUES ($1, 'New')")
                    .bind(id)
                    .execute(&mut application)
                    .await
                    .unwrap();
                tokio::time::sleep(Duration::from_millis(3)).await;
            }
            token.cancel();
        };
        let (report, ()) = tokio::join!(purge.execute(pool), writes);
        let report = report.unwrap();
        assert_eq!(report.stop, StopReason::Cancelled);
        let kept: Vec<i64> = (1..=40).collect();
        assert_eq!(ids(pool, "shops WHERE deleted_at IS NULL").await, kept);
        let left: i64 =
            sqlx::query_scalar("SELECT count(*) FROM shops WHERE deleted_at IS NOT NULL")
                .fetch_one(pool)
                .await
                .unwrap();
        assert_eq!(report.purged(), 400_000 - u64::try_from(left).unwrap());
    })
    .await;
}

#[tokio::test]
async fn a_purge_that_waits_for_the_lock_does_not_shrink_its_batches() {
    with_address("patient", async |pool, _| {
        many(pool, 700).await;
        let options = SqliteConnectOptions::clone(&pool.connect_options());
        let mut application = SqliteConnection::connect_with(&options).await.unwrap();
        let lock = application.begin_with("BEGIN IMMEDIATE").await.unwrap();
        let sizes = Arc::new(Mutex::new(Vec::new()));
        let seen = sizes.clone();
        let purge = Purge::of::<Shop>()
            .batch_size(100)
            .target_time(Duration::from_millis(500))
            .on_progress(move |batch| seen.lock().unwrap().push(batch.rows));
        let release = async {
            tokio::time::sleep(Duration::from_millis(1200)).await;
            lock.commit().await.unwrap();
        };
        let (report, ()) = tokio::join!(purge.execute(pool), release);
        assert_eq!(report.unwrap().purged(), 700);
        assert_eq!(*sizes.lock().unwrap(), [100, 200, 400]);
    })
    .await;
}
