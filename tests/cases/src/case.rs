//! `data/leaks.json`.

use std::path::Path;

use serde::Deserialize;
use soft_delete_sql::{
    Dialect, Schema,
    schema::{self, Config},
};

/// The file.
#[derive(Debug, Deserialize)]
pub struct Cases {
    /// DDL and rows that all cases share.
    schema: String,
    /// The cases.
    pub cases: Vec<Case>,
}

/// One case.
#[derive(Debug, Deserialize)]
pub struct Case {
    /// `L…` for a leak, `A…` for a statement that must be accepted.
    pub id: String,
    /// One line.
    pub title: String,
    setup: String,
    /// The SQL as people write it.
    pub leaky: String,
    observed: Outcome,
    observed_sqlite: Option<Outcome>,
    /// The right SQL; empty where there is none.
    pub safe: String,
    expected: Option<Outcome>,
    expected_sqlite: Option<Outcome>,
    /// Reads the effect of a write.
    pub probe: Option<String>,
    /// The databases that have the syntax.
    dialects: Vec<String>,
}

/// What a statement gives.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Outcome {
    /// Rows, columns joined by a bar.
    Rows(Vec<String>),
    /// `ERROR`, with the SQLSTATE in PostgreSQL.
    Error(String),
}

/// Which of the two statements of a case; its `setup` may differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Variant {
    /// As people write it.
    Leaky,
    /// As it is right.
    Safe,
}

impl Cases {
    /// Reads the data.
    ///
    /// # Panics
    /// When the file does not have the form that this module declares.
    #[must_use]
    pub fn load() -> Self {
        serde_json::from_str(include_str!("../data/leaks.json")).expect("data/leaks.json")
    }

    /// The DDL and rows a case runs on.
    #[must_use]
    pub fn script(&self, case: &Case, variant: Variant, dialect: Dialect) -> String {
        let mut script = self.schema.clone();
        for line in case.setup.lines() {
            let other = match variant {
                Variant::Leaky => "--@safe",
                Variant::Safe => "--@leaky",
            };
            if !line.ends_with(other) {
                script.push('\n');
                script.push_str(line);
                if !line.contains("--@") {
                    script.push(';');
                }
            }
        }
        Self::in_dialect(script, dialect)
    }

    /// The DDL and rows that all cases share.
    #[must_use]
    pub fn rows(&self, dialect: Dialect) -> String {
        Self::in_dialect(self.schema.clone(), dialect)
    }

    fn in_dialect(script: String, dialect: Dialect) -> String {
        match dialect {
            // A key over TEXT needs a length there.
            Dialect::Mysql => script.replace(" text", " varchar(191)"),
            Dialect::Postgres | Dialect::Sqlite => script,
        }
    }

    /// The schema that the analyser sees.
    ///
    /// # Panics
    /// When the script is no schema the analyser understands.
    #[must_use]
    pub fn schema(&self, case: &Case, variant: Variant, dialect: Dialect, toml: &str) -> Schema {
        Self::schema_of(&self.script(case, variant, dialect), dialect, toml)
    }

    /// The schema of a script.
    ///
    /// # Panics
    /// When the script is no schema the analyser understands.
    #[must_use]
    pub fn schema_of(script: &str, dialect: Dialect, toml: &str) -> Schema {
        let config = Config::parse(toml, Path::new("soft-delete.toml"))
            .expect("the configuration of a case");
        schema::from_sql(dialect, script, &config).expect("the schema of a case")
    }
}

impl Case {
    /// Does the database have the syntax of the case?
    #[must_use]
    pub fn runs_on(&self, dialect: Dialect) -> bool {
        match dialect {
            Dialect::Postgres | Dialect::Sqlite => {
                self.dialects.iter().any(|name| name == dialect.name())
            }
            // What SQLite and PostgreSQL share is the portable part; `plan` names exceptions.
            Dialect::Mysql => self.dialects.len() == 2,
        }
    }

    /// What the leaky statement gives without any scope.
    #[must_use]
    pub fn observed(&self, dialect: Dialect) -> &Outcome {
        match (&self.observed_sqlite, dialect) {
            (Some(outcome), Dialect::Sqlite) => outcome,
            _ => &self.observed,
        }
    }

    /// What is right.
    #[must_use]
    pub fn expected(&self, dialect: Dialect) -> Option<&Outcome> {
        match (&self.expected_sqlite, dialect) {
            (Some(outcome), Dialect::Sqlite) => Some(outcome),
            _ => self.expected.as_ref(),
        }
    }
}
