//! What `soft_query!` and the derive expand to. No public interface: it changes without notice.
//!
//! The façade re-exports this module as `soft_delete::__private`, and the macros name it through
//! `$crate`. `DB` below is the dialect's `Postgres`, `Sqlite` or `MySql`.
//!
//! A query binds its arguments by reference, in their order, and ends in one of three:
//!
//! ```text
//! { let q = match (&(a), &(b)) { (a0, a1) => Binder::<DB>::new().bind(a0).bind(a1).rows::<Row>(SQL) }; q }
//!
//! .rows::<O>(sql)      O: FromRow            -> ScopedQuery<DB, O>        `Active<T>`, `active as T`
//! .scalar::<O>(sql)    O: Decode + Type      -> ScopedQuery<DB, O>        `active as scalar`
//! .execute(sql)                              -> ScopedQuery<DB, NoRows>   `active`
//! ```
//!
//! `in expr` chooses the text and nothing else:
//! `.rows::<O>(match visibility(expr) { Visibility::Active => SQL1, … })`; `visibility` takes a
//! [`Visibility`] or a reference to one.
//!
//! A verb binds on an [`OperationBinder`] and names what its table records:
//!
//! ```text
//! OperationBinder::<DB>::new().bind(a0).operation::<A, R>(sql, records_id) -> Operation<DB, A, R>
//!
//! A            TakesActor when the SQL has a placeholder for the actor (RequiresActor when
//!              `require_actor` is set for the table), else NoActor
//! R            TakesReason when it has one for the reason, else NoReason
//! records_id   true when it has one for the operation id
//! ```
//!
//! The placeholders of ours stand in this order: actor, reason, operation id. They are numbered
//! behind the application's (PostgreSQL `$n+1`, SQLite `?n+1`, with every plain `?` of the
//! application numbered), and in MySQL they stand before the application's. The operation id is
//! bound as *text* (`67e55044-10b1-426f-9247-bb680e5fe0c8`), so the SQL converts it where the
//! column is none: `CAST($3 AS uuid)` in PostgreSQL, `unhex(replace(?3, '-', ''))` for a BLOB in
//! SQLite, `UNHEX(REPLACE(?, '-', ''))` for BINARY(16) in MySQL. An actor or reason that is not
//! given is an untyped NULL, so their placeholders stand alone, without a cast.
//!
//! Names are compared at compile time with [`same`], in an array length, which `cargo check`
//! evaluates too:
//!
//! ```text
//! let _: [(); { use NoModel as _; assert!(same(ModelOf::<Contact>::TABLE, "contacts"), "…"); 0 }] = [];
//! ```

use std::marker::PhantomData;

use sqlx::{Arguments, ColumnIndex, Decode, Row, error::BoxDynError};

pub use crate::hook::Kind;
pub use crate::lifecycle::{Absent, FromRowOf, HasDeletedBy, KeyBinder, TakesSecondActor};
pub use crate::operation::{NoActor, NoReason, RequiresActor, TakesActor, TakesReason};
pub use crate::plan::{Change, Effect, Follow, Plan, Restore, Stage, Step, Text, Which};
pub use crate::purge::plan as purge;
pub use crate::unjudged::*;
#[cfg(feature = "mysql")]
pub use sqlx::MySql;
#[cfg(feature = "postgres")]
pub use sqlx::Postgres;
#[cfg(any(feature = "sqlite", feature = "sqlite-unbundled"))]
pub use sqlx::Sqlite;
pub use sqlx::{Database, Encode, FromRow, Type};

use crate::{
    Backend, NoRows, Operation, ScopedQuery, SoftDeletable, Visibility, run::Token,
    statement::Statement,
};

/// Encodes the arguments of a query.
pub struct Binder<DB: Database> {
    arguments: Result<DB::Arguments, BoxDynError>,
}

impl<DB: Database> Binder<DB> {
    /// No arguments.
    #[must_use]
    #[allow(clippy::new_without_default, reason = "the macro calls `new` alone")]
    pub fn new() -> Self {
        Self {
            arguments: Ok(DB::Arguments::default()),
        }
    }

    /// The next argument; the first error is kept and surfaces when the query runs.
    #[must_use]
    pub fn bind<'t, T>(mut self, value: &T) -> Self
    where
        T: Encode<'t, DB> + Type<DB>,
    {
        if let Ok(arguments) = &mut self.arguments {
            let number = arguments.len() + 1;
            if let Err(error) = arguments.add(value) {
                self.arguments = Err(argument_error(number, &error));
            }
        }
        self
    }

