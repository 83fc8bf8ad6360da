//! A run: many worlds, many statements in each, and what came of them.

use std::{
    collections::BTreeMap,
    fmt::{self, Write as _},
    time::Instant,
};

use soft_delete_sql::Dialect;

use crate::{
    corpus::Corpus,
    database::Database,
    generate::{Case, Mode, case},
    judge::{Failure, FailureKind, Outcome, Rewriter, judge},
    shrink::shrink,
    walk,
    world::World,
};

/// Statements over one schema and its rows.
const STATEMENTS_PER_WORLD: usize = 200;
/// Failures that are minimised and shown.
const SHOWN: usize = 20;

/// What is done with a case and its number; false ends the run.
type Visit<'a> = dyn FnMut(usize, &World, &Case, &mut dyn Database, &mut dyn Rewriter) -> bool + 'a;

/// A run to make.
pub(crate) struct Run {
    seed: u64,
    /// The number of the first statement, which begins a world.
    first: usize,
    statements: usize,
}

/// What came of it.
pub(crate) struct Report {
    pub(crate) failures: Vec<Shown>,
    seed: u64,
    dialect: Dialect,
    counts: BTreeMap<Mode, Counts>,
    /// Refusals under `active`, and under the other modes that say their scopes.
    codes: BTreeMap<String, (usize, String)>,
    /// Messages of the database about originals.
    invalid: BTreeMap<String, (usize, String)>,
    failed: usize,
    seconds: f32,
}

#[derive(Default)]
struct Counts {
    made: usize,
    invalid: usize,
    unjudged: usize,
    refused: usize,
    /// Those that proved themselves carefully, and of them those that are refused.
    careful: usize,
    careful_refused: usize,
    /// Refusals that the statement deserves.
    deserved: usize,
    agreed: usize,
}

/// A failure with all that is needed to see it.
pub(crate) struct Shown {
    world: World,
    case: Case,
    failure: Failure,
    number: usize,
    /// The statement before it was minimised, which can be for another reason.
    generated: String,
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
        let mut report = Report {
            failures: Vec::new(),
            seed: self.seed,
            dialect: database.dialect(),
            counts: BTreeMap::new(),
            codes: BTreeMap::new(),
            invalid: BTreeMap::new(),
            failed: 0,
            seconds: 0.0,
        };
        let mut corpus = Corpus::wanted();
        self.cases(
            database,
            rewriter,
            &mut |number, world, case, database, rewriter| {
                corpus.add(number, number % STATEMENTS_PER_WORLD == 0, world, case);
                let outcome = judge(world, database, rewriter, case);
                let failure = report.count(world, case, outcome);
                if let Some(failure) = failure {
                    report.failed += 1;
                    if report.failures.len() < SHOWN {
                        let generated = failure.original.clone();
                        let (world, case, failure) =
                            shrink(world, database, rewriter, case, failure);
                        report.failures.push(Shown {
                            world,
                            case,
                            failure,
                            number,
                            generated,
                        });
                    }
                }
                true
            },
        );
        report.seconds = started.elapsed().as_secs_f32();
        report
    }

    /// How many statements it takes until a wrong answer shows, and that.
    pub(crate) fn until_wrong(
        &self,
        database: &mut dyn Database,
        rewriter: &mut dyn Rewriter,
    ) -> Option<(usize, Failure)> {
        let mut found = None;
        self.cases(
            database,
            rewriter,
            &mut |number, world, case, database, rewriter| {
                if let Outcome::Failed(failure) = judge(world, database, rewriter, case)
                    && matches!(failure.kind, FailureKind::Rows | FailureKind::State)
                {
                    found = Some((number + 1, failure));
                }
                found.is_none()
            },
        );
        found
    }
}

impl Report {
    fn count(&mut self, world: &World, case: &Case, outcome: Outcome) -> Option<Failure> {
        let counts = self.counts.entry(case.mode).or_default();
        counts.made += 1;
        let valid = !matches!(outcome, Outcome::Invalid(_));
        counts.careful += usize::from(case.careful && valid);
        match outcome {
            Outcome::Agrees => counts.agreed += 1,
            Outcome::Invalid(message) => {
                counts.invalid += 1;
                let short: String = message.split(['"', ':', '\n']).take(2).collect();
                let sql = crate::print::plain(world, &case.statement).sql;
                self.invalid
                    .entry(short)
                    .or_insert((0, format!("{message}: {sql}")))
                    .0 += 1;
            }
            Outcome::Unjudged => counts.unjudged += 1,
            Outcome::Refused(faults) => {
                if case.contradicts && is_contradiction(&faults) {
                    counts.deserved += 1;
                    return None;
                }
                counts.refused += 1;
                counts.careful_refused += usize::from(case.careful);
                if (case.mode != Mode::Proven || case.careful)
                    && let Some((code, title)) = faults.first()
                {
                    let sql = crate::print::plain(world, &case.statement).sql;
                    let entry = self
                        .codes
                        .entry(format!("{code} {:?}", case.mode))
                        .or_default();
                    entry.0 += 1;
                    let example = format!("{title}: {sql}");
                    // The shortest example says the most.
                    if entry.1.is_empty() || example.len() < entry.1.len() {
                        entry.1 = example;
                    }
                }
            }
            Outcome::Failed(failure) => return Some(failure),
        }
        None
    }

