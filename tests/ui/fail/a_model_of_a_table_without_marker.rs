#![allow(dead_code)]

use soft_delete::SoftDeletable;

#[derive(sqlx::FromRow, SoftDeletable)]
#[soft_delete(table = "audit_log")]
struct Line {
    id: i64,
    line: String,
}

fn main() {}
