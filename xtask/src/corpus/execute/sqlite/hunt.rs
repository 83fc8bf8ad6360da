//! Mutants, on the data that is there and on data made for the statement.

use anyhow::{Result, ensure};
use fastrand::Rng;
use soft_delete_sql::Dialect;

use super::{
    super::{
        Asked, Execution, Fate, Mutant, Scoped,
        chain::{Chain, Shown},
        contradiction::contradicts,
        masks,
    },
    database::Database,
    judge::Case,
    plan::Plan,
    witness::{Data, Witness},
    world::Table,
};

/// Data sets made for a statement beside those in which one table is all deleted.
const SETS: usize = 3000;
/// Sets in which a table is all deleted, for each table.
const DELETED: usize = 4;
/// Data sets that others are made of.
const BASES: usize = 6;
/// Data sets that try those of which it is known that nothing tells them apart.
const PROVEN: usize = 100;
/// Calls on each data set.
const CALLS: usize = 4;
/// Data sets tried to find what masks a predicate.
const MASKS: usize = 200;

/// A statement whose mutants are hunted.
pub(super) struct Hunt<'h> {
    sql: &'h str,
    asked: Asked,
    mutants: &'h [Mutant],
    left: Vec<Left<'h>>,
    /// Killed on the data that is there.
    killed: Vec<&'h Mutant>,
    /// Those that nothing can tell apart.
    explained: Vec<(&'h Mutant, &'static str)>,
    has_rows: bool,
    /// It can have none.
    contradicts: bool,
}

/// A mutant that nothing told apart so far.
#[derive(Debug, Clone, Copy)]
pub(super) struct Left<'h> {
    pub(super) mutant: &'h Mutant,
    /// On some data the result depends on what the predicate lets through.
    pub(super) matters: bool,
}

/// Where the rows of a call come from.
#[derive(Clone, Copy)]
enum Rows {
    Found,
    Made,
}

impl<'h> Hunt<'h> {
    pub(super) fn new(sql: &'h str, scoped: &Scoped, mutants: &'h [Mutant]) -> Self {
        Self {
            sql,
            asked: Asked::Scoped(scoped.clone()),
            mutants,
            left: mutants
                .iter()
                .map(|mutant| Left {
                    mutant,
                    matters: false,
                })
                .collect(),
            killed: Vec::new(),
            explained: Vec::new(),
            has_rows: false,
            contradicts: false,
        }
    }

    /// Hunts on the data of a database.
    pub(super) fn on(
        &mut self,
        database: &Database,
        calls: &[Vec<i64>],
    ) -> Result<Result<(), Execution>> {
        let plan = self.plan(database);
        let before = self.left.clone();
        let done = self.calls(database, &plan, calls, Rows::Found)?;
        let gone = before.into_iter().map(|one| one.mutant);
        let gone: Vec<&Mutant> = gone.filter(|it| !self.is_left(it)).collect();
        self.killed.extend(gone);
        Ok(done.map(|_| ()))
    }

