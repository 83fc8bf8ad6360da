//! What a row type says about its table.

use futures_core::future::BoxFuture;
use sqlx::Database;

use crate::{
    Active, BulkOperation, KeyedBy, Model, Result, RowOperation, Tombstones, kind,
    lifecycle::{self, FromRowOf},
};

/// A row type of a soft-deletable table; implemented by `#[derive(SoftDeletable)]`.
///
/// The derive reads the schema, so that the constants are the table's real names and
/// [`is_active`](Self::is_active) tests the marker as the table defines it. By hand:
///
/// ```
/// use soft_delete_core::SoftDeletable;
///
/// #[derive(sqlx::FromRow)]
/// struct Contact {
///     id: i64,
///     deleted_at: Option<String>,
/// }
///
/// impl SoftDeletable for Contact {
///     type Key = i64;
///     const TABLE: &'static str = "contacts";
///     const MARKER: &'static str = "deleted_at";
///
///     fn is_active(&self) -> bool {
///         self.deleted_at.is_none()
///     }
/// }
///
/// let contact = Contact { id: 1, deleted_at: None };
/// assert!(contact.is_active());
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not the row type of a soft-deletable table",
    label = "needs `#[derive(SoftDeletable)]`",
    note = "for a projection of such a table say the scope and the row type: `active as {Self}`"
)]
pub trait SoftDeletable: Sized {
    /// The type of the primary key, a tuple where it has several columns; [`NoKey`](crate::NoKey)
    /// where the model does not hold it.
    type Key;
    /// The table's name as the schema has it, dotted when it is qualified.
    const TABLE: &'static str;
    /// The column that marks a row as soft-deleted.
    const MARKER: &'static str;

    /// True when the row is live.
    fn is_active(&self) -> bool;

    /// Deletes the row of a key.
    fn soft_delete_by_key<K>(key: K) -> RowOperation<Self, kind::SoftDelete, Self::RecordsActor>
    where
        Self: KeyedBy<K>,
    {
        RowOperation::new(Self::into_key(key))
    }

    /// Restores the row of a key.
    fn restore_by_key<K>(key: K) -> RowOperation<Self, kind::Restore>
    where
        Self: KeyedBy<K>,
    {
        RowOperation::new(Self::into_key(key))
    }

    /// Removes the row of a key if it is deleted and not on hold.
    fn purge_by_key<K>(key: K) -> RowOperation<Self, kind::Purge>
    where
        Self: KeyedBy<K>,
    {
        RowOperation::new(Self::into_key(key))
    }

    /// Removes the row of a key whatever its state.
    fn erase_by_key<K>(key: K) -> RowOperation<Self, kind::Erase>
    where
        Self: KeyedBy<K>,
    {
        RowOperation::new(Self::into_key(key))
    }

    /// Deletes the live rows among those with these keys, in one operation.
    fn soft_delete_by_keys<K>(
        keys: impl IntoIterator<Item = K>,
    ) -> BulkOperation<Self, kind::SoftDelete, Self::RecordsActor>
    where
        Self: KeyedBy<K>,
    {
        BulkOperation::new(Tombstones::of_keys(keys))
    }

    /// Restores deleted rows.
    fn restore_all(rows: Tombstones<Self>) -> BulkOperation<Self, kind::Restore>
    where
        Self: KeyedBy<<Self as SoftDeletable>::Key>,
    {
        BulkOperation::new(rows)
    }

    /// Removes deleted rows that are not on hold.
    fn purge_all(rows: Tombstones<Self>) -> BulkOperation<Self, kind::Purge>
    where
        Self: KeyedBy<<Self as SoftDeletable>::Key>,
    {
        BulkOperation::new(rows)
    }

    /// Removes rows whatever their state.
    fn erase_by_keys<K>(keys: impl IntoIterator<Item = K>) -> BulkOperation<Self, kind::Erase>
    where
        Self: KeyedBy<K>,
    {
        BulkOperation::new(Tombstones::of_keys(keys))
    }

    /// The live row of a key, locked: until the transaction of the connection ends, nobody deletes it, so
    /// that rows inserted under it have a live parent.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`](crate::Error::NotFound), [`Error::AlreadyDeleted`](crate::Error::AlreadyDeleted).
    fn lock_active_by_key<K>(
        key: K,
        connection: &mut <Self::Database as Database>::Connection,
    ) -> BoxFuture<'_, Result<Active<Self>>>
    where
        Self: KeyedBy<K> + FromRowOf<<Self as Model>::Database>,
    {
        lifecycle::lock_active(Self::into_key(key), connection)
    }
}
