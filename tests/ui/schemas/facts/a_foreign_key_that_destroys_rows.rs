use chrono::{DateTime, Utc};
use soft_delete::SoftDeletable;

#[derive(sqlx::FromRow, SoftDeletable)]
struct Doc {
    id: i64,
    owner_id: i64,
    deleted_at: Option<DateTime<Utc>>,
}

fn main() {}
