//! A row type whose `SoftDeletable` is written by hand, and its queries.

use chrono::{DateTime, TimeZone, Utc};
use soft_delete::{Active, Deleted, ScopedQuery, SoftDeletable, WithDeleted};

use crate::{Db, expansion::Binder};

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, sqlx::FromRow, serde::Serialize)]
pub(super) struct Contact {
    pub(super) id: i64,
    pub(super) name: String,
    pub(super) deleted_at: Option<DateTime<Utc>>,
}

impl SoftDeletable for Contact {
    type Key = i64;
    const TABLE: &'static str = "contacts";
    const MARKER: &'static str = "deleted_at";

    fn is_active(&self) -> bool {
        self.deleted_at.is_none()
    }
}

pub(super) const ACTIVE: &str =
    "SELECT id, name, deleted_at FROM contacts WHERE deleted_at IS NULL ORDER BY id";
pub(super) const DELETED: &str =
    "SELECT id, name, deleted_at FROM contacts WHERE deleted_at IS NOT NULL ORDER BY id";
pub(super) const EVERYONE: &str = "SELECT id, name, deleted_at FROM contacts ORDER BY id";

pub(super) fn active() -> ScopedQuery<Db, Active<Contact>> {
    Binder::<Db>::new().rows(ACTIVE)
}

pub(super) fn deleted() -> ScopedQuery<Db, Deleted<Contact>> {
    Binder::<Db>::new().rows(DELETED)
}

pub(super) fn everyone() -> ScopedQuery<Db, WithDeleted<Contact>> {
    Binder::<Db>::new().rows(EVERYONE)
}

/// When the deleted contacts of the seed were deleted.
pub(super) fn deletion() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 1, 2, 3, 4, 5).unwrap()
}

/// The names of rows.
pub(super) fn names<T: AsRef<Contact>>(rows: &[T]) -> Vec<&str> {
    rows.iter().map(|row| row.as_ref().name.as_str()).collect()
}
