#![allow(dead_code)]

use soft_delete::{SoftDeletable, soft_query};

#[derive(sqlx::FromRow, SoftDeletable)]
struct Contact {
    id: i64,
    email: String,
    name: String,
    deleted_at: Option<String>,
}

fn main() {
    let _ = soft_query!(Contact, "SELECT * FROM contacts");
}
