//! A session: text in, rows as text out.

use std::fmt;

use anyhow::{Context, Result};
use postgres::{Client, Config, NoTls, SimpleQueryMessage};

pub(super) use super::super::outcome::{Row, Rows};

/// What the server says against a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    /// SQLSTATE; empty when the connection is gone.
    pub(super) code: String,
    pub(super) message: String,
}

impl Fault {
    /// True when the statement itself is wrong; false when only the data or the moment is.
    pub(super) fn is_about_the_text(&self) -> bool {
        ["42", "0A", "3F", "3D", "34", "26"]
            .iter()
            .any(|class| self.code.starts_with(class))
    }

    pub(super) fn is(&self, codes: &[&str]) -> bool {
        codes.contains(&self.code.as_str())
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.message, self.code)
    }
}

pub(super) struct Session {
    client: Client,
    calls: usize,
}

impl Session {
    pub(super) fn open(config: &Config) -> Result<Self> {
        let client = config
            .connect(NoTls)
            .context("no connection to PostgreSQL")?;
        Ok(Self { client, calls: 0 })
    }

    /// For what a session of text cannot do.
    pub(super) fn client(&mut self) -> &mut Client {
        &mut self.client
    }

    /// Runs one statement and returns its rows; of several, those of the last.
    pub(super) fn query(&mut self, sql: &str) -> Result<Rows, Fault> {
        Ok(self.queries(sql)?.pop().unwrap_or_default())
    }

    /// Runs statements and returns the rows of each.
    fn queries(&mut self, sql: &str) -> Result<Vec<Rows>, Fault> {
        let messages = self.client.simple_query(sql);
        let mut all = Vec::new();
        let mut rows = Rows::default();
        for message in messages.map_err(|error| fault(&error))? {
            match message {
                SimpleQueryMessage::RowDescription(columns) => {
                    let names = columns.iter().map(|column| column.name().to_owned());
                    rows.columns = names.collect();
                }
                SimpleQueryMessage::Row(row) => {
                    let value = |at| match row.try_get(at) {
                        Ok(text) => text.map(str::to_owned),
                        Err(_) => Some("(no text)".to_owned()),
                    };
                    rows.rows.push((0..row.len()).map(value).collect());
                }
                SimpleQueryMessage::CommandComplete(count) => {
                    rows.affected = count;
                    all.push(std::mem::take(&mut rows));
                }
                _ => {}
            }
        }
        Ok(all)
    }

    /// Prepares the ground, runs a statement that only reads, and takes everything back, in one
    /// round trip. The outer fault is one of the session.
    pub(super) fn read(
        &mut self,
        prepare: &str,
        sql: &str,
        arguments: &[String],
    ) -> Result<Result<Rows, Fault>, Fault> {
        const BACK: &str = "ROLLBACK TO SAVEPOINT soft_branch;RELEASE SAVEPOINT soft_branch";
        self.calls += 1;
        let name = format!("soft_call_{}", self.calls);
        // A line comment may end the statement.
        let (call, behind) = if arguments.is_empty() {
            (format!("{sql}\n"), String::new())
        } else {
            let arguments = arguments.join(", ");
            let call = format!("PREPARE {name} AS {sql}\n;EXECUTE {name} ({arguments})");
            (call, format!(";DEALLOCATE {name}"))
        };
        let last = if arguments.is_empty() { 3 } else { 4 };
        let run = self.queries(&format!(
            "SAVEPOINT soft_branch;{prepare};{call};{BACK}{behind}"
        ));
        match run {
            Ok(mut all) => {
                let at = all.len().checked_sub(last);
                Ok(Ok(at.map(|at| all.swap_remove(at)).unwrap_or_default()))
            }
            Err(fault) => {
                self.query(BACK)?;
                Ok(Err(fault))
            }
        }
    }

