//! What came of a hunt.

use std::{collections::BTreeMap, fmt};

use soft_delete_sql::Dialect;

/// Mutants of a fate that are shown.
const SHOWN: usize = 12;

/// How a mutant ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fate {
    /// By the rows that the differential run itself uses.
    KilledAtOnce,
    /// By one of the sets of rows on which such a run judges a statement again.
    KilledAgain,
    /// By rows that were searched for.
    Killed,
    /// The database makes the same program of it, so it is the same statement.
    SameProgram,
    /// The statement gave the same on all rows tried, scoped or not.
    Constant,
    /// On all rows tried, it changed nothing either when the reference was empty.
    Idle,
    /// It stands behind an upsert whose conflict has the same condition.
    Guarded,
    /// Its absence is seen where other predicates are absent, too: they hide the same rows.
    Masked,
    /// What the predicate lets through matters, and its absence was not seen.
    Survives,
}

pub(crate) struct Teeth {
    database: String,
    /// That return rows.
    pub(super) statements: usize,
    pub(super) writes: usize,
    pub(super) seconds: f32,
    fates: BTreeMap<Fate, usize>,
    shown: BTreeMap<Fate, Vec<String>>,
}

impl Teeth {
    pub(super) fn new(dialect: Dialect) -> Self {
        Self {
            database: dialect.to_string(),
            statements: 0,
            writes: 0,
            seconds: 0.0,
            fates: BTreeMap::new(),
            shown: BTreeMap::new(),
        }
    }

    pub(super) fn add(&mut self, fate: Fate, mutants: usize) {
        *self.fates.entry(fate).or_default() += mutants;
    }

    pub(super) fn show(&mut self, fate: Fate, number: usize, predicate: &str, sql: [&str; 2]) {
        let [original, scoped] = sql.map(|text| text.replace('\n', "\\n"));
        self.shown.entry(fate).or_default().push(format!(
            "{fate:?} in statement {number}: {predicate}\n    original: {original}\n    scoped:   {scoped}"
        ));
    }

    fn count(&self, fate: Fate) -> usize {
        self.fates.get(&fate).copied().unwrap_or_default()
    }

    pub(crate) fn mutants(&self) -> usize {
        self.fates.values().sum()
    }

    pub(crate) fn killed(&self) -> usize {
        let killed = [Fate::KilledAtOnce, Fate::KilledAgain, Fate::Killed];
        killed.into_iter().map(|fate| self.count(fate)).sum()
    }

    /// Mutants killed, of those whose predicate alone lets rows through that matter.
    pub(crate) fn percent(&self) -> f64 {
        percent(self.killed(), self.killed() + self.count(Fate::Survives))
    }

    /// Mutants killed, of all.
    pub(crate) fn percent_of_all(&self) -> f64 {
        percent(self.killed(), self.mutants())
    }
}

fn percent(part: usize, of: usize) -> f64 {
    let number = |count: usize| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
    100.0 * number(part) / number(of.max(1))
}

impl fmt::Display for Teeth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{}: {} mutants of {} SELECTs and {} writes, {:.1} s\n  {} killed, {} of them by the rows \
             of the run, {} by those on which it judges again; {} survive: {:.2} % of those that matter killed, {:.2} % of all\n  {} are the same \
             program, {} are in statements that always gave the same, {} are of references that \
             might as well have been empty, {} are masked by other predicates, {} guard an upsert \
             whose conflict has the same condition",
            self.database,
            self.mutants(),
            self.statements,
            self.writes,
            self.seconds,
            self.killed(),
            self.count(Fate::KilledAtOnce),
            self.count(Fate::KilledAgain),
            self.count(Fate::Survives),
            self.percent(),
            self.percent_of_all(),
            self.count(Fate::SameProgram),
            self.count(Fate::Constant),
            self.count(Fate::Idle),
            self.count(Fate::Masked),
            self.count(Fate::Guarded),
        )?;
        for texts in self.shown.values() {
            let mut texts: Vec<&String> = texts.iter().collect();
            // The shortest say the most.
            texts.sort_by_key(|text| text.len());
            for text in texts.iter().take(SHOWN) {
                writeln!(f, "  {text}")?;
            }
        }
        Ok(())
    }
}
