//! Mutation testing of `soft-delete-sql/src/scope`: would a test notice if a check were gone?
//!
//! The mutants are those that cargo-mutants lists, and finer ones. All of them go into one build,
//! each behind a switch that an environment variable chooses, so that a mutant costs a run of the
//! tests and no build. What cannot be switched is built alone.

mod area;
mod build;
mod copies;
mod listed;
mod live;
mod macros;
mod mutation;
mod report;
mod run;
#[cfg(test)]
mod tests;
mod tree;
mod walk;

use std::{collections::BTreeMap, fs, path::PathBuf, process::ExitCode};

use anyhow::{Context, Result, ensure};
use clap::Parser;

use crate::{
    area::Area,
    mutation::{Mutation, Origin},
    report::Outcome,
    tree::Tree,
};

/// Mutation testing of the prover.
#[derive(Debug, Parser)]
struct Options {
    /// What is mutated.
    #[arg(long, default_value = "scope")]
    area: Area,
    /// A package with tests of a database, which judge before those of the analyser.
    #[arg(long, value_name = "PACKAGE")]
    first: Vec<String>,
    /// Only files whose path contains this.
    #[arg(long, default_value = "")]
    file: String,
    /// Only functions whose name contains this.
    #[arg(long, default_value = "")]
    function: String,
    /// Only the mutants of this origin.
    #[arg(long)]
    only: Option<Origin>,
    /// Only mutants that this file names: what an earlier run printed.
    #[arg(long, value_name = "FILE")]
    named: Option<PathBuf>,
    /// A package whose tests judge what survives the tests of the analyser.
    #[arg(long, value_name = "PACKAGE")]
    then: Vec<String>,
    /// How many mutants are run at once.
    #[arg(long, default_value_t = 1)]
    jobs: usize,
    /// Seconds after which a mutant counts as caught: it loops.
    #[arg(long, default_value_t = 20)]
    timeout: u64,
    /// Mutants that were looked at and change nothing: their names, one on a line.
    #[arg(long, value_name = "FILE")]
    explained: Option<PathBuf>,
    /// Leave out what must be built alone.
    #[arg(long)]
    not_alone: bool,
    /// Run nothing but what must be built alone.
    #[arg(long, conflicts_with = "not_alone")]
    alone: bool,
    /// Print the mutants, and run nothing.
    #[arg(long)]
    list: bool,
}

impl Options {
    fn asks_for_all(&self) -> bool {
        self.file.is_empty()
            && self.function.is_empty()
            && self.only.is_none()
            && self.named.is_none()
    }
}

fn main() -> ExitCode {
    match run(&Options::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// True when every mutant is caught or explained.
fn run(options: &Options) -> Result<bool> {
    let tree = Tree::new(options.area, !options.first.is_empty())?;
    let mut mutations = mutations(options, &tree)?;
    if let Some(file) = &options.named {
        let text = fs::read_to_string(file).with_context(|| file.display().to_string())?;
        mutations.retain(|mutation| text.contains(&mutation.name()));
    }
    ensure!(!mutations.is_empty(), "no mutant is asked for");
    let explained = report::explained(options.explained.as_deref())?;
    if options.asks_for_all() {
        report::stale(options.area, &explained, &mutations);
    }
    if options.list && !options.alone {
        print(&mutations, 0..mutations.len());
        return Ok(true);
    }
    let tests = run::Tests {
        first: options.first.clone(),
        then: options.then.clone(),
        jobs: options.jobs.max(1),
        timeout: options.timeout,
    };
    let mut switched = build::switch(&tree, &mut mutations)?;
    eprintln!(
        "{} mutants in one build, {} built alone, {} do not compile",
        switched.together.len(),
        switched.alone.len(),
        switched.unviable.len()
    );
    if options.list {
        print(&mutations, switched.alone);
        return Ok(true);
    }
    if options.alone {
        switched.together.clear();
        switched.unviable.clear();
    }
    let mut outcomes = run::switched(&tree, &tests, &mutations, &switched.together)?;
    outcomes.extend(switched.unviable.into_iter().map(Outcome::unviable));
    if !options.not_alone {
        for id in switched.alone {
            outcomes.push(run::alone(&tree, &tests, id, &mutations[id])?);
        }
    }
    Ok(report::print(&mutations, outcomes, &explained))
}

fn print(mutations: &[Mutation], ids: impl IntoIterator<Item = usize>) {
    let count = ids
        .into_iter()
        .inspect(|&id| println!("{}", mutations[id].name()))
        .count();
    println!("{count} mutants");
}

/// Every mutation that is asked for.
fn mutations(options: &Options, tree: &Tree) -> Result<Vec<Mutation>> {
    let mut mutations = Vec::new();
    let mut places = BTreeMap::new();
    for file in tree.files() {
        let source = tree.original(file)?;
        let (found, finer) = walk::walk(file, source)?;
        places.insert(file, (source, found));
        mutations.extend(finer);
    }
    if options.only != Some(Origin::Finer) {
        mutations.extend(listed::list(tree, &places)?);
    }
    mutations.retain(|mutation| {
        mutation.file.contains(&options.file)
            && mutation.function.contains(&options.function)
            && options.only.is_none_or(|only| only == mutation.origin)
    });
    mutations.sort_by(|a, b| {
        (&a.file, a.bytes.start, a.origin).cmp(&(&b.file, b.bytes.start, b.origin))
    });
    let mut names: BTreeMap<String, usize> = BTreeMap::new();
    for mutation in &mut mutations {
        let count = names.entry(mutation.name()).or_default();
        *count += 1;
        if *count > 1 {
            mutation.what = format!("{} (number {count})", mutation.what);
        }
    }
    Ok(mutations)
}
