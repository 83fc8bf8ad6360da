#![allow(dead_code)]

use soft_delete::SoftDeletable;

#[derive(sqlx::FromRow, SoftDeletable)]
struct Account {
    id: i64,
    name: String,
    deleted_at: Option<String>,
    deleted_by: i64,
}

fn main() {}
