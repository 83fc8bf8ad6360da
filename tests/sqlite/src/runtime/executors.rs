//! Queries run on whatever sqlx runs on.

use futures_util::TryStreamExt;
use soft_delete::{Active, Runs, ScopedQuery};
use sqlx::{Connection, Executor, Pool};

use super::contact::{Contact, active, everyone, names};
use crate::{Db, database::with_contacts, expansion::Binder, sql};

fn delete_orders() -> ScopedQuery<Db, soft_delete::NoRows> {
    Binder::<Db>::new().execute("DELETE FROM orders")
}

fn count() -> ScopedQuery<Db, i64> {
    Binder::<Db>::new().scalar("SELECT count(*) FROM orders")
}

#[tokio::test]
async fn a_query_runs_on_a_pool_a_connection_and_a_transaction() {
    with_contacts(async |pool| {
        assert_eq!(active().fetch_all(pool).await.unwrap().len(), 2);

        let mut connection = pool.acquire().await.unwrap();
        assert_eq!(active().fetch_all(&mut *connection).await.unwrap().len(), 2);

        let mut transaction = connection.begin().await.unwrap();
        assert_eq!(
            active().fetch_all(&mut *transaction).await.unwrap().len(),
            2
        );
        assert_eq!(active().fetch_all(&mut transaction).await.unwrap().len(), 2);
        let first = active().fetch_optional(&mut transaction).await.unwrap();
        assert_eq!(first.map(|row| row.id), Some(1));
        let mut stream = active().fetch(&mut transaction);
        assert_eq!(stream.try_next().await.unwrap().map(|row| row.id), Some(1));
    })
    .await;
}

#[tokio::test]
async fn a_rolled_back_statement_left_no_trace() {
    with_contacts(async |pool| {
        let mut transaction = pool.begin().await.unwrap();
        let result = delete_orders().execute(&mut transaction).await.unwrap();
        assert_eq!(result.rows_affected(), 5);
        assert_eq!(count().fetch_one(&mut transaction).await.unwrap(), 0);
        transaction.rollback().await.unwrap();
        assert_eq!(count().fetch_one(pool).await.unwrap(), 5);

        let mut transaction = pool.begin().await.unwrap();
        delete_orders().execute(&mut *transaction).await.unwrap();
        transaction.commit().await.unwrap();
        assert_eq!(count().fetch_one(pool).await.unwrap(), 0);
    })
    .await;
}

#[tokio::test]
async fn a_query_runs_in_a_spawned_task() {
    with_contacts(async |pool| {
        let (query, pool) = (active(), pool.clone());
        let rows = tokio::spawn(async move { query.fetch_all(&pool).await });
        assert_eq!(names(&rows.await.unwrap().unwrap()), ["Ada", "Cyd"]);
    })
    .await;
}

#[tokio::test]
async fn a_transaction_runs_in_a_spawned_task() {
    with_contacts(async |pool| {
        let pool = pool.clone();
        let task = tokio::spawn(async move {
            let mut transaction = pool.begin().await?;
            let rows = active().fetch_all(&mut transaction).await?;
            delete_orders().execute(&mut transaction).await?;
            transaction.commit().await?;
            Ok::<_, sqlx::Error>(rows.len())
        });
        assert_eq!(task.await.unwrap().unwrap(), 2);
    })
    .await;
}

async fn first_by_executor<'c, E>(executor: E) -> Option<Active<Contact>>
where
    E: Executor<'c, Database = Db>,
{
    active().fetch_optional(executor).await.unwrap()
}

async fn first_by_runs<'c, E: Runs<'c, Db>>(executor: E) -> Option<Active<Contact>> {
    active().fetch_optional(executor).await.unwrap()
}

#[tokio::test]
async fn functions_stay_generic_over_the_executor() {
    with_contacts(async |pool| {
        assert_eq!(first_by_executor(pool).await.unwrap().id, 1);
        assert_eq!(first_by_runs(pool).await.unwrap().id, 1);
        let mut transaction = pool.begin().await.unwrap();
        assert_eq!(first_by_executor(&mut *transaction).await.unwrap().id, 1);
        assert_eq!(first_by_runs(&mut *transaction).await.unwrap().id, 1);
    })
    .await;
}

/// A store that hands out queries: they are values without lifetimes.
struct Contacts {
    pool: Pool<Db>,
}

impl Contacts {
    fn named(name: &str) -> ScopedQuery<Db, Active<Contact>> {
        Binder::<Db>::new().bind(&name).rows(sql::ACTIVE_BY_NAME)
    }

    async fn find(&self, name: &str) -> sqlx::Result<Option<Active<Contact>>> {
        Self::named(name).fetch_optional(&self.pool).await
    }
}

#[tokio::test]
async fn a_query_outlives_its_arguments() {
    with_contacts(async |pool| {
        let query = {
            let name = String::from("Cyd");
            Contacts::named(&name)
        };
        assert_eq!(query.fetch_one(pool).await.unwrap().id, 3);

        let contacts = Contacts { pool: pool.clone() };
        assert_eq!(contacts.find("Ada").await.unwrap().unwrap().id, 1);
        assert_eq!(contacts.find("Bob").await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn a_stream_yields_the_rows_in_order() {
    with_contacts(async |pool| {
        let mut stream = everyone().fetch(pool);
        let mut seen = Vec::new();
        while let Some(row) = stream.try_next().await.unwrap() {
            seen.push((row.id, row.is_deleted()));
        }
        assert_eq!(seen, [(1, false), (2, true), (3, false), (4, true)]);
    })
    .await;
}

#[tokio::test]
async fn no_row_is_none_or_an_error() {
    with_contacts(async |pool| {
        let nobody = Contacts::named("Zed").fetch_optional(pool).await.unwrap();
        assert_eq!(nobody, None);
        let error = Contacts::named("Zed").fetch_one(pool).await.unwrap_err();
        assert!(matches!(error, sqlx::Error::RowNotFound));
    })
    .await;
}

#[test]
fn a_query_is_send_and_owned() {
    fn assert<T: Send + Unpin + 'static>() {}
    assert::<ScopedQuery<Db, Active<Contact>>>();
    assert::<soft_delete::Operation<Db>>();
}
