//! The project's own tasks: `cargo xtask --help` lists them.

mod bench;
mod corpus;
#[cfg(feature = "cross-parsing")]
mod cross_parsing;
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
    /// Compare the table references that we find with those that other parsers find.
    #[cfg(feature = "cross-parsing")]
    CrossParsing(cross_parsing::Options),
    /// Compare the table references that we find with those that other parsers find; builds them
    /// first, with a C compiler and libclang.
    #[cfg(not(feature = "cross-parsing"))]
    #[command(disable_help_flag = true)]
    CrossParsing {
        /// As `cargo xtask cross-parsing --help` says.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Measure the parser, and what users' builds pay.
    Bench(bench::Options),
    /// Judge statements that sqlsmith writes about tables of ours.
    Sqlsmith(sqlsmith::Options),
    /// Run a command (a shell without one) while private database servers are up: of each kind one,
    /// and one that tests may end, as it is started again. The variables that the tests read tell it
    /// where they are.
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
        #[cfg(feature = "cross-parsing")]
        Task::CrossParsing(options) => cross_parsing::run(&options),
        #[cfg(not(feature = "cross-parsing"))]
        Task::CrossParsing { arguments } => with_cross_parsing(&arguments),
        Task::Sqlsmith(options) => sqlsmith::run(&options),
        Task::Serve { without, command } => serve(&without, command),
    }
}

/// Everything cargo makes goes below the directory it already uses.
fn workspace() -> PathBuf {
    let own = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    own.parent().map_or(own.clone(), PathBuf::from)
}

/// Runs ourselves with the parsers of others built in.
#[cfg(not(feature = "cross-parsing"))]
fn with_cross_parsing(arguments: &[String]) -> Result<bool> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = std::process::Command::new(cargo);
    command.args(["run", "--package", "xtask", "--features", "cross-parsing"]);
    command.args(["--", "cross-parsing"]).args(arguments);
    Ok(command.status()?.success())
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
            child.env(
                kind.reviving_variable(),
                server::start_reviving(&guard, kind)?,
            );
        }
    }
    Ok(child.status()?.success())
}
