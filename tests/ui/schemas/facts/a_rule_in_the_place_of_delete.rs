use chrono::{DateTime, Utc};
use soft_delete::SoftDeletable;

#[derive(sqlx::FromRow, SoftDeletable)]
struct Letter {
    id: i64,
    deleted_at: Option<DateTime<Utc>>,
}

fn main() {}
