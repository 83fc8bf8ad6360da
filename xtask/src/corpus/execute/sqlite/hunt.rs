//! Mutants, on the data that is there and on data made for the statement.

use anyhow::Result;
use fastrand::Rng;

use super::{
    super::{Asked, Execution, Fate, Mutant, Scoped},
    database::Database,
    judge::Case,
    plan::Plan,
    witness::Witness,
    world::Table,
};

/// Data sets made for a statement beside those in which one table is all deleted.
const SETS: usize = 400;
/// Sets in which a table is all deleted, for each table.
const DELETED: usize = 4;
/// Calls on each data set.
const CALLS: usize = 4;

/// A statement whose mutants are hunted.
pub(super) struct Hunt<'h> {
    sql: &'h str,
    asked: Asked,
    mutants: &'h [Mutant],
    left: Vec<&'h Mutant>,
    /// Killed on the data that is there.
    killed: Vec<&'h Mutant>,
    has_rows: bool,
}

impl<'h> Hunt<'h> {
    pub(super) fn new(sql: &'h str, scoped: &Scoped, mutants: &'h [Mutant]) -> Self {
        Self {
            sql,
            asked: Asked::Scoped(scoped.clone()),
            mutants,
            left: mutants.iter().collect(),
            killed: Vec::new(),
            has_rows: false,
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
        let done = self.calls(database, &plan, calls)?;
        let gone = before.into_iter().filter(|it| !self.left.contains(it));
        let gone: Vec<&Mutant> = gone.collect();
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
        let plan = self.plan(database);
        let rows = |(table, _): &(&'d Table, _)| Some((*table, database.rows(table).ok()?));
        let tables = plan.tables.iter().filter_map(rows).collect();
        let witness = Witness::new(self.sql, tables);
        let deleted = (0..witness.tables()).map(Some);
        let deleted = std::iter::repeat_n(deleted, DELETED).flatten();
        // Data on which the statement has rows leads to more of that kind.
        let mut best = None;
        for deleted in deleted.chain(std::iter::repeat_n(None, SETS)) {
            if self.left.is_empty() {
                break;
            }
            let data = match &best {
                Some(best) if deleted.is_none() && random.u8(..4) > 0 => witness.like(best, random),
                _ => witness.data(random, deleted),
            };
            let statements = witness.statements(&data, random);
            let calls = if parameters == 0 { 1 } else { CALLS };
            let calls: Vec<Vec<i64>> = (0..calls)
                .map(|_| (0..parameters).map(|_| random.i64(0..4)).collect())
                .collect();
            let done = database.session.branch(|| {
                // Some types take no such value.
                if database.session.batch(&statements).is_err() {
                    return Ok(Ok(false));
                }
                self.calls(database, &plan, &calls)
            })??;
            match done {
                Ok(true) => best = Some(data),
                Ok(false) => {}
                Err(wrong) => return Ok(Err(wrong)),
            }
        }
        Ok(Ok(()))
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
    ) -> Result<Result<bool, Execution>> {
        let mut has_rows = false;
        for arguments in calls {
            if self.left.is_empty() {
                break;
            }
            let case = Case {
                session: &database.session,
                world: &database.world,
                sql: self.sql,
                asked: &self.asked,
                plan,
                arguments,
            };
            match case.hunt(&mut self.left)? {
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
            if self.killed.contains(&mutant) {
                Fate::Killed { witness: false }
            } else if !self.left.contains(&mutant) {
                Fate::Killed { witness: true }
            } else if self.has_rows {
                Fate::Survives(Fate::SAME)
            } else {
                Fate::Survives(Fate::EMPTY)
            }
        };
        self.mutants.iter().map(fate).collect()
    }
}

/// What fails is told as what is wrong: nothing of ours may fail here.
pub(super) fn ended(hunted: Result<Result<(), Execution>>) -> Result<(), Execution> {
    hunted.unwrap_or_else(|fault| Err(Execution::Unjudged(format!("the session fails: {fault:#}"))))
}
