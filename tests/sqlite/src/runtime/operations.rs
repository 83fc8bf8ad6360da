//! Operations bind the application's arguments and ours, each to its placeholder.

use soft_delete::{Operation, Outcome};
use sqlx::Acquire;

use crate::{
    Db,
    database::with_contacts,
    expansion::{NoActor, NoReason, OperationBinder, TakesActor, TakesReason},
    sql,
};

/// What an operation wrote into a contact.
#[derive(Debug, PartialEq, sqlx::FromRow)]
struct Record {
    name: String,
    deleted_by: Option<i64>,
    deleted_reason: Option<String>,
    deleted_operation: Option<String>,
}

async fn records(pool: &sqlx::Pool<Db>) -> Vec<Record> {
    sqlx::query_as(sql::RECORDS).fetch_all(pool).await.unwrap()
}

fn record(name: &str, by: Option<i64>, reason: Option<&str>, outcome: &Outcome) -> Record {
    Record {
        name: name.to_owned(),
        deleted_by: by,
        deleted_reason: reason.map(str::to_owned),
        deleted_operation: outcome.operation_id().map(|id| id.to_string()),
    }
}

fn delete(name: &str, least_id: i64) -> Operation<Db, TakesActor, TakesReason> {
    OperationBinder::<Db>::new()
        .bind(&name)
        .bind(&least_id)
        .operation(sql::SOFT_DELETE, true)
}

#[tokio::test]
async fn actor_reason_and_operation_id_reach_their_columns() {
    with_contacts(async |pool| {
        let outcome = delete("Ada", 1)
            .by(7_i64)
            .because("duplicate")
            .execute(pool)
            .await
            .unwrap();
        assert_eq!(outcome.rows_affected(), 1);
        assert!(outcome.operation_id().is_some());
        assert_eq!(
            records(pool).await,
            [record("Ada", Some(7), Some("duplicate"), &outcome)]
        );
    })
    .await;
}

#[tokio::test]
async fn the_order_of_by_and_because_does_not_matter() {
    with_contacts(async |pool| {
        let reason = String::from("duplicate");
        let operation = delete("Cyd", 3).because(&reason).by(8_i64);
        let outcome = operation.execute(pool).await.unwrap();
        assert_eq!(
            records(pool).await,
            [record("Cyd", Some(8), Some("duplicate"), &outcome)]
        );
    })
    .await;
}

#[tokio::test]
async fn what_is_not_said_is_null() {
    with_contacts(async |pool| {
        let ada = delete("Ada", 1).execute(pool).await.unwrap();
        let cyd = delete("Cyd", 1)
            .because("spam")
            .execute(pool)
            .await
            .unwrap();
        assert_eq!(
            records(pool).await,
            [
                record("Ada", None, None, &ada),
                record("Cyd", None, Some("spam"), &cyd)
            ]
        );
        assert_ne!(ada.operation_id(), cyd.operation_id());
    })
    .await;
}

#[tokio::test]
async fn an_optional_actor_is_recorded() {
    with_contacts(async |pool| {
        let users = [8_i64, 9];
        let user = users.last().copied();
        let outcome = delete("Ada", 1).by(user).execute(pool).await.unwrap();
        assert_eq!(
            records(pool).await,
            [record("Ada", Some(9), None, &outcome)]
        );
    })
    .await;
}

#[tokio::test]
async fn an_operation_touches_only_its_rows() {
    with_contacts(async |pool| {
        // Bob is deleted already, and the least id keeps Ada.
        let outcome = delete("Bob", 1).by(7_i64).execute(pool).await.unwrap();
        assert_eq!(outcome.rows_affected(), 0);
        let outcome = delete("Ada", 2).by(7_i64).execute(pool).await.unwrap();
        assert_eq!(outcome.rows_affected(), 0);
        assert_eq!(records(pool).await, []);
    })
    .await;
}

#[tokio::test]
async fn a_table_without_such_columns_records_nothing() {
    with_contacts(async |pool| {
        let outcome = OperationBinder::<Db>::new()
            .bind(&50_i64)
            .operation::<NoActor, NoReason>(sql::PURGE, false)
            .execute(pool)
            .await
            .unwrap();
        assert_eq!(outcome.rows_affected(), 1);
        assert_eq!(outcome.operation_id(), None);
    })
    .await;
}

#[tokio::test]
async fn an_operation_joins_the_transaction_it_is_given() {
    with_contacts(async |pool| {
        let mut transaction = pool.begin().await.unwrap();
        delete("Ada", 1).execute(&mut transaction).await.unwrap();
        transaction.rollback().await.unwrap();
        assert_eq!(records(pool).await, []);

        let mut connection = pool.acquire().await.unwrap();
        delete("Ada", 1).execute(&mut *connection).await.unwrap();
        delete("Cyd", 1).execute(&mut connection).await.unwrap();
        drop(connection);
        assert_eq!(records(pool).await.len(), 2);
    })
    .await;
}

#[tokio::test]
async fn an_operation_runs_in_a_spawned_task() {
    with_contacts(async |pool| {
        let (operation, other) = (delete("Ada", 1).by(7_i64), pool.clone());
        let task = tokio::spawn(async move { operation.execute(&other).await });
        assert_eq!(task.await.unwrap().unwrap().rows_affected(), 1);
    })
    .await;
}

async fn delete_on<'c, A>(acquire: A) -> soft_delete::Result<u64>
where
    A: Acquire<'c, Database = Db> + Send,
{
    Ok(delete("Ada", 1).execute(acquire).await?.rows_affected())
}

#[tokio::test]
async fn functions_stay_generic_over_what_begins_a_transaction() {
    with_contacts(async |pool| {
        assert_eq!(delete_on(pool).await.unwrap(), 1);
        let mut transaction = pool.begin().await.unwrap();
        assert_eq!(delete_on(&mut transaction).await.unwrap(), 0);
    })
    .await;
}

#[tokio::test]
async fn the_database_s_refusal_is_an_error_of_sqlx() {
    with_contacts(async |pool| {
        let error = OperationBinder::<Db>::new()
            .operation::<NoActor, NoReason>("DELETE FROM no_such_table", false)
            .execute(pool)
            .await
            .unwrap_err();
        assert!(
            matches!(&error, soft_delete::Error::Sqlx(sqlx::Error::Database(_))),
            "{error:?}"
        );
        assert!(error.to_string().contains("no_such_table"), "{error}");
    })
    .await;
}

#[test]
fn debug_shows_the_text_and_no_values() {
    let operation = delete("Ada", 1).because("private");
    assert_eq!(
        format!("{operation:?}"),
        format!(
            "Operation {{ database: {:?}, sql: {:?}, .. }}",
            <Db as sqlx::Database>::NAME,
            sql::SOFT_DELETE
        )
    );
}
