//! Tokens of the three dialects, by byte.

mod client;
mod scan;
#[cfg(test)]
mod tests;
mod unquote;

use crate::{Code, Diagnostic, Dialect};

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// An unquoted identifier or keyword. MySQL's `@user_variable` and `@@system_variable` are
    /// words too; the sign keeps them from spelling any table.
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
    /// `;`; in a MySQL dump, whatever `DELIMITER` says.
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
        let text = self.text(sql);
        match self.kind {
            TokenKind::Quoted | TokenKind::String => {
                dialect.fold_quoted(&unquote::unquote(dialect, text))
            }
            _ => dialect.fold(text),
        }
    }

    /// What a string spells: its text without quotes and escapes.
    #[must_use]
    pub fn value(self, dialect: Dialect, sql: &str) -> std::borrow::Cow<'_, str> {
        unquote::unquote(dialect, self.text(sql))
    }
}

/// Splits one statement, or several, into tokens.
///
/// # Errors
/// SD009 for an unterminated string, comment or quoted name, for a character that no token begins
/// with, and for MySQL's executable comments (`/*! … */`, `/*M! … */`), whose text the server runs.
pub fn lex(dialect: Dialect, sql: &str) -> Result<Vec<Token>, Diagnostic> {
    Lexer::new(dialect, sql, false).run()
}

/// Splits a migration or a dump into tokens: as [`lex`], but MySQL's executable comments are read
/// as the tokens inside them, and what only the command-line clients understand is obeyed or
/// skipped (`DELIMITER`, psql's backslash commands, the data behind `COPY … FROM stdin`).
///
/// # Errors
/// SD009, as [`lex`].
pub fn lex_schema(dialect: Dialect, sql: &str) -> Result<Vec<Token>, Diagnostic> {
    Lexer::new(dialect, sql, true).run()
}

/// The state of one pass over a text.
struct Lexer<'s> {
    dialect: Dialect,
    sql: &'s str,
    bytes: &'s [u8],
    at: usize,
    tokens: Vec<Token>,
    /// Reading a migration or dump.
    schema: bool,
    /// Starts of the executable comments that are open.
    executable: Vec<usize>,
    /// What ends a statement, when `DELIMITER` has changed it.
    delimiter: Option<&'s str>,
    /// The next `'…'` continues an `E'…'` string.
    continues_escape: bool,
}

impl<'s> Lexer<'s> {
    fn new(dialect: Dialect, sql: &'s str, schema: bool) -> Self {
        Self {
            dialect,
            sql,
            bytes: sql.as_bytes(),
            at: 0,
            tokens: Vec::with_capacity(sql.len() / 4),
            schema,
            executable: Vec::new(),
            delimiter: None,
            continues_escape: false,
        }
    }

    fn run(mut self) -> Result<Vec<Token>, Diagnostic> {
        // Databases stop at a NUL, each in its own way: what stands behind it is not what runs.
        if let Some(at) = self.bytes.iter().position(|&b| b == 0) {
            return Err(fault("NUL byte in the SQL text", at..at + 1, "here"));
        }
        if self.sql.starts_with('\u{feff}') {
            self.at = 3;
        }
        loop {
            self.skip_trivia()?;
            if self.at >= self.bytes.len() {
                break;
            }
            if self.schema && self.client_command() {
                continue;
            }
            self.token()?;
        }
        if let Some(start) = self.executable.pop() {
            return Err(unterminated("comment", start));
        }
        Ok(self.tokens)
    }

    /// The byte `ahead` of the current one; 0, which no text holds, behind the end.
    fn peek(&self, ahead: usize) -> u8 {
        self.bytes.get(self.at + ahead).copied().unwrap_or(0)
    }

    fn push(&mut self, kind: TokenKind, start: usize) {
        let end = self.at;
        self.tokens.push(Token { kind, start, end });
    }

    /// Skips white space and comments.
    fn skip_trivia(&mut self) -> Result<(), Diagnostic> {
        loop {
            let byte = self.peek(0);
            if self.is_space(byte) {
                self.at += 1;
            } else if self.dialect == Dialect::Sqlite
                && self.bytes[self.at..].starts_with("\u{feff}".as_bytes())
            {
                self.at += 3;
            } else if self.at_line_comment() {
                self.skip_line();
            } else if byte == b'/' && self.peek(1) == b'*' {
                self.block_comment()?;
            } else if byte == b'*' && self.peek(1) == b'/' && !self.executable.is_empty() {
                self.executable.pop();
                self.at += 2;
            } else {
                return Ok(());
            }
        }
    }

    /// White space of the dialect; a byte that is none makes the statement an error there too.
    const fn is_space(&self, byte: u8) -> bool {
        match byte {
            b' ' | b'\t' | b'\n' | b'\r' | 0x0c => true,
            0x0b => !matches!(self.dialect, Dialect::Sqlite),
            _ => false,
        }
    }

    fn at_line_comment(&self) -> bool {
        let dashes = self.peek(0) == b'-' && self.peek(1) == b'-';
        match self.dialect {
            Dialect::Postgres | Dialect::Sqlite => dashes,
            Dialect::Mysql => {
                self.peek(0) == b'#' || dashes && matches!(self.peek(2), 0..=b' ' | 0x7f)
            }
        }
    }

    /// To the end of the line; PostgreSQL alone ends it at a carriage return too.
    fn skip_line(&mut self) {
        let carriage_return = self.dialect == Dialect::Postgres;
        while let Some(&byte) = self.bytes.get(self.at) {
            if byte == b'\n' || byte == b'\r' && carriage_return {
                return;
            }
            self.at += 1;
        }
    }

    fn block_comment(&mut self) -> Result<(), Diagnostic> {
        let start = self.at;
        if self.dialect == Dialect::Mysql {
            let maria = usize::from(self.peek(2) == b'M');
            if self.peek(2 + maria) == b'!' {
                return self.executable_comment(start, 3 + maria);
            }
        }
        let nests = self.dialect == Dialect::Postgres;
        let mut depth = 1_usize;
        self.at += 2;
        while depth > 0 {
            match (self.peek(0), self.peek(1)) {
                (0, _) => return Err(unterminated("comment", start)),
                (b'*', b'/') => {
                    depth -= 1;
                    self.at += 2;
                }
                (b'/', b'*') if nests => {
                    depth += 1;
                    self.at += 2;
                }
                _ => self.at += 1,
            }
        }
        Ok(())
    }

    fn executable_comment(&mut self, start: usize, head: usize) -> Result<(), Diagnostic> {
        if !self.schema {
            return Err(fault(
                "executable comment: the server runs its text",
                start..start + head,
                "this is not a comment to MySQL or MariaDB",
            )
            .help("write the text without the comment around it, or leave it out"));
        }
        self.executable.push(start);
        self.at += head;
        for _ in 0..6 {
            if self.peek(0).is_ascii_digit() {
                self.at += 1;
            }
        }
        Ok(())
    }
}

/// An SD009 at bytes of the text.
fn fault(message: &str, span: std::ops::Range<usize>, label: &str) -> Diagnostic {
    Diagnostic::new(Code::Syntax, message).at(span, label)
}

/// An SD009 for what is opened and never closed; `start` is an ASCII byte.
fn unterminated(what: &str, start: usize) -> Diagnostic {
    fault(
        &format!("unterminated {what}"),
        start..start + 1,
        "it begins here and never ends",
    )
}
