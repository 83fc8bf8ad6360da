//! One SELECT block, and select lists.

use super::{Kw, Parse, Parser, expr::Ends};
use crate::{
    Dialect,
    syntax::{
        TokenKind,
        ast::{Range, Select, SelectItem, Tok},
    },
};

impl Parser<'_> {
    pub(super) fn select(&mut self) -> Parse<Box<Select>> {
        let mut select = empty(self.at);
        self.at += 1;
        self.quantifier(&mut select)?;
        self.select_list(&mut select.items)?;
        if self.kw(0) == Kw::Into {
            select.into = Some(self.select_into()?);
        }
        select.from = self.clause_tables(Kw::From)?;
        self.filters(&mut select)?;
        select.range = self.since(select.keyword);
        Ok(select)
    }

    /// WHERE, GROUP BY, HAVING, WINDOW.
    fn filters(&mut self, select: &mut Select) -> Parse<()> {
        select.filter = self.clause_at(Kw::Where)?;
        if self.kw(0) == Kw::Group && self.kw(1) == Kw::By {
            self.at += 2;
            select.group_by = Some(self.expr(Ends::List)?);
        }
        select.having = self.clause_at(Kw::Having)?;
        if self.eat(Kw::Window) {
            select.windows = Some(self.expr(Ends::List)?);
        }
        Ok(())
    }

    /// ALL, DISTINCT, DISTINCT ON (…), and MySQL's modifiers.
    fn quantifier(&mut self, select: &mut Select) -> Parse<()> {
        loop {
            match self.kw(0) {
                Kw::All => self.at += 1,
                Kw::Distinct => {
                    self.at += 1;
                    select.distinct = true;
                    if self.kw(0) == Kw::On && self.dialect == Dialect::Postgres {
                        self.at += 1;
                        self.expect_paren()?;
                        let on = self.inside(|parser| parser.expr(Ends::List))?;
                        select.distinct_on = Some(on);
                    }
                }
                _ if self.dialect == Dialect::Mysql && self.is_modifier() => {
                    select.distinct |= self.kw(0) == Kw::Distinctrow;
                    self.at += 1;
                }
                _ => return Ok(()),
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
    fn select_list(&mut self, items: &mut Vec<SelectItem>) -> Parse<()> {
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
            return Ok(());
        }
        self.items_into(items)
    }

    /// Select items, comma between them.
    pub(super) fn items(&mut self) -> Parse<Vec<SelectItem>> {
        let mut items = Vec::new();
        self.items_into(&mut items)?;
        Ok(items)
    }

    fn items_into(&mut self, items: &mut Vec<SelectItem>) -> Parse<()> {
        loop {
            items.push(self.item()?);
            if !self.eat_kind(TokenKind::Comma) {
                return Ok(());
            }
        }
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

    /// The qualifier of `t.*`, and of PostgreSQL's `(t.*)`, which is no more; empty for `*`.
    fn star(&self, mut range: Range) -> Option<Vec<Tok>> {
        let token = |at: Tok| self.tokens[at as usize];
        while token(range.start).kind == TokenKind::LParen
            && self.parens.close(range.start) + 1 == range.end
        {
            range.start += 1;
            range.end -= 1;
        }
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
    pub(super) fn select_into(&mut self) -> Parse<Range> {
        let start = self.at;
        self.at += 1;
        if self.dialect == Dialect::Postgres {
            while ["local", "global", "temp", "temporary", "unlogged"]
                .iter()
                .any(|word| {
                    self.is_word(0, word) && (self.kw(1) == Kw::Table || self.is_table_name(1))
                })
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

/// A block that is yet to be read.
fn empty(keyword: Tok) -> Box<Select> {
    Box::new(Select {
        range: Range::default(),
        keyword,
        distinct: false,
        distinct_on: None,
        items: Vec::new(),
        into: None,
        from: None,
        filter: None,
        group_by: None,
        having: None,
        windows: None,
    })
}
