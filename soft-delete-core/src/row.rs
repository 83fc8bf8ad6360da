//! Row types that carry the state of the row.

use std::{fmt, ops::Deref};

use serde_core::{Serialize, Serializer};
use sqlx::{FromRow, Row};

use crate::{KeyedBy, RowOperation, SoftDeletable, StateMismatch, Visibility, kind};

/// A live row.
///
/// Made by decoding, which checks the marker, or by an operation; there is no other way, so that a
/// function that takes an `Active<Contact>` cannot be given a deleted one. It reads as `T` and
/// cannot be changed in place: a changed row is a new statement.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// use soft_delete_core::{Active, SoftDeletable};
/// use sqlx::{Connection, SqliteConnection};
///
/// #[derive(Debug, sqlx::FromRow)]
/// struct Contact {
///     name: String,
///     deleted_at: Option<String>,
/// }
/// # impl SoftDeletable for Contact {
/// #     type Key = i64;
/// #     const TABLE: &'static str = "contacts";
/// #     const MARKER: &'static str = "deleted_at";
/// #     fn is_active(&self) -> bool { self.deleted_at.is_none() }
/// # }
///
/// fn greet(contact: &Active<Contact>) -> String {
///     format!("Hello {}", contact.name)
/// }
///
/// let mut db = SqliteConnection::connect("sqlite::memory:").await?;
/// let ada: Active<Contact> = sqlx::query_as("SELECT 'Ada' AS name, NULL AS deleted_at")
///     .fetch_one(&mut db)
///     .await?;
/// assert_eq!(greet(&ada), "Hello Ada");
/// # Ok::<(), sqlx::Error>(())
/// # }).unwrap();
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(transparent)]
pub struct Active<T>(T);

/// A soft-deleted row; otherwise as [`Active`].
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// use soft_delete_core::{Deleted, SoftDeletable};
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
/// let gone: Deleted<Contact> = sqlx::query_as("SELECT '2026-01-01' AS deleted_at")
///     .fetch_one(&mut db)
///     .await?;
/// assert_eq!(gone.deleted_at.as_deref(), Some("2026-01-01"));
/// # Ok::<(), sqlx::Error>(())
/// # }).unwrap();
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(transparent)]
pub struct Deleted<T>(T);

/// A row in either state.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// use soft_delete_core::{SoftDeletable, WithDeleted};
/// use sqlx::{Connection, SqliteConnection};
///
/// #[derive(Debug, sqlx::FromRow)]
/// struct Contact {
///     name: String,
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
/// let rows: Vec<WithDeleted<Contact>> = sqlx::query_as(
///     "SELECT 'Ada' AS name, NULL AS deleted_at UNION ALL SELECT 'Bob', '2026-01-01'",
/// )
/// .fetch_all(&mut db)
/// .await?;
///
/// let names: Vec<String> = rows
///     .into_iter()
///     .map(|row| match row {
///         WithDeleted::Active(contact) => contact.name.clone(),
///         WithDeleted::Deleted(contact) => format!("{} (deleted)", contact.name),
///     })
///     .collect();
/// assert_eq!(names, ["Ada", "Bob (deleted)"]);
/// # Ok::<(), sqlx::Error>(())
/// # }).unwrap();
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum WithDeleted<T> {
    /// It is live.
    Active(Active<T>),
    /// It is soft-deleted.
    Deleted(Deleted<T>),
}

macro_rules! transparent {
    ($Wrapper:ident, $state:path, |$row:ident| $holds:expr) => {
        impl<T> $Wrapper<T> {
            /// The row, if it is in this state by its marker.
            pub(crate) fn of($row: T) -> Option<Self>
            where
                T: SoftDeletable,
            {
                if $holds { Some(Self($row)) } else { None }
            }

            /// The row without the knowledge of its state.
            #[must_use]
            pub fn into_inner(self) -> T {
                self.0
            }
        }

        impl<T> Deref for $Wrapper<T> {
            type Target = T;

            fn deref(&self) -> &T {
                &self.0
            }
        }

        impl<T> AsRef<T> for $Wrapper<T> {
            fn as_ref(&self) -> &T {
                &self.0
            }
        }

        impl<T: fmt::Debug> fmt::Debug for $Wrapper<T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl<T: Serialize> Serialize for $Wrapper<T> {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                self.0.serialize(serializer)
            }
        }

        impl<'r, R, T> FromRow<'r, R> for $Wrapper<T>
        where
            R: Row,
            T: FromRow<'r, R> + SoftDeletable,
        {
            fn from_row(row: &'r R) -> sqlx::Result<Self> {
                let $row = T::from_row(row)?;
                if $holds {
                    Ok(Self($row))
                } else {
                    Err(sqlx::Error::Decode(Box::new(StateMismatch::new::<T>(
                        $state,
                    ))))
                }
            }
        }
    };
}

transparent!(Active, Visibility::Active, |row| row.is_active());
transparent!(Deleted, Visibility::Deleted, |row| !row.is_active());

impl<T> Active<T> {
    /// Deletes the row: it becomes a [`Deleted`].
    pub fn soft_delete(self) -> RowOperation<T, kind::SoftDelete, T::RecordsActor>
    where
        T: KeyedBy<<T as SoftDeletable>::Key>,
    {
        RowOperation::new(T::key_of(&self.0))
    }

