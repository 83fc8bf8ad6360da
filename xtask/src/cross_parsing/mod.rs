//! `cargo xtask cross-parsing`: the table references that we find, next to those that the parsers
//! of others find in the same statements.

mod compare;
mod libpg_query;
mod metadata_locks;
mod ours;
mod report;
mod source;
mod sqlparser;

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Args;
use soft_delete_sql::{
    Dialect,
    syntax::{TokenKind, lexer},
};

use crate::{corpus::Statement, server};
use compare::compare;
use metadata_locks::Locks;
use report::Report;
use source::Source;

/// Which statements, and what to print of them.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Folders with `queries.jsonl` (and `schema.sql`) or sqllogictest files in them or below,
    /// and files of leak cases.
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// Print each difference with its statement, not an example of each class.
    #[arg(long)]
    all: bool,
}

/// A table that a statement names.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Named {
    /// The first byte of the name, where the parser says it.
    at: Option<usize>,
    /// The name, dotted where it is qualified.
    name: String,
}

/// Who else reads SQL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Other {
    /// PostgreSQL's own parser.
    LibpgQuery,
    /// The parser of `DataFusion`.
    Sqlparser,
    /// What SQLite says that a prepared statement reads and writes.
    Authorizer,
    /// The tables that MariaDB locks for a statement.
    MetadataLocks,
}

impl Other {
    /// Those that read a dialect.
    const fn of(dialect: Dialect) -> &'static [Self] {
        match dialect {
            Dialect::Postgres => &[Self::LibpgQuery, Self::Sqlparser],
            Dialect::Sqlite => &[Self::Authorizer, Self::Sqlparser],
            Dialect::Mysql => &[Self::MetadataLocks, Self::Sqlparser],
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::LibpgQuery => "libpg_query",
            Self::Sqlparser => "sqlparser",
            Self::Authorizer => "authorizer",
            Self::MetadataLocks => "MariaDB",
        }
    }

    /// Those that say which tables a statement opens, and not how often or where.
    const fn names_only(self) -> bool {
        matches!(self, Self::Authorizer | Self::MetadataLocks)
    }
}

/// Compares every statement; true when we miss no reference that a database itself finds.
pub(crate) fn run(options: &Options) -> Result<bool> {
    let mut report = Report::default();
    let mut mariadb = Mariadb::default();
    for path in &options.paths {
        for source in Source::find(path)? {
            let mut locks = match &source.tables {
                Some(tables) => Some(mariadb.about(tables).with_context(|| source.name.clone())?),
                None => None,
            };
            for statement in &source.statements {
                let ours = ours::references(&source.schema, &statement.sql);
                if ours.is_some() || reads_or_writes(statement) {
                    for &other in Other::of(statement.dialect) {
                        let sql = &statement.sql;
                        let theirs = match (other, &mut locks) {
                            (Other::LibpgQuery, _) => libpg_query::references(sql),
                            (Other::Sqlparser, _) => sqlparser::references(statement.dialect, sql),
                            (Other::Authorizer, _) => source.authorized(sql),
                            (Other::MetadataLocks, Some(locks)) => locks.references(sql),
                            (Other::MetadataLocks, None) => continue,
                        };
                        let compared =
                            compare(statement, other, ours.as_deref(), theirs.as_deref());
                        report.add(&source.name, statement, other, compared);
                    }
                }
                source.advance(statement);
            }
        }
    }
    print!("{}", report.table());
    print!("{}", report.differences(options.all));
    Ok(!report.misses())
}

/// A server that is started for the first statements that need it.
#[derive(Default)]
struct Mariadb {
    guard: Option<server::Guard>,
    locks: Option<Locks>,
}

impl Mariadb {
    /// A connection to a database with the tables of a schema.
    fn about(&mut self, tables: &str) -> Result<&mut Locks> {
        if self.locks.is_none() {
            let guard = self.guard.insert(server::Guard::new());
            let url = server::start(guard, server::Kind::Mysql, true)?;
            self.locks = Some(Locks::connect(&url)?);
        }
        let locks = self.locks.as_mut().context("no connection")?;
        locks.learn(tables)?;
        Ok(locks)
    }
}

/// Data definition is for migrations, and we refuse it in a query.
fn reads_or_writes(statement: &Statement) -> bool {
    let tokens = lexer::lex(statement.dialect, &statement.sql).unwrap_or_default();
    let first = tokens.iter().find(|token| token.kind != TokenKind::LParen);
    first.is_some_and(|first| {
        [
            "SELECT", "WITH", "VALUES", "TABLE", "INSERT", "REPLACE", "UPDATE", "DELETE", "MERGE",
        ]
        .iter()
        .any(|word| first.is(&statement.sql, word))
    })
}
