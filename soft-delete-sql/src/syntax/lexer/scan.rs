//! One token at the current byte.

use super::{Lexer, TokenKind, fault, unterminated};
use crate::{Diagnostic, Dialect};

impl Lexer<'_> {
    /// Reads the token that begins at the current byte, which is no trivia.
    pub(super) fn token(&mut self) -> Result<(), Diagnostic> {
        let start = self.at;
        let continues_escape = std::mem::take(&mut self.continues_escape);
        match self.peek(0) {
            b'\'' if continues_escape => self.escape_string(start),
            b'\'' => self.string(start),
            b'"' if self.dialect == Dialect::Mysql => self.string(start),
            b'"' => self.quoted(start, b'"', "quoted name"),
            b'`' if self.dialect != Dialect::Postgres => self.quoted(start, b'`', "quoted name"),
            b'[' if self.dialect == Dialect::Sqlite => self.bracketed(start),
            b'0'..=b'9' => self.number(start),
            b'.' if self.peek(1).is_ascii_digit() && !self.names_a_column() => self.number(start),
            b'?' if self.dialect != Dialect::Postgres => {
                self.question_mark(start);
                Ok(())
            }
            b'$' => self.dollar(start),
            b'@' | b':' | b'#' if self.dialect == Dialect::Sqlite => self.variable(start),
            b'@' if self.dialect == Dialect::Mysql => self.mysql_variable(start),
            byte if is_word_start(byte) => self.word(start),
            byte => self.symbol(start, byte),
        }
    }

    fn symbol(&mut self, start: usize, byte: u8) -> Result<(), Diagnostic> {
        let kind = match byte {
            b'(' => TokenKind::LParen,
            b')' => TokenKind::RParen,
            b'[' => TokenKind::LBracket,
            b']' => TokenKind::RBracket,
            b',' => TokenKind::Comma,
            b';' => TokenKind::Semicolon,
            0..=b' ' | 0x7f => {
                let message = format!("unexpected control character U+{byte:04X}");
                return Err(fault(&message, start..start + 1, "here"));
            }
            b'.' if self.peek(1) == b'.' => {
                self.at += 2;
                self.push(TokenKind::Op, start);
                return Ok(());
            }
            b'.' => TokenKind::Dot,
            _ => {
                self.at += self.operator_length();
                self.push(TokenKind::Op, start);
                return Ok(());
            }
        };
        self.at += 1;
        // Where DELIMITER holds, a semicolon separates nothing.
        let kind = if kind == TokenKind::Semicolon && self.delimiter.is_some() {
            TokenKind::Op
        } else {
            kind
        };
        self.push(kind, start);
        if kind == TokenKind::Semicolon && self.schema {
            self.skip_copy_data();
        }
        Ok(())
    }

    fn operator_length(&self) -> usize {
        if self.dialect == Dialect::Postgres {
            return self.postgres_operator_length();
        }
        let rest = &self.bytes[self.at..];
        let operators: &[&str] = match self.dialect {
            Dialect::Mysql => &[
                "<=>", "->>", "->", ":=", "<<", ">>", "<=", ">=", "<>", "!=", "||", "&&",
            ],
            _ => &["->>", "->", "<<", ">>", "<=", ">=", "<>", "!=", "==", "||"],
        };
        operators
            .iter()
            .find(|operator| rest.starts_with(operator.as_bytes()))
            .map_or(1, |operator| operator.len())
    }

    /// PostgreSQL takes the longest run of operator characters that holds no comment; a run of
    /// characters of standard operators alone does not end in a sign, so that `a=-1` is read.
    fn postgres_operator_length(&self) -> usize {
        let rest = &self.bytes[self.at..];
        if rest[0] == b':' {
            return if matches!(rest.get(1), Some(b':' | b'=')) {
                2
            } else {
                1
            };
        }
        let is_operator = |byte: u8| b"~!@#^&|`?+-*/%<>=".contains(&byte);
        let mut length = 0;
        while length < rest.len() && is_operator(rest[length]) {
            let pair = &rest[length..rest.len().min(length + 2)];
            if length > 0 && (pair == b"--" || pair == b"/*") {
                break;
            }
            length += 1;
        }
        let free = |byte: &u8| b"~!@#^&|`?%".contains(byte);
        while length > 1
            && matches!(rest[length - 1], b'+' | b'-')
            && !rest[..length].iter().any(free)
        {
            length -= 1;
        }
        length.max(1)
    }

    fn word(&mut self, start: usize) -> Result<(), Diagnostic> {
        if let Some(prefix) = self.string_prefix() {
            self.at += prefix;
            return match self.peek(0) {
                b'"' => self.quoted(start, b'"', "quoted name"),
                _ if matches!(self.bytes[start], b'e' | b'E') => self.escape_string(start),
                _ if matches!(self.bytes[start], b'n' | b'N') => self.string(start),
                _ => self.plain_string(start, b'\''),
            };
        }
        self.skip_word();
        self.push(TokenKind::Word, start);
        self.refuse_uescape()
    }

    fn skip_word(&mut self) {
        while is_word_part(self.peek(0)) {
            self.at += 1;
        }
    }

    /// The length of the prefix, when the word at the current byte is one of a string or name.
    fn string_prefix(&self) -> Option<usize> {
        let quote = self.peek(1) == b'\'';
        let mysql = self.dialect == Dialect::Mysql;
        match (self.dialect, self.peek(0).to_ascii_lowercase()) {
            (Dialect::Sqlite, b'x') if quote => Some(1),
            (Dialect::Sqlite, _) => None,
            (_, b'n' | b'b' | b'x') if quote => Some(1),
            (_, b'e') if quote && !mysql => Some(1),
            (_, b'u') if !mysql && self.peek(1) == b'&' && matches!(self.peek(2), b'\'' | b'"') => {
                Some(2)
            }
            _ => None,
        }
    }

    /// `U&"d!0061ta" UESCAPE '!'`: another escape character would make the name read wrong.
    fn refuse_uescape(&self) -> Result<(), Diagnostic> {
        let [.., name, word] = self.tokens.as_slice() else {
            return Ok(());
        };
        if self.dialect == Dialect::Postgres
            && name.kind == TokenKind::Quoted
            && self.bytes[name.start] != b'"'
            && word.is(self.sql, "uescape")
        {
            return Err(fault(
                "UESCAPE behind a name is not supported",
                word.start..word.end,
                "the name cannot be read",
            )
            .help("write the name with its own characters"));
        }
        Ok(())
    }

    /// A string with the escapes the dialect gives to a plain one.
    fn string(&mut self, start: usize) -> Result<(), Diagnostic> {
        let quote = self.peek(0);
        if self.dialect == Dialect::Mysql {
            self.escaped(start, quote)
        } else {
            self.plain_string(start, quote)
        }
    }

    /// A string in which only the doubled quote is special.
    fn plain_string(&mut self, start: usize, quote: u8) -> Result<(), Diagnostic> {
        self.skip_doubling(start, quote, "string")?;
        self.push(TokenKind::String, start);
        Ok(())
    }

    fn quoted(&mut self, start: usize, quote: u8, what: &str) -> Result<(), Diagnostic> {
        self.skip_doubling(start, quote, what)?;
        self.push(TokenKind::Quoted, start);
        Ok(())
    }

    fn skip_doubling(&mut self, start: usize, quote: u8, what: &str) -> Result<(), Diagnostic> {
        self.at += 1;
        loop {
            match self.peek(0) {
                0 => return Err(unterminated(what, start)),
                byte if byte == quote && self.peek(1) == quote => self.at += 2,
                byte => {
                    self.at += 1;
                    if byte == quote {
                        return Ok(());
                    }
                }
            }
        }
    }

    /// A string in which a backslash escapes too.
    fn escaped(&mut self, start: usize, quote: u8) -> Result<(), Diagnostic> {
        self.at += 1;
        loop {
            match self.peek(0) {
                0 => return Err(unterminated("string", start)),
                b'\\' => self.at += 2,
                byte if byte == quote && self.peek(1) == quote => self.at += 2,
                byte => {
                    self.at += 1;
                    if byte == quote {
                        break;
                    }
                }
            }
        }
        self.push(TokenKind::String, start);
        Ok(())
    }

    /// `E'…'`. A string on a later line continues it, and there too a backslash escapes.
    fn escape_string(&mut self, start: usize) -> Result<(), Diagnostic> {
        self.escaped(start, b'\'')?;
        let end = self.at;
        while self.is_space(self.peek(0)) || self.at_line_comment() {
            if self.at_line_comment() {
                self.skip_line();
            } else {
                self.at += 1;
            }
        }
        let between = &self.bytes[end..self.at];
        self.continues_escape =
            self.peek(0) == b'\'' && between.iter().any(|b| matches!(b, b'\n' | b'\r'));
        self.at = end;
        Ok(())
    }

    /// SQLite's `[x]`, which knows no escape.
    fn bracketed(&mut self, start: usize) -> Result<(), Diagnostic> {
        while self.peek(0) != b']' {
            if self.peek(0) == 0 {
                return Err(unterminated("quoted name", start));
            }
            self.at += 1;
        }
        self.at += 1;
        self.push(TokenKind::Quoted, start);
        Ok(())
    }

    /// True at a dot that stands right behind a MySQL name: digits behind it are a name as well.
    fn names_a_column(&self) -> bool {
        self.dialect == Dialect::Mysql
            && self
                .tokens
                .last()
                .is_some_and(|token| token.kind == TokenKind::Word && token.end == self.at)
    }

    fn number(&mut self, start: usize) -> Result<(), Diagnostic> {
        let mysql = self.dialect == Dialect::Mysql;
        if mysql && self.mysql_number_is_name() {
            self.skip_word();
            self.push(TokenKind::Word, start);
            return Ok(());
        }
        let radix = match (self.peek(0), self.peek(1)) {
            (b'0', b'x') => 16,
            (b'0', b'X') if !mysql => 16,
            (b'0', b'b') if mysql => 2,
            (b'0', b'b' | b'B') if self.dialect == Dialect::Postgres => 2,
            (b'0', b'o' | b'O') if self.dialect == Dialect::Postgres => 8,
            _ => 10,
        };
        if radix != 10 && (self.peek(2) == b'_' || char::from(self.peek(2)).is_digit(radix)) {
            self.at += 2;
            self.skip_digits(radix);
        } else {
            self.skip_digits(10);
            if self.peek(0) == b'.' && self.peek(1) != b'.' {
                self.at += 1;
                self.skip_digits(10);
            }
            let signed = usize::from(matches!(self.peek(1), b'+' | b'-'));
            if matches!(self.peek(0), b'e' | b'E') && self.peek(1 + signed).is_ascii_digit() {
                self.at += 1 + signed;
                self.skip_digits(10);
            }
        }
        self.push(TokenKind::Number, start);
        if self.dialect == Dialect::Sqlite && is_word_part(self.peek(0)) {
            return Err(fault("malformed number", start..self.at, "here"));
        }
        Ok(())
    }

    fn skip_digits(&mut self, radix: u32) {
        let separators = self.dialect != Dialect::Mysql;
        while char::from(self.peek(0)).is_digit(radix)
            || separators && self.peek(0) == b'_' && char::from(self.peek(1)).is_digit(radix)
        {
            self.at += 1;
        }
    }

    /// MySQL names may begin with digits: `1st`, but not `1e5`, `0x1f`, `0b1`.
    fn mysql_number_is_name(&self) -> bool {
        let behind_dot = self
            .tokens
            .last()
            .is_some_and(|token| token.kind == TokenKind::Dot && token.end == self.at)
            && self.tokens.len() > 1
            && {
                let name = self.tokens[self.tokens.len() - 2];
                name.kind == TokenKind::Word && name.end + 1 == self.at
            };
        if behind_dot {
            return true;
        }
        let rest = &self.bytes[self.at..];
        let length = |from: usize, is: fn(&u8) -> bool| {
            rest[from.min(rest.len())..]
                .iter()
                .take_while(|b| is(b))
                .count()
        };
        let ends = |at: usize| !rest.get(at).is_some_and(|&b| is_word_part(b));
        let special = match (rest[0], rest.get(1)) {
            (b'0', Some(b'x')) => length(2, u8::is_ascii_hexdigit),
            (b'0', Some(b'b')) => length(2, |b| matches!(b, b'0' | b'1')),
            _ => 0,
        };
        if special > 0 && ends(2 + special) {
            return false;
        }
        let digits = length(0, u8::is_ascii_digit);
        if digits == 0 || ends(digits) {
            return false;
        }
        let exponent = matches!(rest[digits], b'e' | b'E')
            && match rest.get(digits + 1) {
                Some(b'+' | b'-') => rest.get(digits + 2).is_some_and(u8::is_ascii_digit),
                next => next.is_some_and(u8::is_ascii_digit),
            };
        !exponent
    }

    fn question_mark(&mut self, start: usize) {
        self.at += 1;
        if self.dialect == Dialect::Sqlite {
            while self.peek(0).is_ascii_digit() {
                self.at += 1;
            }
        }
        self.push(TokenKind::Param, start);
    }

    fn dollar(&mut self, start: usize) -> Result<(), Diagnostic> {
        match self.dialect {
            Dialect::Sqlite => self.variable(start),
            Dialect::Mysql => {
                self.skip_word();
                self.push(TokenKind::Word, start);
                Ok(())
            }
            Dialect::Postgres if self.peek(1).is_ascii_digit() => {
                self.at += 1;
                while self.peek(0).is_ascii_digit() {
                    self.at += 1;
                }
                self.push(TokenKind::Param, start);
                Ok(())
            }
            Dialect::Postgres => self.dollar_quoted(start),
        }
    }

    /// `$tag$ … $tag$`
    fn dollar_quoted(&mut self, start: usize) -> Result<(), Diagnostic> {
        self.at += 1;
        if is_word_start(self.peek(0)) {
            while is_word_part(self.peek(0)) && self.peek(0) != b'$' {
                self.at += 1;
            }
        }
        if self.peek(0) != b'$' {
            return Err(fault("unexpected `$`", start..start + 1, "here"));
        }
        self.at += 1;
        let tag = &self.sql[start..self.at];
        let Some(length) = self.sql[self.at..].find(tag) else {
            return Err(unterminated("string", start));
        };
        self.at += length + tag.len();
        self.push(TokenKind::String, start);
        Ok(())
    }

    /// SQLite's `:a`, `@a`, `$a`, `$a::b`, `$a(b)`.
    fn variable(&mut self, start: usize) -> Result<(), Diagnostic> {
        self.at += 1;
        let mut named = false;
        loop {
            match self.peek(0) {
                byte if is_word_part(byte) => {
                    named = true;
                    self.at += 1;
                }
                b':' if self.peek(1) == b':' => self.at += 2,
                b'(' if named => {
                    while !matches!(self.peek(0), 0 | b')') && !self.is_space(self.peek(0)) {
                        self.at += 1;
                    }
                    if self.peek(0) != b')' {
                        return Err(unterminated("variable name", start));
                    }
                    self.at += 1;
                    break;
                }
                _ => break,
            }
        }
        if !named || self.bytes[start] == b'#' {
            let message = format!("unexpected `{}`", char::from(self.bytes[start]));
            return Err(fault(&message, start..start + 1, "here"));
        }
        self.push(TokenKind::Param, start);
        Ok(())
    }

    /// MySQL's `@a`, `` @`a` ``, `@'a'`, `@@global.a`; a lone `@` is an operator.
    fn mysql_variable(&mut self, start: usize) -> Result<(), Diagnostic> {
        self.at += if self.peek(1) == b'@' { 2 } else { 1 };
        match self.peek(0) {
            b'`' => self.skip_doubling(start, b'`', "variable name")?,
            quote @ (b'\'' | b'"') => {
                self.escaped(start, quote)?;
                self.tokens.pop();
            }
            _ => {
                while is_word_part(self.peek(0)) || self.peek(0) == b'.' {
                    self.at += 1;
                }
            }
        }
        let alone = self.at - start <= 2 && self.bytes[self.at - 1] == b'@';
        let kind = if alone {
            TokenKind::Op
        } else {
            TokenKind::Word
        };
        self.push(kind, start);
        Ok(())
    }
}

/// Bytes of letters beyond ASCII begin and continue a name in all three dialects.
const fn is_word_start(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || byte >= 0x80
}

const fn is_word_part(byte: u8) -> bool {
    is_word_start(byte) || byte.is_ascii_digit() || byte == b'$'
}
