//! ON CONFLICT.

use super::{Kw, Parse, Parser};
use crate::{
    Dialect,
    syntax::ast::{Conflict, ConflictAction, ConflictTarget},
};

impl Parser<'_> {
    /// The ON CONFLICT clauses of an INSERT; SQLite takes several.
    pub(super) fn conflicts(&mut self) -> Parse<Vec<Conflict>> {
        let mut conflicts = Vec::new();
        while self.dialect != Dialect::Mysql && self.kw(0) == Kw::On {
            conflicts.push(self.conflict()?);
        }
        Ok(conflicts)
    }

    fn conflict(&mut self) -> Parse<Conflict> {
        let start = self.at;
        self.at += 1;
        self.expect(Kw::Conflict, "`CONFLICT`")?;
        let target = self.conflict_target()?;
        self.expect(Kw::Do, "`DO NOTHING` or `DO UPDATE`")?;
        let action = match self.kw(0) {
            Kw::Nothing => {
                self.at += 1;
                ConflictAction::Nothing
            }
            Kw::Update => {
                self.at += 1;
                self.expect(Kw::Set, "`SET`")?;
                let assignments = self.assignments()?;
                let filter = self.clause_at(Kw::Where)?;
                ConflictAction::Update {
                    assignments,
                    filter,
                }
            }
            _ => return Err(self.unexpected("`NOTHING` or `UPDATE`")),
        };
        Ok(Conflict {
            range: self.since(start),
            target,
            action,
        })
    }

    fn conflict_target(&mut self) -> Parse<ConflictTarget> {
        match self.kw(0) {
            Kw::Do => return Ok(ConflictTarget::Any),
            Kw::On => {
                self.at += 1;
                self.expect(Kw::Constraint, "`CONSTRAINT`")?;
                return self.name("a constraint").map(ConflictTarget::Constraint);
            }
            _ => {}
        }
        let start = self.at;
        let items = self.expr_list()?;
        let range = self.since(start);
        let predicate = self.clause_at(Kw::Where)?;
        Ok(ConflictTarget::Columns {
            range,
            items,
            predicate,
        })
    }
}
