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
        "SELECT * FROM contacts c JOIN orders o ON o.contact_id = c.id"
    );
}
