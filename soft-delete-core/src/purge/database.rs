//! What a purge asks of a database: texts come back, whatever the types of the columns.

use futures_core::future::BoxFuture;
use sqlx::{Pool, Row, Transaction};

use crate::{Backend, run::Token, statement::Statement};

/// What is bound to a placeholder.
#[derive(Debug, Clone)]
pub enum Value {
    /// A text, or NULL.
    Text(Option<String>),
    /// An integer.
    Integer(i64),
}

/// Whether the server may keep the statement.
///
/// PostgreSQL may then take one plan for all batches. What begins at any place of the table, or finds
/// few rows, is planned each time; what names its range of the table has one plan anyway.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Plan {
    /// Anew for each batch.
    Each,
    /// Once.
    Kept,
}

/// A row of texts.
pub(super) type Texts = Vec<Option<String>>;

/// A database whose rows can be purged; it is implemented here only.
pub trait PurgeDatabase: Backend {
    /// The ratio of [`Purge::throttle`](crate::Purge::throttle), unless it is said.
    #[doc(hidden)]
    const THROTTLE: f64;

    /// Begins the transaction of a batch.
    #[doc(hidden)]
    fn begin(
        pool: &Pool<Self>,
        _: Token,
    ) -> BoxFuture<'_, sqlx::Result<Transaction<'static, Self>>>;

    /// Reads rows of texts.
    #[doc(hidden)]
    fn read<'c>(
        connection: &'c mut Self::Connection,
        sql: &'static str,
        values: &[Value],
        plan: Plan,
        _: Token,
    ) -> BoxFuture<'c, sqlx::Result<Vec<Texts>>>;

    /// Runs a statement and counts the rows affected.
    #[doc(hidden)]
    fn change<'c>(
        connection: &'c mut Self::Connection,
        sql: &'static str,
        values: &[Value],
        plan: Plan,
        _: Token,
    ) -> BoxFuture<'c, sqlx::Result<u64>>;
}

macro_rules! database {
    ($DB:ty, begin: $begin:expr, always_kept: $always:literal, throttle: $throttle:expr) => {
        impl PurgeDatabase for $DB {
            const THROTTLE: f64 = $throttle;

            fn begin(
                pool: &Pool<Self>,
                _: Token,
            ) -> BoxFuture<'_, sqlx::Result<Transaction<'static, Self>>> {
                Box::pin($begin(pool))
            }

            fn read<'c>(
                connection: &'c mut Self::Connection,
                sql: &'static str,
                values: &[Value],
                plan: Plan,
                _: Token,
            ) -> BoxFuture<'c, sqlx::Result<Vec<Texts>>> {
                let statement = statement::<Self>(sql, values, $always || plan == Plan::Kept);
                Box::pin(async move {
                    let rows = sqlx::Executor::fetch_all(connection, statement).await?;
                    let texts = |row: &<Self as sqlx::Database>::Row| {
                        (0..row.len()).map(|at| row.try_get_unchecked(at)).collect()
                    };
                    rows.iter().map(texts).collect()
                })
            }

            fn change<'c>(
                connection: &'c mut Self::Connection,
                sql: &'static str,
                values: &[Value],
                plan: Plan,
                _: Token,
            ) -> BoxFuture<'c, sqlx::Result<u64>> {
                let statement = statement::<Self>(sql, values, $always || plan == Plan::Kept);
                Box::pin(async move {
                    let result = sqlx::Executor::execute(connection, statement).await?;
                    Ok(result.rows_affected())
                })
            }
        }
    };
}

/// A statement that reads what is committed when it begins, whatever the database's default: under
/// an older snapshot rows that came before the lock would stay unseen.
#[cfg(feature = "postgres")]
async fn begin_postgres(
    pool: &Pool<sqlx::Postgres>,
) -> sqlx::Result<Transaction<'static, sqlx::Postgres>> {
    pool.begin_with("BEGIN ISOLATION LEVEL READ COMMITTED")
        .await
}

/// One session writes at a time, and who waits for the lock does not queue: it looks every 100 ms in the
/// end (`sqliteDefaultBusyCallback` in SQLite's `main.c`). So the lock must be free for a good part of
/// the time; by this ratio, a third of it.
#[cfg(any(feature = "sqlite", feature = "sqlite-unbundled"))]
const LEAVE_THE_LOCK: f64 = 0.5;

/// The write lock first: a transaction that reads before it writes cannot wait for another.
#[cfg(any(feature = "sqlite", feature = "sqlite-unbundled"))]
async fn begin_sqlite(
    pool: &Pool<sqlx::Sqlite>,
) -> sqlx::Result<Transaction<'static, sqlx::Sqlite>> {
    pool.begin_with("BEGIN IMMEDIATE").await
}

/// As for PostgreSQL; the level is that of the next transaction only.
#[cfg(feature = "mysql")]
async fn begin_mysql(pool: &Pool<sqlx::MySql>) -> sqlx::Result<Transaction<'static, sqlx::MySql>> {
    let mut connection = pool.acquire().await?;
    let level = "SET TRANSACTION ISOLATION LEVEL READ COMMITTED";
    sqlx::Executor::execute(&mut *connection, level).await?;
    Transaction::begin(connection, None).await
}

#[cfg(feature = "postgres")]
database!(sqlx::Postgres, begin: begin_postgres, always_kept: false, throttle: 0.0);
#[cfg(any(feature = "sqlite", feature = "sqlite-unbundled"))]
database!(sqlx::Sqlite, begin: begin_sqlite, always_kept: true, throttle: LEAVE_THE_LOCK);
#[cfg(feature = "mysql")]
database!(sqlx::MySql, begin: begin_mysql, always_kept: true, throttle: 0.0);

#[cfg(any(
    feature = "postgres",
    feature = "sqlite",
    feature = "sqlite-unbundled",
    feature = "mysql"
))]
fn statement<DB>(sql: &'static str, values: &[Value], persistent: bool) -> Statement<DB>
where
    DB: sqlx::Database,
    for<'t> Option<String>: sqlx::Encode<'t, DB> + sqlx::Type<DB>,
    for<'t> i64: sqlx::Encode<'t, DB> + sqlx::Type<DB>,
{
    let mut arguments = Ok(DB::Arguments::default());
    for value in values {
        arguments = arguments.and_then(|mut arguments| {
            match value {
                Value::Text(text) => sqlx::Arguments::add(&mut arguments, text.clone())?,
                Value::Integer(integer) => sqlx::Arguments::add(&mut arguments, *integer)?,
            }
            Ok(arguments)
        });
    }
    let mut statement = Statement::new(sql, arguments);
    statement.persistent = persistent;
    statement
}
