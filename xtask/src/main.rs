//! The project's own tasks: `cargo xtask --help` lists them.

mod bench;
mod corpus;
mod database;
mod gate;
mod process;
mod server;
mod sqlsmith;
mod tpch;

use std::{path::PathBuf, process::ExitCode};

use anyhow::Result;
use clap::{Parser, Subcommand};

/// The tasks of the soft-delete workspace.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Check and test everything, on private database servers.
    Test(gate::Options),
    /// Judge folders of SQL: is every statement understood, every table reference found?
    Corpus(corpus::Options),
    /// Measure the parser, and what users' builds pay.
    Bench(bench::Options),
    /// Judge statements that sqlsmith writes about tables of ours.
    Sqlsmith(sqlsmith::Options),
    /// Run a command (a shell without one) while private database servers are up; the variables
    /// that the tests read tell it where they are.
    Serve {
        /// Leave a server out.
        #[arg(long, value_name = "SERVER")]
        without: Vec<server::Kind>,
        /// The command.
        #[arg(last = true)]
        command: Vec<String>,
    },
}

fn main() -> ExitCode {
    match run(Arguments::parse().task) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(task: Task) -> Result<bool> {
    process::end_with_us()?;
    match task {
        Task::Test(options) => gate::run(&options),
        Task::Bench(options) => bench::run(&options),
        Task::Corpus(options) => corpus::run(&options),
        Task::Sqlsmith(options) => sqlsmith::run(&options),
        Task::Serve { without, command } => serve(&without, command),
    }
}

/// Everything cargo makes goes below the directory it already uses.
fn workspace() -> PathBuf {
    let own = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    own.parent().map_or(own.clone(), PathBuf::from)
}

fn serve(without: &[server::Kind], mut command: Vec<String>) -> Result<bool> {
    if command.is_empty() {
        command.push(std::env::var("SHELL").unwrap_or_else(|_| "sh".to_owned()));
    }
    let guard = server::Guard::new();
    let mut child = std::process::Command::new(&command[0]);
    child.args(&command[1..]);
    for kind in server::Kind::ALL {
        if !without.contains(&kind) {
            child.env(kind.variable(), server::start(&guard, kind, true)?);
        }
    }
    Ok(child.status()?.success())
}
