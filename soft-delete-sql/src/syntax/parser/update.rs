//! UPDATE.

use super::{Kw, Parse, Parser, expr::Ends, relation::Aliasing};
use crate::{
    Dialect,
    syntax::ast::{Clause, SelectItem, Tail, Tok, Update, With},
};

/// What UPDATE and DELETE end with.
pub(super) struct Rest {
    /// Where WHERE stands or would stand.
    pub(super) filter_at: Tok,
    pub(super) filter: Option<Clause>,
    pub(super) current_of: bool,
    pub(super) tail: Vec<Tail>,
    pub(super) returning: Option<Vec<SelectItem>>,
}

impl Parser<'_> {
    pub(super) fn update(&mut self, start: Tok, with: Option<With>) -> Parse<Box<Update>> {
        let keyword = self.at;
        self.at += 1;
        let mut replaces = false;
        let tables = match self.dialect {
            Dialect::Postgres => self.single(Aliasing::BeforeSet)?,
            Dialect::Sqlite => {
                (replaces, _) = self.or_action(false)?;
                self.single(Aliasing::BeforeSet)?
            }
            Dialect::Mysql => {
                self.eat(Kw::LowPriority);
                self.eat(Kw::Ignore);
                self.table_list()?
            }
        };
        self.expect(Kw::Set, "`SET`")?;
        let assignments = self.assignments()?;
        let from = self.clause_tables(Kw::From)?;
        let rest = self.rest()?;
        Ok(Box::new(Update {
            range: self.since(start),
            with,
            keyword,
            replaces,
            tables,
            assignments,
            from,
            filter: rest.filter,
            current_of: rest.current_of,
            tail: rest.tail,
            returning: rest.returning,
            filter_at: rest.filter_at,
        }))
    }

    pub(super) fn rest(&mut self) -> Parse<Rest> {
        let mut rest = Rest {
            filter_at: self.at,
            filter: None,
            current_of: false,
            tail: Vec::new(),
            returning: None,
        };
        if self.kw(0) == Kw::Where && self.kw(1) == Kw::Current && self.kw(2) == Kw::Of {
            self.at += 3;
            self.name("a cursor")?;
            rest.current_of = true;
        } else if self.kw(0) == Kw::Where {
            rest.filter = Some(self.clause(Ends::One)?);
        }
        loop {
            if let Some(tail) = self.tail()? {
                rest.tail.push(tail);
            } else if rest.returning.is_none() && self.kw(0) == Kw::Returning {
                rest.returning = self.returning()?;
            } else {
                return Ok(rest);
            }
        }
    }
}
