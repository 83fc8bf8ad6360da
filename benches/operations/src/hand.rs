//! The same statements without soft-delete: what a careful author would have to write.

use anyhow::{Result, ensure};
use sqlx::{Connection, SqliteConnection, query, query_as, query_scalar};
use uuid::Uuid;

use crate::{
    ACTOR,
    model::{Customer, Note},
};

const NOW: &str = "UPDATE notes AS c SET deleted_at = strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now') \
                   WHERE c.id = ?1 AND c.deleted_at IS NULL RETURNING *";

pub(crate) async fn soft_delete_note(connection: &mut SqliteConnection, id: i64) -> Result<Note> {
    Ok(query_as(NOW).bind(id).fetch_one(connection).await?)
}

pub(crate) async fn restore_note(connection: &mut SqliteConnection, id: i64) -> Result<Note> {
    let sql = "UPDATE notes AS c SET deleted_at = NULL \
               WHERE c.id = ?1 AND c.deleted_at IS NOT NULL RETURNING *";
    Ok(query_as(sql).bind(id).fetch_one(connection).await?)
}

pub(crate) async fn purge_note(connection: &mut SqliteConnection, id: i64) -> Result<u64> {
    let sql = "DELETE FROM notes AS c WHERE c.id = ?1 AND c.deleted_at IS NOT NULL";
    Ok(query(sql)
        .bind(id)
        .execute(connection)
        .await?
        .rows_affected())
}

pub(crate) async fn soft_delete_notes(connection: &mut SqliteConnection, id: i64) -> Result<u64> {
    let sql = "UPDATE notes SET deleted_at = strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now') \
               WHERE notes.deleted_at IS NULL AND (id = ?1)";
    Ok(query(sql)
        .bind(id)
        .execute(connection)
        .await?
        .rows_affected())
}

pub(crate) async fn soft_delete_customer(
    connection: &mut SqliteConnection,
    id: i64,
) -> Result<Customer> {
    let operation = Uuid::new_v4().to_string();
    let mut transaction = connection.begin().await?;
    let sql = "UPDATE customers AS c SET deleted_at = strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now'), \
               deleted_by = ?1, deleted_operation = ?2 \
               WHERE c.id = ?3 AND c.deleted_at IS NULL RETURNING *";
    let customer = query_as(sql)
        .bind(ACTOR)
        .bind(&operation)
        .bind(id)
        .fetch_one(&mut *transaction)
        .await?;
    for sql in [
        "UPDATE orders AS c SET deleted_at = p.deleted_at, deleted_by = ?1, deleted_operation = ?2 \
         FROM customers AS p \
         WHERE c.customer_id = p.id AND p.deleted_operation = ?2 AND c.deleted_at IS NULL",
        "UPDATE parcels AS c SET deleted_at = p.deleted_at, deleted_by = ?1, deleted_operation = ?2 \
         FROM orders AS p \
         WHERE c.order_id = p.id AND p.deleted_operation = ?2 AND c.deleted_at IS NULL",
    ] {
        query(sql)
            .bind(ACTOR)
            .bind(&operation)
            .execute(&mut *transaction)
            .await?;
    }
    transaction.commit().await?;
    Ok(customer)
}

