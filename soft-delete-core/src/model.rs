//! What a row type says about its table.

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
pub trait SoftDeletable {
    /// The table's name as the schema has it, dotted when it is qualified.
    const TABLE: &'static str;
    /// The column that marks a row as soft-deleted.
    const MARKER: &'static str;

    /// True when the row is live.
    fn is_active(&self) -> bool;
}
