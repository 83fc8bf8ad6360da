//! Mutants, on data made for the statement.

use anyhow::Result;
use fastrand::Rng;

use super::{
    super::{Asked, Execution, Fate, Mutant, Scoped, masks},
    judge::Case,
    plan::Plan,
    session::{Fault, Session},
    witness::{Data, Witness},
    world::World,
};

/// Data sets tried for a statement, and those after which a reference has had its chance to matter.
const SETS: usize = 800;
const CHANCES: usize = 300;
/// Data sets that others are made of.
const BASES: usize = 6;
/// Data sets tried to find what masks a predicate.
const MASKS: usize = 60;

/// A statement whose mutants are hunted.
pub(super) struct Hunt<'h> {
    pub(super) session: &'h mut Session,
    pub(super) world: &'h World,
    pub(super) sql: &'h str,
    pub(super) scoped: &'h Scoped,
    pub(super) witness: &'h Witness,
    pub(super) random: Rng,
}

/// A mutant and what is known of it.
struct Hunted<'f> {
    mutant: &'f Mutant,
    fate: &'f mut Fate,
    /// On some data the result depends on what the predicate lets through.
    matters: bool,
}

/// What a data set shows.
struct Seen {
    /// The statement has rows.
    shows: bool,
    /// A reference matters that did not on others.
    matters: bool,
}

/// What is wrong with the statement itself, or with the session.
pub(super) enum Ended {
    Wrong(Execution),
    Fault(Fault),
}

impl From<Fault> for Ended {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl Hunt<'_> {
    /// Hunts those that are left, and says what became of them; or that the statement itself does
    /// something else than it should.
    pub(super) fn hunt(&mut self, mutants: &[Mutant], fates: &mut [Fate]) -> Result<(), Ended> {
        self.empty()?;
        let hunted = mutants
            .iter()
            .zip(fates)
            .filter(|(_, fate)| fate.survives());
        let mut left: Vec<Hunted<'_>> = hunted
            .map(|(mutant, fate)| Hunted {
                matters: false,
                mutant,
                fate,
            })
            .collect();
        self.same_plans(&mut left)?;
        // Data on which the statement has rows, or a reference matters, leads to more of that kind.
        let mut bases: Vec<Data> = Vec::new();
        let mut next: Vec<Data> = Vec::new();
        let mut shows = false;
        for tried in 0..SETS {
            let is_hopeless = !left.iter().any(|one| one.matters);
            if left.is_empty() || (tried >= CHANCES && is_hopeless) {
                break;
            }
            let mut is_fresh = false;
            let data = match (next.pop(), self.random.choice(&bases)) {
                (Some(data), _) => data,
                (None, Some(base)) if self.random.u8(..4) > 0 => {
                    self.witness.like(base, &mut self.random)
                }
                _ => {
                    is_fresh = true;
                    self.witness.data(&mut self.random)
                }
            };
            let seen = self.on(&data, &mut left)?;
            if seen.matters || (seen.shows && !shows) {
                next.extend(self.witness.deleted(&data, &mut self.random));
                bases.insert(0, data);
                bases.truncate(BASES);
            } else if seen.shows && is_fresh {
                next.extend(self.witness.turned(&data));
                bases.truncate(BASES - 1);
                bases.push(data);
            }
            shows |= seen.shows;
        }
        for one in &mut left {
            *one.fate = Fate::Survives(if !shows && !one.matters {
                Fate::EMPTY
            } else if self.is_masked(one, mutants, &bases)? {
                Fate::MASKED
            } else if one.matters {
                Fate::SAME
            } else {
                Fate::IDLE
            });
        }
        Ok(())
    }

    /// Lets the rows be those of the witnesses alone; the transaction brings the others back.
    fn empty(&mut self) -> Result<(), Fault> {
        for table in &self.witness.tables {
            let truncate = format!("TRUNCATE {} CASCADE", table.name);
            self.session.query(&truncate)?;
        }
        Ok(())
    }

    /// Takes those out of which the database makes the plan of the scoped statement.
    fn same_plans(&mut self, left: &mut Vec<Hunted<'_>>) -> Result<(), Fault> {
        let Some(plan) = self.session.plan(&self.scoped.sql)? else {
            return Ok(());
        };
        for mut one in std::mem::take(left) {
            if self.session.plan(&one.mutant.sql)?.as_ref() == Some(&plan) {
                *one.fate = Fate::Survives(Fate::PLAN);
            } else {
                one.matters = false;
                left.push(one);
            }
        }
        Ok(())
    }