    /// The query whose rows are `O`s.
    pub fn rows<O>(self, sql: &'static str) -> ScopedQuery<DB, O>
    where
        O: for<'r> FromRow<'r, DB::Row>,
    {
        ScopedQuery::new(Statement::new(sql, self.arguments), |row| O::from_row(&row))
    }

    /// The query whose rows are their first column.
    pub fn scalar<O>(self, sql: &'static str) -> ScopedQuery<DB, O>
    where
        O: for<'r> Decode<'r, DB> + Type<DB>,
        usize: ColumnIndex<DB::Row>,
    {
        ScopedQuery::new(Statement::new(sql, self.arguments), |row| row.try_get(0))
    }

    /// The query that returns nothing.
    pub fn execute(self, sql: &'static str) -> ScopedQuery<DB, NoRows> {
        ScopedQuery::without_rows(Statement::new(sql, self.arguments))
    }
}

/// Encodes the arguments of an operation.
pub struct OperationBinder<DB: Backend> {
    operands: Result<DB::Operands, BoxDynError>,
    len: usize,
}

impl<DB: Backend> OperationBinder<DB> {
    /// No arguments.
    #[must_use]
    #[allow(clippy::new_without_default, reason = "the macro calls `new` alone")]
    pub fn new() -> Self {
        Self {
            operands: Ok(DB::Operands::default()),
            len: 0,
        }
    }

    /// The next argument of the application's SQL.
    #[must_use]
    pub fn bind<'t, T>(mut self, value: &T) -> Self
    where
        T: Encode<'t, DB> + Type<DB>,
    {
        self.len += 1;
        if let Ok(operands) = &mut self.operands
            && let Err(error) = DB::bind(operands, value, Token::new())
        {
            self.operands = Err(argument_error(self.len, &error));
        }
        self
    }

    /// The operation.
    pub fn operation<A, R>(self, sql: &'static str, records_id: bool) -> Operation<DB, A, R> {
        Operation::new(sql, self.operands, records_id)
    }

    /// The operation, and what follows it.
    pub fn followed<A, R>(
        self,
        sql: &'static str,
        records_id: bool,
        follow: &'static Follow,
    ) -> Operation<DB, A, R> {
        self.operation(sql, records_id).following(follow)
    }
}

fn argument_error(number: usize, error: &BoxDynError) -> BoxDynError {
    format!("Encoding argument ${number} failed: {error}").into()
}

/// The value behind `in`.
#[must_use]
pub fn visibility(visibility: impl IntoVisibility) -> Visibility {
    visibility.into_visibility()
}

/// What may stand behind `in`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no `Visibility`",
    label = "expected a `Visibility`",
    note = "for a flag write `in Visibility::from_include_deleted(flag)`"
)]
pub trait IntoVisibility {
    /// Converts.
    fn into_visibility(self) -> Visibility;
}

impl IntoVisibility for Visibility {
    fn into_visibility(self) -> Visibility {
        self
    }
}

impl IntoVisibility for &Visibility {
    fn into_visibility(self) -> Visibility {
        *self
    }
}

/// The names of a model, at compile time. Where `T` is none, those of [`NoModel`] are found
/// instead: that `Active<T>` does not decode is told already.
pub struct ModelOf<T>(PhantomData<T>);

impl<T: SoftDeletable> ModelOf<T> {
    /// [`SoftDeletable::TABLE`]
    pub const TABLE: &'static str = T::TABLE;
    /// [`SoftDeletable::MARKER`]
    pub const MARKER: &'static str = T::MARKER;
}

/// The empty names of what is no model, which are not compared.
pub trait NoModel {
    /// No table.
    const TABLE: &'static str = "";
    /// No marker.
    const MARKER: &'static str = "";
}

impl<T> NoModel for ModelOf<T> {}

/// Whether two names are the same, at compile time.
#[must_use]
pub const fn same(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len() != b.len() {
        return false;
    }
    let mut index = 0;
    while index < a.len() {
        if a[index] != b[index] {
            return false;
        }
        index += 1;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::same;

    #[test]
    fn names_are_the_same_byte_for_byte() {
        const { assert!(same("crm.contacts", "crm.contacts")) };
        assert!(same("", ""));
        assert!(!same("contacts", "contact"));
        assert!(!same("contacts", "Contacts"));
        assert!(!same("contacts", "contactz"));
    }
}
