//! Helpers for the tests of an application.

use std::fmt;

use futures_core::future::BoxFuture;
use sqlx::Database;

use crate::{
    Active, Deleted, KeyedBy, Result, SoftDeletable, Transacts,
    lifecycle::Key,
    run::Token,
    stage::{State, Work},
    values::Values,
};

/// The state of a row, as a test asks for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RowState {
    /// It is live.
    Active,
    /// It is soft-deleted.
    Deleted,
    /// There is no row with this key.
    Absent,
}

impl fmt::Display for RowState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Active => "live",
            Self::Deleted => "soft-deleted",
            Self::Absent => "not there",
        })
    }
}

/// The state of the row of a key.
///
/// # Errors
///
/// When the database refuses.
pub fn state_of<'e, 'c: 'e, T, K>(
    key: K,
    on: impl Transacts<'c, T::Database> + 'e,
) -> BoxFuture<'e, Result<RowState>>
where
    T: KeyedBy<K>,
{
    let key = Key::<T>(T::into_key(key));
    Box::pin(async move {
        let values = Values::of(&key);
        let mut held = on.hold(Token::new()).await?;
        let connection: &mut <T::Database as Database>::Connection = &mut held;
        let mut work = Work::<T::Database>::new(connection, &values, T::PLAN.table);
        Ok(match work.state(T::PLAN).await? {
            None => RowState::Absent,
            Some(State::Active) => RowState::Active,
            Some(_) => RowState::Deleted,
        })
    })
}

/// What the assertions do; the error is what a failed one says.
#[doc(hidden)]
pub fn check<'e, 'c: 'e, T, K>(
    key: K,
    on: impl Transacts<'c, T::Database> + 'e,
    wanted: RowState,
    written: &'static str,
) -> BoxFuture<'e, Result<(), String>>
where
    T: KeyedBy<K>,
{
    let found = state_of::<T, K>(key, on);
    Box::pin(async move {
        let found = found.await.map_err(|error| error.to_string())?;
        if found == wanted {
            return Ok(());
        }
        let table = T::TABLE;
        Err(format!(
            "the row of `{table}` with the key `{written}` is {found}, and should be {wanted}"
        ))
    })
}

/// A live row that no database has, for tests of what takes an `Active<T>`.
///
/// # Panics
///
/// When the row is deleted by its marker.
#[track_caller]
pub fn active<T: SoftDeletable>(row: T) -> Active<T> {
    Active::of(row).unwrap_or_else(|| panic!("this row of `{}` is soft-deleted", T::TABLE))
}

/// A tombstone that no database has, for tests of what takes a `Deleted<T>`.
///
/// ```
/// use soft_delete_core::{Deleted, SoftDeletable, testing};
///
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
/// fn epitaph(contact: &Deleted<Contact>) -> String {
///     format!("{} is gone", contact.name)
/// }
///
/// let gone = testing::deleted(Contact {
///     name: "Ada".to_owned(),
///     deleted_at: Some("2026-01-02T03:04:05+00:00".to_owned()),
/// });
/// assert_eq!(epitaph(&gone), "Ada is gone");
/// ```
///
/// # Panics
///
/// When the row is live by its marker.
#[track_caller]
pub fn deleted<T: SoftDeletable>(row: T) -> Deleted<T> {
    Deleted::of(row).unwrap_or_else(|| panic!("this row of `{}` is live", T::TABLE))
}

/// Asserts that the row of a key is soft-deleted: `assert_soft_deleted!(Contact, id, &pool)`.
///
/// # Panics
///
/// When it is live, or not there, or when the database refuses.
#[macro_export]
macro_rules! assert_soft_deleted {
    ($Model:ty, $key:expr, $on:expr $(,)?) => {
        $crate::assert_row_state!($Model, $key, $on, Deleted)
    };
}

/// Asserts that the row of a key is live: `assert_active!(Contact, id, &pool)`.
///
/// # Panics
///
/// When it is soft-deleted, or not there, or when the database refuses.
#[macro_export]
macro_rules! assert_active {
    ($Model:ty, $key:expr, $on:expr $(,)?) => {
        $crate::assert_row_state!($Model, $key, $on, Active)
    };
}

/// Asserts that no row has a key: `assert_purged!(Contact, id, &pool)`.
///
/// # Panics
///
/// When there is one, or when the database refuses.
#[macro_export]
macro_rules! assert_purged {
    ($Model:ty, $key:expr, $on:expr $(,)?) => {
        $crate::assert_row_state!($Model, $key, $on, Absent)
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! assert_row_state {
    ($Model:ty, $key:expr, $on:expr, $State:ident) => {{
        let checked = $crate::testing::check::<$Model, _>(
            $key,
            $on,
            $crate::testing::RowState::$State,
            ::core::stringify!($key),
        );
        if let ::core::result::Result::Err(error) = checked.await {
            ::core::panic!("{error}");
        }
    }};
}
