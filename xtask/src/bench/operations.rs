//! The instructions of an operation next to those of the same statements by hand.

use std::{fs, path::Path, process::Command};

use anyhow::{Context, Result, bail};

use super::{cargo, target};
use crate::{process, server, workspace};

/// The most that an operation may take of what it takes by hand.
const AIM: f64 = 1.02;
/// Between these two numbers of runs lies what is counted: the rest is the same in both.
const TIMES: (u64, u64) = (200, 1000);

/// Prints the instructions; true when the aim is reached.
pub(super) fn run(repeat: u32) -> Result<bool> {
    let valgrind = server::program("valgrind")?;
    let mut build = cargo();
    build
        .args(["build", "--quiet", "--release"])
        .args(["--package", "bench-operations"])
        .current_dir(workspace());
    process::output(&mut build)?;
    let program = target().join("release/bench-operations");
    let known = process::output(Command::new(&program).arg("check"))?;

    println!("\nSQLite in memory, instructions of one operation, median of {repeat}");
    println!(
        "{:<24}{:<16}{:>12}{:>12}{:>12}{:>9}{:>9}",
        "", "", "statements", "by hand", "operation", "added", "ratio"
    );
    let mut reached = true;
    for line in known.lines() {
        let fields: Vec<&str> = line.split('\t').collect();
        let [name, way, statements] = fields.as_slice() else {
            bail!("no table of operations:\n{known}");
        };
        let [hand, ours] = ["hand", "ours"].map(|side| -> Result<u64> {
            let count = |times| median(&valgrind, &program, &[side, name, way], times, repeat);
            let (few, many) = (count(TIMES.0)?, count(TIMES.1)?);
            Ok(many.saturating_sub(few) / (TIMES.1 - TIMES.0))
        });
        let (hand, ours) = (hand?, ours?);
        #[allow(clippy::cast_precision_loss, reason = "far below 2^52")]
        let ratio = ours as f64 / hand as f64;
        println!(
            "{name:<24}{way:<16}{statements:>12}{hand:>12}{ours:>12}{:>9}{ratio:>9.3}",
            ours.saturating_sub(hand)
        );
        reached &= ratio <= AIM;
    }
    println!(
        "aim: a ratio of at most {AIM:.2}: {}",
        if reached { "reached" } else { "NOT REACHED" }
    );
    Ok(reached)
}

/// The instructions in the middle of some runs: malloc and the threads, who meet differently each time,
/// move them by half a percent.
fn median(valgrind: &Path, program: &Path, what: &[&str], times: u64, repeat: u32) -> Result<u64> {
    let mut counts = (0..repeat)
        .map(|_| count(valgrind, program, what, times))
        .collect::<Result<Vec<u64>>>()?;
    counts.sort_unstable();
    Ok(counts[counts.len() / 2])
}

/// Counts all but the circles that a thread turns in before it sleeps on a lock, as they measure time.
fn count(valgrind: &Path, program: &Path, what: &[&str], times: u64) -> Result<u64> {
    let report = target().join("bench-operations.cachegrind");
    let mut command = Command::new(valgrind);
    command
        .args(["--tool=cachegrind", "--cache-sim=no"])
        .arg(format!("--cachegrind-out-file={}", report.display()))
        .arg(program)
        .args(what)
        .arg(times.to_string());
    let output = command.output().context("valgrind does not start")?;
    if !output.status.success() {
        bail!("{}", String::from_utf8_lossy(&output.stderr));
    }
    let report = fs::read_to_string(&report).context("valgrind counts nothing")?;
    let (mut sum, mut waits) = (0, false);
    for line in report.lines() {
        if let Some(function) = line.strip_prefix("fn=") {
            waits = function.contains("Mutex>::lock_contended");
        } else if line.starts_with(|first: char| first.is_ascii_digit()) && !waits {
            let counted = line.split(' ').nth(1).context("a line without a count")?;
            sum += counted.parse::<u64>()?;
        }
    }
    Ok(sum)
}
