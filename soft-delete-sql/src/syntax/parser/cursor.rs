//! Looking at tokens and taking them.

use super::{Kw, Parse, Parser};
use crate::{
    Dialect,
    syntax::{Token, TokenKind, ast::Tok, keyword},
};

impl Parser<'_> {
    /// The token `ahead` of the current one, inside the construct that is being read.
    pub(super) fn peek(&self, ahead: Tok) -> Option<Token> {
        let at = self.at + ahead;
        (at < self.end).then(|| self.tokens[at as usize])
    }

    pub(super) fn kind(&self, ahead: Tok) -> Option<TokenKind> {
        self.peek(ahead).map(|token| token.kind)
    }

    pub(super) fn is(&self, ahead: Tok, kind: TokenKind) -> bool {
        self.kind(ahead) == Some(kind)
    }

    /// The keyword at the token `ahead` of the current one.
    pub(super) fn kw(&self, ahead: Tok) -> Kw {
        let at = self.at + ahead;
        if at < self.end {
            self.words[at as usize]
        } else {
            Kw::None
        }
    }

    pub(super) fn is_op(&self, ahead: Tok, text: &str) -> bool {
        self.peek(ahead)
            .is_some_and(|token| token.kind == TokenKind::Op && token.text(self.sql) == text)
    }

    /// True when the word `ahead` is `text`; for words that are structural in one place only.
    pub(super) fn is_word(&self, ahead: Tok, text: &str) -> bool {
        self.peek(ahead)
            .is_some_and(|token| token.is(self.sql, text))
    }

    pub(super) const fn ended(&self) -> bool {
        self.at >= self.end
    }

    pub(super) fn eat(&mut self, kw: Kw) -> bool {
        let found = self.kw(0) == kw;
        self.at += Tok::from(found);
        found
    }

    pub(super) fn eat_kind(&mut self, kind: TokenKind) -> bool {
        let found = self.is(0, kind);
        self.at += Tok::from(found);
        found
    }

    pub(super) fn eat_word(&mut self, text: &str) -> bool {
        let found = self.is_word(0, text);
        self.at += Tok::from(found);
        found
    }

    pub(super) fn expect(&mut self, kw: Kw, text: &str) -> Parse<Tok> {
        if self.eat(kw) {
            Ok(self.at - 1)
        } else {
            Err(self.unexpected(text))
        }
    }

    /// The current token must open parentheses; it is not taken.
    pub(super) fn expect_paren(&self) -> Parse<()> {
        if self.is(0, TokenKind::LParen) {
            Ok(())
        } else {
            Err(self.unexpected("`(`"))
        }
    }

    /// True for a token that can be a name where the grammar wants one: reserved words are left
    /// to the server.
    pub(super) fn is_name(&self, ahead: Tok) -> bool {
        match self.peek(ahead) {
            Some(token) => match token.kind {
                TokenKind::Word => !token.text(self.sql).starts_with('@'),
                TokenKind::Quoted => true,
                TokenKind::String => self.quotes_name(token),
                _ => false,
            },
            None => false,
        }
    }

    /// A string that the server may take for a name: SQLite's `'t'`, MySQL's `"t"`.
    pub(super) fn quotes_name(&self, token: Token) -> bool {
        let quote = match self.dialect {
            Dialect::Postgres => return false,
            Dialect::Sqlite => '\'',
            Dialect::Mysql => '"',
        };
        token.kind == TokenKind::String && token.text(self.sql).starts_with(quote)
    }

    /// True for a token that can name a table.
    pub(super) fn is_table_name(&self, ahead: Tok) -> bool {
        self.is_name(ahead)
            && self.peek(ahead).is_some_and(|token| {
                token.kind != TokenKind::Word
                    || keyword::names_table(self.dialect, token.text(self.sql))
            })
    }

    pub(super) fn name(&mut self, what: &str) -> Parse<Tok> {
        if !self.is_name(0) {
            return Err(self.unexpected(what));
        }
        self.at += 1;
        Ok(self.at - 1)
    }

    /// The rest of a dotted name whose first part stands at the current token. A star behind the
    /// last dot is left.
    pub(super) fn dotted(&mut self) -> Parse<Vec<Tok>> {
        let mut parts = vec![self.name("a name")?];
        while self.is(0, TokenKind::Dot) && !self.is_op(1, "*") {
            self.at += 1;
            parts.push(self.name("a name")?);
        }
        Ok(parts)
    }

    /// `name, name, …` without parentheses.
    pub(super) fn names(&mut self) -> Parse<Vec<Tok>> {
        let mut names = vec![self.name("a name")?];
        while self.eat_kind(TokenKind::Comma) {
            names.push(self.name("a name")?);
        }
        Ok(names)
    }

    /// `(name, name, …)`
    pub(super) fn name_list(&mut self) -> Parse<Vec<Tok>> {
        self.expect_paren()?;
        self.inside(Self::names)
    }
}
