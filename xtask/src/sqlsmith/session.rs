//! A session that runs statements and keeps nothing of them.

use std::fmt::{self, Write as _};

use anyhow::{Context, Result};
use postgres::{Client, NoTls, error::SqlState};

use crate::database::{Rows, rows};

/// Why a statement returned nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fault {
    /// It took too long, or more memory than it is given.
    TooExpensive,
    /// The database's code and message.
    Rejected(String, String),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooExpensive => f.write_str("too expensive"),
            Self::Rejected(code, message) => write!(f, "{code}: {message}"),
        }
    }
}

/// What a statement returned, and then the queries behind it.
pub(super) type Answer = Result<Vec<Rows>, Fault>;

pub(super) struct Session {
    config: postgres::Config,
    client: Client,
}

impl Session {
    pub(super) fn new(config: postgres::Config) -> Result<Self> {
        let client = connect(&config)?;
        Ok(Self { config, client })
    }

    /// Begins the transaction in which the texts of one statement are run: they see one time and
    /// one transaction number.
    pub(super) fn begin(&mut self) -> Result<()> {
        let begin = "BEGIN; SAVEPOINT texts";
        if self.client.batch_execute(begin).is_err() {
            // The server ends a session that ran out of something.
            self.client = connect(&self.config)?;
            self.client.batch_execute(begin)?;
        }
        Ok(())
    }

    /// Ends it, whatever became of it.
    pub(super) fn end(&mut self) {
        // A session that is gone is connected anew at the next beginning.
        let _ = self.client.batch_execute("ROLLBACK");
    }

    /// Runs settings, a statement, and queries that look at what it did, and undoes them.
    pub(super) fn run(&mut self, settings: &str, sql: &str, then: &[String]) -> Answer {
        let result = self.run_texts(settings, sql, then);
        // Without the savepoint the next run fails, and is reported.
        let _ = self.client.batch_execute("ROLLBACK TO texts");
        result.map_err(|error| fault(&error))
    }

    fn run_texts(
        &mut self,
        settings: &str,
        sql: &str,
        then: &[String],
    ) -> Result<Vec<Rows>, postgres::Error> {
        if !settings.is_empty() {
            self.client.batch_execute(settings)?;
        }
        let mut answer = vec![sorted(rows(&mut self.client, sql)?)];
        for query in then {
            answer.push(sorted(rows(&mut self.client, query)?));
        }
        Ok(answer)
    }
}

fn connect(config: &postgres::Config) -> Result<Client> {
    let mut client = config.connect(NoTls).context("the server is gone")?;
    client.batch_execute(
        // sqlsmith calls any function that it finds: not as the owner of the server.
        "SET client_min_messages = error; SET statement_timeout = '2s'; SET jit = off; \
         SET max_parallel_workers_per_gather = 0; SET temp_file_limit = '200MB'; \
         SET ROLE pg_read_all_data",
    )?;
    Ok(client)
}

/// What the role of a session needs to write; it reads everything.
pub(super) fn grants(schemas: &[&str]) -> String {
    let mut sql = String::new();
    for schema in schemas {
        let _ = writeln!(
            sql,
            "GRANT USAGE ON SCHEMA {schema} TO pg_read_all_data; \
             GRANT ALL ON ALL TABLES IN SCHEMA {schema} TO pg_read_all_data;"
        );
    }
    sql
}

fn sorted(mut rows: Rows) -> Rows {
    rows.sort();
    rows
}

fn fault(error: &postgres::Error) -> Fault {
    let Some(error) = error.as_db_error() else {
        return Fault::Rejected("connection".to_owned(), error.to_string());
    };
    let expensive = [
        SqlState::QUERY_CANCELED,
        SqlState::CONFIGURATION_LIMIT_EXCEEDED,
        SqlState::OUT_OF_MEMORY,
        SqlState::PROGRAM_LIMIT_EXCEEDED,
        SqlState::STATEMENT_TOO_COMPLEX,
    ];
    if expensive.contains(error.code()) {
        return Fault::TooExpensive;
    }
    Fault::Rejected(error.code().code().to_owned(), error.message().to_owned())
}
