#![allow(dead_code)]

use soft_delete::{Active, SoftDeletable, soft_query};

#[derive(sqlx::FromRow, SoftDeletable)]
struct Order {
    id: i64,
    contact_id: i64,
    total: i64,
    deleted_at: Option<String>,
}

fn main() {
    let _ = soft_query!(Active<Order>, "SELECT * FROM contacts");
}
