//! WITH and its common table expressions.

use super::{Kw, Parse, Parser};
use crate::syntax::{
    TokenKind,
    ast::{Cte, Statement, With},
};

impl Parser<'_> {
    /// WITH, if it stands here.
    pub(super) fn with(&mut self) -> Parse<Option<With>> {
        if self.kw(0) != Kw::With {
            return Ok(None);
        }
        let start = self.at;
        self.at += 1;
        // `WITH recursive AS (…)` defines a CTE of that name.
        let recursive =
            self.kw(0) == Kw::Recursive && self.kw(1) != Kw::As && !self.is(1, TokenKind::LParen);
        if recursive {
            self.at += 1;
        }
        let mut ctes = vec![self.cte()?];
        while self.eat_kind(TokenKind::Comma) {
            ctes.push(self.cte()?);
        }
        Ok(Some(With {
            range: self.since(start),
            recursive,
            ctes,
        }))
    }

    fn cte(&mut self) -> Parse<Cte> {
        let start = self.at;
        let name = self.name("the name of a common table expression")?;
        let columns = if self.is(0, TokenKind::LParen) {
            self.name_list()?
        } else {
            Vec::new()
        };
        self.expect(Kw::As, "`AS`")?;
        if self.kw(0) == Kw::Not && self.kw(1) == Kw::Materialized {
            self.at += 2;
        } else {
            self.eat(Kw::Materialized);
        }
        self.expect_paren()?;
        self.enter()?;
        let outer = self.open();
        let body = self.cte_body()?;
        self.close(outer)?;
        self.leave();
        let search_or_cycle = self.search_and_cycle()?;
        Ok(Cte {
            range: self.since(start),
            name,
            columns,
            body,
            search_or_cycle,
        })
    }

    fn cte_body(&mut self) -> Parse<Statement> {
        match self.data_statement()? {
            Some(statement) => Ok(statement),
            None => Err(self.unexpected("a query")),
        }
    }

    fn search_and_cycle(&mut self) -> Parse<bool> {
        let start = self.at;
        if self.eat(Kw::Search) {
            // DEPTH or BREADTH
            self.name("`DEPTH` or `BREADTH`")?;
            self.expect(Kw::First, "`FIRST`")?;
            self.expect(Kw::By, "`BY`")?;
            self.names()?;
            self.expect(Kw::Set, "`SET`")?;
            self.name("a name")?;
        }
        if self.eat(Kw::Cycle) {
            self.names()?;
            if self.eat_word("restrict") {
                return Ok(true);
            }
            self.expect(Kw::Set, "`SET`")?;
            self.name("a name")?;
            // The two marks are constants.
            while !self.ended() && self.kw(0) != Kw::Using {
                self.at += 1;
            }
            self.expect(Kw::Using, "`USING`")?;
            self.name("a name")?;
        }
        Ok(self.at > start)
    }
}
