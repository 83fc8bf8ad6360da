use chrono::{DateTime, Utc};
use soft_delete::SoftDeletable;

#[derive(sqlx::FromRow, SoftDeletable)]
struct Memo {
    id: i64,
    author: String,
    deleted_at: Option<DateTime<Utc>>,
}

fn main() {}
