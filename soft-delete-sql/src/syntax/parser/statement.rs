//! Which statement it is.

use super::{Kw, Parse, Parser};
use crate::{
    Dialect,
    syntax::{
        TokenKind,
        ast::{Statement, Tok, With},
    },
};

impl Parser<'_> {
    pub(super) fn statement(&mut self) -> Parse<Statement> {
        self.enter()?;
        let statement = match self.data_statement()? {
            Some(statement) => statement,
            None => self.other_statement()?,
        };
        self.leave();
        Ok(statement)
    }

    /// A query or DML, if one stands here.
    pub(super) fn data_statement(&mut self) -> Parse<Option<Statement>> {
        let start = self.at;
        let with = self.with()?;
        match self.kw(0) {
            Kw::Select | Kw::Values => self.query_statement(start, with),
            Kw::Table if self.dialect != Dialect::Sqlite => self.query_statement(start, with),
            Kw::Insert => self.insert_statement(start, with),
            Kw::Replace if self.dialect != Dialect::Postgres => self.insert_statement(start, with),
            Kw::Update => self.update_statement(start, with),
            Kw::Delete => self.delete_statement(start, with),
            Kw::Merge if self.dialect == Dialect::Postgres => self.merge_statement(start, with),
            _ if self.is(0, TokenKind::LParen) => self.query_statement(start, with),
            _ if with.is_some() => Err(self.unexpected("a query")),
            _ => Ok(None),
        }
    }

    fn query_statement(&mut self, start: Tok, with: Option<With>) -> Parse<Option<Statement>> {
        Ok(Some(Statement::Query(self.query_behind(start, with)?)))
    }

    fn insert_statement(&mut self, start: Tok, with: Option<With>) -> Parse<Option<Statement>> {
        Ok(Some(Statement::Insert(self.insert(start, with)?)))
    }

    fn update_statement(&mut self, start: Tok, with: Option<With>) -> Parse<Option<Statement>> {
        Ok(Some(Statement::Update(self.update(start, with)?)))
    }

    fn delete_statement(&mut self, start: Tok, with: Option<With>) -> Parse<Option<Statement>> {
        Ok(Some(Statement::Delete(self.delete(start, with)?)))
    }

    fn merge_statement(&mut self, start: Tok, with: Option<With>) -> Parse<Option<Statement>> {
        Ok(Some(Statement::Merge(self.merge(start, with)?)))
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
