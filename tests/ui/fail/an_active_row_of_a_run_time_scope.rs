#![allow(dead_code)]

use soft_delete::{Active, SoftDeletable, Visibility, soft_query};

#[derive(sqlx::FromRow, SoftDeletable)]
struct Contact {
    id: i64,
    email: String,
    name: String,
    deleted_at: Option<String>,
}

fn main() {
    let visibility = Visibility::Deleted;
    let _ = soft_query!(Active<Contact> in visibility, "SELECT * FROM contacts");
}