pub(crate) async fn restore_customer(
    connection: &mut SqliteConnection,
    id: i64,
) -> Result<Customer> {
    let mut transaction = connection.begin().await?;
    let sql = "UPDATE customers AS c SET deleted_operation = deleted_operation \
               WHERE c.id = ?1 AND c.deleted_at IS NOT NULL RETURNING deleted_operation";
    let operation: String = query_scalar(sql)
        .bind(id)
        .fetch_one(&mut *transaction)
        .await?;
    let sql = "UPDATE customers AS c SET deleted_at = NULL, deleted_by = NULL \
               WHERE c.id = ?1 AND c.deleted_at IS NOT NULL";
    query(sql).bind(id).execute(&mut *transaction).await?;
    for sql in [
        "UPDATE orders AS c SET deleted_at = NULL, deleted_by = NULL FROM customers AS p \
         WHERE c.customer_id = p.id AND p.deleted_operation = ?1 AND p.deleted_at IS NULL \
         AND c.deleted_operation = ?1 AND c.deleted_at IS NOT NULL",
        "UPDATE parcels AS c SET deleted_at = NULL, deleted_by = NULL FROM orders AS p \
         WHERE c.order_id = p.id AND p.deleted_operation = ?1 AND p.deleted_at IS NULL \
         AND c.deleted_operation = ?1 AND c.deleted_at IS NOT NULL",
    ] {
        query(sql)
            .bind(&operation)
            .execute(&mut *transaction)
            .await?;
    }
    for sql in [
        "SELECT count(*) FROM orders AS c JOIN customers AS p ON c.customer_id = p.id \
         WHERE p.deleted_operation = ?1 AND p.deleted_at IS NULL \
         AND c.deleted_operation = ?1 AND c.deleted_at IS NOT NULL",
        "SELECT count(*) FROM parcels AS c JOIN orders AS p ON c.order_id = p.id \
         WHERE p.deleted_operation = ?1 AND p.deleted_at IS NULL \
         AND c.deleted_operation = ?1 AND c.deleted_at IS NOT NULL",
    ] {
        let left: i64 = query_scalar(sql)
            .bind(&operation)
            .fetch_one(&mut *transaction)
            .await?;
        ensure!(left == 0, "{left} rows stayed deleted");
    }
    for sql in [
        "UPDATE customers AS c SET deleted_operation = NULL \
         WHERE c.deleted_operation = ?1 AND c.deleted_at IS NULL",
        "UPDATE orders AS c SET deleted_operation = NULL \
         WHERE c.deleted_operation = ?1 AND c.deleted_at IS NULL",
        "UPDATE parcels AS c SET deleted_operation = NULL \
         WHERE c.deleted_operation = ?1 AND c.deleted_at IS NULL",
    ] {
        query(sql)
            .bind(&operation)
            .execute(&mut *transaction)
            .await?;
    }
    let customer = query_as("SELECT * FROM customers AS c WHERE c.id = ?1")
        .bind(id)
        .fetch_one(&mut *transaction)
        .await?;
    transaction.commit().await?;
    Ok(customer)
}

pub(crate) async fn purge_customer(connection: &mut SqliteConnection, id: i64) -> Result<u64> {
    let operation = Uuid::new_v4().to_string();
    let mut transaction = connection.begin().await?;
    let sql = "UPDATE customers AS c SET deleted_operation = ?1 \
               WHERE c.id = ?2 AND c.deleted_at IS NOT NULL";
    query(sql)
        .bind(&operation)
        .bind(id)
        .execute(&mut *transaction)
        .await?;
    for sql in [
        "UPDATE orders AS c SET deleted_operation = ?1 FROM customers AS p \
         WHERE c.customer_id = p.id AND p.deleted_operation = ?1 \
         AND (c.deleted_operation IS NULL OR c.deleted_operation <> ?1) AND c.deleted_at IS NOT NULL",
        "UPDATE parcels AS c SET deleted_operation = ?1 FROM orders AS p \
         WHERE c.order_id = p.id AND p.deleted_operation = ?1 \
         AND (c.deleted_operation IS NULL OR c.deleted_operation <> ?1) AND c.deleted_at IS NOT NULL",
    ] {
        query(sql)
            .bind(&operation)
            .execute(&mut *transaction)
            .await?;
    }
    for sql in [
        "SELECT count(*) FROM orders AS c JOIN customers AS p ON c.customer_id = p.id \
         WHERE p.deleted_operation = ?1 \
         AND (c.deleted_operation IS NULL OR c.deleted_operation <> ?1)",
        "SELECT count(*) FROM parcels AS c JOIN orders AS p ON c.order_id = p.id \
         WHERE p.deleted_operation = ?1 \
         AND (c.deleted_operation IS NULL OR c.deleted_operation <> ?1)",
    ] {
        let left: i64 = query_scalar(sql)
            .bind(&operation)
            .fetch_one(&mut *transaction)
            .await?;
        ensure!(left == 0, "{left} rows reference it");
    }
    let mut rows = 0;
    for sql in [
        "DELETE FROM parcels AS c WHERE c.deleted_operation = ?1",
        "DELETE FROM orders AS c WHERE c.deleted_operation = ?1",
        "DELETE FROM customers AS c WHERE c.deleted_operation = ?1",
    ] {
        let done = query(sql)
            .bind(&operation)
            .execute(&mut *transaction)
            .await?;
        rows = done.rows_affected();
    }
    transaction.commit().await?;
    Ok(rows)
}
