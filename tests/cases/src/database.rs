//! Runs a script and a statement on an empty database and reads the rows as text.

use soft_delete_sql::Dialect;
use sqlx::{
    AssertSqlSafe, ColumnIndex, Connection, Database, Decode, Executor, MySqlConnection,
    PgConnection, Row, SqliteConnection,
};

use crate::case::Outcome;

/// The namespace of a case inside the server: dropped or rolled back when it is done.
const NAMESPACE: &str = "soft_delete_cases";

/// The URL of the server.
///
/// # Panics
/// When the variable is unset: a gate that silently skips a database would pass for the wrong
/// reason.
#[must_use]
pub fn url(dialect: Dialect) -> String {
    let variable = match dialect {
        Dialect::Sqlite => return "sqlite::memory:".to_owned(),
        Dialect::Postgres => "SOFT_DELETE_TEST_POSTGRES_URL",
        Dialect::Mysql => "SOFT_DELETE_TEST_MYSQL_URL",
    };
    std::env::var(variable).unwrap_or_else(|_| {
        panic!("{variable} is not set; `cargo xtask test` starts a server and sets it")
    })
}

/// Runs `script`, then `statement`; gives what `probe` reads, or what the statement returns.
///
/// # Errors
/// When the script or the probe fails; a failing statement is an [`Outcome`].
pub async fn run(
    dialect: Dialect,
    script: &str,
    statement: &str,
    probe: Option<&str>,
) -> Result<Outcome, sqlx::Error> {
    let url = url(dialect);
    match dialect {
        Dialect::Sqlite => {
            let mut connection = SqliteConnection::connect(&url).await?;
            execute(&mut connection, "PRAGMA foreign_keys = ON").await?;
            execute(&mut connection, script).await?;
            outcome(&mut connection, statement, probe).await
        }
        Dialect::Postgres => {
            let mut connection = PgConnection::connect(&url).await?;
            let mut transaction = connection.begin().await?;
            let namespace =
                format!("CREATE SCHEMA {NAMESPACE}; SET LOCAL search_path TO {NAMESPACE}");
            execute(&mut *transaction, &namespace).await?;
            execute(&mut *transaction, script).await?;
            let outcome = outcome(&mut *transaction, statement, probe).await;
            transaction.rollback().await?;
            outcome
        }
        Dialect::Mysql => {
            let mut connection = MySqlConnection::connect(&url).await?;
            let drop = format!("DROP DATABASE IF EXISTS {NAMESPACE}");
            execute(&mut connection, &drop).await?;
            let create = format!("CREATE DATABASE {NAMESPACE}");
            execute(&mut connection, &create).await?;
            // Tables that are gone in a moment need not wait for the disk.
            let session = format!("USE {NAMESPACE}; SET default_storage_engine = MEMORY");
            execute(&mut connection, &session).await?;
            execute(&mut connection, script).await?;
            let outcome = outcome(&mut connection, statement, probe).await;
            execute(&mut connection, &drop).await?;
            outcome
        }
    }
}

async fn execute<C, DB>(connection: &mut C, sql: &str) -> Result<(), sqlx::Error>
where
    DB: Database,
    for<'c> &'c mut C: Executor<'c, Database = DB>,
{
    connection
        .execute(sqlx::raw_sql(AssertSqlSafe(sql.to_owned())))
        .await
        .map(drop)
}

async fn outcome<C, DB>(
    connection: &mut C,
    statement: &str,
    probe: Option<&str>,
) -> Result<Outcome, sqlx::Error>
where
    DB: Database,
    for<'c> &'c mut C: Executor<'c, Database = DB>,
    for<'r> String: Decode<'r, DB>,
    usize: ColumnIndex<DB::Row>,
{
    let run = sqlx::raw_sql(AssertSqlSafe(statement.to_owned()));
    let rows = match connection.fetch_all(run).await {
        Ok(rows) => rows,
        Err(sqlx::Error::Database(error)) => return Ok(Outcome::Error(error.to_string())),
        Err(error) => return Err(error),
    };
    let Some(probe) = probe else {
        return text::<DB>(&rows);
    };
    let probe = sqlx::raw_sql(AssertSqlSafe(probe.to_owned()));
    text::<DB>(&connection.fetch_all(probe).await?)
}

/// The simple protocol of every driver gives values as text; so does SQLite when asked.
fn text<DB>(rows: &[DB::Row]) -> Result<Outcome, sqlx::Error>
where
    DB: Database,
    for<'r> String: Decode<'r, DB>,
    usize: ColumnIndex<DB::Row>,
{
    let row = |row: &DB::Row| {
        (0..row.len())
            .map(|at| {
                Ok(row
                    .try_get_unchecked::<Option<String>, _>(at)?
                    .unwrap_or_default())
            })
            .collect::<Result<Vec<_>, sqlx::Error>>()
            .map(|values| values.join("|"))
    };
    rows.iter()
        .map(row)
        .collect::<Result<_, _>>()
        .map(Outcome::Rows)
}
