//! `cargo xtask cross-parsing`: the table references that we find, next to those that the parsers
//! of others find in the same statements.

mod compare;
mod libpg_query;
mod ours;
mod report;
mod source;
mod sqlparser;

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use soft_delete_sql::{
    Dialect,
    syntax::{TokenKind, lexer},
};

use crate::corpus::Statement;
use compare::compare;
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
}

impl Other {
    /// Those that read a dialect.
    const fn of(dialect: Dialect) -> &'static [Self] {
        match dialect {
            Dialect::Postgres => &[Self::LibpgQuery, Self::Sqlparser],
            Dialect::Sqlite => &[Self::Authorizer, Self::Sqlparser],
            Dialect::Mysql => &[Self::Sqlparser],
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::LibpgQuery => "libpg_query",
            Self::Sqlparser => "sqlparser",
            Self::Authorizer => "authorizer",
        }
    }
}

/// Compares every statement; true when we miss no reference that a database's own parser finds.
pub(crate) fn run(options: &Options) -> Result<bool> {
    let mut report = Report::default();
    for path in &options.paths {
        for source in Source::find(path)? {
            for statement in &source.statements {
                let ours = ours::references(&source.schema, &statement.sql);
                if ours.is_none() && !reads_or_writes(statement) {
                    source.advance(statement);
                    continue;
                }
                for &other in Other::of(statement.dialect) {
                    let theirs = match other {
                        Other::LibpgQuery => libpg_query::references(&statement.sql),
                        Other::Sqlparser => {
                            sqlparser::references(statement.dialect, &statement.sql)
                        }
                        Other::Authorizer => source.authorized(&statement.sql),
                    };
                    let comparison = compare(statement, other, ours.as_deref(), theirs.as_deref());
                    report.add(&source.name, statement, other, comparison);
                }
                source.advance(statement);
            }
        }
    }
    print!("{}", report.table());
    print!("{}", report.differences(options.all));
    Ok(!report.misses())
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
