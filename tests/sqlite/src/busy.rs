//! One session writes at a time: what another one is told that does not wait.

use soft_delete::{Error, SoftDeletable};
use sqlx::{Connection, SqliteConnection, sqlite::SqliteConnectOptions};

use crate::lifecycle::concurrent::sessions::with_sessions;

#[derive(Debug, sqlx::FromRow, SoftDeletable)]
struct Project {
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
            .busy_timeout(std::time::Duration::ZERO);
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
