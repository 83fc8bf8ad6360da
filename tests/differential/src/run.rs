//! A run: many worlds, many statements in each, and what came of them.

use std::time::Instant;

use soft_delete_sql::Dialect;

use crate::{
    corpus::Corpus,
    database::Database,
    generate::{Case, case},
    judge::{Failure, FailureKind, Outcome, Rewriter, judge},
    report::{Report, Shown},
    shrink::shrink,
    world::World,
};

/// Statements over one schema and its rows.
const STATEMENTS_PER_WORLD: usize = 200;
/// What is done with a case and its number; false ends the run.
type Visit<'a> = dyn FnMut(usize, &World, &Case, &mut dyn Database, &mut dyn Rewriter) -> bool + 'a;

/// A run to make.
pub(crate) struct Run {
    seed: u64,
    /// The number of the first statement, which begins a world.
    first: usize,
    statements: usize,
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
        }
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
                let outcome = judge(world, database, rewriter, case);
                let failure = report.count(world, case, outcome);
                if let Some(failure) = failure
                    && report.shows(&failure)
                {
                    let generated = failure.original.clone();
                    let (world, case, failure) = shrink(world, database, rewriter, case, failure);
                    report.show(Shown {
                        world,
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
                if let Outcome::Failed(failure) = judge(world, database, rewriter, case) {
                    match failure.kind {
                        FailureKind::Rows | FailureKind::State => {
                            hunt.caught = Some((number + 1, failure));
                        }
                        FailureKind::Contradiction => hunt.excused.push(failure),
                        FailureKind::Broken | FailureKind::Rejected => {}
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
