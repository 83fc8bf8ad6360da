//! `cargo xtask test`: the one command that tells whether the project is whole.

mod report;
mod runner;
mod step;

use std::{env, path::PathBuf};

use anyhow::Result;
use clap::Args;

use crate::{
    corpus,
    server::{self, Guard, Kind},
};
use report::{Outcome, Report};
use runner::Runner;
use step::{Needs, Step};

/// What to run, and on what.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Run only these steps.
    #[arg(long, value_name = "STEP", value_delimiter = ',')]
    only: Vec<Step>,
    /// Leave out the tests that need this server; without it a missing server is a failure.
    #[arg(long, value_name = "SERVER", value_delimiter = ',')]
    without: Vec<Kind>,
    /// Do not install a missing server.
    #[arg(long)]
    no_install: bool,
}

/// Tells the tests that run on several databases which ones were left out on purpose.
const WITHOUT: &str = "SOFT_DELETE_TEST_WITHOUT";

/// Names a folder of SQL that is no part of the project; see `cargo xtask corpus`.
const CORPORA: &str = "SOFT_DELETE_CORPORA";

fn corpora() -> Option<PathBuf> {
    env::var_os(CORPORA)
        .filter(|folder| !folder.is_empty())
        .map(PathBuf::from)
}

/// Runs the steps; true when all of them passed.
pub(crate) fn run(options: &Options) -> Result<bool> {
    let wanted: Vec<Step> = Step::ALL
        .into_iter()
        .filter(|step| options.only.is_empty() || options.only.contains(step))
        .collect();
    let guard = Guard::new();
    let mut report = Report::new();
    let mut runner = Runner::new()?;
    println!("tests run with {}", runner.name());
    let words: Vec<&str> = options.without.iter().map(|kind| kind.word()).collect();
    runner.set(WITHOUT, &words.join(","));

    let missing = start_servers(&guard, &wanted, options, &mut runner, &mut report);
    let mut builds = None;
    for step in wanted {
        let needs = step.needs();
        if let Needs::Only(kind) = needs
            && options.without.contains(&kind)
        {
            let note = format!("`--without {}`", kind.word());
            report.add(&step.word(), Outcome::LeftOut, note);
            continue;
        }
        if step == Step::Corpus && corpora().is_none() {
            let note = format!("{CORPORA} names no folder");
            report.add(&step.word(), Outcome::LeftOut, note);
            continue;
        }
        if let Some(kind) = missing.iter().find(|kind| needs.includes(**kind)) {
            report.add(&step.word(), Outcome::Missing(*kind), String::new());
            continue;
        }
        if step.is_test() {
            let builds = *builds
                .get_or_insert_with(|| report.time("build", String::new(), || runner.build()));
            if !builds {
                report.add(
                    &step.word(),
                    Outcome::NotRun("it does not build"),
                    String::new(),
                );
                continue;
            }
        }
        let left_out = options.without.iter().find(|kind| needs.includes(**kind));
        let note = left_out.map_or(String::new(), |kind| format!("without {}", kind.word()));
        report.time(&step.word(), note, || match corpora() {
            Some(folder) if step == Step::Corpus => {
                let postgres = runner.get(Kind::Postgres.variable());
                corpus::judge(&folder, postgres.map(str::to_owned))
            }
            _ => runner.step(step),
        });
    }
    report.print();
    Ok(report.passed())
}

/// Starts the servers that the steps need and returns those that could not be had.
fn start_servers(
    guard: &Guard,
    wanted: &[Step],
    options: &Options,
    runner: &mut Runner,
    report: &mut Report,
) -> Vec<Kind> {
    let mut missing = Vec::new();
    for kind in Kind::ALL {
        let needed = wanted.iter().any(|step| step.needs().includes(kind));
        if !needed || options.without.contains(&kind) {
            continue;
        }
        let is_ended = wanted.iter().any(|own| own.needs() == Needs::Only(kind));
        let mut reviving = String::new();
        let started = report.time(&format!("start {}", kind.word()), String::new(), || {
            let url = server::start(guard, kind, !options.no_install)?;
            runner.set(kind.variable(), &url);
            if is_ended {
                reviving = server::start_reviving(guard, kind)?;
            }
            runner.set(kind.reviving_variable(), &reviving);
            Ok(true)
        });
        if !started {
            missing.push(kind);
        } else if is_ended && reviving.is_empty() {
            let note = format!("{} names a server that stays up", kind.variable());
            report.add(&format!("restart {}", kind.word()), Outcome::LeftOut, note);
        }
    }
    missing
}
