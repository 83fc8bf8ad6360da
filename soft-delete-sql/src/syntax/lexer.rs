//! Tokens of the three dialects, by byte.

use crate::{Diagnostic, Dialect};

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// An unquoted identifier or keyword.
    Word,
    /// A quoted identifier: `"x"`, `` `x` ``, `[x]`, `U&"x"`. MySQL's `"x"` is a `String`.
    Quoted,
    /// A string of any form: `'x'`, `E'x'`, `N'x'`, `B'1'`, `X'1'`, `$$x$$`, `U&'x'`; adjacent
    /// strings stay apart.
    String,
    /// A number.
    Number,
    /// A placeholder: `?`, `?1`, `$1`, `:a`, `@a`, `$a` as the dialect has them.
    Param,
    /// `(`
    LParen,
    /// `)`
    RParen,
    /// `[` that opens a subscript or array (PostgreSQL)
    LBracket,
    /// `]`
    RBracket,
    /// `,`
    Comma,
    /// `;`
    Semicolon,
    /// `.`
    Dot,
    /// Any other run of operator characters, `::`, `:=`, `=>`, `:`, `*` included.
    Op,
}

/// One token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Token {
    /// Its text.
    #[must_use]
    pub fn text(self, sql: &str) -> &str {
        &sql[self.start..self.end]
    }

    /// True for an unquoted word that spells `keyword`, without case.
    #[must_use]
    pub fn is(self, sql: &str, keyword: &str) -> bool {
        self.kind == TokenKind::Word && self.text(sql).eq_ignore_ascii_case(keyword)
    }

    /// The identifier it spells, quotes taken off, folded as the dialect compares names. A string
    /// token counts as a quoted identifier.
    #[must_use]
    pub fn name(self, dialect: Dialect, sql: &str) -> String {
        let _ = (dialect, sql);
        unimplemented!()
    }
}

/// Splits `sql` into tokens.
///
/// # Errors
/// SD009 for an unterminated string, comment or quoted name, and for MySQL's executable comments
/// (`/*! … */`, `/*M! … */`), whose text the server runs.
pub fn lex(dialect: Dialect, sql: &str) -> Result<Vec<Token>, Diagnostic> {
    let _ = (dialect, sql);
    unimplemented!()
}
