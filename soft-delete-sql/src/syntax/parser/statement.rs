//! Which statement it is.

use super::{Kw, Parse, Parser};
use crate::{
    Dialect,
    syntax::{TokenKind, ast::Statement},
};

impl Parser<'_> {
    pub(super) fn statement(&mut self) -> Parse<Statement> {
        self.deeper(|parser| match parser.data_statement()? {
            Some(statement) => Ok(statement),
            None => parser.other_statement(),
        })
    }

    /// A query or DML, if one stands here.
    pub(super) fn data_statement(&mut self) -> Parse<Option<Statement>> {
        let start = self.at;
        let with = self.with()?;
        let statement = match self.kw(0) {
            Kw::Select | Kw::Values => Statement::Query(Box::new(self.query_behind(start, with)?)),
            Kw::Table if self.dialect != Dialect::Sqlite => {
                Statement::Query(Box::new(self.query_behind(start, with)?))
            }
            Kw::Insert => Statement::Insert(Box::new(self.insert(start, with)?)),
            Kw::Replace if self.dialect != Dialect::Postgres => {
                Statement::Insert(Box::new(self.insert(start, with)?))
            }
            Kw::Update => Statement::Update(Box::new(self.update(start, with)?)),
            Kw::Delete => Statement::Delete(Box::new(self.delete(start, with)?)),
            Kw::Merge if self.dialect == Dialect::Postgres => {
                Statement::Merge(Box::new(self.merge(start, with)?))
            }
            _ if self.is(0, TokenKind::LParen) => {
                Statement::Query(Box::new(self.query_behind(start, with)?))
            }
            _ if with.is_some() => return Err(self.unexpected("a query")),
            _ => return Ok(None),
        };
        Ok(Some(statement))
    }

    /// Everything that does not read or write rows by name.
    fn other_statement(&mut self) -> Parse<Statement> {
        let Some(token) = self.peek(0) else {
            return Err(self.unexpected("a statement"));
        };
        if token.kind != TokenKind::Word {
            return Err(self.unexpected("a statement"));
        }
        let word = token.text(self.sql).to_ascii_lowercase();
        match (word.as_str(), self.dialect) {
            ("explain", _) | ("describe" | "desc", Dialect::Mysql) => self.explain(),
            ("analyze", Dialect::Mysql) if self.analyzes_statement() => self.explain(),
            ("copy", Dialect::Postgres) => self.copy(),
            ("truncate", Dialect::Postgres | Dialect::Mysql) => self.truncate(),
            ("declare", Dialect::Postgres) => self.declare(),
            ("prepare", Dialect::Postgres) => self.prepare(),
            ("alter", Dialect::Postgres) if self.is_word(1, "sequence") => self.session(),
            (word, dialect) if super::session::is_session(dialect, word) => self.session(),
            _ => Err(self.refused(&word)),
        }
    }

    fn refused(&self, word: &str) -> Box<crate::Diagnostic> {
        let word = word.to_ascii_uppercase();
        let (message, help) = match word.as_str() {
            "CREATE" | "ALTER" | "DROP" | "COMMENT" | "GRANT" | "REVOKE" | "RENAME" | "REFRESH"
            | "CLUSTER" | "REINDEX" => (
                format!("{word} changes the schema and takes no scope"),
                "put it in a migration, or run it with `sqlx::query`",
            ),
            "CALL" | "DO" | "EXECUTE" | "FETCH" | "HANDLER" | "LOAD" | "IMPORT" => (
                format!("{word} may read or write any table"),
                "run it with `sqlx::query`: what it sees cannot be checked",
            ),
            _ => (
                format!("{word} begins no statement that takes a scope"),
                "run it with `sqlx::query` if the database knows it",
            ),
        };
        self.fault(
            self.at,
            &message,
            "not a query, INSERT, UPDATE or DELETE",
            help,
        )
    }
}
