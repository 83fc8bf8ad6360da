//! Lexer and structural parser: where the table references, joins and conditions are, by byte.

pub mod ast;
pub mod keyword;
pub mod lexer;
pub mod overrides;
mod parser;
pub mod placeholder;
#[cfg(test)]
mod tests;
pub mod visit;

use crate::{Diagnostic, Dialect};

pub use lexer::{Token, TokenKind};

/// A parsed statement with its text and tokens.
#[derive(Debug, Clone)]
pub struct Parsed<'s> {
    /// The text.
    pub sql: &'s str,
    /// The dialect it was read in.
    pub dialect: Dialect,
    /// Its tokens, trivia left out.
    pub tokens: Vec<Token>,
    /// The statement.
    pub statement: ast::Statement,
}

/// Parses exactly one statement; a trailing semicolon is allowed.
///
/// # Errors
/// SD009 for what cannot be understood, SD010 for several statements, SD021 for nesting that is
/// too deep.
pub fn parse(dialect: Dialect, sql: &str) -> Result<Parsed<'_>, Diagnostic> {
    let tokens = lexer::lex(dialect, sql)?;
    let statement = parser::statement(dialect, sql, &tokens)?;
    Ok(Parsed {
        sql,
        dialect,
        tokens,
        statement,
    })
}

impl Parsed<'_> {
    /// The text of a token.
    #[must_use]
    pub fn text(&self, tok: ast::Tok) -> &str {
        self.tokens[tok as usize].text(self.sql)
    }

    /// The bytes of a token range, from its first token's first byte to its last one's end.
    #[must_use]
    pub fn bytes(&self, range: ast::Range) -> std::ops::Range<usize> {
        let start = self
            .tokens
            .get(range.start as usize)
            .map_or(self.sql.len(), |t| t.start);
        if range.is_empty() {
            return start..start;
        }
        start..self.tokens[range.end as usize - 1].end
    }

    /// The name a token spells, folded as the dialect stores it.
    #[must_use]
    pub fn name(&self, tok: ast::Tok) -> String {
        self.tokens[tok as usize].name(self.dialect, self.sql)
    }
}
