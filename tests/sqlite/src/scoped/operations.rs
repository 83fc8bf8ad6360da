//! Verbs.

use soft_delete::{Deleted, Operation, OperationId, RequiresActor, WithDeleted, soft_query};
use uuid::Uuid;

use super::model::{Contact, Paper, Product, Task, names};
use crate::{Db, database::with_contacts, sql};

#[derive(Debug, PartialEq, sqlx::FromRow)]
struct Record {
    name: String,
    deleted_by: Option<i64>,
    deleted_reason: Option<String>,
    deleted_operation: Option<String>,
}

#[tokio::test]
async fn a_soft_delete_records_itself_and_skips_tombstones() {
    with_contacts(async |pool| {
        let operation = soft_query!(soft_delete, "DELETE FROM contacts WHERE id <= 2");
        let outcome = operation
            .by(7_i64)
            .because("spam")
            .execute(pool)
            .await
            .unwrap();
        assert_eq!(outcome.rows_affected(), 1);
        let id = outcome
            .operation_id()
            .expect("contacts record the operation");

        let records: Vec<Record> = sqlx::query_as(sql::RECORDS).fetch_all(pool).await.unwrap();
        let expected = Record {
            name: "Ada".into(),
            deleted_by: Some(7),
            deleted_reason: Some("spam".into()),
            deleted_operation: Some(id.to_string()),
        };
        assert_eq!(records, [expected]);

        let trash = soft_query!(Deleted<Contact>, "SELECT * FROM contacts ORDER BY id");
        let trash = trash.fetch_all(pool).await.unwrap();
        assert_eq!(names(&trash), ["Ada", "Bob", "Dan"]);
        assert!(
            trash[0].deleted_at > trash[1].deleted_at,
            "Bob keeps his own time"
        );
    })
    .await;
}

#[tokio::test]
async fn a_second_soft_delete_finds_nothing() {
    with_contacts(async |pool| {
        let delete = || soft_query!(soft_delete, "DELETE FROM contacts");
        assert_eq!(delete().execute(pool).await.unwrap().rows_affected(), 2);
        assert_eq!(delete().execute(pool).await.unwrap().rows_affected(), 0);
    })
    .await;
}

#[tokio::test]
async fn a_purge_removes_what_is_deleted() {
    with_contacts(async |pool| {
        let operation = soft_query!(purge, "DELETE FROM orders WHERE total > 20");
        assert_eq!(operation.execute(pool).await.unwrap().rows_affected(), 1);
        let left: Vec<i64> =
            soft_query!(with_deleted as scalar, "SELECT id FROM orders ORDER BY id")
                .fetch_all(pool)
                .await
                .unwrap();
        assert_eq!(left, [10, 12, 13, 14]);
    })
    .await;
}

#[tokio::test]
async fn an_erasure_removes_whatever_the_state() {
    with_contacts(async |pool| {
        let operation = soft_query!(
            erase,
            reason = "a request under the right to erasure",
            "DELETE FROM orders WHERE contact_id = 1"
        );
        assert_eq!(operation.execute(pool).await.unwrap().rows_affected(), 2);
        let left: Vec<i64> =
            soft_query!(with_deleted as scalar, "SELECT id FROM orders ORDER BY id")
                .fetch_all(pool)
                .await
                .unwrap();
        assert_eq!(left, [12, 13, 14]);
    })
    .await;
}

#[tokio::test]
async fn every_kind_of_marker_is_set() {
    with_contacts(async |pool| {
        let mut transaction = pool.begin().await.unwrap();
        let tasks = soft_query!(soft_delete, "DELETE FROM tasks");
        assert_eq!(
            tasks
                .execute(&mut transaction)
                .await
                .unwrap()
                .rows_affected(),
            1
        );
        let products = soft_query!(soft_delete, "DELETE FROM products");
        assert_eq!(
            products
                .execute(&mut transaction)
                .await
                .unwrap()
                .rows_affected(),
            1
        );
        let papers = soft_query!(soft_delete, "DELETE FROM documents").by(Uuid::from_u128(7));
        let outcome = papers.execute(&mut transaction).await.unwrap();
        assert_eq!(outcome.rows_affected(), 1);
        assert!(outcome.operation_id().is_some());
        transaction.commit().await.unwrap();

        let rows = soft_query!(WithDeleted<Task>, "SELECT * FROM tasks").fetch_all(pool);
        assert!(rows.await.unwrap().iter().all(WithDeleted::is_deleted));
        let rows = soft_query!(WithDeleted<Product>, "SELECT * FROM products").fetch_all(pool);
        assert!(rows.await.unwrap().iter().all(WithDeleted::is_deleted));
        let rows = soft_query!(WithDeleted<Paper>, "SELECT * FROM documents").fetch_all(pool);
        assert!(rows.await.unwrap().iter().all(WithDeleted::is_deleted));
    })
    .await;
}

#[tokio::test]
async fn a_required_actor_and_the_operation_id_fit_columns_of_their_own_types() {
    with_contacts(async |pool| {
        let operation: Operation<Db, RequiresActor> =
            soft_query!(soft_delete, "DELETE FROM documents");
        let actor = Uuid::from_u128(7);
        let outcome = operation.by(actor).execute(pool).await.unwrap();
        let (by, operation): (Uuid, Uuid) = soft_query!(
            deleted as (Uuid, Uuid),
            "SELECT deleted_by, deleted_operation FROM documents WHERE deleted_by IS NOT NULL"
        )
        .fetch_one(pool)
        .await
        .unwrap();
        assert_eq!(by, actor);
        assert_eq!(Some(OperationId::from(operation)), outcome.operation_id());
    })
    .await;
}

#[tokio::test]
async fn a_verb_reads_other_tables_under_their_scope() {
    with_contacts(async |pool| {
        let operation = soft_query!(
            soft_delete,
            c: deleted,
            "DELETE FROM orders WHERE contact_id IN (SELECT c.id FROM contacts c)"
        );
        assert_eq!(operation.execute(pool).await.unwrap().rows_affected(), 1);
        let left: Vec<i64> = soft_query!(active as scalar, "SELECT id FROM orders ORDER BY id")
            .fetch_all(pool)
            .await
            .unwrap();
        assert_eq!(left, [10, 13]);
    })
    .await;
}

#[tokio::test]
async fn a_rolled_back_operation_left_no_trace() {
    with_contacts(async |pool| {
        let mut transaction = pool.begin().await.unwrap();
        let operation = soft_query!(soft_delete, "DELETE FROM contacts");
        operation.execute(&mut transaction).await.unwrap();
        transaction.rollback().await.unwrap();
        let n: i64 = soft_query!(active as scalar, "SELECT count(*) FROM contacts")
            .fetch_one(pool)
            .await
            .unwrap();
        assert_eq!(n, 2);
    })
    .await;
}
