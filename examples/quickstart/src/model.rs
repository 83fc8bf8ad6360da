//! The rows.

use chrono::{DateTime, Utc};
use soft_delete::SoftDeletable;

/// A row of `contacts`.
#[derive(Debug, sqlx::FromRow, SoftDeletable)]
pub(crate) struct Contact {
    pub(crate) id: i64,
    pub(crate) email: String,
    pub(crate) name: String,
    pub(crate) deleted_at: Option<DateTime<Utc>>,
}

/// A projection: no model, so no marker to check.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct Line {
    pub(crate) item: String,
    pub(crate) name: Option<String>,
}
