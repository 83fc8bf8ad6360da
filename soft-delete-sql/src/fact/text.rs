//! The tokens of a statement that is kept as text.

use crate::{
    Dialect,
    syntax::{Token, TokenKind, lexer::lex},
};

/// A text and its tokens.
pub(super) struct Text<'a> {
    dialect: Dialect,
    sql: &'a str,
    tokens: Vec<Token>,
    /// How many parentheses are open in front of each token, and at the end.
    depths: Vec<usize>,
}

impl<'a> Text<'a> {
    pub(super) fn of(dialect: Dialect, sql: &'a str) -> Option<Self> {
        let tokens = lex(dialect, sql).ok().filter(|tokens| !tokens.is_empty())?;
        let mut depths = vec![0_usize];
        let mut depth = 0_usize;
        for token in &tokens {
            match token.kind {
                TokenKind::LParen => depth += 1,
                TokenKind::RParen => depth = depth.saturating_sub(1),
                _ => {}
            }
            depths.push(depth);
        }
        Some(Self {
            dialect,
            sql,
            tokens,
            depths,
        })
    }

    /// The words, or characters, stand from this token on.
    pub(super) fn are(&self, at: usize, words: &[&str]) -> bool {
        words.iter().enumerate().all(|(by, word)| {
            self.tokens.get(at + by).is_some_and(|token| {
                token.is(self.sql, word)
                    || token.text(self.sql) == *word && token.kind != TokenKind::Word
            })
        })
    }

    /// Where they stand.
    pub(super) fn all(&self, words: &[&str]) -> impl DoubleEndedIterator<Item = usize> {
        (0..self.tokens.len()).filter(move |&at| self.are(at, words))
    }

    pub(super) fn has(&self, words: &[&str]) -> bool {
        self.all(words).next().is_some()
    }

    /// They stand in front of a token.
    pub(super) fn has_before(&self, end: usize, words: &[&str]) -> bool {
        self.all(words).any(|at| at < end)
    }

    /// What stands in the parentheses behind the last occurrence of the words.
    pub(super) fn group(&self, words: &[&str]) -> Option<&'a str> {
        let open = self
            .all(words)
            .map(|at| at + words.len())
            .rfind(|&open| self.depths[open] == 0 && self.are(open, &["("]))?;
        let close = (open + 1..self.tokens.len()).find(|&at| self.depths[at + 1] == 0)?;
        let (first, last) = (self.tokens[open].end, self.tokens[close].start);
        Some(self.sql.get(first..last)?.trim())
    }

    /// The conditions that a condition is the AND of; `None` where that is not plain to see.
    pub(super) fn conjuncts(&self) -> Option<Vec<&'a str>> {
        let opaque = ["or", "between", "case", "xor"];
        let mut found = Vec::new();
        let mut start = 0;
        for (at, token) in self.tokens.iter().enumerate() {
            if self.depths[at] > 0 {
                continue;
            }
            if opaque.iter().any(|word| token.is(self.sql, word)) {
                return None;
            }
            if token.is(self.sql, "and") {
                found.push(self.slice(start, at)?);
                start = at + 1;
            }
        }
        found.push(self.slice(start, self.tokens.len())?);
        Some(found)
    }

    fn slice(&self, from: usize, to: usize) -> Option<&'a str> {
        let (first, last) = (self.tokens.get(from)?, self.tokens.get(to.checked_sub(1)?)?);
        self.sql.get(first.start..last.end)
    }

    /// The names of the list behind the first occurrence of the words.
    pub(super) fn names(&self, words: &[&str]) -> Vec<String> {
        self.separated(words, TokenKind::Comma)
    }

    /// The dotted name behind them.
    pub(super) fn dotted(&self, words: &[&str]) -> Vec<String> {
        self.separated(words, TokenKind::Dot)
    }

    fn separated(&self, words: &[&str], separator: TokenKind) -> Vec<String> {
        let mut found = Vec::new();
        let Some(first) = self.all(words).next() else {
            return found;
        };
        let mut at = first + words.len();
        while let Some(token) = self.tokens.get(at) {
            found.push(token.name(self.dialect, self.sql));
            let next = self.tokens.get(at + 1).map(|token| token.kind);
            if next != Some(separator) {
                break;
            }
            at += 2;
        }
        found
    }
}