    /// Does something where the tables have these rows.
    fn with<T>(
        &mut self,
        data: &Data,
        run: impl FnOnce(&mut Self, &Data) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let statements = self.witness.statements(data);
        let all = statements.join(";");
        let fill = format!("SAVEPOINT soft_witness;SAVEPOINT soft_filled;{all}");
        if self.session.query(&fill).is_err() {
            self.session.query("ROLLBACK TO SAVEPOINT soft_filled")?;
            for statement in statements {
                // A CHECK constraint rejects some.
                let _ = self
                    .session
                    .branch_kept(|session| session.query(&statement).map(|_| ()));
            }
        }
        let done = run(self, data);
        self.session
            .query("ROLLBACK TO SAVEPOINT soft_witness; RELEASE SAVEPOINT soft_witness")?;
        done
    }

    /// Takes those out that are killed by this data.
    fn on(&mut self, data: &Data, left: &mut Vec<Hunted<'_>>) -> Result<Seen, Ended> {
        self.with(data, |hunt, data| {
            let count = |left: &[Hunted<'_>]| left.iter().filter(|one| one.matters).count();
            let (known, all) = (count(left), left.len());
            let shows = match hunt.kill(data, left)? {
                Ok(shows) => shows,
                Err(wrong) => return Ok(Err(Ended::Wrong(wrong))),
            };
            Ok(Ok(Seen {
                shows,
                matters: count(left) + (all - left.len()) > known,
            }))
        })?
    }

    /// True when the scoped statement has rows; an error is a wrong result of it.
    fn kill(
        &mut self,
        data: &Data,
        left: &mut Vec<Hunted<'_>>,
    ) -> Result<Result<bool, Execution>, Fault> {
        let asked = Asked::Scoped(self.scoped.clone());
        let texts = left
            .iter()
            .map(|one| (&one.mutant.sql, &one.mutant.emptied));
        let texts: Vec<_> = texts.collect();
        let matters: Vec<bool> = left.iter().map(|one| one.matters).collect();
        let found = self.case(&asked, data, |case| {
            let Ok(own) = case.outcome(case.scoped())? else {
                return Ok(None);
            };
            let mut differ = Vec::new();
            for ((sql, emptied), matters) in texts.iter().zip(&matters) {
                let lacks = case.is_unlike(&own, sql)?;
                differ.push((lacks, *matters || lacks || case.is_unlike(&own, emptied)?));
            }
            let shows = !own.rows.rows.is_empty() || !own.tables.is_empty();
            Ok(Some((shows, differ)))
        })?;
        let Some((shows, found)) = found else {
            return Ok(Ok(false));
        };
        if found.iter().any(|(lacks, _)| *lacks) {
            let own = self.case(&asked, data, |case| Ok(case.judge()))?;
            match own {
                Execution::Equal { .. } => {}
                Execution::Unjudged(_) => return Ok(Ok(shows)),
                wrong => return Ok(Err(wrong)),
            }
        }
        let mut kept = Vec::new();
        for (mut one, (lacks, matters)) in std::mem::take(left).into_iter().zip(found) {
            one.matters = matters;
            if lacks {
                // It counts where the truth is determined.
                let mutant = one.mutant.asked(self.scoped);
                let judged = self.case(&mutant, data, |case| Ok(case.judge()))?;
                if let Fate::Killed { .. } = Fate::of(&judged) {
                    *one.fate = Fate::Killed { witness: true };
                    continue;
                }
            }
            kept.push(one);
        }
        *left = kept;
        Ok(Ok(shows))
    }

    /// Whether leaving the predicate out shows where another one, or all others, are left out
    /// already.
    fn is_masked(
        &mut self,
        one: &Hunted<'_>,
        mutants: &[Mutant],
        bases: &[Data],
    ) -> Result<bool, Fault> {
        let pairs = masks(self.sql, self.scoped, mutants, one.mutant);
        let asked = Asked::Scoped(self.scoped.clone());
        let copies = bases.iter();
        let copies = copies.flat_map(|base| self.witness.deleted(base, &mut self.random));
        let mut copies: Vec<Data> = copies.collect();
        for _ in 0..MASKS {
            let data = match (copies.pop(), self.random.choice(bases)) {
                (Some(copy), _) => copy,
                (None, Some(base)) => self.witness.like(base, &mut self.random),
                (None, None) => return Ok(false),
            };
            let is_seen = self.with(&data, |hunt, data| {
                hunt.case(&asked, data, |case| {
                    for [first, both] in &pairs {
                        if let Ok(own) = case.outcome(first)?
                            && case.is_unlike(&own, both)?
                        {
                            return Ok(true);
                        }
                    }
                    Ok(false)
                })
            })?;
            if is_seen {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn case<T>(
        &mut self,
        asked: &Asked,
        data: &Data,
        run: impl FnOnce(&mut Case<'_>) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let plan = Plan::new(self.world, self.sql, asked);
        let mut case = Case {
            session: &mut *self.session,
            world: self.world,
            sql: self.sql,
            asked,
            plan: &plan,
            arguments: &data.arguments,
        };
        run(&mut case)
    }
}
