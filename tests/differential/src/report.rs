//! What came of a run, counted, with the statements that failed.

use std::{
    collections::BTreeMap,
    fmt::{self, Write as _},
};

use soft_delete_sql::Dialect;

use crate::{
    generate::{Case, Mode},
    judge::{Failure, FailureKind, Outcome},
    print, walk,
    world::World,
};

/// Statements of a group that are minimised and shown.
const SHOWN: usize = 20;

/// What came of a run.
pub(crate) struct Report {
    pub(crate) failures: Group,
    /// Statements to which the database gives two answers, so that it cannot be asked about us.
    contradictions: Group,
    seed: u64,
    dialect: Dialect,
    counts: BTreeMap<Mode, Counts>,
    /// Refusals under `active`, and under the other modes that say their scopes.
    codes: BTreeMap<String, (usize, String)>,
    /// Messages of the database about originals.
    invalid: BTreeMap<String, (usize, String)>,
    /// Valid statements in which a join stands in parentheses in another that does so too.
    deep: usize,
    pub(crate) seconds: f32,
}

/// Statements of which some are shown.
#[derive(Default)]
pub(crate) struct Group {
    pub(crate) count: usize,
    shown: Vec<Shown>,
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
    pub(crate) world: World,
    pub(crate) case: Case,
    pub(crate) failure: Failure,
    pub(crate) number: usize,
    /// The statement before it was minimised, which can be for another reason.
    pub(crate) generated: String,
}

impl Report {
    pub(crate) fn new(seed: u64, dialect: Dialect) -> Self {
        Self {
            failures: Group::default(),
            contradictions: Group::default(),
            seed,
            dialect,
            counts: BTreeMap::new(),
            codes: BTreeMap::new(),
            invalid: BTreeMap::new(),
            deep: 0,
            seconds: 0.0,
        }
    }

    fn group(&mut self, failure: &Failure) -> &mut Group {
        match failure.kind {
            FailureKind::Contradiction | FailureKind::SometimesRejected => &mut self.contradictions,
            _ => &mut self.failures,
        }
    }

    /// Counts what failed; whether it is to be minimised and shown.
    pub(crate) fn shows(&mut self, failure: &Failure) -> bool {
        let group = self.group(failure);
        group.count += 1;
        group.shown.len() < SHOWN
    }

    pub(crate) fn show(&mut self, shown: Shown) {
        self.group(&shown.failure).shown.push(shown);
    }

    pub(crate) fn count(
        &mut self,
        world: &World,
        case: &Case,
        outcome: Outcome,
    ) -> Option<Failure> {
        let counts = self.counts.entry(case.mode).or_default();
        counts.made += 1;
        let valid = !matches!(outcome, Outcome::Invalid(_));
        counts.careful += usize::from(case.careful && valid);
        self.deep += usize::from(valid && walk::joins(&case.statement) >= 3);
        match outcome {
            Outcome::Agrees => counts.agreed += 1,
            Outcome::Invalid(message) => {
                counts.invalid += 1;
                let short = message.split(" in ").next().unwrap_or_default();
                let short: String = short.split(['"', ':', '\n']).take(2).collect();
                let sql = print::plain(world, &case.statement).sql;
                self.invalid
                    .entry(short)
                    .or_insert((0, format!("{message}: {sql}")))
                    .0 += 1;
            }
            Outcome::Unjudged => counts.unjudged += 1,
            Outcome::Refused(faults) => {
                let runs = || print::runs_comment(&print::spelled(world, case).sql);
                let deserves = case.contradicts && is_contradiction(&faults)
                    || faults.iter().all(|(code, _)| code == "SD009") && runs();
                if deserves {
                    counts.deserved += 1;
                    return None;
                }
                counts.refused += 1;
                counts.careful_refused += usize::from(case.careful);
                if (case.mode != Mode::Proven || case.careful)
                    && let Some((code, title)) = faults.first()
                {
                    let sql = print::plain(world, &case.statement).sql;
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
        let Group { count, shown } = &self.failures;
        let mut text = format!("{count} statements failed (seed {})\n", self.seed);
        for shown in shown {
            let _ = writeln!(text, "{shown}");
        }
        text
    }
}

/// Every fault is about a marker test that keeps other rows than asked for, or none, about a
/// conflict with tombstones, or about a view that hides the marker.
fn is_contradiction(faults: &[(String, String)]) -> bool {
    faults
        .iter()
        .all(|(code, _)| matches!(code.as_str(), "SD006" | "SD007" | "SD017" | "SD018"))
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
        writeln!(f, "  {} valid statements nest joins three deep", self.deep)?;
        for (code, (count, example)) in &self.codes {
            writeln!(f, "  refused {count} × {code}: {example}")?;
        }
        let mut invalid: Vec<_> = self.invalid.iter().collect();
        invalid.sort_by_key(|(_, (count, _))| std::cmp::Reverse(*count));
        for (_, (count, example)) in invalid.iter().take(8) {
            writeln!(f, "  rejected {count} ×: {example}")?;
        }
        let Group { count, shown } = &self.contradictions;
        writeln!(f, "  the database contradicts itself in {count} statements")?;
        for shown in shown {
            write!(f, "{shown}")?;
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
        writeln!(f, "  found:    {}", failure.found)?;
        if let Some(otherwise) = &failure.otherwise {
            writeln!(f, "  by another plan, both: {otherwise}")?;
        }
        Ok(())
    }
}
