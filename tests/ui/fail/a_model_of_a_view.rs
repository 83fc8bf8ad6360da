#![allow(dead_code)]

use soft_delete::SoftDeletable;

#[derive(sqlx::FromRow, SoftDeletable)]
#[soft_delete(table = "contact_names")]
struct Name {
    n: i64,
    name: String,
}

fn main() {}
