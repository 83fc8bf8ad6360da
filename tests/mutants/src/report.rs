//! What became of the mutants.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt, fs,
    path::Path,
};

use anyhow::{Context, Result};

use crate::{
    area::Area,
    mutation::{Mutation, Origin},
};

/// What became of a mutant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fate {
    /// By this test.
    Caught(String),
    /// No test fails.
    Missed,
    /// A test does not come to an end.
    Timeout,
    /// It does not compile.
    Unviable,
}

/// A mutant, by its place in the list, and what became of it.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) id: usize,
    pub(crate) fate: Fate,
}

impl Outcome {
    pub(crate) fn unviable(id: usize) -> Self {
        let fate = Fate::Unviable;
        Self { id, fate }
    }
}

impl fmt::Display for Fate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Caught(test) => write!(f, "caught by {test}"),
            Self::Missed => f.write_str("MISSED"),
            Self::Timeout => f.write_str("caught by the clock"),
            Self::Unviable => f.write_str("does not compile"),
        }
    }
}

impl Mutation {
    /// One line that does not change when lines are added elsewhere.
    pub(crate) fn name(&self) -> String {
        format!("{}: {}: {}", self.file, self.function, self.what)
    }
}

/// The names of the mutants that were looked at.
pub(crate) fn explained(file: Option<&Path>) -> Result<BTreeSet<String>> {
    let Some(file) = file else {
        return Ok(BTreeSet::new());
    };
    let text = fs::read_to_string(file).with_context(|| file.display().to_string())?;
    Ok(text
        .lines()
        .map(str::trim)
        .filter(|line| line.starts_with("src/"))
        .map(str::to_owned)
        .collect())
}

/// Tells of explanations whose mutant is gone.
pub(crate) fn stale(area: Area, explained: &BTreeSet<String>, mutations: &[Mutation]) {
    let names: BTreeSet<String> = mutations.iter().map(Mutation::name).collect();
    let own = explained
        .iter()
        .filter(|name| name.starts_with(area.folder()));
    for name in own.filter(|name| !names.contains(*name)) {
        eprintln!("explained, but no mutant: {name}");
    }
}

#[derive(Default)]
struct Count {
    caught: usize,
    missed: usize,
    explained: usize,
    timeout: usize,
    unviable: usize,
}

/// Prints the survivors and the totals; true when none is left without an explanation.
pub(crate) fn print(
    mutations: &[Mutation],
    mut outcomes: Vec<Outcome>,
    explained: &BTreeSet<String>,
) -> bool {
    outcomes.sort_by_key(|outcome| outcome.id);
    let mut counts: BTreeMap<(Origin, &str), Count> = BTreeMap::new();
    let mut clean = true;
    for outcome in &outcomes {
        let mutation = &mutations[outcome.id];
        let count = counts
            .entry((mutation.origin, mutation.file.as_str()))
            .or_default();
        match &outcome.fate {
            Fate::Caught(_) => count.caught += 1,
            Fate::Timeout => count.timeout += 1,
            Fate::Unviable => count.unviable += 1,
            Fate::Missed if explained.contains(&mutation.name()) => count.explained += 1,
            Fate::Missed => {
                count.missed += 1;
                clean = false;
                println!("MISSED {} (line {})", mutation.name(), mutation.line);
            }
        }
    }
    for origin in [Origin::Listed, Origin::Finer] {
        let title = match origin {
            Origin::Listed => "listed by cargo-mutants",
            Origin::Finer => "finer",
        };
        println!("\n| {title} | caught | by the clock | missed | explained | unviable |");
        println!("|---|---:|---:|---:|---:|---:|");
        let mut all = Count::default();
        for ((_, file), count) in counts.iter().filter(|((of, _), _)| *of == origin) {
            row(file, count);
            all.caught += count.caught;
            all.timeout += count.timeout;
            all.missed += count.missed;
            all.explained += count.explained;
            all.unviable += count.unviable;
        }
        row("all", &all);
    }
    clean
}

fn row(name: &str, count: &Count) {
    println!(
        "| {name} | {} | {} | {} | {} | {} |",
        count.caught, count.timeout, count.missed, count.explained, count.unviable
    );
}
