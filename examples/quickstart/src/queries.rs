//! The queries of the tour. None of them says `deleted_at IS NULL`, but for the one that shows it.

use soft_delete::{
    Active, Deleted, NoRows, Operation, ScopedQuery, TakesActor, TakesReason, Visibility,
    WithDeleted, soft_query,
};
use sqlx::Sqlite;

use crate::model::{Contact, Line};

pub(crate) fn active(pattern: &str) -> ScopedQuery<Sqlite, Active<Contact>> {
    soft_query!(
        Active<Contact>,
        "SELECT * FROM contacts WHERE name LIKE ?1 OR email LIKE ?1 ORDER BY name",
        pattern
    )
}

pub(crate) fn trash() -> ScopedQuery<Sqlite, Deleted<Contact>> {
    soft_query!(Deleted<Contact>, "SELECT * FROM contacts ORDER BY name")
}

pub(crate) fn everyone() -> ScopedQuery<Sqlite, WithDeleted<Contact>> {
    soft_query!(WithDeleted<Contact>, "SELECT * FROM contacts ORDER BY name")
}

pub(crate) fn count() -> ScopedQuery<Sqlite, i64> {
    soft_query!(active as scalar, "SELECT count(*) FROM contacts")
}

pub(crate) fn lines() -> ScopedQuery<Sqlite, Line> {
    soft_query!(
        active as Line,
        "SELECT o.item, c.name FROM orders o LEFT JOIN contacts c ON c.id = o.contact_id
         ORDER BY o.id"
    )
}

pub(crate) fn lines_of_everyone() -> ScopedQuery<Sqlite, Line> {
    soft_query!(
        active as Line,
        c: with_deleted,
        "SELECT o.item, c.name FROM orders o LEFT JOIN contacts c ON c.id = o.contact_id
         ORDER BY o.id"
    )
}

pub(crate) fn chosen(visibility: Visibility) -> ScopedQuery<Sqlite, WithDeleted<Contact>> {
    soft_query!(
        WithDeleted<Contact> in visibility,
        "SELECT * FROM contacts ORDER BY name"
    )
}

pub(crate) fn proven() -> ScopedQuery<Sqlite, String> {
    soft_query!(
        as scalar,
        "SELECT email FROM contacts WHERE deleted_at IS NULL ORDER BY email"
    )
}

pub(crate) fn rename(id: i64, name: &str) -> ScopedQuery<Sqlite, NoRows> {
    soft_query!(
        active,
        "UPDATE contacts SET name = ? WHERE id = ?",
        name,
        id
    )
}

pub(crate) fn soft_delete(id: i64) -> Operation<Sqlite, TakesActor, TakesReason> {
    soft_query!(soft_delete, "DELETE FROM contacts WHERE id = ?", id)
}

pub(crate) fn purge(id: i64) -> Operation<Sqlite> {
    soft_query!(purge, "DELETE FROM contacts WHERE id = ?", id)
}
