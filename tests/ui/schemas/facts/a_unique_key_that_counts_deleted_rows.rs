use chrono::{DateTime, Utc};
use soft_delete::SoftDeletable;

#[derive(sqlx::FromRow, SoftDeletable)]
struct User {
    id: i64,
    email: String,
    deleted_at: Option<DateTime<Utc>>,
}

fn main() {}
