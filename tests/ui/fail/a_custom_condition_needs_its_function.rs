#![allow(dead_code)]

use soft_delete::SoftDeletable;

#[derive(sqlx::FromRow, SoftDeletable)]
struct Article {
    id: i64,
    title: String,
    status: String,
    deleted_at: Option<String>,
}

fn main() {}
