//! What dumps hold for the command-line clients and the server never sees.

use super::{Lexer, TokenKind};
use crate::Dialect;

impl<'s> Lexer<'s> {
    /// Reads a client command, or the statement end that `DELIMITER` set, at the current byte.
    pub(super) fn client_command(&mut self) -> bool {
        match self.dialect {
            Dialect::Postgres => self.backslash_command(),
            Dialect::Mysql => self.custom_delimiter() || self.delimiter_command(),
            Dialect::Sqlite => false,
        }
    }

    /// psql's `\connect db`, `\restrict token`: the rest of the line.
    fn backslash_command(&mut self) -> bool {
        if self.peek(0) != b'\\' || !self.at_line_start() {
            return false;
        }
        self.skip_line();
        true
    }

    fn custom_delimiter(&mut self) -> bool {
        let Some(delimiter) = self.delimiter else {
            return false;
        };
        if !self.sql[self.at..].starts_with(delimiter) {
            return false;
        }
        let start = self.at;
        self.at += delimiter.len();
        self.push(TokenKind::Semicolon, start);
        true
    }

    /// The mysql client's `DELIMITER ;;`: what ends a statement from here on.
    fn delimiter_command(&mut self) -> bool {
        const COMMAND: &str = "delimiter";
        let rest: &'s str = &self.sql[self.at..];
        let is_command = self.at_line_start()
            && rest
                .get(..COMMAND.len())
                .is_some_and(|word| word.eq_ignore_ascii_case(COMMAND))
            && matches!(rest.as_bytes().get(COMMAND.len()), Some(b' ' | b'\t'));
        if !is_command {
            return false;
        }
        let line = rest.lines().next().unwrap_or("");
        let mark = line[COMMAND.len()..].split_whitespace().next();
        self.delimiter = mark.filter(|&mark| mark != ";");
        self.at += line.len();
        true
    }

    /// True when nothing but blanks stands before the current byte on its line.
    fn at_line_start(&self) -> bool {
        let before = self.tokens.last().map_or(0, |token| token.end);
        before == 0 || self.bytes[before..self.at].contains(&b'\n')
    }

    /// Behind `COPY t FROM stdin;` the rows follow, up to a line of `\.`.
    pub(super) fn skip_copy_data(&mut self) {
        if self.dialect != Dialect::Postgres {
            return;
        }
        let Some((_, statement)) = self.tokens.split_last() else {
            return;
        };
        // The statement is short; options may stand behind `stdin`.
        let start = statement
            .iter()
            .rposition(|token| token.kind == TokenKind::Semicolon)
            .map_or(0, |at| at + 1);
        let statement = &statement[start..];
        let copies = statement.first().is_some_and(|t| t.is(self.sql, "copy"))
            && statement
                .windows(2)
                .any(|pair| pair[0].is(self.sql, "from") && pair[1].is(self.sql, "stdin"));
        if !copies {
            return;
        }
        let rest = &self.sql[self.at..];
        let end = rest.find("\n\\.").map_or(rest.len(), |at| at + 3);
        self.at += end;
    }
}
