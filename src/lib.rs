//! A query that touches a soft-deletable table and does not say which rows it may see does not
//! compile.
//!
//! `soft-delete` reads the migrations of the application, checks every SQL statement against them
//! at compile time, and types the rows by their state: [`Active`], [`Deleted`], [`WithDeleted`].

#[doc(hidden)]
pub use soft_delete_core::assert_row_state;
pub use soft_delete_core::{
    AcceptsActor, AcceptsActorOf, AcceptsReason, Active, ActorGiven, ActorSettled, Backend,
    BulkOperation, Deleted, Error, Event, FetchAll, FetchOne, FetchOptional, HoldsMoment,
    HoldsOperation, Hook, IntoActor, Kept, KeyedBy, Kind, LeftDeleted, Lifecycle, Model, NoActor,
    NoKey, NoReason, NoRows, NotKept, Operation, OperationId, Outcome, ParseOperationIdError,
    ParseVisibilityError, RequiresActor, Result, ReturnsNothing, ReturnsRows, RowOperation, Runs,
    ScopedQuery, SoftDeletable, StateMismatch, TableRows, TakesActor, TakesReason, Tombstones,
    Transacts, UnknownActor, Visibility, WithDeleted, assert_active, assert_purged,
    assert_soft_deleted, kind, testing,
};
pub use soft_delete_core::{
    AgeKnown, AgeMissing, AgeSettled, Audit, CancelToken, Purge, PurgeDatabase, PurgeError,
    PurgeFailure, PurgeProgress, PurgeReport, Purgeable, RetentionPlan, StopReason, TableReport,
};

#[doc(hidden)]
pub mod __private {
    pub use soft_delete_core::private::*;
    pub use soft_delete_macros::{retention_plan_impl, soft_query_impl};
}

pub use soft_delete_macros::SoftDeletable;

/// Checks a SQL statement against the migrations and its scope at compile time, and builds the
/// query.
///
/// A statement that touches a soft-deletable table and does not say which of its rows it may see
/// does not compile. What it says is written into the SQL where it is missing, so that the
/// statement behaves as if the other rows were not in the table.
///
/// # Forms
///
/// The scope is the row type, for models (structs that derive [`SoftDeletable`]):
///
/// ```ignore
/// let people: Vec<Active<Contact>> =
///     soft_query!(Active<Contact>, "SELECT * FROM contacts WHERE name LIKE ? ORDER BY name", pattern)
///         .fetch_all(&pool).await?;
/// let trash: Vec<Deleted<Contact>> =
///     soft_query!(Deleted<Contact>, "SELECT * FROM contacts").fetch_all(&pool).await?;
/// let everyone: Vec<WithDeleted<Contact>> =
///     soft_query!(WithDeleted<Contact>, "SELECT * FROM contacts").fetch_all(&pool).await?;
/// ```
///
/// or a word, with the row type, `scalar`, or nothing where no rows come back:
///
/// ```ignore
/// let n: i64 = soft_query!(active as scalar, "SELECT count(*) FROM contacts").fetch_one(&pool).await?;
/// let list = soft_query!(active as Summary, "SELECT id, name FROM contacts").fetch_all(&pool).await?;
/// soft_query!(active, "UPDATE contacts SET name = ? WHERE id = ?", name, id).execute(&pool).await?;
/// ```
///
/// `deleted` and `with_deleted` stand for one table; another says its own scope, by its alias or
/// its name:
///
/// ```ignore
/// soft_query!(active as Line, c: with_deleted,
///     "SELECT o.id, c.name FROM orders o JOIN contacts c ON c.id = o.contact_id")
/// ```
///
/// The scope can be a value; each of the three statements is checked:
///
/// ```ignore
/// soft_query!(WithDeleted<Contact> in visibility, "SELECT * FROM contacts ORDER BY name")
/// soft_query!(as Summary in visibility, "SELECT id, name FROM contacts")
/// ```
///
/// SQL that carries its scope needs no word:
///
/// ```ignore
/// soft_query!(as Summary, "SELECT id, name FROM contacts WHERE deleted_at IS NULL")
/// ```
///
/// A verb makes an [`Operation`], which carries out the `references` policies of the table; `purge` takes
/// rows that are already deleted, `erase` any, and `restore` is the UPDATE of the marker:
///
/// ```ignore
/// soft_query!(soft_delete, "DELETE FROM contacts WHERE id = ?", id).execute(&pool).await?;
/// soft_query!(purge, "DELETE FROM contacts WHERE email LIKE ?", pattern).execute(&pool).await?;
/// soft_query!(restore, "UPDATE contacts SET deleted_at = NULL WHERE email LIKE ?", pattern)
///     .execute(&pool).await?;
/// soft_query!(erase, reason = "request 4711", "DELETE FROM contacts WHERE id = ?", id)
///     .execute(&pool).await?;
/// ```
///
/// The escape runs the statement as it is written, unchecked:
///
/// ```ignore
/// soft_query!(unchecked as scalar, reason = "an audit counts all rows", "SELECT count(*) FROM contacts")
/// ```
///
/// # SQL and arguments
///
/// The SQL is a string literal, several joined with `+`, or `file = "queries/x.sql"` relative to the
/// directory of Cargo.toml. The bind arguments follow it, one for each placeholder; they are
/// borrowed. What comes back is a [`ScopedQuery`] with the methods of sqlx's queries.
///
/// `T` of `Active<T>` and its kin is a type that is known where the call stands: its table is compared
/// with that of the query, so it cannot be a type parameter.
///
/// # Files
///
/// The migrations and soft-delete.toml are read again when one of them changes. A *new* migration is
/// seen with the line that `sqlx::migrate!` needs too, in build.rs:
///
/// ```
/// println!("cargo:rerun-if-changed=migrations");
/// ```
///
/// # Type check
///
/// With `typecheck = true` in soft-delete.toml every statement that the call can run also goes through
/// `sqlx::query_as!`, `query_scalar!` or `query!`, in code that never runs, so that a database
/// (`DATABASE_URL`) or prepared data (`.sqlx`) checks its types. The crate then depends on sqlx directly,
/// with its `macros`. The column overrides of those macros (`AS "name!"`) may be written in any case;
/// what runs has the plain name.
///
/// # Warnings
///
/// What compiles and is most likely a slip is a warning of the lint `deprecated`, with a code from
/// SD101 on: `#[allow(deprecated)]` around the call accepts it.
///
/// # Grammar
///
/// ```text
/// soft_query!( [head ,] [alias: scope ,]* [reason = "…" ,] sql [, bind]* )
/// head  = Row [in expr]  |  word [as T | as scalar]  |  as (T | scalar) [in expr]
///         no head: the SQL proves itself, nothing is returned
/// Row   = Active<T> | Deleted<T> | WithDeleted<T>
/// word  = active | deleted | with_deleted | unchecked | soft_delete | purge | erase | restore
/// sql   = "literal" [+ "literal"]*  |  file = "queries/x.sql"
/// ```
#[macro_export]
macro_rules! soft_query {
    ($($tokens:tt)*) => {
        $crate::__private::soft_query_impl!([$crate] $($tokens)*)
    };
}

/// The purge of every table that has a `retention` in soft-delete.toml, children before parents,
/// computed at compile time: for [`Purge::plan`].
///
/// ```ignore
/// let report = Purge::plan(retention_plan!()).execute(&pool).await?;
/// ```
#[macro_export]
macro_rules! retention_plan {
    () => {
        $crate::__private::retention_plan_impl!([$crate])
    };
}
