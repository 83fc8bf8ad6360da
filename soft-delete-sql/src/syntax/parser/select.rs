//! One SELECT block, and select lists.

use super::{Kw, Parse, Parser, expr::Ends};
use crate::{
    Dialect,
    syntax::{
        TokenKind,
        ast::{Expr, Range, Select, SelectItem, Tok},
    },
};

impl Parser<'_> {
    pub(super) fn select(&mut self) -> Parse<Select> {
        let keyword = self.at;
        self.at += 1;
        let (distinct, distinct_on) = self.quantifier()?;
        let items = self.select_list()?;
        let into = if self.kw(0) == Kw::Into {
            Some(self.into_target()?)
        } else {
            None
        };
        let from = self.from_clause(Kw::From)?;
        let filter = self.clause_at(Kw::Where)?;
        let group_by = if self.kw(0) == Kw::Group && self.kw(1) == Kw::By {
            self.at += 2;
            Some(self.expr(Ends::List)?)
        } else {
            None
        };
        let having = self.clause_at(Kw::Having)?;
        let windows = if self.eat(Kw::Window) {
            Some(self.expr(Ends::List)?)
        } else {
            None
        };
        Ok(Select {
            range: self.since(keyword),
            keyword,
            distinct,
            distinct_on,
            items,
            into,
            from,
            filter,
            group_by,
            having,
            windows,
        })
    }

    /// ALL, DISTINCT, DISTINCT ON (…), and MySQL's modifiers.
    fn quantifier(&mut self) -> Parse<(bool, Option<Expr>)> {
        let mut distinct = false;
        let mut distinct_on = None;
        loop {
            match self.kw(0) {
                Kw::All => self.at += 1,
                Kw::Distinct => {
                    self.at += 1;
                    distinct = true;
                    if self.kw(0) == Kw::On && self.dialect == Dialect::Postgres {
                        self.at += 1;
                        self.expect_paren()?;
                        distinct_on = Some(self.inside(|parser| parser.expr(Ends::List))?);
                    }
                }
                _ if self.dialect == Dialect::Mysql && self.is_modifier() => {
                    distinct |= self.kw(0) == Kw::Distinctrow;
                    self.at += 1;
                }
                _ => return Ok((distinct, distinct_on)),
            }
        }
    }

    fn is_modifier(&self) -> bool {
        const MODIFIERS: &[&str] = &[
            "sql_small_result",
            "sql_big_result",
            "sql_buffer_result",
            "sql_cache",
            "sql_no_cache",
            "sql_calc_found_rows",
        ];
        matches!(
            self.kw(0),
            Kw::Distinctrow | Kw::HighPriority | Kw::StraightJoin
        ) || MODIFIERS.iter().any(|word| self.is_word(0, word))
    }

    /// Only PostgreSQL takes an empty list.
    fn select_list(&mut self) -> Parse<Vec<SelectItem>> {
        let empty = self.dialect == Dialect::Postgres
            && (self.ended()
                || matches!(
                    self.kw(0),
                    Kw::From
                        | Kw::Where
                        | Kw::Group
                        | Kw::Having
                        | Kw::Window
                        | Kw::Union
                        | Kw::Intersect
                        | Kw::Except
                        | Kw::Order
                        | Kw::Limit
                        | Kw::Offset
                        | Kw::Fetch
                        | Kw::For
                        | Kw::Into
                        | Kw::On
                        | Kw::Returning
                ));
        if empty {
            return Ok(Vec::new());
        }
        self.items()
    }

    /// Select items, comma between them.
    pub(super) fn items(&mut self) -> Parse<Vec<SelectItem>> {
        let mut items = vec![self.item()?];
        while self.eat_kind(TokenKind::Comma) {
            items.push(self.item()?);
        }
        Ok(items)
    }

    fn item(&mut self) -> Parse<SelectItem> {
        let start = self.at;
        let scanned = self.scan(Ends::One)?;
        let (expr, alias) = if self.kw(0) == Kw::As {
            self.at += 1;
            (scanned.expr, Some(self.name_or_string()?))
        } else {
            scanned.split_label()
        };
        let star = self.star(expr.range);
        Ok(SelectItem {
            range: self.since(start),
            expr,
            alias,
            star,
        })
    }

    /// SQLite and MySQL take a string of either quote as an alias.
    fn name_or_string(&mut self) -> Parse<Tok> {
        let string = self.dialect != Dialect::Postgres && self.is(0, TokenKind::String);
        if !string && !self.is_name(0) {
            return Err(self.unexpected("an alias"));
        }
        self.at += 1;
        Ok(self.at - 1)
    }

    /// The qualifier of `t.*`; empty for `*`.
    fn star(&self, range: Range) -> Option<Vec<Tok>> {
        let token = |at: Tok| self.tokens[at as usize];
        let last = range.end.checked_sub(1)?;
        if token(last).kind != TokenKind::Op || token(last).text(self.sql) != "*" {
            return None;
        }
        let mut qualifier = Vec::new();
        let mut at = range.start;
        while at < last {
            let is_name = matches!(
                token(at).kind,
                TokenKind::Word | TokenKind::Quoted | TokenKind::String
            );
            if !is_name || token(at + 1).kind != TokenKind::Dot {
                return None;
            }
            qualifier.push(at);
            at += 2;
        }
        Some(qualifier)
    }

    /// INTO and its target: PostgreSQL's new table, MySQL's variables or file.
    pub(super) fn into_target(&mut self) -> Parse<Range> {
        let start = self.at;
        self.at += 1;
        if self.dialect == Dialect::Postgres {
            while ["local", "global", "temp", "temporary", "unlogged"]
                .iter()
                .any(|word| self.is_word(0, word) && self.is_name(1))
            {
                self.at += 1;
            }
            self.eat(Kw::Table);
            self.dotted()?;
        } else {
            self.expr(Ends::List)?;
        }
        Ok(self.since(start))
    }

    /// RETURNING, if it stands here.
    pub(super) fn returning(&mut self) -> Parse<Option<Vec<SelectItem>>> {
        if !self.eat(Kw::Returning) {
            return Ok(None);
        }
        if self.kw(0) == Kw::With && self.is(1, TokenKind::LParen) {
            self.at += 1;
            self.skip_paren()?;
        }
        self.items().map(Some)
    }
}
