//! What a query and an operation can run on.

use std::ops::DerefMut;

use futures_core::{future::BoxFuture, stream::BoxStream};
use sqlx::{Acquire, Database, Executor, Transaction};

use crate::statement::Statement;

mod seal {
    /// Proof that the call comes from this crate: the traits are open to bounds and closed to
    /// implementations and calls from outside.
    #[derive(Debug, Clone, Copy)]
    pub struct Token(());

    impl Token {
        pub(crate) const fn new() -> Self {
            Self(())
        }
    }
}

pub(crate) use seal::Token;

/// The [`Runs`] of every sqlx executor.
#[derive(Debug)]
pub enum AsExecutor {}

/// The [`Runs`] of `&mut Transaction`, which is no sqlx executor itself.
#[derive(Debug)]
pub enum AsTransaction {}

/// Runs a [`ScopedQuery`](crate::ScopedQuery).
///
/// Whatever is a [`sqlx::Executor`] of the right database does: `&Pool`, `&mut Connection`,
/// `&mut *transaction`, and what other crates add; so does `&mut transaction` as it stands. It is
/// implemented here only.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot run this query: it is no executor for `{DB}`",
    label = "not an executor for `{DB}`",
    note = "the dialect in soft-delete.toml decides the database; pass `&pool`, `&mut connection` \
            or `&mut transaction`"
)]
pub trait Runs<'c, DB: Database, Via = AsExecutor>: Send + Sized {
    #[doc(hidden)]
    fn run_execute<'e>(
        self,
        statement: Statement<DB>,
        _: Token,
    ) -> BoxFuture<'e, sqlx::Result<DB::QueryResult>>
    where
        'c: 'e;

    #[doc(hidden)]
    fn run_fetch<'e>(
        self,
        statement: Statement<DB>,
        _: Token,
    ) -> BoxStream<'e, sqlx::Result<DB::Row>>
    where
        'c: 'e;

    #[doc(hidden)]
    fn run_fetch_optional<'e>(
        self,
        statement: Statement<DB>,
        _: Token,
    ) -> BoxFuture<'e, sqlx::Result<Option<DB::Row>>>
    where
        'c: 'e;
}

#[diagnostic::do_not_recommend]
impl<'c, DB, E> Runs<'c, DB, AsExecutor> for E
where
    DB: Database,
    E: Executor<'c, Database = DB>,
{
    fn run_execute<'e>(
        self,
        statement: Statement<DB>,
        _: Token,
    ) -> BoxFuture<'e, sqlx::Result<DB::QueryResult>>
    where
        'c: 'e,
    {
        self.execute(statement)
    }

    fn run_fetch<'e>(
        self,
        statement: Statement<DB>,
        _: Token,
    ) -> BoxStream<'e, sqlx::Result<DB::Row>>
    where
        'c: 'e,
    {
        self.fetch(statement)
    }

    fn run_fetch_optional<'e>(
        self,
        statement: Statement<DB>,
        _: Token,
    ) -> BoxFuture<'e, sqlx::Result<Option<DB::Row>>>
    where
        'c: 'e,
    {
        self.fetch_optional(statement)
    }
}

#[diagnostic::do_not_recommend]
impl<'c, DB> Runs<'c, DB, AsTransaction> for &'c mut Transaction<'_, DB>
where
    DB: Database,
    for<'x> &'x mut DB::Connection: Executor<'x, Database = DB>,
{
    fn run_execute<'e>(
        self,
        statement: Statement<DB>,
        _: Token,
    ) -> BoxFuture<'e, sqlx::Result<DB::QueryResult>>
    where
        'c: 'e,
    {
        (**self).execute(statement)
    }

    fn run_fetch<'e>(
        self,
        statement: Statement<DB>,
        _: Token,
    ) -> BoxStream<'e, sqlx::Result<DB::Row>>
    where
        'c: 'e,
    {
        (**self).fetch(statement)
    }

    fn run_fetch_optional<'e>(
        self,
        statement: Statement<DB>,
        _: Token,
    ) -> BoxFuture<'e, sqlx::Result<Option<DB::Row>>>
    where
        'c: 'e,
    {
        (**self).fetch_optional(statement)
    }
}

/// Runs an [`Operation`](crate::Operation).
///
/// Whatever is a [`sqlx::Acquire`] of the right database does: `&Pool`, `&mut Connection`,
/// `&mut Transaction` (where an operation of several statements becomes a savepoint). It is
/// implemented here only.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot run this operation: it begins no transaction on `{DB}`",
    label = "not a connection or pool of `{DB}`",
    note = "the dialect in soft-delete.toml decides the database; pass `&pool`, `&mut connection` \
            or `&mut transaction`"
)]
pub trait Transacts<'c, DB: Database>: Send + Sized {
    #[doc(hidden)]
    type Held: DerefMut<Target = DB::Connection> + Send;

    #[doc(hidden)]
    fn hold(self, _: Token) -> BoxFuture<'c, sqlx::Result<Self::Held>>;

    #[doc(hidden)]
    fn open(self, _: Token) -> BoxFuture<'c, sqlx::Result<Transaction<'c, DB>>>;
}

#[diagnostic::do_not_recommend]
impl<'c, DB, A> Transacts<'c, DB> for A
where
    DB: Database,
    A: Acquire<'c, Database = DB> + Send,
{
    type Held = A::Connection;

    fn hold(self, _: Token) -> BoxFuture<'c, sqlx::Result<A::Connection>> {
        self.acquire()
    }

    fn open(self, _: Token) -> BoxFuture<'c, sqlx::Result<Transaction<'c, DB>>> {
        self.begin()
    }
}
