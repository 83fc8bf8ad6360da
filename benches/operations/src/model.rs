//! The tables.

use chrono::{DateTime, Utc};
use soft_delete::SoftDeletable;
use sqlx::FromRow;

/// Nothing hangs on it.
#[derive(Debug, SoftDeletable, FromRow)]
pub(crate) struct Note {
    pub(crate) id: i64,
    pub(crate) text: String,
    pub(crate) deleted_at: Option<DateTime<Utc>>,
}

/// It has orders, and those have parcels.
#[derive(Debug, SoftDeletable, FromRow)]
pub(crate) struct Customer {
    pub(crate) id: i64,
    pub(crate) name: String,
    pub(crate) deleted_at: Option<DateTime<Utc>>,
    pub(crate) deleted_by: Option<i64>,
}
