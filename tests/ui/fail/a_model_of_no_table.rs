#![allow(dead_code)]

use soft_delete::SoftDeletable;

#[derive(sqlx::FromRow, SoftDeletable)]
struct Person {
    id: i64,
    deleted_at: Option<String>,
}

fn main() {}
