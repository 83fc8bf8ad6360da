//! Queries: arms, set operators, ORDER BY and its kin, locking clauses.

use super::{Kw, Parse, Parser, expr::Ends};
use crate::{
    Dialect,
    syntax::{
        TokenKind,
        ast::{Arm, Lock, Query, Range, Tail, Tok, Values, With},
    },
};

impl Parser<'_> {
    /// The query between the parentheses that open at the current token.
    pub(super) fn parenthesised_query(&mut self) -> Parse<Box<Query>> {
        let outer = self.open();
        let query = self.query()?;
        self.close(outer)?;
        Ok(query)
    }

    pub(super) fn query(&mut self) -> Parse<Box<Query>> {
        self.enter()?;
        let start = self.at;
        let with = self.with()?;
        let query = self.query_behind(start, with)?;
        self.leave();
        Ok(query)
    }

    /// The query that begins with `with` at `start`.
    pub(super) fn query_behind(&mut self, start: Tok, with: Option<With>) -> Parse<Box<Query>> {
        let mut query = empty(with);
        self.arms(&mut query.arms)?;
        self.query_tail(&mut query)?;
        query.range = self.since(start);
        Ok(query)
    }

    fn arms(&mut self, arms: &mut Vec<Arm>) -> Parse<()> {
        self.arm(arms)?;
        while matches!(self.kw(0), Kw::Union | Kw::Intersect | Kw::Except) {
            self.at += 1;
            if !self.eat(Kw::All) && !self.eat(Kw::Distinct) && self.dialect == Dialect::Mysql {
                self.eat(Kw::Distinctrow);
            }
            self.arm(arms)?;
        }
        Ok(())
    }

    fn arm(&mut self, arms: &mut Vec<Arm>) -> Parse<()> {
        match self.kw(0) {
            Kw::Select => arms.push(Arm::Select(self.select()?)),
            Kw::Values => return self.values_arm(arms),
            Kw::Value if self.dialect == Dialect::Mysql => return self.values_arm(arms),
            Kw::Table if self.dialect != Dialect::Sqlite => return self.table_arm(arms),
            _ if self.is(0, TokenKind::LParen) => {
                arms.push(Arm::Nested(self.parenthesised_query()?));
            }
            _ => return Err(self.unexpected("a query")),
        }
        Ok(())
    }

    fn values_arm(&mut self, arms: &mut Vec<Arm>) -> Parse<()> {
        arms.push(Arm::Values(self.values()?));
        Ok(())
    }

    fn table_arm(&mut self, arms: &mut Vec<Arm>) -> Parse<()> {
        let keyword = self.at;
        self.at += 1;
        let relation = self.table_name()?;
        arms.push(Arm::Table { keyword, relation });
        Ok(())
    }

    fn values(&mut self) -> Parse<Values> {
        let start = self.at;
        self.at += 1;
        let mut rows = Vec::new();
        loop {
            if self.dialect == Dialect::Mysql {
                self.eat(Kw::Row);
            }
            rows.push(self.expr_list()?);
            if !self.eat_kind(TokenKind::Comma) {
                break;
            }
        }
        Ok(Values {
            range: self.since(start),
            rows,
        })
    }

    fn query_tail(&mut self, query: &mut Query) -> Parse<()> {
        loop {
            if let Some(tail) = self.tail()? {
                query.tail.push(tail);
            } else if let Some(lock) = self.lock()? {
                query.locks.push(lock);
            } else if self.kw(0) == Kw::Into && self.dialect == Dialect::Mysql {
                self.trailing_into(query)?;
            } else {
                return Ok(());
            }
        }
    }

    /// MySQL's INTO behind everything else.
    fn trailing_into(&mut self, query: &mut Query) -> Parse<()> {
        let into = self.select_into()?;
        match query.arms.last_mut() {
            Some(Arm::Select(select)) if select.into.is_none() => {
                select.into = Some(into);
                Ok(())
            }
            Some(Arm::Nested(_) | Arm::Table { .. } | Arm::Values(_)) => Ok(()),
            _ => Err(self.fault(into.start, "a second INTO", "here", "")),
        }
    }

    /// ORDER BY, LIMIT, OFFSET or FETCH, if one stands here.
    pub(super) fn tail(&mut self) -> Parse<Option<Tail>> {
        let keyword = self.at;
        match self.kw(0) {
            Kw::Order if self.kw(1) == Kw::By => self.at += 2,
            Kw::Limit | Kw::Offset => self.at += 1,
            Kw::Fetch if self.dialect != Dialect::Sqlite => self.at += 1,
            _ => return Ok(None),
        }
        let expr = self.expr(Ends::List)?;
        Ok(Some(Tail { keyword, expr }))
    }

    fn lock(&mut self) -> Parse<Option<Lock>> {
        let start = self.at;
        match (self.dialect, self.kw(0)) {
            (Dialect::Postgres | Dialect::Mysql, Kw::For) => {
                self.at += 1;
                self.lock_strength()?;
            }
            (Dialect::Mysql, Kw::Lock) => {
                self.at += 1;
                self.expect(Kw::In, "`IN SHARE MODE`")?;
                self.expect(Kw::Share, "`SHARE MODE`")?;
                self.expect(Kw::Mode, "`MODE`")?;
            }
            _ => return Ok(None),
        }
        let mut of = Vec::new();
        if self.eat(Kw::Of) {
            loop {
                of.push(self.dotted()?);
                if !self.eat_kind(TokenKind::Comma) {
                    break;
                }
            }
        }
        if self.eat(Kw::Skip) {
            self.expect(Kw::Locked, "`LOCKED`")?;
        } else if self.eat(Kw::Wait) {
            self.at += Tok::from(!self.ended());
        } else {
            self.eat(Kw::Nowait);
        }
        let range = self.since(start);
        Ok(Some(Lock { range, of }))
    }

    /// UPDATE, NO KEY UPDATE, SHARE, KEY SHARE, READ ONLY.
    fn lock_strength(&mut self) -> Parse<()> {
        let length = match (self.kw(0), self.kw(1), self.kw(2)) {
            (Kw::Update | Kw::Share, ..) => 1,
            (Kw::Key, Kw::Share, _) | (Kw::Read, Kw::Only, _) => 2,
            (Kw::No, Kw::Key, Kw::Update) => 3,
            _ => return Err(self.unexpected("a locking strength")),
        };
        self.at += length;
        Ok(())
    }
}

/// A query that is yet to be read.
fn empty(with: Option<With>) -> Box<Query> {
    Box::new(Query {
        range: Range::default(),
        with,
        arms: Vec::new(),
        tail: Vec::new(),
        locks: Vec::new(),
    })
}
