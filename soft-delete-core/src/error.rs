//! What can go wrong at run time.

use std::{error, fmt};

use crate::Visibility;

/// The result of an operation.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The error of an operation.
///
/// Queries return [`sqlx::Error`], as sqlx's own do; `?` turns it into this type.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// A row was not in the state that its type claims.
    State(StateMismatch),
    /// No row has the key.
    NotFound {
        /// The table.
        table: &'static str,
    },
    /// The row to delete is deleted already: it keeps its moment, its actor and its operation.
    AlreadyDeleted {
        /// The table.
        table: &'static str,
    },
    /// The row to restore or to purge is live.
    NotDeleted {
        /// The table.
        table: &'static str,
    },
    /// The row to purge is on hold.
    Held {
        /// The table.
        table: &'static str,
    },
    /// The row to restore was erased: its personal columns are overwritten, and it stays deleted.
    Erased {
        /// The table.
        table: &'static str,
    },
    /// Rows of another table forbid the operation as long as they reference what it touches.
    Restricted {
        /// The table of the operation.
        table: &'static str,
        /// The table whose rows forbid it.
        by: &'static str,
        /// How many do.
        rows: u64,
    },
    /// A live row has the unique key that a restored one would have.
    Conflict {
        /// The table of both.
        table: &'static str,
        /// The unique constraint or index, where its name is known.
        constraint: Option<String>,
        /// The key of the live row, as text, where it could still be looked up.
        live: Option<String>,
    },
    /// The parent of a row to restore is still deleted.
    ParentDeleted {
        /// The table of the operation.
        table: &'static str,
        /// The table of the parent.
        parent: &'static str,
    },
    /// The transaction is REPEATABLE READ in PostgreSQL: it would not see a row that came to reference what the
    /// operation deletes, purges or erases while it waited.
    Isolation {
        /// The table whose rows are referenced.
        table: &'static str,
    },
    /// The row changed its state again and again while the operation ran.
    Contended {
        /// The table.
        table: &'static str,
    },
    /// The database or the driver refused.
    Sqlx(sqlx::Error),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::State(mismatch) => mismatch.fmt(f),
            Self::NotFound { table } => write!(f, "no row of `{table}` has this key"),
            Self::AlreadyDeleted { table } => write!(f, "the row of `{table}` is already deleted"),
            Self::NotDeleted { table } => write!(f, "the row of `{table}` is not deleted"),
            Self::Held { table } => write!(f, "the row of `{table}` is on hold"),
            Self::Erased { table } => {
                write!(f, "the row of `{table}` was erased, and stays deleted")
            }
            Self::Restricted { table, by, rows } => {
                write!(
                    f,
                    "{rows} rows of `{by}` reference what is to go from `{table}`"
                )
            }
            Self::Conflict {
                table,
                constraint,
                live,
            } => {
                write!(
                    f,
                    "a live row of `{table}` has the unique key of the restored one"
                )?;
                if let Some(constraint) = constraint {
                    write!(f, " ({constraint})")?;
                }
                live.as_ref()
                    .map_or(Ok(()), |live| write!(f, ": its key is {live}"))
            }
            Self::ParentDeleted { table, parent } => {
                write!(
                    f,
                    "a row of `{table}` cannot be live: its parent in `{parent}` is deleted"
                )
            }
            Self::Isolation { table } => {
                write!(
                    f,
                    "under REPEATABLE READ, rows that come to reference those of `{table}` are not seen: \
                     use READ COMMITTED"
                )
            }
            Self::Contended { table } => {
                write!(
                    f,
                    "the row of `{table}` changed its state while the operation ran"
                )
            }
            Self::Sqlx(error) => error.fmt(f),
        }
    }
}

impl error::Error for Error {
    // The display is that of the wrapped error, so the chain goes on behind it.
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        match self {
            Self::State(mismatch) => mismatch.source(),
            Self::Sqlx(error) => error.source(),
            _ => None,
        }
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        match StateMismatch::of(&error) {
            Some(mismatch) => Self::State(*mismatch),
            None => Self::Sqlx(error),
        }
    }
}

/// A row decoded as [`Active`](crate::Active) is soft-deleted, or one decoded as
/// [`Deleted`](crate::Deleted) is live.
///
/// `soft_query!` adds the filter that keeps such rows out, so this is the last line of defence:
/// it fires when a row type is decoded by a query that was not checked.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// use soft_delete_core::{Active, SoftDeletable, StateMismatch, Visibility};
/// use sqlx::{Connection, SqliteConnection};
///
/// #[derive(Debug, sqlx::FromRow)]
/// struct Contact {
///     deleted_at: Option<String>,
/// }
/// # impl SoftDeletable for Contact {
/// #     type Key = i64;
/// #     const TABLE: &'static str = "contacts";
/// #     const MARKER: &'static str = "deleted_at";
/// #     fn is_active(&self) -> bool { self.deleted_at.is_none() }
/// # }
///
/// let mut db = SqliteConnection::connect("sqlite::memory:").await?;
/// let error = sqlx::query_as::<_, Active<Contact>>("SELECT '2026-01-01' AS deleted_at")
///     .fetch_one(&mut db)
///     .await
///     .unwrap_err();
///
/// let mismatch = StateMismatch::of(&error).expect("a state mismatch");
/// assert_eq!(mismatch.table(), "contacts");
/// assert_eq!(mismatch.expected(), Visibility::Active);
/// # Ok::<(), sqlx::Error>(())
/// # }).unwrap();
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StateMismatch {
    table: &'static str,
    marker: &'static str,
    expected: Visibility,
}

impl StateMismatch {
    pub(crate) fn new<T: crate::SoftDeletable>(expected: Visibility) -> Self {
        Self {
            table: T::TABLE,
            marker: T::MARKER,
            expected,
        }
    }

    /// The mismatch behind an error of sqlx, if that is what it is.
    #[must_use]
    pub fn of(error: &sqlx::Error) -> Option<&Self> {
        match error {
            sqlx::Error::Decode(source) | sqlx::Error::ColumnDecode { source, .. } => {
                source.downcast_ref()
            }
            _ => None,
        }
    }

    /// The table of the row type.
    #[must_use]
    pub const fn table(&self) -> &'static str {
        self.table
    }

    /// Its marker column.
    #[must_use]
    pub const fn marker(&self) -> &'static str {
        self.marker
    }

    /// What the row was decoded as: active or deleted.
    #[must_use]
    pub const fn expected(&self) -> Visibility {
        self.expected
    }
}

impl fmt::Display for StateMismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (wrapper, is) = match self.expected {
            Visibility::Deleted => ("Deleted", "live"),
            _ => ("Active", "soft-deleted"),
        };
        write!(
            f,
            "a row of `{}` was decoded as `{wrapper}` and is {is} by its marker `{}`",
            self.table, self.marker
        )
    }
}

impl error::Error for StateMismatch {}
