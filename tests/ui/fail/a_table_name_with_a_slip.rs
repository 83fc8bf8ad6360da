#![allow(dead_code)]

use soft_delete::SoftDeletable;

#[derive(sqlx::FromRow, SoftDeletable)]
#[soft_delete(table = "contact")]
struct Person {
    id: i64,
    deleted_at: Option<String>,
}

fn main() {}
