//! A recursive-descent parser of the structure alone: tables, joins, conditions, subqueries.
//!
//! It reads what the server would accept, and somewhat more: a statement that the server refuses
//! reads nothing. What it cannot explain is an error, never skipped.

#![allow(
    clippy::unnecessary_box_returns,
    reason = "frames must stay small: see MAX_DEPTH"
)]

mod conflict;
mod cursor;
mod delete;
mod expr;
mod from;
mod insert;
mod join;
mod merge;
mod parens;
mod query;
mod relation;
mod select;
mod session;
mod statement;
mod update;
mod with;
mod word;

use super::{
    Token,
    ast::{Range, Statement, Tok},
};
use crate::{Code, Diagnostic, Dialect};
use parens::Parens;
use word::Kw;

/// Levels of nested queries and joins. Every pass over the tree recurses as deep, inside a
/// compiler's thread and without optimisation: what recurses hands large values around in boxes,
/// and takes no closures.
const MAX_DEPTH: u32 = 64;

/// Boxed: most results are passed up through many frames.
type Parse<T> = Result<T, Box<Diagnostic>>;

/// Parses the one statement in `tokens`.
pub(super) fn statement(
    dialect: Dialect,
    sql: &str,
    tokens: &[Token],
) -> Result<Statement, Diagnostic> {
    Parser::new(dialect, sql, tokens)
        .and_then(Parser::run)
        .map_err(|diagnostic| *diagnostic)
}

struct Parser<'s> {
    dialect: Dialect,
    sql: &'s str,
    tokens: &'s [Token],
    /// The keyword each token spells.
    words: Vec<Kw>,
    parens: Parens,
    /// The next token.
    at: Tok,
    /// Where the construct that is being read ends: the closing parenthesis, the semicolon.
    end: Tok,
    depth: u32,
}

impl<'s> Parser<'s> {
    fn new(dialect: Dialect, sql: &'s str, tokens: &'s [Token]) -> Parse<Self> {
        let end = tokens
            .iter()
            .position(|token| token.kind == super::TokenKind::Semicolon)
            .unwrap_or(tokens.len());
        let words: Vec<Kw> = tokens.iter().map(|token| Kw::of(*token, sql)).collect();
        let mut parser = Self {
            dialect,
            sql,
            tokens,
            words,
            parens: Parens::default(),
            at: 0,
            end: u32::try_from(end).unwrap_or(Tok::MAX),
            depth: 0,
        };
        parser.check_length()?;
        parser.match_parens()?;
        Ok(parser)
    }

    fn run(mut self) -> Parse<Statement> {
        if self.end == 0 {
            return Err(self.fault(0, "no statement", "the text holds none", ""));
        }
        let statement = self.statement()?;
        if self.at < self.end {
            return Err(self.unexpected("the end of the statement"));
        }
        let rest = &self.tokens[self.end as usize..];
        let second = rest
            .iter()
            .find(|token| token.kind != super::TokenKind::Semicolon);
        match second {
            None => Ok(statement),
            Some(token) => Err(Box::new(
                Diagnostic::new(Code::SeveralStatements, "several statements in one string")
                    .at(token.start..token.end, "the second one begins here")
                    .why("a database runs only the first of them, or all without their arguments")
                    .help("write one call for each statement"),
            )),
        }
    }

    /// Token positions are 32 bits wide.
    fn check_length(&self) -> Parse<()> {
        if self.tokens.len() < u32::MAX as usize {
            return Ok(());
        }
        Err(self.fault(0, "the statement is too long", "", ""))
    }

    /// Goes one level deeper, until `leave`. After an error nobody reads on.
    fn enter(&mut self) -> Parse<()> {
        if self.depth == MAX_DEPTH {
            return Err(self.too_deep());
        }
        self.depth += 1;
        Ok(())
    }

    const fn leave(&mut self) {
        self.depth -= 1;
    }

    #[cold]
    fn too_deep(&self) -> Box<Diagnostic> {
        Box::new(
            Diagnostic::new(
                Code::TooDeep,
                format!("queries and joins nested more than {MAX_DEPTH} levels deep"),
            )
            .at(self.span(self.at), "one level too many")
            .help("name the inner queries in a WITH clause"),
        )
    }

    /// Reads the whole inside of the parentheses that open at the current token.
    fn inside<T>(&mut self, read: impl FnOnce(&mut Self) -> Parse<T>) -> Parse<T> {
        let outer = self.open();
        let result = read(self)?;
        self.close(outer)?;
        Ok(result)
    }

    /// Steps into the parentheses that open at the current token; gives the end of what is around
    /// them, for `close`.
    fn open(&mut self) -> Tok {
        let close = self.parens.close(self.at);
        self.at += 1;
        std::mem::replace(&mut self.end, close)
    }

    /// Steps behind the parentheses, whose inside must have been read.
    fn close(&mut self, outer: Tok) -> Parse<()> {
        if self.at < self.end {
            return Err(self.unexpected("`)`"));
        }
        self.at = self.end + 1;
        self.end = outer;
        Ok(())
    }

    const fn since(&self, start: Tok) -> Range {
        Range {
            start,
            end: self.at,
        }
    }

    /// The bytes of a token; the end of the text when there is none.
    fn span(&self, tok: Tok) -> std::ops::Range<usize> {
        self.tokens
            .get(tok as usize)
            .map_or(self.sql.len()..self.sql.len(), |token| {
                token.start..token.end
            })
    }

    #[cold]
    fn fault(&self, tok: Tok, message: &str, label: &str, help: &str) -> Box<Diagnostic> {
        Box::new(
            Diagnostic::new(Code::Syntax, message)
                .at(self.span(tok), label)
                .help(help),
        )
    }

    /// An SD009 at the current token.
    #[cold]
    fn unexpected(&self, expected: &str) -> Box<Diagnostic> {
        let (found, span) = if self.at < self.end {
            let span = self.span(self.at);
            let text: String = self.sql[span.clone()].chars().take(40).collect();
            (format!("`{text}`"), span)
        } else if (self.end as usize) < self.tokens.len() {
            let span = self.span(self.end);
            (format!("`{}`", &self.sql[span.clone()]), span)
        } else {
            let end = self.tokens.last().map_or(0, |token| token.end);
            ("the end".to_owned(), end..end)
        };
        Box::new(
            Diagnostic::new(Code::Syntax, format!("expected {expected}, found {found}"))
                .at(span, format!("{expected} was expected here")),
        )
    }
}
