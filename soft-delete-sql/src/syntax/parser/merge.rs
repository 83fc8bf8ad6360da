//! MERGE.

use super::{Kw, Parse, Parser, expr::Ends, relation::Aliasing};
use crate::syntax::{
    TokenKind,
    ast::{Expr, Merge, Tok, When, WhenAction, WhenKind, With},
};

impl Parser<'_> {
    pub(super) fn merge(&mut self, start: Tok, with: Option<With>) -> Parse<Box<Merge>> {
        let keyword = self.at;
        self.at += 1;
        self.expect(Kw::Into, "`INTO`")?;
        let target = self.relation(Aliasing::Free)?;
        self.expect(Kw::Using, "`USING`")?;
        let source = self.table_list()?;
        if self.kw(0) != Kw::On {
            return Err(self.unexpected("`ON`"));
        }
        let on = self.clause(Ends::One)?;
        let mut whens = Vec::new();
        while self.kw(0) == Kw::When {
            whens.push(self.when()?);
        }
        if whens.is_empty() {
            return Err(self.unexpected("`WHEN`"));
        }
        let returning = self.returning()?;
        Ok(Box::new(Merge {
            range: self.since(start),
            with,
            keyword,
            target,
            source,
            on,
            whens,
            returning,
        }))
    }

    fn when(&mut self) -> Parse<When> {
        let start = self.at;
        self.at += 1;
        let not = self.eat(Kw::Not);
        self.expect(Kw::Matched, "`MATCHED`")?;
        let mut kind = if not {
            WhenKind::NotMatched
        } else {
            WhenKind::Matched
        };
        if not && self.eat(Kw::By) {
            if self.eat(Kw::Source) {
                kind = WhenKind::NotMatchedBySource;
            } else {
                self.expect(Kw::Target, "`SOURCE` or `TARGET`")?;
            }
        }
        let condition = self.clause_at(Kw::And)?;
        let then = self.expect(Kw::Then, "`THEN`")?;
        let action = self.when_action()?;
        Ok(When {
            range: self.since(start),
            kind,
            condition,
            then,
            action,
        })
    }

    fn when_action(&mut self) -> Parse<WhenAction> {
        match (self.kw(0), self.kw(1)) {
            (Kw::Do, Kw::Nothing) => {
                self.at += 2;
                Ok(WhenAction::Nothing)
            }
            (Kw::Delete, _) => {
                self.at += 1;
                Ok(WhenAction::Delete)
            }
            (Kw::Update, Kw::Set) => {
                self.at += 2;
                self.assignments().map(WhenAction::Update)
            }
            (Kw::Insert, _) => {
                self.at += 1;
                self.when_insert()
            }
            _ => Err(self.unexpected("`UPDATE SET`, `DELETE`, `INSERT` or `DO NOTHING`")),
        }
    }

    fn when_insert(&mut self) -> Parse<WhenAction> {
        let columns = if self.is(0, TokenKind::LParen) {
            self.insert_columns()?
        } else {
            None
        };
        if self.eat(Kw::Overriding) {
            self.name("`USER` or `SYSTEM`")?;
            self.expect(Kw::Value, "`VALUE`")?;
        }
        let values: Vec<Expr> = if self.eat(Kw::Default) {
            self.expect(Kw::Values, "`VALUES`")?;
            Vec::new()
        } else {
            self.expect(Kw::Values, "`VALUES`")?;
            self.expr_list()?
        };
        Ok(WhenAction::Insert { columns, values })
    }
}
