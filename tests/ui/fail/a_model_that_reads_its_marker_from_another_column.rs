#![allow(dead_code)]

use soft_delete::{Active, SoftDeletable, soft_query};

#[derive(sqlx::FromRow, SoftDeletable)]
struct Contact {
    id: i64,
    email: String,
    name: String,
    deleted_at: Option<String>,
}

fn main() {
    let _ = soft_query!(
        Active<Contact>,
        "SELECT id, email, name, deleted_at AS gone_at FROM contacts"
    );
}
