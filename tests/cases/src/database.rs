//! Runs a script and a statement on a database and reads the rows as text.

use std::cell::RefCell;

use soft_delete_sql::Dialect;
use sqlx::{
    AssertSqlSafe, ColumnIndex, Connection, Database, Decode, Executor, MySqlConnection,
    PgConnection, Row, SqliteConnection,
};

use tokio::runtime::{Builder, Runtime};

use crate::case::Outcome;

/// The namespace of the cases inside the server: dropped or rolled back when they are done. Another
/// test that creates the same one would wait for this one, or take its tables away.
fn namespace() -> String {
    format!("soft_delete_cases_{}", std::process::id())
}

/// Databases that the gate was told to leave out.
const WITHOUT: &str = "SOFT_DELETE_TEST_WITHOUT";

/// Did whoever runs the tests leave this database out, by name?
#[must_use]
pub fn left_out(dialect: Dialect) -> bool {
    std::env::var(WITHOUT).is_ok_and(|names| names.split(',').any(|name| name == dialect.name()))
}

/// The URL of the server.
fn url(dialect: Dialect) -> String {
    let variable = match dialect {
        Dialect::Sqlite => return "sqlite::memory:".to_owned(),
        Dialect::Postgres => "SOFT_DELETE_TEST_POSTGRES_URL",
        Dialect::Mysql => "SOFT_DELETE_TEST_MYSQL_URL",
    };
    // A test that skips a database unasked would pass for the wrong reason.
    std::env::var(variable).unwrap_or_else(|_| {
        panic!("{variable} is not set: `cargo xtask test` starts a server and sets it")
    })
}

/// A database that a script fills and a statement runs on; what the statement did is undone.
pub struct Runner {
    dialect: Dialect,
    url: String,
    runtime: Runtime,
    /// The script that filled the namespace of MySQL, where DDL cannot be rolled back.
    filled_by: RefCell<Option<String>>,
}

impl Runner {
    /// Connects to nothing yet.
    ///
    /// # Panics
    /// When the URL of the server is not set.
    #[must_use]
    pub fn new(dialect: Dialect) -> Self {
        Self {
            dialect,
            url: url(dialect),
            runtime: Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("a runtime"),
            filled_by: RefCell::default(),
        }
    }

    /// Runs `script`, then `statement`; gives what `probe` reads, or what the statement returns.
    ///
    /// # Errors
    /// When the script or the probe fails; a failing statement is an [`Outcome`].
    pub fn run(
        &self,
        script: &str,
        statement: &str,
        probe: Option<&str>,
    ) -> Result<Outcome, sqlx::Error> {
        self.runtime.block_on(async {
            match self.dialect {
                Dialect::Sqlite => {
                    let mut connection = SqliteConnection::connect(&self.url).await?;
                    execute(&mut connection, "PRAGMA foreign_keys = ON").await?;
                    execute(&mut connection, script).await?;
                    outcome(&mut connection, statement, probe).await
                }
                Dialect::Postgres => {
                    let mut connection = PgConnection::connect(&self.url).await?;
                    let mut transaction = connection.begin().await?;
                    let schema = namespace();
                    let namespace =
                        format!("CREATE SCHEMA {schema}; SET LOCAL search_path TO {schema}");
                    execute(&mut *transaction, &namespace).await?;
                    execute(&mut *transaction, script).await?;
                    let outcome = outcome(&mut *transaction, statement, probe).await;
                    transaction.rollback().await?;
                    outcome
                }
                Dialect::Mysql => {
                    let mut connection = MySqlConnection::connect(&self.url).await?;
                    self.fill(&mut connection, script).await?;
                    execute(&mut connection, &format!("USE {}", namespace())).await?;
                    let mut transaction = connection.begin().await?;
                    let outcome = outcome(&mut *transaction, statement, probe).await;
                    transaction.rollback().await?;
                    outcome
                }
            }
        })
    }

    /// Most cases share their script, and creating tables waits for the disk.
    async fn fill(
        &self,
        connection: &mut MySqlConnection,
        script: &str,
    ) -> Result<(), sqlx::Error> {
        if self.filled_by.borrow().as_deref() == Some(script) {
            return Ok(());
        }
        self.filled_by.replace(None);
        let namespace = namespace();
        execute(connection, &format!("DROP DATABASE IF EXISTS {namespace}")).await?;
        execute(connection, &format!("CREATE DATABASE {namespace}")).await?;
        execute(connection, &format!("USE {namespace}")).await?;
        execute(connection, script).await?;
        self.filled_by.replace(Some(script.to_owned()));
        Ok(())
    }
}

impl Drop for Runner {
    fn drop(&mut self) {
        if self.filled_by.borrow().is_some() {
            // One that stays behind is in nobody's way.
            let _ = self.runtime.block_on(async {
                let mut connection = MySqlConnection::connect(&self.url).await?;
                execute(&mut connection, &format!("DROP DATABASE {}", namespace())).await
            });
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

/// What a statement gives, or what `probe` reads behind it.
///
/// # Errors
/// When the probe fails, or the connection; a statement that the database refuses is an [`Outcome`].
pub async fn outcome<C, DB>(
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
