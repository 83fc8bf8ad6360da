#![allow(dead_code)]

use soft_delete::{SoftDeletable, WithDeleted, soft_query};

#[derive(sqlx::FromRow, SoftDeletable)]
struct Contact {
    id: i64,
    email: String,
    name: String,
    deleted_at: Option<String>,
}

fn main() {
    let include_deleted = true;
    let _ = soft_query!(WithDeleted<Contact> in include_deleted, "SELECT * FROM contacts");
}
