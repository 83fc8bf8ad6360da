#![allow(dead_code)]

use soft_delete::SoftDeletable;

#[derive(sqlx::FromRow, SoftDeletable)]
struct Contact {
    id: i64,
    mail: String,
    #[sqlx(rename = "nme")]
    name: String,
    phone: String,
    deleted_at: String,
}

fn main() {}
