//! A reader over the tokens of one statement.

use crate::{
    Dialect,
    syntax::{Token, TokenKind},
};

/// Why a statement cannot be understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    /// In words, for the message.
    pub(super) reason: String,
    /// The byte of the text it is about.
    pub(super) at: usize,
}

/// Reads tokens one by one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cursor<'a> {
    pub(super) dialect: Dialect,
    pub(super) sql: &'a str,
    pub(super) tokens: &'a [Token],
    pub(super) at: usize,
}

impl<'a> Cursor<'a> {
    pub(super) const fn new(dialect: Dialect, sql: &'a str, tokens: &'a [Token]) -> Self {
        Self {
            dialect,
            sql,
            tokens,
            at: 0,
        }
    }

    /// The same text, other tokens.
    pub(super) const fn over(&self, tokens: &'a [Token]) -> Self {
        Self::new(self.dialect, self.sql, tokens)
    }

    pub(super) fn is_end(&self) -> bool {
        self.at >= self.tokens.len()
    }

    pub(super) fn peek(&self) -> Option<Token> {
        self.tokens.get(self.at).copied()
    }

    pub(super) fn ahead(&self, by: usize) -> Option<Token> {
        self.tokens.get(self.at + by).copied()
    }

    pub(super) fn next(&mut self) -> Option<Token> {
        let token = self.peek()?;
        self.at += 1;
        Some(token)
    }

    pub(super) fn kind(&self) -> Option<TokenKind> {
        self.peek().map(|token| token.kind)
    }

    /// The current token spells one of these keywords.
    pub(super) fn is_any(&self, keywords: &[&str]) -> bool {
        self.peek()
            .is_some_and(|token| keywords.iter().any(|word| token.is(self.sql, word)))
    }

    pub(super) fn is(&self, keyword: &str) -> bool {
        self.is_any(&[keyword])
    }

    pub(super) fn ahead_is(&self, by: usize, keyword: &str) -> bool {
        self.ahead(by)
            .is_some_and(|token| token.is(self.sql, keyword))
    }

    /// The tokens from here on spell these keywords.
    pub(super) fn are(&self, keywords: &[&str]) -> bool {
        (0..)
            .zip(keywords)
            .all(|(by, word)| self.ahead_is(by, word))
    }

    /// Takes the keywords if all of them stand here.
    pub(super) fn take(&mut self, keywords: &[&str]) -> bool {
        let found = self.are(keywords);
        if found {
            self.at += keywords.len();
        }
        found
    }

    pub(super) fn take_any(&mut self, keywords: &[&str]) -> bool {
        let found = self.is_any(keywords);
        self.at += usize::from(found);
        found
    }

    pub(super) fn take_kind(&mut self, kind: TokenKind) -> bool {
        let found = self.kind() == Some(kind);
        self.at += usize::from(found);
        found
    }

    pub(super) fn take_op(&mut self, op: &str) -> bool {
        let found = self
            .peek()
            .is_some_and(|token| token.kind == TokenKind::Op && token.text(self.sql) == op);
        self.at += usize::from(found);
        found
    }

    /// A fault at the current token.
    pub(super) fn fault(&self, wanted: &str) -> Fault {
        let (found, at) = match (self.peek(), self.tokens.last()) {
            (Some(token), _) => (format!("`{}`", token.text(self.sql)), token.start),
            (None, Some(last)) => ("the end".to_owned(), last.start),
            (None, None) => ("the end".to_owned(), 0),
        };
        Fault {
            reason: format!("expected {wanted}, found {found}"),
            at,
        }
    }

    pub(super) fn expect(&mut self, keyword: &str) -> Result<(), Fault> {
        if self.take(&[keyword]) {
            Ok(())
        } else {
            Err(self.fault(&format!("`{}`", keyword.to_uppercase())))
        }
    }

    pub(super) fn if_exists(&mut self) -> bool {
        self.take(&["if", "exists"])
    }

