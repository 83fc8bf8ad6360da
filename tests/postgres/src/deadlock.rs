//! Two sessions that wait for one another.

use soft_delete::{Error, Outcome, soft_query};
use sqlx::{AssertSqlSafe, Transaction};

use crate::{Db, lifecycle::concurrent::sessions::with_sessions};

/// Ends a transaction as its last operation did.
async fn end(transaction: Transaction<'_, Db>, done: Result<Outcome, Error>) -> Result<(), Error> {
    match &done {
        Ok(_) => transaction.commit().await?,
        // MariaDB has taken all of it back by then, and knows none to end.
        Err(_) => drop(transaction.rollback().await),
    }
    done.map(drop)
}

#[tokio::test]
async fn of_two_operations_that_wait_for_one_another_one_is_taken_back() {
    with_sessions("deadlock", &[()], async |sessions, ()| {
        let (mut one, mut other) = (sessions.begin().await, sessions.begin().await);
        soft_query!(soft_delete, "DELETE FROM cards WHERE id = 510")
            .by(1_i64)
            .execute(&mut *one)
            .await
            .unwrap();
        soft_query!(soft_delete, "DELETE FROM issues WHERE id = 100")
            .by(2_i64)
            .execute(&mut *other)
            .await
            .unwrap();
        let one = async {
            let delete = soft_query!(soft_delete, "DELETE FROM issues WHERE id = 100").by(1_i64);
            let done = delete.execute(&mut *one).await;
            end(one, done).await
        };
        let other = async {
            sessions.one_waits().await;
            let delete = soft_query!(soft_delete, "DELETE FROM cards WHERE id = 510").by(2_i64);
            let done = delete.execute(&mut *other).await;
            end(other, done).await
        };
        let (by, error) = match tokio::join!(one, other) {
            (Ok(()), Err(error)) => (1, error),
            (Err(error), Ok(())) => (2, error),
            both => panic!("{both:?}"),
        };
        let Error::Sqlx(sqlx::Error::Database(error)) = error else {
            panic!("{error:?}");
        };
        assert!(
            error.message().to_lowercase().contains("deadlock"),
            "{error}"
        );
        for (table, all) in [("cards", 1), ("issues", 1), ("votes", 2)] {
            for (test, rows) in [("IS NOT NULL", all), (&*format!("= {by}"), all)] {
                let sql = format!("SELECT count(*) FROM {table} WHERE deleted_by {test}");
                let found: i64 = sqlx::query_scalar(AssertSqlSafe(sql))
                    .fetch_one(sessions.pool)
                    .await
                    .unwrap();
                assert_eq!(found, rows, "{table} {test}");
            }
        }
        sessions.no_orphan().await;
    })
    .await;
}
