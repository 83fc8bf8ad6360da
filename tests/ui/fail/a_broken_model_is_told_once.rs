#![allow(dead_code)]

use soft_delete::{Active, SoftDeletable, soft_query};

#[derive(sqlx::FromRow, SoftDeletable)]
struct Contact {
    id: i64,
    nmae: String,
    deleted_at: Option<String>,
}

async fn list(pool: &sqlx::SqlitePool) -> sqlx::Result<Vec<Active<Contact>>> {
    soft_query!(Active<Contact>, "SELECT * FROM contacts")
        .fetch_all(pool)
        .await
}

fn main() {}