    /// Hunts on data made for the statement.
    pub(super) fn on_witnesses<'d>(
        &mut self,
        database: &'d Database,
        parameters: usize,
        random: &mut Rng,
    ) -> Result<Result<(), Execution>> {
        let Asked::Scoped(scoped) = self.asked.clone() else {
            return Ok(Ok(()));
        };
        self.same_programs(database, &scoped);
        let plan = self.plan(database);
        let rows = |(table, _): &(&'d Table, _)| Some((*table, database.rows(table).ok()?));
        let tables = plan.tables.iter().filter_map(rows).collect();
        let witness = Witness::new(self.sql, tables);
        let first = DELETED * witness.tables();
        // Data on which the statement has rows, or a reference matters, leads to more of that kind.
        let mut bases: Vec<Data> = Vec::new();
        let (mut next, never) = self.directed(&witness, &scoped);
        for tried in 0..first + SETS {
            let is_proven = |one: &Left<'_>| never.contains(&one.mutant);
            if self.left.is_empty() || tried >= PROVEN && self.left.iter().all(is_proven) {
                break;
            }
            let (data, deleted) = match (next.pop(), random.choice(&bases)) {
                (Some(next), _) => next,
                (None, _) if tried < first && !witness.is_wide() => {
                    let table = Some(tried % witness.tables());
                    (witness.data(random, table), table)
                }
                (None, Some(base)) if random.u8(..4) > 0 => (witness.like(base, random), None),
                _ => (witness.data(random, None), None),
            };
            let statements = witness.statements(&data, random);
            let calls = calls(parameters, random);
            let known = self.mattering();
            let aside = deleted.map_or(Vec::new(), |at| self.set_aside(witness.name(at)));
            let done = database.session.branch(|| {
                // Some types take no such value.
                if database.session.batch(&statements).is_err() {
                    return Ok(Ok(false));
                }
                self.calls(database, &plan, &calls, Rows::Made)
            });
            self.left.extend(aside);
            let done = done??;
            match done {
                Ok(shows) => {
                    let matters = self.mattering() > known;
                    let is_first = shows && bases.is_empty();
                    let is_one = shows && deleted.is_none() && random.u8(..8) == 0;
                    if matters || is_first || is_one {
                        next.extend(witness.deleted(&data));
                        bases.truncate(BASES - 1);
                        bases.insert(if matters { 0 } else { bases.len() }, data);
                    }
                }
                Err(wrong) => return Ok(Err(wrong)),
            }
        }
        let data = |random: &mut Rng| {
            let data = match random.choice(&bases) {
                Some(base) => witness.like(base, random),
                None => witness.data(random, None),
            };
            (witness.statements(&data, random), calls(parameters, random))
        };
        self.never(&never)?;
        self.masked(database, &scoped, data, random)?;
        self.contradicts = !self.has_rows
            && contradicts(Dialect::Sqlite, self.sql, |column| {
                !witness.is_integer(column)
            });
        Ok(Ok(()))
    }

    /// Killed, or of a reference that matters.
    fn mattering(&self) -> usize {
        let open = self.left.iter().filter(|one| !one.matters);
        self.mutants.len() - open.count()
    }

    /// Takes those out that are not about a table, where some are.
    fn set_aside(&mut self, table: &str) -> Vec<Left<'h>> {
        let is_about = |one: &Left<'_>| {
            let qualifier = one.mutant.qualifier();
            qualifier.is_none_or(|name| name.eq_ignore_ascii_case(table))
        };
        if !self.left.iter().any(is_about) {
            return Vec::new();
        }
        let (about, aside) = self.left.iter().partition(|one| is_about(one));
        self.left = about;
        aside
    }

    fn is_left(&self, mutant: &Mutant) -> bool {
        self.left.iter().any(|one| one.mutant == mutant)
    }

    /// Takes those out of which SQLite makes the program of the scoped statement.
    fn same_programs(&mut self, database: &Database, scoped: &Scoped) {
        let program = |sql: &str| {
            let explained = database
                .session
                .call(&format!("EXPLAIN {sql}"), &[], usize::MAX);
            explained.ok().map(|rows| rows.rows)
        };
        let Some(own) = program(&scoped.sql) else {
            return;
        };
        let is_same = |one: &Left<'_>| program(&one.mutant.sql).as_ref() == Some(&own);
        let (same, left) = self.left.iter().partition(|one| is_same(one));
        self.left = left;
        let same: Vec<Left<'h>> = same;
        self.explained
            .extend(same.into_iter().map(|one| (one.mutant, Fate::PLAN)));
    }

    /// Data that tells some of them apart, and those that none does, where queries are combined.
    fn directed(
        &self,
        witness: &Witness<'_>,
        scoped: &Scoped,
    ) -> (Vec<(Data, Option<usize>)>, Vec<&'h Mutant>) {
        let (mut data, mut never) = (Vec::new(), Vec::new());
        let is_integer = |table: &str, column: &str| witness.has_integer(table, column);
        let Some(chain) = Chain::read(self.sql, is_integer) else {
            return (data, never);
        };
        for mutant in self.mutants {
            match chain.shown(mutant.byte(scoped)) {
                Shown::By(rows) if self.is_left(mutant) => {
                    data.push((witness.placed(&rows), None));
                }
                Shown::By(_) | Shown::Unknown => {}
                Shown::Never => never.push(mutant),
            }
        }
        (data, never)
    }

    /// Takes those out that no data tells apart, as none did.
    fn never(&mut self, never: &[&'h Mutant]) -> Result<()> {
        for &mutant in never {
            let is_explained = self.explained.iter().any(|(it, _)| *it == mutant);
            ensure!(
                is_explained || self.is_left(mutant),
                "rows show what none can: {}",
                mutant.sql
            );
            if !is_explained {
                self.explained.push((mutant, Fate::HIDDEN));
            }
        }
        self.left.retain(|one| !never.contains(&one.mutant));
        Ok(())
    }

    /// Takes those out whose rows other predicates hide, too.
    fn masked(
        &mut self,
        database: &Database,
        scoped: &Scoped,
        data: impl Fn(&mut Rng) -> (String, Vec<Vec<i64>>),
        random: &mut Rng,
    ) -> Result<()> {
        let plan = self.plan(database);
        let pairs = |one: &Left<'_>| masks(self.sql, scoped, self.mutants, one.mutant);
        let mut open: Vec<_> = self.left.iter().map(|one| (*one, pairs(one))).collect();
        let mut masked = Vec::new();
        for _ in 0..MASKS {
            if open.is_empty() {
                break;
            }
            let (statements, calls) = data(random);
            database.session.branch(|| -> Result<()> {
                if database.session.batch(&statements).is_err() {
                    return Ok(());
                }
                for arguments in &calls {
                    let case = self.case(database, &plan, arguments);
                    for (one, pairs) in std::mem::take(&mut open) {
                        let mut is_seen = false;
                        for [first, both] in &pairs {
                            is_seen |= !is_seen && case.is_unlike(first, both)?;
                        }
                        if is_seen {
                            masked.push((one.mutant, Fate::MASKED));
                        } else {
                            open.push((one, pairs));
                        }
                    }
                }
                Ok(())
            })??;
        }
        self.left = open.into_iter().map(|(one, _)| one).collect();
        self.explained.extend(masked);
        Ok(())
    }

    fn case<'c>(
        &'c self,
        database: &'c Database,
        plan: &'c Plan<'c>,
        arguments: &'c [i64],
    ) -> Case<'c> {
        Case {
            session: &database.session,
            world: &database.world,
            sql: self.sql,
            asked: &self.asked,
            plan,
            arguments,
        }
    }

    fn plan<'d>(&self, database: &'d Database) -> Plan<'d> {
        let writes = database
            .session
            .prepared(self.sql)
            .is_ok_and(|it| it.writes);
        Plan::new(&database.world, self.sql, &self.asked, writes)
    }

    /// Calls that let the mutants run that are left; true when one has rows.
    fn calls(
        &mut self,
        database: &Database,
        plan: &Plan<'_>,
        calls: &[Vec<i64>],
        rows: Rows,
    ) -> Result<Result<bool, Execution>> {
        let mut has_rows = false;
        for arguments in calls {
            if self.left.is_empty() {
                break;
            }
            let mut left = std::mem::take(&mut self.left);
            let case = self.case(database, plan, arguments);
            let hunted = match rows {
                Rows::Found => case.hunt(&mut left),
                Rows::Made => case.hunt_fast(&mut left),
            };
            self.left = left;
            match hunted? {
                Ok(rows) => has_rows |= rows,
                Err(wrong) => return Ok(Err(wrong)),
            }
        }
        self.has_rows |= has_rows;
        Ok(Ok(has_rows))
    }

    /// What became of each mutant.
    pub(super) fn fates(&self) -> Vec<Fate> {
        let fate = |mutant: &Mutant| {
            let mut explained = self.explained.iter();
            let left = self.left.iter().find(|one| one.mutant == mutant);
            if let Some((_, reason)) = explained.find(|(it, _)| *it == mutant) {
                return Fate::Survives(reason);
            }
            match left {
                None => Fate::Killed {
                    witness: !self.killed.contains(&mutant),
                },
                Some(one) if one.matters => Fate::Survives(Fate::SAME),
                Some(_) if self.has_rows => Fate::Survives(Fate::IDLE),
                Some(_) if self.contradicts => Fate::Survives(Fate::CONTRADICTS),
                Some(_) => Fate::Survives(Fate::EMPTY),
            }
        };
        self.mutants.iter().map(fate).collect()
    }
}

fn calls(parameters: usize, random: &mut Rng) -> Vec<Vec<i64>> {
    let calls = if parameters == 0 { 1 } else { CALLS };
    (0..calls)
        .map(|_| (0..parameters).map(|_| random.i64(0..4)).collect())
        .collect()
}

/// What fails is told as what is wrong: nothing of ours may fail here.
pub(super) fn ended(hunted: Result<Result<(), Execution>>) -> Result<(), Execution> {
    hunted.unwrap_or_else(|fault| Err(Execution::Unjudged(format!("the session fails: {fault:#}"))))
}
