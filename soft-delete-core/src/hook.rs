//! What an application does in the transaction of an operation.

use std::sync::Arc;

use futures_core::future::BoxFuture;
use sqlx::Database;

use crate::{OperationId, Result};

/// Which operation it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// Rows become deleted.
    SoftDelete,
    /// Rows become live.
    Restore,
    /// Deleted rows are removed.
    Purge,
    /// Rows are removed whatever their state.
    Erase,
}

/// What happens to rows of one table.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Event {
    /// The operation.
    pub kind: Kind,
    /// Its id; of a restore, the id of the deletion that is taken back; of a purge by age, that of the run.
    /// `None` where the table keeps none, and where a restore takes back several.
    pub operation_id: Option<OperationId>,
    /// The table.
    pub table: &'static str,
    /// The keys of the rows as text; the columns of a key of several stand separated by commas.
    pub keys: Vec<String>,
}

/// What an application does in the transaction of an operation: an audit trail, an outbox.
///
/// An error ends the operation, and all of it is rolled back. A hook sees no more rows than the
/// operation touches: before it, those of its own table; after it, those of every table that a
/// cascade reached, one event for each table. A purge by age tells it each batch.
///
/// ```
/// use futures_core::future::BoxFuture;
/// use soft_delete_core::{Event, Hook, Result};
/// use sqlx::{Sqlite, SqliteConnection};
///
/// struct Outbox;
///
/// impl Hook<Sqlite> for Outbox {
///     fn after<'a>(
///         &'a self,
///         event: &'a Event,
///         connection: &'a mut SqliteConnection,
///     ) -> BoxFuture<'a, Result<()>> {
///         Box::pin(async move {
///             for key in &event.keys {
///                 sqlx::query("INSERT INTO outbox (what, row_key) VALUES (?, ?)")
///                     .bind(event.table)
///                     .bind(key)
///                     .execute(&mut *connection)
///                     .await?;
///             }
///             Ok(())
///         })
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no hook of operations on `{DB}`",
    label = "needs `impl Hook<{DB}> for {Self}`",
    note = "the dialect in soft-delete.toml decides the database"
)]
pub trait Hook<DB: Database>: Send + Sync {
    /// Before anything is changed.
    ///
    /// # Errors
    ///
    /// An error ends the operation.
    fn before<'a>(
        &'a self,
        event: &'a Event,
        connection: &'a mut DB::Connection,
    ) -> BoxFuture<'a, Result<()>> {
        let _ = (event, connection);
        Box::pin(async { Ok(()) })
    }

    /// After everything is changed, before the transaction ends.
    ///
    /// # Errors
    ///
    /// An error ends the operation.
    fn after<'a>(
        &'a self,
        event: &'a Event,
        connection: &'a mut DB::Connection,
    ) -> BoxFuture<'a, Result<()>> {
        let _ = (event, connection);
        Box::pin(async { Ok(()) })
    }
}

/// The hooks of an operation.
pub(crate) type Hooks<DB> = Vec<Arc<dyn Hook<DB>>>;
