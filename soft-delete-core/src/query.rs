//! A checked query.

use std::{fmt, marker::PhantomPinned};

use futures_core::stream::BoxStream;
use futures_util::{StreamExt, TryStreamExt};
use sqlx::{Database, database::HasStatementCache};

use crate::{
    run::{Runs, Token},
    statement::Statement,
};

/// A checked query with its arguments, ready to run: what `soft_query!` returns.
///
/// It is owned and [`Send`], so it can be stored, returned and moved into a task; its methods are
/// those of sqlx's queries. `DB` is the dialect that the query was checked for: another database's
/// pool is a type error. `O` is what a row becomes, or [`NoRows`].
///
/// ```ignore
/// fn by_name(pattern: &str) -> ScopedQuery<Sqlite, Active<Contact>> {
///     soft_query!(Active<Contact>, "SELECT * FROM contacts WHERE name LIKE ?", pattern)
/// }
///
/// let people = by_name("A%").fetch_all(&pool).await?;
/// let names: Vec<String> = by_name("A%").map(|c| c.name.clone()).fetch_all(&mut tx).await?;
/// ```
#[must_use = "a query does nothing until it is run"]
pub struct ScopedQuery<DB: Database, O> {
    statement: Statement<DB>,
    mapper: Mapper<DB, O>,
}

/// How a row becomes an `O`.
enum Mapper<DB: Database, O> {
    /// Decoding alone, which needs no allocation.
    Decode(fn(DB::Row) -> sqlx::Result<O>),
    /// After `map` and `try_map`.
    Closure(Box<dyn FnMut(DB::Row) -> sqlx::Result<O> + Send>),
}

impl<DB: Database, O> Mapper<DB, O> {
    fn map(&mut self, row: DB::Row) -> sqlx::Result<O> {
        match self {
            Self::Decode(decode) => decode(row),
            Self::Closure(closure) => closure(row),
        }
    }
}

/// The output of a query that returns no rows: it has [`execute`](ScopedQuery::execute) and no
/// fetch methods.
#[derive(Debug)]
pub struct NoRows(PhantomPinned);

/// What a row can become: everything sqlx accepts there, and not [`NoRows`].
#[diagnostic::on_unimplemented(
    message = "this query returns no rows to fetch",
    label = "run it with `.execute(…)`",
    note = "to fetch rows say what they are: a row type such as `Active<T>`, or `active as T`, \
            `active as scalar`"
)]
pub trait ReturnsRows: Send + Unpin {}

impl<T: Send + Unpin> ReturnsRows for T {}

impl<DB: Database, O> ScopedQuery<DB, O> {
    pub(crate) fn new(statement: Statement<DB>, decode: fn(DB::Row) -> sqlx::Result<O>) -> Self {
        Self {
            statement,
            mapper: Mapper::Decode(decode),
        }
    }

    /// The SQL that runs: the text as written, with the filters that its scope needed.
    #[must_use]
    pub const fn sql(&self) -> &'static str {
        self.statement.sql
    }

    /// Whether the connection keeps the prepared statement; true unless told otherwise.
    pub fn persistent(mut self, value: bool) -> Self
    where
        DB: HasStatementCache,
    {
        self.statement.persistent = value;
        self
    }

    /// Maps each row to another type.
    pub fn map<F, P>(self, mut f: F) -> ScopedQuery<DB, P>
    where
        O: ReturnsRows + 'static,
        F: FnMut(O) -> P + Send + 'static,
    {
        self.try_map(move |row| Ok(f(row)))
    }

    /// Maps each row to another type, or fails.
    pub fn try_map<F, P>(self, mut f: F) -> ScopedQuery<DB, P>
    where
        O: ReturnsRows + 'static,
        F: FnMut(O) -> sqlx::Result<P> + Send + 'static,
    {
        let mut mapper = self.mapper;
        ScopedQuery {
            statement: self.statement,
            mapper: Mapper::Closure(Box::new(move |row| mapper.map(row).and_then(&mut f))),
        }
    }

    /// Runs the query and returns the rows as a stream.
    pub fn fetch<'e, 'c: 'e, E, Via>(self, executor: E) -> BoxStream<'e, sqlx::Result<O>>
    where
        O: ReturnsRows + 'e,
        E: Runs<'c, DB, Via>,
    {
        let Self {
            statement,
            mut mapper,
        } = self;
        executor
            .run_fetch(statement, Token::new())
            .map(move |row| mapper.map(row?))
            .boxed()
    }

    /// Runs the query and returns all rows.
    ///
    /// # Errors
    ///
    /// When the database refuses, or when a row does not decode.
    pub async fn fetch_all<'e, 'c: 'e, E, Via>(self, executor: E) -> sqlx::Result<Vec<O>>
    where
        O: ReturnsRows + 'e,
        E: Runs<'c, DB, Via>,
    {
        self.fetch(executor).try_collect().await
    }

    /// Runs the query and returns the first row.
    ///
    /// # Errors
    ///
    /// [`sqlx::Error::RowNotFound`] when there is none; otherwise as
    /// [`fetch_all`](Self::fetch_all).
    pub async fn fetch_one<'e, 'c: 'e, E, Via>(self, executor: E) -> sqlx::Result<O>
    where
        O: ReturnsRows + 'e,
        E: Runs<'c, DB, Via>,
    {
        self.fetch_optional(executor)
            .await?
            .ok_or(sqlx::Error::RowNotFound)
    }

    /// Runs the query and returns the first row, if there is one.
    ///
    /// # Errors
    ///
    /// As [`fetch_all`](Self::fetch_all).
    pub async fn fetch_optional<'e, 'c: 'e, E, Via>(self, executor: E) -> sqlx::Result<Option<O>>
    where
        O: ReturnsRows + 'e,
        E: Runs<'c, DB, Via>,
    {
        let Self {
            statement,
            mut mapper,
        } = self;
        executor
            .run_fetch_optional(statement, Token::new())
            .await?
            .map(|row| mapper.map(row))
            .transpose()
    }
}

impl<DB: Database> ScopedQuery<DB, NoRows> {
    pub(crate) fn without_rows(statement: Statement<DB>) -> Self {
        Self::new(statement, |_| Ok(NoRows(PhantomPinned)))
    }

    /// Runs the query and returns what the database says about it, such as the number of rows
    /// affected.
    ///
    /// # Errors
    ///
    /// When the database refuses.
    pub async fn execute<'e, 'c: 'e, E, Via>(self, executor: E) -> sqlx::Result<DB::QueryResult>
    where
        E: Runs<'c, DB, Via>,
    {
        executor.run_execute(self.statement, Token::new()).await
    }
}

impl<DB: Database, O> fmt::Debug for ScopedQuery<DB, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ScopedQuery").field(&self.statement).finish()
    }
}
