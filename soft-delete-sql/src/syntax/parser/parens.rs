//! Which parenthesis closes which, and which of them hold a query: known before parsing, so that
//! no decision looks ahead further than one token.

use super::{Kw, Parse, Parser};
use crate::{
    Dialect,
    syntax::{TokenKind, ast::Tok, keyword},
};

#[derive(Default)]
pub(super) struct Parens {
    /// For an opening token, the one that closes it.
    close: Vec<Tok>,
    /// For an opening parenthesis, whether its whole inside is a query.
    query: Vec<bool>,
}

impl Parens {
    pub(super) fn close(&self, open: Tok) -> Tok {
        self.close[open as usize]
    }

    pub(super) fn is_query(&self, open: Tok) -> bool {
        self.query[open as usize]
    }
}

impl Parser<'_> {
    pub(super) fn match_parens(&mut self) -> Parse<()> {
        let mut close = vec![0; self.tokens.len()];
        let mut open: Vec<Tok> = Vec::new();
        for at in 0..self.end {
            let opener = match self.tokens[at as usize].kind {
                TokenKind::LParen | TokenKind::LBracket => {
                    open.push(at);
                    continue;
                }
                TokenKind::RParen => TokenKind::LParen,
                TokenKind::RBracket => TokenKind::LBracket,
                _ => continue,
            };
            match open.pop() {
                Some(start) if self.tokens[start as usize].kind == opener => {
                    close[start as usize] = at;
                }
                _ => return Err(self.fault(at, "this closes nothing", "no opening one", "")),
            }
        }
        if let Some(start) = open.pop() {
            let message = "this is opened and never closed";
            return Err(self.fault(start, message, "it opens here", ""));
        }
        self.parens.close = close;
        self.parens.query = vec![false; self.tokens.len()];
        // Inner parentheses open behind outer ones: going backwards meets them first.
        for at in (0..self.end).rev() {
            self.parens.query[at as usize] = self.holds_query(at);
        }
        Ok(())
    }

    fn holds_query(&self, open: Tok) -> bool {
        let kind = |at: Tok| self.tokens.get(at as usize).map(|token| token.kind);
        let word = |at: Tok| self.words.get(at as usize).copied().unwrap_or(Kw::None);
        if kind(open) != Some(TokenKind::LParen) {
            return false;
        }
        let close = self.parens.close(open);
        let first = open + 1;
        match word(first) {
            Kw::Select => return true,
            Kw::With => {
                return matches!(
                    kind(first + 1),
                    Some(TokenKind::Word | TokenKind::Quoted | TokenKind::String)
                );
            }
            Kw::Table => return self.dialect != Dialect::Sqlite,
            Kw::Values if kind(first + 1) == Some(TokenKind::LParen) => {
                return self.dialect != Dialect::Mysql || self.holds_rows(open);
            }
            Kw::Values => return word(first + 1) == Kw::Row,
            _ => {}
        }
        if kind(first) != Some(TokenKind::LParen) || !self.parens.is_query(first) {
            return false;
        }
        let behind = self.parens.close(first) + 1;
        match word(behind) {
            _ if behind == close => true,
            Kw::Union | Kw::Intersect | Kw::Except => true,
            // `array_agg((SELECT …) ORDER BY x)` orders the aggregate.
            Kw::Order | Kw::Limit | Kw::Fetch | Kw::For => !self.is_call(open),
            Kw::Offset => self.dialect == Dialect::Postgres && !self.is_call(open),
            Kw::Lock | Kw::Into => self.dialect == Dialect::Mysql,
            _ => false,
        }
    }

    /// MySQL's `(VALUES (1), (2))`, and not its function: `CONCAT(VALUES(column), 'x')`.
    fn holds_rows(&self, open: Tok) -> bool {
        let row = open + 2;
        let end = self.parens.close(row);
        let kind = |at: Tok| self.tokens.get(at as usize).map(|token| token.kind);
        match self.words.get(end as usize + 1) {
            Some(Kw::Union | Kw::Intersect | Kw::Except | Kw::Order | Kw::Limit) => true,
            _ if kind(end + 1) == Some(TokenKind::Comma) => {
                let is_name = matches!(kind(row + 1), Some(TokenKind::Word | TokenKind::Quoted));
                let is_column =
                    is_name && matches!(kind(row + 2), Some(TokenKind::RParen | TokenKind::Dot));
                kind(end + 2) == Some(TokenKind::LParen)
                    && !self.parens.is_query(end + 2)
                    && !(is_column && self.is_call(open))
            }
            _ => false,
        }
    }

    /// True when a function's name stands in front of the parenthesis.
    fn is_call(&self, open: Tok) -> bool {
        let Some(before) = open.checked_sub(1).map(|at| self.tokens[at as usize]) else {
            return false;
        };
        match before.kind {
            TokenKind::Quoted => true,
            TokenKind::Word => !keyword::is_reserved(self.dialect, before.text(self.sql)),
            _ => false,
        }
    }
}
