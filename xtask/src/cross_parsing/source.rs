//! Where the statements come from.

use std::{fs, path::Path};

use anyhow::{Context, Result};
use serde_json::Value;
use soft_delete_sql::{
    Dialect, Schema,
    schema::{self, Config},
    syntax::{TokenKind, lexer},
};

use super::Named;
use crate::corpus::{Corpus, Oracle, Statement, read_schema};

/// Statements about one schema.
pub(super) struct Source {
    pub(super) name: String,
    pub(super) schema: Schema,
    pub(super) statements: Vec<Statement>,
    /// The text of the schema, where MariaDB is to be asked.
    pub(super) tables: Option<String>,
    oracle: Option<Oracle>,
    /// The statements build their database as they go.
    runs: bool,
}

impl Source {
    /// The corpora of a folder, or the cases of a file.
    pub(super) fn find(path: &Path) -> Result<Vec<Self>> {
        if path.is_file() {
            return cases(path).with_context(|| path.display().to_string());
        }
        let mut found = Vec::new();
        for corpus in Corpus::find(path)? {
            for script in &corpus.scripts {
                found.extend(
                    Self::of(&corpus, &script.statements, script.runs)
                        .with_context(|| corpus.name.clone())?,
                );
            }
        }
        Ok(found)
    }

    fn of(corpus: &Corpus, statements: &[Statement], runs: bool) -> Result<Option<Self>> {
        let Some(first) = statements.first() else {
            return Ok(None);
        };
        let oracle = (first.dialect == Dialect::Sqlite)
            .then(|| Oracle::new(corpus.schema.as_deref()))
            .transpose()?;
        let tables = match &corpus.schema {
            Some(file) if first.dialect == Dialect::Mysql => Some(fs::read_to_string(file)?),
            _ => None,
        };
        // The worlds of a generator are numbered, and count together.
        let name = corpus.name.trim_end_matches(|c: char| c.is_ascii_digit());
        Ok(Some(Self {
            name: name.strip_suffix('/').unwrap_or(&corpus.name).to_owned(),
            tables,
            schema: read_schema(corpus, None, first.dialect)?,
            statements: statements.to_vec(),
            oracle,
            runs,
        }))
    }

    /// The relations that SQLite reports, in any order.
    pub(super) fn authorized(&self, sql: &str) -> Option<Vec<Named>> {
        let relations = self.oracle.as_ref()?.relations(sql)?;
        let named = relations.into_iter().map(|name| Named { at: None, name });
        Some(named.collect())
    }

    /// Goes on behind a statement of a script.
    pub(super) fn advance(&self, statement: &Statement) {
        if let Some(oracle) = self.oracle.as_ref().filter(|_| self.runs) {
            oracle.run(&statement.sql);
        }
    }
}

/// The cases of a file of leaks: a source for each dialect.
fn cases(file: &Path) -> Result<Vec<Source>> {
    let text = fs::read_to_string(file)?;
    let value: Value = serde_json::from_str(&text)?;
    let tables = value["schema"].as_str().unwrap_or_default();
    let cases = value["cases"].as_array().context("`cases` is missing")?;
    let mut found = Vec::new();
    for dialect in [Dialect::Postgres, Dialect::Sqlite, Dialect::Mysql] {
        let word = dialect.to_string();
        let meant = cases.iter().filter(|case| {
            let dialects = case["dialects"].as_array();
            dialects.is_some_and(|dialects| dialects.iter().any(|name| *name == *word))
        });
        let statements: Vec<Statement> = meant
            .flat_map(|case| {
                let id = case["id"].as_str().unwrap_or_default();
                ["leaky", "safe", "probe"].map(|key| (id, key, case[key].as_str()))
            })
            .flat_map(|(id, key, sql)| {
                let id = format!("{id}/{key}");
                let each = single(dialect, sql.unwrap_or_default()).into_iter();
                each.map(move |sql| Statement::new(id.clone(), dialect, sql))
            })
            .collect();
        if statements.is_empty() {
            continue;
        }
        let schema = schema::from_sql(dialect, "", &Config::default())
            .map_err(|_| anyhow::anyhow!("an empty schema is refused"))?;
        let oracle = (dialect == Dialect::Sqlite)
            .then(|| Oracle::new(None))
            .transpose()?;
        if let Some(oracle) = &oracle {
            oracle.run(tables);
        }
        found.push(Source {
            name: file
                .file_stem()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned(),
            schema,
            statements,
            tables: None,
            oracle,
            runs: false,
        });
    }
    Ok(found)
}

/// The statements of a text.
fn single(dialect: Dialect, sql: &str) -> Vec<&str> {
    let tokens = lexer::lex(dialect, sql).unwrap_or_default();
    let ends = tokens
        .iter()
        .filter(|token| token.kind == TokenKind::Semicolon)
        .map(|token| token.start)
        .chain([sql.len()]);
    let mut start = 0;
    let mut found = Vec::new();
    for end in ends {
        found.push(sql[start..end].trim_start_matches(';').trim());
        start = end;
    }
    found.retain(|sql| !sql.is_empty());
    found
}
