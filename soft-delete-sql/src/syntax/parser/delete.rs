//! DELETE.

use super::{Kw, Parse, Parser, relation::Aliasing};
use crate::{
    Dialect,
    syntax::{
        TokenKind,
        ast::{Delete, From, Tok, With},
    },
};

/// The tables of a DELETE.
struct Named {
    targets: Vec<Vec<Tok>>,
    tables: From,
    using: Option<From>,
}

impl Parser<'_> {
    pub(super) fn delete(&mut self, start: Tok, with: Option<With>) -> Parse<Box<Delete>> {
        let keyword = self.at;
        self.at += 1;
        let tables = if self.dialect == Dialect::Mysql {
            while matches!(self.kw(0), Kw::LowPriority | Kw::Quick | Kw::Ignore) {
                self.at += 1;
            }
            self.mysql_tables()?
        } else {
            self.expect(Kw::From, "`FROM`")?;
            let tables = self.single(Aliasing::BeforeSet)?;
            let using = if self.dialect == Dialect::Postgres {
                self.clause_tables(Kw::Using)?
            } else {
                None
            };
            Named {
                targets: Vec::new(),
                tables,
                using,
            }
        };
        let rest = self.rest()?;
        Ok(Box::new(Delete {
            range: self.since(start),
            with,
            keyword,
            targets: tables.targets,
            tables: tables.tables,
            using: tables.using,
            filter: rest.filter,
            current_of: rest.current_of,
            tail: rest.tail,
            returning: rest.returning,
            filter_at: rest.filter_at,
        }))
    }

    /// `DELETE FROM t`, `DELETE a, b.* FROM …`, `DELETE FROM a, b.* USING …`.
    fn mysql_tables(&mut self) -> Parse<Named> {
        let (targets, tables) = if self.eat(Kw::From) {
            let start = self.at;
            let targets = self.targets()?;
            if self.eat(Kw::Using) {
                (targets, self.table_list()?)
            } else {
                self.at = start;
                (Vec::new(), self.single(Aliasing::Free)?)
            }
        } else {
            let targets = self.targets()?;
            self.expect(Kw::From, "`FROM`")?;
            (targets, self.table_list()?)
        };
        Ok(Named {
            targets,
            tables,
            using: None,
        })
    }

    fn targets(&mut self) -> Parse<Vec<Vec<Tok>>> {
        let mut targets = Vec::new();
        loop {
            if !self.is_table_name(0) {
                return Err(self.unexpected("a table"));
            }
            targets.push(self.dotted()?);
            if self.is(0, TokenKind::Dot) {
                // `t.*`
                self.at += 2;
            }
            if !self.eat_kind(TokenKind::Comma) {
                return Ok(targets);
            }
        }
    }
}
