#![allow(dead_code)]

use soft_delete::SoftDeletable;

#[derive(sqlx::FromRow, SoftDeletable)]
struct Account {
    id: i64,
    #[soft_delete(personal)]
    name: String,
    deleted_at: Option<String>,
    #[soft_delete(personal = "'nobody'")]
    deleted_reason: Option<String>,
}

#[derive(sqlx::FromRow, SoftDeletable)]
#[soft_delete(table = "contacts")]
struct Person {
    id: i64,
    #[soft_delete(private)]
    name: String,
    deleted_at: Option<String>,
}

fn main() {}