    /// Runs a statement with arguments, each an expression; without any, as it is.
    pub(super) fn call(&mut self, sql: &str, arguments: &[String]) -> Result<Rows, Fault> {
        if arguments.is_empty() {
            return self.query(sql);
        }
        self.calls += 1;
        let name = format!("soft_call_{}", self.calls);
        // A line comment may end the statement.
        self.query(&format!("PREPARE {name} AS {sql}\n"))?;
        let rows = self.query(&format!("EXECUTE {name} ({})", arguments.join(", ")))?;
        self.query(&format!("DEALLOCATE {name}"))?;
        Ok(rows)
    }

    /// The types of the parameters of a statement.
    pub(super) fn parameters(&mut self, sql: &str) -> Result<Vec<String>, Fault> {
        self.calls += 1;
        let name = format!("soft_call_{}", self.calls);
        self.query(&format!("PREPARE {name} AS {sql}\n"))?;
        let types = self.query(&format!(
            "SELECT unnest(parameter_types)::regtype::text \
             FROM pg_catalog.pg_prepared_statements WHERE name = '{name}'"
        ));
        self.query(&format!("DEALLOCATE {name}"))?;
        Ok(types?.rows.into_iter().flatten().flatten().collect())
    }

    /// The plan of a statement that holds for all arguments; `None` of what has none.
    pub(super) fn plan(&mut self, sql: &str) -> Result<Option<Vec<Row>>, Fault> {
        self.calls += 1;
        let name = format!("soft_call_{}", self.calls);
        let explain = |session: &mut Self| -> Result<Vec<Row>, Fault> {
            session.query("SET LOCAL plan_cache_mode = force_generic_plan")?;
            session.query(&format!("PREPARE {name} AS {sql}\n"))?;
            let count = session.query(&format!(
                "SELECT cardinality(parameter_types) FROM pg_catalog.pg_prepared_statements \
                 WHERE name = '{name}'"
            ))?;
            let count = count.rows.into_iter().flatten().flatten().next();
            let count = count.and_then(|count| count.parse().ok()).unwrap_or(0);
            let call = match vec!["NULL"; count] {
                nulls if nulls.is_empty() => name.clone(),
                nulls => format!("{name} ({})", nulls.join(", ")),
            };
            let explain = format!("EXPLAIN (VERBOSE, COSTS OFF) EXECUTE {call}");
            let plan = session.query(&explain)?;
            session.query(&format!("DEALLOCATE {name}"))?;
            Ok(plan.rows)
        };
        Ok(self.branch(explain)?.ok())
    }

    /// Runs a statement of our own, which must not fail.
    pub(super) fn must(&mut self, sql: &str) -> Result<Rows> {
        self.query(sql)
            .map_err(|fault| anyhow::anyhow!("{fault}: {sql}"))
    }

    /// Runs something inside the transaction and takes it back.
    pub(super) fn branch<T>(&mut self, run: impl FnOnce(&mut Self) -> T) -> Result<T, Fault> {
        self.query("SAVEPOINT soft_branch")?;
        let done = run(self);
        self.query("ROLLBACK TO SAVEPOINT soft_branch; RELEASE SAVEPOINT soft_branch")?;
        Ok(done)
    }

    /// Runs something inside the transaction and keeps it when it succeeds.
    pub(super) fn branch_kept(
        &mut self,
        run: impl FnOnce(&mut Self) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        self.query("SAVEPOINT soft_kept")?;
        let done = run(self);
        let end = match done {
            Ok(()) => "RELEASE SAVEPOINT soft_kept",
            Err(_) => "ROLLBACK TO SAVEPOINT soft_kept; RELEASE SAVEPOINT soft_kept",
        };
        self.query(end)?;
        done
    }
}

fn fault(error: &postgres::Error) -> Fault {
    match error.as_db_error() {
        Some(error) => Fault {
            code: error.code().code().to_owned(),
            message: error.message().to_owned(),
        },
        None => Fault {
            code: String::new(),
            message: error.to_string(),
        },
    }
}
