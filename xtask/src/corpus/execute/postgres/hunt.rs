//! Mutants, on data made for the statement.

use anyhow::Result;
use fastrand::Rng;

use super::{
    super::{Asked, Execution, Fate, Mutant, Scoped},
    data::Source,
    judge::Case,
    plan::Plan,
    session::{Fault, Session},
    witness::{Data, Witness},
    world::World,
};

/// Data sets made for a statement beside those in which one table is all deleted.
const SETS: usize = 120;
/// Sets in which a table is all deleted, for each table.
const DELETED: usize = 4;

/// A statement whose mutants are hunted.
pub(super) struct Hunt<'h> {
    pub(super) session: &'h mut Session,
    pub(super) source: &'h Source,
    pub(super) world: &'h World,
    pub(super) sql: &'h str,
    pub(super) scoped: &'h Scoped,
    pub(super) witness: &'h Witness,
}

impl Hunt<'_> {
    /// Hunts those that are left, and says what became of them; or that the statement itself does
    /// something else than it should.
    pub(super) fn hunt(
        &mut self,
        mutants: &[Mutant],
        fates: &mut [Fate],
        random: &mut Rng,
    ) -> Result<Result<(), Execution>, Fault> {
        let deleted = (0..self.witness.tables()).map(Some);
        let deleted = std::iter::repeat_n(deleted, DELETED).flatten();
        for deleted in deleted.chain(std::iter::repeat_n(None, SETS)) {
            if !fates.iter().any(|fate| matches!(fate, Fate::Survives(_))) {
                break;
            }
            let data = self.witness.data(self.source, random, deleted);
            self.session.query("SAVEPOINT soft_witness")?;
            let done = self.on(&data, mutants, fates);
            self.session
                .query("ROLLBACK TO SAVEPOINT soft_witness; RELEASE SAVEPOINT soft_witness")?;
            if let Err(wrong) = done {
                return Ok(Err(wrong));
            }
        }
        Ok(Ok(()))
    }

    fn on(&mut self, data: &Data, mutants: &[Mutant], fates: &mut [Fate]) -> Result<(), Execution> {
        for statement in &data.statements {
            // A CHECK constraint rejects some.
            let _ = self
                .session
                .branch_kept(|session| session.query(statement).map(|_| ()));
        }
        match self.judge(&Asked::Scoped(self.scoped.clone()), data) {
            Execution::Equal { .. } => {}
            Execution::Unjudged(_) => return Ok(()),
            wrong => return Err(wrong),
        }
        for (mutant, fate) in mutants.iter().zip(fates) {
            if !matches!(fate, Fate::Survives(_)) {
                continue;
            }
            let now = Fate::of(&self.judge(&mutant.asked(self.scoped), data));
            match now {
                Fate::Killed { .. } => *fate = Fate::Killed { witness: true },
                // Rows that were seen once are not forgotten.
                Fate::Survives(Fate::SAME) => *fate = now,
                Fate::Survives(_) => {}
            }
        }
        Ok(())
    }

    fn judge(&mut self, asked: &Asked, data: &Data) -> Execution {
        let plan = Plan::new(self.world, self.sql, asked);
        let mut case = Case {
            session: &mut *self.session,
            world: self.world,
            sql: self.sql,
            asked,
            plan: &plan,
            arguments: &data.arguments,
        };
        case.judge()
    }
}
