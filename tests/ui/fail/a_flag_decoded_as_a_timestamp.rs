#![allow(dead_code)]

use soft_delete::SoftDeletable;

#[derive(sqlx::FromRow, SoftDeletable)]
struct Note {
    id: i64,
    body: String,
    is_deleted: Option<String>,
}

fn main() {}
