//! `cargo xtask bench`: what the parser takes per byte and what users' builds pay.

mod build;
mod check;
mod generate;
mod measure;

use std::{env, path::PathBuf, process::Command};

use anyhow::Result;
use clap::{Args, ValueEnum};

use crate::{process, workspace};

/// Which benchmarks to run.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Those to run; all without one.
    benchmarks: Vec<Benchmark>,
    /// How often a measurement is repeated; the least of them counts.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..))]
    repeat: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Benchmark {
    /// Lexer and parser over 1 kB to 1 MB of SQL.
    Parser,
    /// `cargo check` of 1,000 `soft_query!` next to 1,000 `sqlx::query_as!`.
    Check,
    /// A clean build with soft-delete next to one without.
    Build,
}

/// Runs the benchmarks; true when each stays below its aim.
pub(crate) fn run(options: &Options) -> Result<bool> {
    let wanted = if options.benchmarks.is_empty() {
        Benchmark::value_variants()
    } else {
        &options.benchmarks
    };
    let mut reached = true;
    for benchmark in wanted {
        reached &= match benchmark {
            Benchmark::Parser => parser()?,
            Benchmark::Check => check::run(options.repeat)?,
            Benchmark::Build => build::run(options.repeat)?,
        };
    }
    Ok(reached)
}

fn parser() -> Result<bool> {
    let mut command = cargo();
    command
        .args(["run", "--quiet", "--release", "--package=benches"])
        .args(["--bin", "parser"])
        .current_dir(workspace());
    Ok(process::run(&mut command)?.success())
}

fn cargo() -> Command {
    Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// Where generated crates and what is built of them go.
fn directory(name: &str) -> PathBuf {
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(
        || workspace().join("target"),
        |target| workspace().join(target),
    );
    target.join("bench").join(name)
}