    /// Removes the row and its history.
    pub fn erase(self) -> RowOperation<T, kind::Erase>
    where
        T: KeyedBy<<T as SoftDeletable>::Key>,
    {
        RowOperation::new(T::key_of(&self.0))
    }
}

impl<T> Deleted<T> {
    /// Restores the row: it becomes an [`Active`].
    pub fn restore(self) -> RowOperation<T, kind::Restore>
    where
        T: KeyedBy<<T as SoftDeletable>::Key>,
    {
        RowOperation::new(T::key_of(&self.0))
    }

    /// Removes the row if it is not on hold.
    pub fn purge(self) -> RowOperation<T, kind::Purge>
    where
        T: KeyedBy<<T as SoftDeletable>::Key>,
    {
        RowOperation::new(T::key_of(&self.0))
    }

    /// Removes the row even if it is on hold.
    pub fn erase(self) -> RowOperation<T, kind::Erase>
    where
        T: KeyedBy<<T as SoftDeletable>::Key>,
    {
        RowOperation::new(T::key_of(&self.0))
    }
}

impl<T> WithDeleted<T> {
    /// True when the row is live.
    #[must_use]
    pub const fn is_active(&self) -> bool {
        matches!(self, Self::Active(_))
    }

    /// True when the row is soft-deleted.
    #[must_use]
    pub const fn is_deleted(&self) -> bool {
        matches!(self, Self::Deleted(_))
    }

    /// The row, if it is live.
    #[must_use]
    pub const fn active(&self) -> Option<&Active<T>> {
        match self {
            Self::Active(row) => Some(row),
            Self::Deleted(_) => None,
        }
    }

    /// The row, if it is soft-deleted.
    #[must_use]
    pub const fn deleted(&self) -> Option<&Deleted<T>> {
        match self {
            Self::Active(_) => None,
            Self::Deleted(row) => Some(row),
        }
    }

    /// The row, if it is live.
    #[must_use]
    pub fn into_active(self) -> Option<Active<T>> {
        match self {
            Self::Active(row) => Some(row),
            Self::Deleted(_) => None,
        }
    }

    /// The row, if it is soft-deleted.
    #[must_use]
    pub fn into_deleted(self) -> Option<Deleted<T>> {
        match self {
            Self::Active(_) => None,
            Self::Deleted(row) => Some(row),
        }
    }

    /// The row without the knowledge of its state.
    #[must_use]
    pub fn into_inner(self) -> T {
        match self {
            Self::Active(Active(row)) | Self::Deleted(Deleted(row)) => row,
        }
    }
}

impl<T> Deref for WithDeleted<T> {
    type Target = T;

    fn deref(&self) -> &T {
        match self {
            Self::Active(Active(row)) | Self::Deleted(Deleted(row)) => row,
        }
    }
}

impl<T> AsRef<T> for WithDeleted<T> {
    fn as_ref(&self) -> &T {
        self
    }
}

impl<T: fmt::Debug> fmt::Debug for WithDeleted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (state, row): (_, &T) = match self {
            Self::Active(row) => ("Active", row),
            Self::Deleted(row) => ("Deleted", row),
        };
        f.debug_tuple(state).field(row).finish()
    }
}

impl<T: Serialize> Serialize for WithDeleted<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (**self).serialize(serializer)
    }
}

impl<T> From<Active<T>> for WithDeleted<T> {
    fn from(row: Active<T>) -> Self {
        Self::Active(row)
    }
}

impl<T> From<Deleted<T>> for WithDeleted<T> {
    fn from(row: Deleted<T>) -> Self {
        Self::Deleted(row)
    }
}

impl<'r, R, T> FromRow<'r, R> for WithDeleted<T>
where
    R: Row,
    T: FromRow<'r, R> + SoftDeletable,
{
    fn from_row(row: &'r R) -> sqlx::Result<Self> {
        let row = T::from_row(row)?;
        Ok(if row.is_active() {
            Self::Active(Active(row))
        } else {
            Self::Deleted(Deleted(row))
        })
    }
}

#[cfg(test)]
mod tests {
    use std::ops::DerefMut;

    use serde_core::de::DeserializeOwned;

    use super::*;

    /// Does not compile when the type implements the trait: `_` is then ambiguous.
    macro_rules! assert_not {
        ($Type:ty, $Trait:path) => {{
            trait Either<Which> {
                fn holds() {}
            }
            struct Implemented;
            impl<T> Either<()> for T {}
            impl<T: $Trait> Either<Implemented> for T {}
            <$Type as Either<_>>::holds();
        }};
    }

    #[test]
    fn no_row_type_can_be_made_or_changed_from_outside() {
        assert_not!(Active<String>, DerefMut);
        assert_not!(Deleted<String>, DerefMut);
        assert_not!(WithDeleted<String>, DerefMut);
        assert_not!(Active<String>, DeserializeOwned);
        assert_not!(Deleted<String>, DeserializeOwned);
        assert_not!(WithDeleted<String>, DeserializeOwned);
        assert_not!(Active<String>, Default);
        assert_not!(Deleted<String>, Default);
        assert_not!(Active<String>, From<String>);
        assert_not!(Deleted<String>, From<String>);
    }
}
