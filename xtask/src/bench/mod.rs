//! `cargo xtask bench`: what the parser takes per byte, what users' builds pay, and what the scoped
//! statements cost the database.

mod build;
mod check;
mod generate;
mod measure;
mod operations;
mod plans;

use std::{env, fs, path::PathBuf, process::Command};

use anyhow::{Result, bail};
use clap::{Args, ValueEnum};

use crate::{
    process,
    server::{self, Guard, Kind},
    workspace,
};

/// The variable that names the folder of the corpora.
const CORPORA: &str = "SOFT_DELETE_CORPORA";

/// Which benchmarks to run.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Those to run; all without one.
    benchmarks: Vec<Benchmark>,
    /// How often a measurement is repeated; the least of them counts.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..))]
    repeat: u32,
    /// The folder that holds tpch/schema.sql and tpch/queries.jsonl, for the plans; without it,
    /// the one that `SOFT_DELETE_CORPORA` names.
    #[arg(long, value_name = "DIR")]
    corpus: Option<PathBuf>,
    /// TPC-H's scale factor.
    #[arg(long, default_value_t = 0.01)]
    scale: f64,
    /// How often each query of TPC-H is run in either form.
    #[arg(long, default_value_t = 31, value_parser = clap::value_parser!(u32).range(11..))]
    rounds: u32,
    /// How many rows the table of a purge has, half of them due.
    #[arg(long, default_value_t = 1_000_000)]
    rows: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Benchmark {
    /// Lexer and parser over 1 kB to 1 MB of SQL.
    Parser,
    /// `cargo check` of 1,000 `soft_query!` next to 1,000 `sqlx::query_as!`.
    Check,
    /// A clean build with soft-delete next to one without.
    Build,
    /// TPC-H on PostgreSQL: plans and times of scoped queries next to filters by hand.
    Plans,
    /// The purge on PostgreSQL next to one DELETE and to batches by hand, with queries beside it.
    Purge,
    /// The restore of 100,000 rows on PostgreSQL next to one UPDATE by hand.
    Restore,
    /// What others wait that write to SQLite beside the purge.
    Writers,
    /// The instructions of operations on SQLite next to those of the same statements by hand.
    Operations,
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
            Benchmark::Purge => postgres("purge", options.rows)?,
            Benchmark::Restore => postgres("restore", 100_000)?,
            Benchmark::Writers => writers(options.rows)?,
            Benchmark::Operations => operations::run(options.repeat.max(5))?,
            Benchmark::Plans => match corpus(options) {
                Some(corpus) => plans::run(&corpus, options.scale, options.rounds)?,
                None if options.benchmarks.is_empty() => {
                    println!("\nplans: left out, as neither --corpus nor {CORPORA} is there");
                    true
                }
                None => bail!("say where TPC-H is: --corpus DIR, or {CORPORA}"),
            },
        };
    }
    Ok(reached)
}

fn corpus(options: &Options) -> Option<PathBuf> {
    let named = || env::var_os(CORPORA).map(PathBuf::from);
    options.corpus.clone().or_else(named)
}

fn parser() -> Result<bool> {
    let mut command = cargo();
    command
        .args(["run", "--quiet", "--release", "--package=benches"])
        .args(["--bin", "parser"])
        .current_dir(workspace());
    Ok(process::run(&mut command)?.success())
}

/// On a server that writes to the disk what it commits, as one in production does.
fn postgres(program: &str, rows: u32) -> Result<bool> {
    let guard = Guard::new();
    let durable = [
        "-cfsync=on",
        "-csynchronous_commit=on",
        "-cfull_page_writes=on",
        "-cmax_wal_size=4GB",
    ];
    let url = server::start_with(&guard, Kind::Postgres, true, &durable)?;
    let mut command = cargo();
    command
        .args(["run", "--quiet", "--release", "--package=benches"])
        .args(["--features=purge", "--bin", program, "--"])
        .arg(rows.to_string())
        .env(Kind::Postgres.variable(), url)
        .current_dir(workspace());
    Ok(process::run(&mut command)?.success())
}

/// On a database in a file of its own.
fn writers(rows: u32) -> Result<bool> {
    let directory = directory("writers");
    if directory.exists() {
        fs::remove_dir_all(&directory)?;
    }
    fs::create_dir_all(&directory)?;
    let mut command = cargo();
    command
        .args(["run", "--quiet", "--release", "--package=bench-operations"])
        .args(["--bin=writers", "--"])
        .arg(directory.join("writers.db"))
        .arg(rows.to_string())
        .current_dir(workspace());
    let done = process::run(&mut command)?.success();
    fs::remove_dir_all(&directory)?;
    Ok(done)
}

fn cargo() -> Command {
    Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// Where generated crates and what is built of them go.
fn directory(name: &str) -> PathBuf {
    target().join("bench").join(name)
}

/// Where cargo builds.
fn target() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(
        || workspace().join("target"),
        |target| workspace().join(target),
    )
}