    fn total(&self, of: fn(&Counts) -> usize) -> f64 {
        let sum: usize = self.counts.values().map(of).sum();
        f64::from(u32::try_from(sum).unwrap_or(u32::MAX))
    }

    /// Statements that the database accepts, of all.
    pub(crate) fn valid_percent(&self) -> f64 {
        100.0 - 100.0 * self.total(|counts| counts.invalid) / self.total(|counts| counts.made)
    }

    /// Refusals under `active` that nothing in the statement deserves, of the valid statements.
    pub(crate) fn refused_percent(&self) -> f64 {
        let Some(active) = self.counts.get(&Mode::Active) else {
            return 0.0;
        };
        percent(
            active.refused,
            active.made - active.invalid - active.deserved,
        )
    }

    /// Accepted statements, of those that prove themselves where they should.
    pub(crate) fn proven_percent(&self) -> f64 {
        let Some(proven) = self.counts.get(&Mode::Proven) else {
            return 0.0;
        };
        100.0 - percent(proven.careful_refused, proven.careful)
    }

    /// The failures, each with schema, rows, statements and results.
    pub(crate) fn failed(&self) -> String {
        let mut text = format!("{} statements failed (seed {})\n", self.failed, self.seed);
        for shown in &self.failures {
            let _ = writeln!(text, "{shown}");
        }
        text
    }
}

/// Every fault is about a marker test that keeps other rows than asked for, or none, or about a
/// conflict with tombstones.
fn is_contradiction(faults: &[(String, String)]) -> bool {
    faults
        .iter()
        .all(|(code, _)| matches!(code.as_str(), "SD006" | "SD007" | "SD017"))
}

fn percent(part: usize, of: usize) -> f64 {
    let number = |count: usize| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
    100.0 * number(part) / number(of.max(1))
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{}: seed {}, {:.1} s, {:.1} % valid, {:.2} % of active refused, {:.2} % of careful proofs accepted",
            self.dialect,
            self.seed,
            self.seconds,
            self.valid_percent(),
            self.refused_percent(),
            self.proven_percent(),
        )?;
        for (mode, counts) in &self.counts {
            writeln!(
                f,
                "  {mode:?}: {} made, {} agree, {} refused and {} for a contradiction, \
                 {} rejected by the database, {} not judged",
                counts.made,
                counts.agreed,
                counts.refused,
                counts.deserved,
                counts.invalid,
                counts.unjudged
            )?;
        }
        for (code, (count, example)) in &self.codes {
            writeln!(f, "  refused {count} × {code}: {example}")?;
        }
        let mut invalid: Vec<_> = self.invalid.iter().collect();
        invalid.sort_by_key(|(_, (count, _))| std::cmp::Reverse(*count));
        for (_, (count, example)) in invalid.iter().take(8) {
            writeln!(f, "  rejected {count} ×: {example}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let failure = &self.failure;
        writeln!(
            f,
            "\n{:?} in statement {} ({:?})",
            failure.kind, self.number, self.case.mode
        )?;
        let mut used: Vec<usize> = Vec::new();
        for reference in walk::references(&self.case.statement) {
            let table = &self.world.tables[reference.table];
            used.push(table.view_of.map_or(reference.table, |(of, _)| of));
            used.push(reference.table);
        }
        let names: Vec<&str> = used
            .iter()
            .map(|at| self.world.names.table(self.world.tables[*at].name))
            .collect();
        for line in self.world.dirty().lines() {
            let mut words = line.split([' ', '(', ';']);
            if words.any(|word| names.contains(&word.trim_matches(['"', '`']))) {
                writeln!(f, "    {line}")?;
            }
        }
        for reference in walk::references(&self.case.statement) {
            writeln!(f, "  {} is {}", reference.qualifier(), reference.scope)?;
        }
        if failure.original != self.generated {
            writeln!(f, "  generated: {}", self.generated)?;
        }
        writeln!(f, "  original: {}", failure.original)?;
        if failure.oracle != failure.original {
            writeln!(f, "  oracle:   {}", failure.oracle)?;
        }
        writeln!(f, "  scoped:   {}", failure.scoped)?;
        writeln!(f, "  expected: {}", failure.expected)?;
        writeln!(f, "  found:    {}", failure.found)
    }
}
