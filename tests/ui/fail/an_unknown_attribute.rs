#![allow(dead_code)]

use soft_delete::SoftDeletable;

#[derive(sqlx::FromRow, SoftDeletable)]
#[soft_delete(tabel = "contacts")]
struct Contact {
    id: i64,
    deleted_at: Option<String>,
}

fn main() {}
