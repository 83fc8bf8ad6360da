//! Operations in a transaction that has its snapshot already.

use soft_delete::{Error, SoftDeletable as _};
use sqlx::{Executor as _, PgPool, Transaction};

use crate::{
    Db,
    lifecycle::{
        concurrent::sessions::{Sessions, with_sessions},
        model::Project,
    },
};

const LIVE: &str = "SELECT count(*) FROM issues WHERE project_id = 20 AND deleted_at IS NULL";

async fn number(pool: &PgPool, sql: &'static str) -> i64 {
    let counted = sqlx::query_scalar(sql).fetch_one(pool).await;
    counted.expect("the query runs")
}

/// A transaction that has looked at the issues.
async fn begun(sessions: &Sessions<'_>, begin: &'static str) -> Transaction<'static, Db> {
    let mut transaction = sessions.pool.begin_with(begin).await.unwrap();
    transaction.execute(LIVE).await.unwrap();
    transaction
}

#[tokio::test]
async fn what_a_snapshot_hides_is_refused() {
    with_sessions("isolation", &[()], async |sessions, ()| {
        let insert = "INSERT INTO issues (id, project_id, title) VALUES (900, 20, 'new')";

        let mut one = begun(&sessions, "BEGIN ISOLATION LEVEL REPEATABLE READ").await;
        sessions.pool.execute(insert).await.unwrap();
        for _ in 0..2 {
            let refused = Project::soft_delete_by_key(20).execute(&mut one).await;
            let error = refused.unwrap_err();
            assert!(
                matches!(error, Error::Isolation { table: "projects" }),
                "{error:?}"
            );
        }
        let erased = Project::erase_by_key(20).execute(&mut one).await;
        let error = erased.unwrap_err();
        assert!(
            matches!(error, Error::Isolation { table: "projects" }),
            "{error:?}"
        );
        let many = Project::soft_delete_by_keys([20]).execute(&mut one).await;
        let error = many.unwrap_err();
        assert!(matches!(error, Error::Isolation { .. }), "{error:?}");
        one.commit().await.unwrap();
        let live = "SELECT count(*) FROM projects WHERE id = 20 AND deleted_at IS NULL";
        assert_eq!(number(sessions.pool, live).await, 1);

        let mut one = begun(&sessions, "BEGIN").await;
        let insert = "INSERT INTO issues (id, project_id, title) VALUES (901, 20, 'newer')";
        sessions.pool.execute(insert).await.unwrap();
        Project::soft_delete_by_key(20)
            .execute(&mut one)
            .await
            .unwrap();
        one.commit().await.unwrap();
        assert_eq!(number(sessions.pool, LIVE).await, 0);
    })
    .await;
}

#[tokio::test]
async fn of_two_serializable_sessions_one_fails() {
    with_sessions("serializable", &[()], async |sessions, ()| {
        let serializable = "BEGIN ISOLATION LEVEL SERIALIZABLE";
        let mut one = begun(&sessions, serializable).await;
        let mut other = begun(&sessions, serializable).await;
        Project::lock_active_by_key(20, &mut other).await.unwrap();
        let insert = "INSERT INTO issues (id, project_id, title) VALUES (900, 20, 'new')";
        other.execute(insert).await.unwrap();
        other.commit().await.unwrap();
        let deleted = Project::soft_delete_by_key(20).execute(&mut one).await;
        let error = match deleted {
            Ok(_) => one.commit().await.unwrap_err(),
            Err(Error::Sqlx(error)) => error,
            Err(error) => panic!("{error:?}"),
        };
        let error = error.into_database_error().expect("a database error");
        assert_eq!(error.code().as_deref(), Some("40001"), "{error}");
        let live = "SELECT count(*) FROM projects WHERE id = 20 AND deleted_at IS NULL";
        assert_eq!(number(sessions.pool, live).await, 1);
    })
    .await;
}
