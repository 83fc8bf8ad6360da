use std::sync::Arc;

use soft_delete::{Hook, SoftDeletable};

#[derive(sqlx::FromRow, SoftDeletable)]
struct Contact {
    id: i64,
    deleted_at: Option<String>,
}

struct Outbox;

impl Hook<sqlx::Postgres> for Outbox {}

fn main() {
    let _ = Contact::soft_delete_by_key(1).with_hook(Arc::new(Outbox));
}
