//! A run: many worlds, many statements in each, and what came of them.

use std::time::Instant;

use soft_delete_sql::Dialect;

use crate::{
    corpus::Corpus,
    database::Database,
    generate::{Case, case},
    judge::{Failure, FailureKind, Outcome, Rewriter, judge},
    mutants::again::{Failed, again},
    report::{Report, Shown},
    shrink::shrink,
    world::World,
};

/// Statements over one schema and its rows.
const STATEMENTS_PER_WORLD: usize = 200;
/// Sets of rows that are tried for the mutants of a statement.
const ROW_SETS: usize = 1500;
/// What is done with a case and its number; false ends the run.
type Visit<'a> = dyn FnMut(usize, &World, &Case, &mut dyn Database, &mut dyn Rewriter) -> bool + 'a;

/// A run to make.
pub(crate) struct Run {
    seed: u64,
    /// The number of the first statement, which begins a world.
    first: usize,
    statements: usize,
    /// Sets of rows on which accepted statements are judged again, and of how many statements one.
    witnesses: (usize, usize),
    /// Sets of rows that are tried for the mutants of a statement.
    pub(crate) row_sets: usize,
}

fn variable(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(
        text.parse()
            .unwrap_or_else(|_| panic!("{name} is no number: `{text}`")),
    )
}

impl Run {
    /// A run of so many statements, unless the environment says otherwise.
    pub(crate) fn of(statements: usize) -> Self {
        Self {
            seed: variable("SOFT_DELETE_SEED").unwrap_or(1),
            first: variable("SOFT_DELETE_FIRST")
                .and_then(|first| usize::try_from(first).ok())
                .map_or(0, |first| first - first % STATEMENTS_PER_WORLD),
            statements: variable("SOFT_DELETE_STATEMENTS")
                .and_then(|count| usize::try_from(count).ok())
                .unwrap_or(statements),
            witnesses: (0, 1),
            row_sets: variable("SOFT_DELETE_ROW_SETS")
                .and_then(|sets| usize::try_from(sets).ok())
                .unwrap_or(ROW_SETS),
        }
    }

    /// Judges one of so many accepted statements on so many more sets of rows, unless the
    /// environment says how many.
    pub(crate) fn again(self, sets: usize, every: usize) -> Self {
        let wanted = variable("SOFT_DELETE_WITNESSES").and_then(|sets| usize::try_from(sets).ok());
        Self {
            witnesses: wanted.map_or((sets, every), |sets| (sets, 1)),
            ..self
        }
    }

    /// Judges a case on the rows of its world, and on others that are made for it.
    fn judge(
        &self,
        number: usize,
        world: &World,
        database: &mut dyn Database,
        rewriter: &dyn Rewriter,
        case: &Case,
    ) -> (Outcome, Option<Failed>) {
        let outcome = judge(world, database, rewriter, case);
        let (sets, every) = self.witnesses;
        if sets == 0 || !number.is_multiple_of(every) || !matches!(outcome, Outcome::Agrees) {
            return (outcome, None);
        }
        let mut rng = self.rng(number);
        let failed = again(world, database, rewriter, case, sets, &mut rng);
        (outcome, failed)
    }

    /// Calls `each` for every case, with its number, until it returns false.
    fn cases(
        &self,
        database: &mut dyn Database,
        rewriter: &mut dyn Rewriter,
        each: &mut Visit<'_>,
    ) {
        let mut world = None;
        for number in self.first..self.first + self.statements {
            let mut rng = self.rng(number);
            if number % STATEMENTS_PER_WORLD == 0 {
                let new = World::random(database.dialect(), &mut rng);
                database.load(&new);
                rewriter.learn(&new);
                world = Some(new);
            }
            let Some(world) = &world else { return };
            let case = case(world, &mut rng);
            if !each(number, world, &case, database, rewriter) {
                return;
            }
        }
    }

    /// Every world with its cases and their numbers.
    pub(crate) fn worlds(
        &self,
        dialect: Dialect,
    ) -> impl Iterator<Item = (World, Vec<(usize, Case)>)> {
        let firsts = (0..self.statements).step_by(STATEMENTS_PER_WORLD);
        firsts.map(move |first| {
            let mut rng = self.rng(first);
            let world = World::random(dialect, &mut rng);
            let last = self.statements.min(first + STATEMENTS_PER_WORLD);
            let mut cases = Vec::new();
            for number in first..last {
                // The first case is made by what the world leaves of the generator.
                if number > first {
                    rng = self.rng(number);
                }
                cases.push((number, case(&world, &mut rng)));
            }
            (world, cases)
        })
    }

    fn rng(&self, number: usize) -> fastrand::Rng {
        let step = u64::try_from(number).unwrap_or(u64::MAX);
        fastrand::Rng::with_seed(self.seed.wrapping_mul(1_000_003) ^ step)
    }

    /// Judges every case.
    pub(crate) fn execute(
        &self,
        database: &mut dyn Database,
        rewriter: &mut dyn Rewriter,
    ) -> Report {
        let started = Instant::now();
        let mut report = Report::new(self.seed, database.dialect());
        let mut corpus = Corpus::wanted();
        self.cases(
            database,
            rewriter,
            &mut |number, world, case, database, rewriter| {
                corpus.add(number, number % STATEMENTS_PER_WORLD == 0, world, case);
                let (outcome, again) = self.judge(number, world, database, rewriter, case);
                let failed = match (report.count(world, case, outcome), again) {
                    (Some(failure), _) => Some((world.clone(), case.clone(), failure)),
                    (None, Some(failed)) => Some((failed.world, failed.case, failed.failure)),
                    (None, None) => None,
                };
                if let Some((rows, case, failure)) = failed
                    && report.shows(&failure)
                {
                    let generated = failure.original.clone();
                    database.load(&rows);
                    let (smaller, case, failure) =
                        shrink(&rows, database, rewriter, &case, failure);
                    database.load(world);
                    report.show(Shown {
                        world: smaller,
                        case,
                        failure,
                        number,
                        generated,
                    });
                }
                true
            },
        );
        report.seconds = started.elapsed().as_secs_f32();
        report
    }

    /// What a wrong rewriter does until a wrong answer shows.
    pub(crate) fn until_wrong(
        &self,
        database: &mut dyn Database,
        rewriter: &mut dyn Rewriter,
    ) -> Hunt {
        let mut hunt = Hunt::default();
        self.cases(
            database,
            rewriter,
            &mut |number, world, case, database, rewriter| {
                let (outcome, again) = self.judge(number, world, database, rewriter, case);
                let own = match outcome {
                    Outcome::Failed(failure) => Some(failure),
                    _ => None,
                };
                if let Some(failure) = own.or(again.map(|failed| failed.failure)) {
                    match failure.kind {
                        FailureKind::Rows | FailureKind::State => {
                            hunt.caught = Some((number + 1, failure));
                        }
                        FailureKind::Contradiction => hunt.excused.push(failure),
                        FailureKind::Broken
                        | FailureKind::Rejected
                        | FailureKind::SometimesRejected => {}
                    }
                }
                hunt.caught.is_none()
            },
        );
        hunt
    }
}

/// The search for a wrong answer.
#[derive(Debug, Default)]
pub(crate) struct Hunt {
    /// How many statements it took, and the answer.
    pub(crate) caught: Option<(usize, Failure)>,
    /// Other answers that a second opinion put down to the database.
    pub(crate) excused: Vec<Failure>,
}
