//! SQLite, in process.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use rusqlite::{Connection, types::ValueRef};
use soft_delete_sql::Dialect;

use crate::{
    database::{Database, Fault, Rows, Side},
    opinion::{counted, materialized},
    world::World,
};

/// Steps of the virtual machine between two calls of the progress handler, and how many calls a
/// statement gets.
const STEPS: i32 = 100_000;
const CALLS: u32 = 30;

pub(crate) struct Sqlite {
    dirty: Connection,
    clean: Connection,
    calls: Arc<AtomicU32>,
}

impl Sqlite {
    pub(crate) fn new() -> Self {
        let calls = Arc::new(AtomicU32::new(0));
        Self {
            dirty: open(&calls),
            clean: open(&calls),
            calls,
        }
    }

    fn connection(&mut self, side: Side) -> &mut Connection {
        self.calls.store(0, Ordering::Relaxed);
        match side {
            Side::Dirty => &mut self.dirty,
            Side::Clean => &mut self.clean,
        }
    }

    fn without_indexes(
        &mut self,
        side: Side,
        sql: &str,
        then: &[String],
    ) -> rusqlite::Result<Vec<Rows>> {
        let connection = self.connection(side);
        // ON CONFLICT needs its unique index.
        let kept = if sql.to_uppercase().contains("CONFLICT") {
            "CREATE UNIQUE%"
        } else {
            ""
        };
        let drop = "SELECT 'DROP INDEX \"' || name || '\"' FROM sqlite_master \
                    WHERE type = 'index' AND sql NOT LIKE ?";
        let drops: Vec<String> = connection
            .prepare(drop)?
            .query_map([kept], |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        connection.pragma_update(None, "automatic_index", false)?;
        let result = transaction(connection, &drops.join(";"), sql, then);
        connection.pragma_update(None, "automatic_index", true)?;
        result
    }
}

fn open(calls: &Arc<AtomicU32>) -> Connection {
    let connection = Connection::open_in_memory().expect("SQLite opens in memory");
    // A statement of a hunt runs on many sets of rows.
    connection.set_prepared_statement_cache_capacity(64);
    let calls = Arc::clone(calls);
    connection
        .progress_handler(
            STEPS,
            Some(move || calls.fetch_add(1, Ordering::Relaxed) >= CALLS),
        )
        .expect("the progress handler is set");
    connection
}

impl Database for Sqlite {
    fn dialect(&self) -> Dialect {
        Dialect::Sqlite
    }

    fn load(&mut self, world: &World) {
        self.calls.store(0, Ordering::Relaxed);
        self.dirty = open(&self.calls);
        self.clean = open(&self.calls);
        for (connection, script) in [(&self.dirty, world.dirty()), (&self.clean, world.clean())] {
            connection
                .execute_batch(&script)
                .unwrap_or_else(|error| panic!("{error}\n{script}"));
        }
    }

    fn refill(&mut self, side: Side, world: &World, tables: &[usize]) {
        let script = format!("BEGIN;\n{}COMMIT;", world.refill(side, tables));
        self.connection(side)
            .execute_batch(&script)
            .unwrap_or_else(|error| panic!("{error}\n{script}"));
    }

    fn run(&mut self, side: Side, sql: &str, then: &[String]) -> Result<Vec<Rows>, Fault> {
        let connection = self.connection(side);
        if then.is_empty() {
            return Ok(vec![rows(connection, sql).map_err(|error| fault(&error))?]);
        }
        transaction(connection, "", sql, then).map_err(|error| fault(&error))
    }

    fn run_otherwise(
        &mut self,
        way: usize,
        side: Side,
        sql: &str,
        then: &[String],
    ) -> Option<Result<Vec<Rows>, Fault>> {
        let sql = match way {
            0 => sql.to_owned(),
            1 => counted(sql),
            2 => materialized(&counted(sql)),
            _ => return None,
        };
        let result = self.without_indexes(side, &sql, then);
        Some(result.map_err(|error| fault(&error)))
    }
}

/// Runs all of it, and nothing of it stays.
fn transaction(
    connection: &mut Connection,
    before: &str,
    sql: &str,
    then: &[String],
) -> rusqlite::Result<Vec<Rows>> {
    let transaction = connection.transaction()?;
    transaction.execute_batch(before)?;
    let mut all = vec![rows(&transaction, sql)?];
    for query in then {
        all.push(rows(&transaction, query)?);
    }
    transaction.rollback()?;
    Ok(all)
}

fn fault(error: &rusqlite::Error) -> Fault {
    if error.sqlite_error_code() == Some(rusqlite::ErrorCode::OperationInterrupted) {
        return Fault::TooExpensive;
    }
    Fault::Rejected(error.to_string())
}

fn rows(connection: &Connection, sql: &str) -> rusqlite::Result<Rows> {
    let mut statement = connection.prepare_cached(sql)?;
    let width = statement.column_count();
    let mut found = Vec::new();
    let mut rows = statement.raw_query();
    while let Some(row) = rows.next()? {
        let mut values = Vec::with_capacity(width);
        for at in 0..width {
            values.push(match row.get_ref(at)? {
                ValueRef::Null => "NULL".to_owned(),
                ValueRef::Integer(value) => value.to_string(),
                ValueRef::Real(value) => value.to_string(),
                ValueRef::Text(text) => format!("'{}'", String::from_utf8_lossy(text)),
                ValueRef::Blob(bytes) => format!("{bytes:?}"),
            });
        }
        found.push(values);
    }
    Ok(found)
}
