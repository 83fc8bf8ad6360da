//! A database in memory: text in, rows as text out, with a limit on what a statement may cost.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use anyhow::{Context, Result};
use rusqlite::{Connection, ErrorCode, Statement, types::ValueRef};

use super::super::outcome::Rows;

/// Steps of the virtual machine between two looks at the bill, and how many of these a statement
/// gets.
const STEPS: i32 = 100_000;
const LOOKS: u32 = 300;
/// Statements that stay prepared.
const CACHED: usize = 256;
/// Rows that are worth comparing.
pub(super) const MOST: usize = 100_000;

pub(super) struct Session {
    connection: Connection,
    looks: Arc<AtomicU32>,
}

/// What SQLite says against a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) code: Option<ErrorCode>,
    pub(super) message: String,
}

/// What is known of a statement before it runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Prepared {
    pub(super) parameters: usize,
    pub(super) writes: bool,
}

impl Session {
    pub(super) fn open() -> Result<Self> {
        let connection = Connection::open_in_memory()?;
        // A join of sixty tables takes longer to plan than to run, and runs on many sets of rows.
        connection.set_prepared_statement_cache_capacity(CACHED);
        let looks = Arc::new(AtomicU32::new(0));
        let count = Arc::clone(&looks);
        connection.progress_handler(
            STEPS,
            Some(move || count.fetch_add(1, Ordering::Relaxed) >= LOOKS),
        )?;
        // Nothing that a statement does may reach beyond its table.
        connection.pragma_update(None, "foreign_keys", false)?;
        Ok(Self { connection, looks })
    }

    pub(super) fn prepared(&self, sql: &str) -> Result<Prepared, Fault> {
        let statement = self
            .connection
            .prepare(sql)
            .map_err(|error| fault(&error))?;
        Ok(Prepared {
            parameters: statement.parameter_count(),
            writes: !statement.readonly(),
        })
    }

    /// Runs one statement and returns its rows, at most so many.
    pub(super) fn call(&self, sql: &str, arguments: &[i64], most: usize) -> Result<Rows, Fault> {
        self.looks.store(0, Ordering::Relaxed);
        let run = || -> rusqlite::Result<Rows> {
            let mut statement = self.connection.prepare_cached(sql)?;
            let mut rows = rows(&mut statement, arguments, most)?;
            if !statement.readonly() {
                rows.affected = self.connection.changes();
            }
            Ok(rows)
        };
        run().map_err(|error| fault(&error))
    }

    /// The first column of a query of our own.
    pub(super) fn texts(&self, sql: &str) -> Result<Vec<String>> {
        let texts = || -> rusqlite::Result<Vec<String>> {
            let mut statement = self.connection.prepare(sql)?;
            let rows = statement.query_map([], |row| row.get(0))?;
            rows.collect()
        };
        texts().with_context(|| format!("SQLite refuses {sql}"))
    }

    /// Runs statements, up to the first that fails.
    pub(super) fn batch(&self, sql: &str) -> Result<(), Fault> {
        self.looks.store(0, Ordering::Relaxed);
        self.connection
            .execute_batch(sql)
            .map_err(|error| fault(&error))
    }

    /// Runs statements of our own.
    pub(super) fn make(&self, sql: &str) -> Result<()> {
        self.looks.store(0, Ordering::Relaxed);
        let made = self.connection.execute_batch(sql);
        made.with_context(|| format!("SQLite refuses {sql}"))
    }

    /// Runs something and takes it back.
    pub(super) fn branch<T>(&self, run: impl FnOnce() -> T) -> Result<T> {
        self.make("SAVEPOINT soft_branch")?;
        let done = run();
        self.make("ROLLBACK TO soft_branch; RELEASE soft_branch")?;
        Ok(done)
    }
}

impl Fault {
    pub(super) fn is_a_collision(&self) -> bool {
        self.code == Some(ErrorCode::ConstraintViolation)
    }

    pub(super) fn is_about_cost(&self) -> bool {
        self.code == Some(ErrorCode::OperationInterrupted)
    }
}

fn rows(statement: &mut Statement<'_>, arguments: &[i64], most: usize) -> rusqlite::Result<Rows> {
    let columns = statement.column_names();
    let columns: Vec<String> = columns.into_iter().map(str::to_owned).collect();
    for (at, argument) in arguments.iter().enumerate() {
        statement.raw_bind_parameter(at + 1, argument)?;
    }
    let mut found = Vec::new();
    let mut rows = statement.raw_query();
    while let Some(row) = rows.next()? {
        if found.len() == most {
            break;
        }
        let value = |at| row.get_ref(at).map(text);
        found.push((0..columns.len()).map(value).collect::<Result<_, _>>()?);
    }
    Ok(Rows {
        columns,
        rows: found,
        affected: 0,
    })
}

/// As a literal would spell it, so that types are compared too.
fn text(value: ValueRef<'_>) -> Option<String> {
    match value {
        ValueRef::Null => None,
        ValueRef::Integer(value) => Some(value.to_string()),
        ValueRef::Real(value) if value.is_infinite() => {
            Some(if value > 0.0 { "9e999" } else { "-9e999" }.to_owned())
        }
        ValueRef::Real(value) => Some(format!("{value:?}")),
        ValueRef::Text(text) => Some(literal(&String::from_utf8_lossy(text))),
        ValueRef::Blob(bytes) => {
            let digits = bytes.iter().map(|byte| format!("{byte:02x}"));
            Some(format!("x'{}'", digits.collect::<String>()))
        }
    }
}

pub(super) fn literal(name: &str) -> String {
    format!("'{}'", name.replace('\'', "''"))
}

fn fault(error: &rusqlite::Error) -> Fault {
    Fault {
        code: error.sqlite_error_code(),
        message: error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Prepared, Session};

    #[test]
    fn values_of_different_types_are_told_apart() {
        let session = Session::open().expect("opened");
        let rows = session
            .call("SELECT 1, 1.0, '1', x'31', NULL, 'it''s'", &[], 9)
            .expect("rows");
        let text = |text: &str| Some(text.to_owned());
        let all = [
            text("1"),
            text("1.0"),
            text("'1'"),
            text("x'31'"),
            None,
            text("'it''s'"),
        ];
        assert_eq!(rows.rows, [all]);
    }

    #[test]
    fn a_branch_leaves_no_trace_and_counts_what_is_written() {
        let session = Session::open().expect("opened");
        session.make("CREATE TABLE t (a)").expect("made");
        let insert = "INSERT INTO t VALUES (?1), (?2)";
        let prepared = session.prepared(insert).expect("prepared");
        assert_eq!(
            prepared,
            Prepared {
                parameters: 2,
                writes: true
            }
        );
        let rows = session.branch(|| session.call(insert, &[1, 2], 9));
        assert_eq!(rows.expect("a branch").expect("inserted").affected, 2);
        assert_eq!(session.texts("SELECT a FROM t").expect("rows"), [""; 0]);
    }

    #[test]
    fn a_statement_without_end_is_stopped() {
        let session = Session::open().expect("opened");
        let endless = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) \
                       SELECT max(i) FROM n";
        let fault = session.call(endless, &[], 9).expect_err("stopped");
        assert!(fault.is_about_cost());
    }
}