    pub(super) fn if_not_exists(&mut self) -> bool {
        self.take(&["if", "not", "exists"])
    }

    fn is_name(&self, token: Token) -> bool {
        match token.kind {
            TokenKind::Word | TokenKind::Quoted => true,
            TokenKind::String => match self.dialect {
                Dialect::Postgres => false,
                Dialect::Sqlite => true,
                // A name when ANSI_QUOTES is on, and nothing valid when it is not.
                Dialect::Mysql => token.text(self.sql).starts_with('"'),
            },
            _ => false,
        }
    }

    /// An identifier, folded.
    pub(super) fn name(&mut self) -> Result<String, Fault> {
        match self.peek() {
            Some(token) if self.is_name(token) => {
                self.at += 1;
                Ok(token.name(self.dialect, self.sql))
            }
            _ => Err(self.fault("a name")),
        }
    }

    pub(super) fn at_name(&self) -> bool {
        self.peek().is_some_and(|token| self.is_name(token))
    }

    /// A dotted name, folded.
    pub(super) fn dotted(&mut self) -> Result<Vec<String>, Fault> {
        let mut parts = vec![self.name()?];
        while self.take_kind(TokenKind::Dot) {
            parts.push(self.name()?);
        }
        Ok(parts)
    }

    /// Takes a parenthesised group and reads its inside.
    pub(super) fn group(&mut self) -> Result<Self, Fault> {
        if self.kind() != Some(TokenKind::LParen) {
            return Err(self.fault("`(`"));
        }
        let start = self.at + 1;
        self.skip();
        Ok(self.over(&self.tokens[start..(self.at - 1).max(start)]))
    }

    /// Takes one token, or a whole group when it opens one.
    pub(super) fn skip(&mut self) {
        let mut depth = 0_usize;
        while let Some(token) = self.next() {
            match token.kind {
                TokenKind::LParen | TokenKind::LBracket => depth += 1,
                TokenKind::RParen | TokenKind::RBracket => depth = depth.saturating_sub(1),
                _ => {}
            }
            if depth == 0 {
                return;
            }
        }
    }

    /// Splits what is left at the commas outside every group.
    pub(super) fn list(&self) -> Vec<Self> {
        let mut found = Vec::new();
        let mut cursor = *self;
        let mut start = cursor.at;
        while let Some(kind) = cursor.kind() {
            if kind == TokenKind::Comma {
                found.push(self.over(&self.tokens[start..cursor.at]));
                start = cursor.at + 1;
            }
            cursor.skip();
        }
        let last = &self.tokens[start.min(self.tokens.len())..];
        if !last.is_empty() || !found.is_empty() {
            found.push(self.over(last));
        }
        found
    }

    /// A parenthesised list of plain names.
    pub(super) fn names(&mut self) -> Result<Vec<String>, Fault> {
        let mut found = Vec::new();
        for mut item in self.group()?.list() {
            found.push(item.name()?);
        }
        Ok(found)
    }

    /// The text of the tokens `from..to`, as written.
    pub(super) fn text(&self, from: usize, to: usize) -> &'a str {
        match (self.tokens.get(from), self.tokens.get(to.wrapping_sub(1))) {
            (Some(first), Some(last)) if from < to => &self.sql[first.start..last.end],
            _ => "",
        }
    }

    /// The text from the current token to the end.
    pub(super) fn rest(&self) -> &'a str {
        self.text(self.at, self.tokens.len())
    }

    /// Some token of the rest spells this (folded) name.
    pub(super) fn mentions(&self, name: &str) -> bool {
        self.tokens[self.at.min(self.tokens.len())..]
            .iter()
            .any(|token| self.is_name(*token) && token.name(self.dialect, self.sql) == name)
    }

    /// The byte where the current token starts.
    pub(super) fn byte(&self) -> usize {
        self.peek()
            .or(self.tokens.last().copied())
            .map_or(0, |token| token.start)
    }
}
