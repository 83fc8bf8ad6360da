//! A checked query.

use std::{fmt, marker::PhantomData};

use futures_core::{future::BoxFuture, stream::BoxStream};
use futures_util::StreamExt;
use sqlx::{Database, database::HasStatementCache};

use crate::{
    future::{FetchAll, FetchOne, FetchOptional},
    run::{Runs, Token},
    statement::Statement,
};

/// A checked query with its arguments, ready to run: what `soft_query!` returns.
///
/// It is owned and [`Send`], so it can be stored, returned and moved into a task; its methods are
/// those of sqlx's queries. `DB` is the dialect that the query was checked for: another database's
/// pool is a type error. `O` is what a row becomes, or [`NoRows`].
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// use soft_delete_core::{Active, ScopedQuery, SoftDeletable};
/// use sqlx::{Sqlite, SqlitePool};
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
/// async fn names(
///     query: ScopedQuery<Sqlite, Active<Contact>>,
///     pool: SqlitePool,
/// ) -> sqlx::Result<Vec<String>> {
///     let query = query.map(|contact| contact.name.to_uppercase());
///     tokio::spawn(async move { query.fetch_all(&pool).await })
///         .await
///         .expect("the task does not panic")
/// }
/// #
/// # let query = soft_delete_core::private::Binder::<Sqlite>::new()
/// #     .rows("SELECT 'Ada' AS name, NULL AS deleted_at");
/// # let pool = SqlitePool::connect("sqlite::memory:").await?;
/// # assert_eq!(names(query, pool).await?, ["ADA"]);
/// # Ok::<(), sqlx::Error>(())
/// # }).unwrap();
/// ```
#[must_use = "a query does nothing until it is run"]
pub struct ScopedQuery<DB: Database, O> {
    statement: Statement<DB>,
    mapper: Mapper<DB, O>,
}

/// How a row becomes an `O`.
pub(crate) enum Mapper<DB: Database, O> {
    /// Decoding alone, which needs no allocation.
    Decode(fn(DB::Row) -> sqlx::Result<O>),
    /// After `map` and `try_map`.
    Closure(Box<dyn FnMut(DB::Row) -> sqlx::Result<O> + Send>),
}

impl<DB: Database, O> Mapper<DB, O> {
    pub(crate) fn map(&mut self, row: DB::Row) -> sqlx::Result<O> {
        match self {
            Self::Decode(decode) => decode(row),
            Self::Closure(closure) => closure(row),
        }
    }
}

/// The output of a query that returns no rows: it has [`execute`](ScopedQuery::execute) and no
/// fetch methods.
#[derive(Debug)]
// `Send` is what sqlx asks of every row, so it is what tells this type from all of them. A pointer
// takes `Sync` away too: else the compiler proposes to fetch a `&NoRows`.
pub struct NoRows(PhantomData<*const ()>);

/// What a row can become: everything sqlx accepts there, and not [`NoRows`].
#[diagnostic::on_unimplemented(
    message = "rows cannot be fetched as `{Self}`",
    label = "not the type of a row",
    note = "a query of type `ScopedQuery<_, NoRows>` returns none: run it with `.execute(…)`, or \
            say what a row is: `Active<T>`, `active as T`, `active as scalar`",
    note = "every other type must be `Send` and `Unpin`"
)]
pub trait ReturnsRows: Send + Unpin {}

#[diagnostic::do_not_recommend]
impl<T: Send + Unpin> ReturnsRows for T {}

/// The output of a query that can only be executed: [`NoRows`].
#[diagnostic::on_unimplemented(
    message = "this query returns rows",
    label = "run it with `.fetch_all(…)`, `.fetch_one(…)`, `.fetch_optional(…)` or `.fetch(…)`",
    note = "to drop the rows name the scope alone, with no row type: `active`"
)]
pub trait ReturnsNothing {}

impl ReturnsNothing for NoRows {}

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
        let mut mapper = self.mapper;
        executor
            .run_fetch(self.statement, Token::new())
            .map(move |row| mapper.map(row?))
            .boxed()
    }

    /// Runs the query and returns all rows.
    ///
    /// # Errors
    ///
    /// When the database refuses, or when a row does not decode.
    pub fn fetch_all<'e, 'c: 'e, E, Via>(self, executor: E) -> FetchAll<'e, O>
    where
        O: ReturnsRows + 'e,
        E: Runs<'c, DB, Via>,
    {
        FetchAll::new(self.fetch(executor))
    }

    /// Runs the query and returns the first row.
    ///
    /// # Errors
    ///
    /// [`sqlx::Error::RowNotFound`] when there is none; otherwise as
    /// [`fetch_all`](Self::fetch_all).
    pub fn fetch_one<'e, 'c: 'e, E, Via>(self, executor: E) -> FetchOne<'e, DB, O>
    where
        O: ReturnsRows + 'e,
        E: Runs<'c, DB, Via>,
    {
        FetchOne::new(self.fetch_optional(executor))
    }

    /// Runs the query and returns the first row, if there is one.
    ///
    /// # Errors
    ///
    /// As [`fetch_all`](Self::fetch_all).
    pub fn fetch_optional<'e, 'c: 'e, E, Via>(self, executor: E) -> FetchOptional<'e, DB, O>
    where
        O: ReturnsRows + 'e,
        E: Runs<'c, DB, Via>,
    {
        let row = executor.run_fetch_optional(self.statement, Token::new());
        FetchOptional::new(row, self.mapper)
    }

    /// Runs the query and returns what the database says about it, such as the number of rows
    /// affected.
    ///
    /// # Errors
    ///
    /// When the database refuses.
    pub fn execute<'e, 'c: 'e, E, Via>(
        self,
        executor: E,
    ) -> BoxFuture<'e, sqlx::Result<DB::QueryResult>>
    where
        O: ReturnsNothing,
        E: Runs<'c, DB, Via>,
    {
        executor.run_execute(self.statement, Token::new())
    }
}

impl<DB: Database> ScopedQuery<DB, NoRows> {
    pub(crate) fn without_rows(statement: Statement<DB>) -> Self {
        Self::new(statement, |_| Ok(NoRows(PhantomData)))
    }
}

impl<DB: Database, O> fmt::Debug for ScopedQuery<DB, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ScopedQuery").field(&self.statement).finish()
    }
}
