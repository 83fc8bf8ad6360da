//! Runs what the analyser lets through, beside what stands for the truth.

mod ask;
mod chain;
mod comparisons;
mod contradiction;
mod mutant;
mod outcome;
mod postgres;
mod references;
mod scopes;
mod sqlite;

use anyhow::Result;
use soft_delete_sql::{Dialect, Schema};

use super::read::{Corpus, Script};
use crate::server::{self, Guard, Kind};

pub(crate) use ask::{Asked, Scoped, ask};
use mutant::masks;
pub(super) use mutant::{Fate, Mutant, mutants};

/// What stands for the truth about a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Truth {
    /// The original on views that filter the tables.
    Views,
    /// The original on tables without the rows outside the scope.
    Clean,
}

/// What came of running a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Execution {
    /// The scoped statement does what the original does in the truth.
    Equal {
        truth: Truth,
        /// Rows returned, or written.
        rows: usize,
        /// The original, unscoped on the same data, does something else: a forgotten filter shows.
        telling: bool,
    },
    /// It does something else.
    Differs {
        truth: Truth,
        scoped: String,
        expected: String,
        found: String,
    },
    /// Only the scoped statement is rejected by the database.
    Rejected { scoped: String, message: String },
    /// Nothing could be learnt: the original fails on the data, or its result is not determined.
    /// The reason groups.
    Unjudged(String),
}

impl Execution {
    /// The worth of one that ran, of one that would show a forgotten filter, and of one that
    /// shows a fault.
    const RUNS: usize = 1;
    const TELLS: usize = 3;
    const WRONG: usize = 4;

    /// How much it says: nothing, that both are empty, that rows agree, that a forgotten filter
    /// would show, that something is wrong.
    fn worth(&self) -> usize {
        match self {
            Self::Differs { .. } | Self::Rejected { .. } => Self::WRONG,
            Self::Equal { telling: true, .. } => Self::TELLS,
            Self::Equal { rows: 1.., .. } => 2,
            Self::Equal { .. } => Self::RUNS,
            Self::Unjudged(_) => 0,
        }
    }
}

/// A database in the state that the next statement of a script meets.
pub(super) trait Stage {
    /// Catches up with the script; before anything is asked about its next statement.
    fn refresh(&mut self) -> Result<()> {
        Ok(())
    }

    /// The schema as the analyser has it now.
    fn schema(&mut self) -> &Schema;

    /// The statement as it reads on the tables of this stage, where these are not quite those
    /// that it was written for.
    fn adapted(&mut self, _sql: &str) -> Option<String> {
        None
    }

    /// Does the database accept the statement? False for a fault of its text or its names; a
    /// statement that only fails on the data is accepted.
    fn accepts(&mut self, sql: &str) -> bool;

    /// Runs the truth and the scoped statement, and leaves no trace.
    fn execute(&mut self, sql: &str, asked: &Asked) -> Execution;

    /// What becomes of the mutants of a statement that does what it should; or that it does
    /// something else on data made for it.
    fn hunt(
        &mut self,
        sql: &str,
        scoped: &Scoped,
        mutants: &[Mutant],
    ) -> Result<Vec<Fate>, Execution> {
        let fate = |mutant: &Mutant| Fate::of(&self.execute(sql, &mutant.asked(scoped)));
        Ok(mutants.iter().map(fate).collect())
    }

    /// What is to be known about the run, such as its seed; asked for at the end.
    fn notes(&mut self) -> Vec<String> {
        Vec::new()
    }

    /// Runs a statement of a script for its effect, whatever comes of it.
    fn advance(&mut self, sql: &str);
}

/// Every run draws the same data and arguments.
const SEED: u64 = 15;

/// The database that a script runs on, where there is one; `schema` is what the analyser knows
/// before its first statement.
pub(super) fn stage(
    corpus: &Corpus,
    script: &Script,
    schema: &Schema,
    servers: &mut Servers,
) -> Result<Option<Box<dyn Stage>>> {
    match (schema.dialect, &corpus.schema) {
        (Dialect::Postgres, Some(file)) => {
            let Some(url) = servers.postgres()? else {
                return Ok(None);
            };
            let application = if corpus.is_tpch() {
                postgres::Application::of_tpch(url, file, SEED)?
            } else {
                postgres::Application::new(url, schema, file, SEED)?
            };
            Ok(Some(Box::new(application)))
        }
        (Dialect::Postgres, None) if script.runs => {
            let Some(template) = servers.template(corpus)? else {
                return Ok(None);
            };
            let suite = postgres::Suite::new(template, script, SEED)?;
            Ok(Some(Box::new(suite)))
        }
        (Dialect::Sqlite, Some(file)) => Ok(Some(Box::new(sqlite::Application::new(
            schema, file, SEED,
        )?))),
        (Dialect::Sqlite, None) if script.runs => Ok(Some(Box::new(sqlite::Script::new(SEED)?))),
        _ => Ok(None),
    }
}

/// Servers, started when the first statement needs them.
#[derive(Debug, Default)]
pub(super) struct Servers {
    /// Dropped before the server.
    template: Option<postgres::Template>,
    postgres: Postgres,
}

#[derive(Debug, Default)]
enum Postgres {
    /// To be started, or taken from the environment.
    #[default]
    Wanted,
    /// Started by somebody else.
    Given(String),
    /// Started by us, and stopped with us.
    Own(String, Guard),
    LeftOut,
}

impl Servers {
    /// A server that is up, or none.
    pub(super) fn given(postgres: Option<String>) -> Self {
        Self {
            template: None,
            postgres: postgres.map_or(Postgres::LeftOut, Postgres::Given),
        }
    }

    /// What the scripts of a suite begin with.
    fn template(&mut self, corpus: &Corpus) -> Result<Option<&postgres::Template>> {
        if self.template.is_none() {
            let Some(url) = self.postgres()?.map(str::to_owned) else {
                return Ok(None);
            };
            self.template = Some(postgres::Template::new(&url, corpus, SEED)?);
        }
        Ok(self.template.as_ref())
    }

    /// The URL of a PostgreSQL server; `None` when the run does without.
    fn postgres(&mut self) -> Result<Option<&str>> {
        if matches!(self.postgres, Postgres::Wanted) {
            let guard = Guard::new();
            let url = server::start(&guard, Kind::Postgres, true)?;
            self.postgres = Postgres::Own(url, guard);
        }
        Ok(match &self.postgres {
            Postgres::Given(url) | Postgres::Own(url, _) => Some(url),
            Postgres::Wanted | Postgres::LeftOut => None,
        })
    }
}
