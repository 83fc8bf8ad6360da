//! The instructions of an operation next to those of the same statements by hand.

use std::{path::Path, process::Command};

use anyhow::{Context, Result, bail};

use super::{cargo, target};
use crate::{process, server, workspace};

/// The most that an operation of several statements may take of what it takes by hand.
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

    println!("\nSQLite in memory, instructions of one operation, least of {repeat}");
    println!(
        "{:<24}{:>12}{:>12}{:>12}{:>9}{:>9}",
        "", "statements", "by hand", "operation", "added", "ratio"
    );
    let mut reached = true;
    for line in known.lines() {
        let (name, statements) = line.split_once('\t').context("no table of operations")?;
        let [hand, ours] = ["hand", "ours"].map(|side| -> Result<u64> {
            let count = |times| least(&valgrind, &program, &[side, name], times, repeat);
            let (few, many) = (count(TIMES.0)?, count(TIMES.1)?);
            Ok(many.saturating_sub(few) / (TIMES.1 - TIMES.0))
        });
        let (hand, ours) = (hand?, ours?);
        #[allow(clippy::cast_precision_loss, reason = "far below 2^52")]
        let ratio = ours as f64 / hand as f64;
        println!(
            "{name:<24}{statements:>12}{hand:>12}{ours:>12}{:>9}{ratio:>9.3}",
            ours.saturating_sub(hand)
        );
        if statements != "1" {
            reached &= ratio <= AIM;
        }
    }
    println!(
        "aim: a ratio of at most {AIM:.2} where there are several statements, BEGIN and COMMIT \
         included: {}",
        if reached { "reached" } else { "NOT REACHED" }
    );
    Ok(reached)
}

/// The fewest instructions of some runs: the threads wait for each other by turning in circles, now
/// and then.
fn least(valgrind: &Path, program: &Path, what: &[&str], times: u64, repeat: u32) -> Result<u64> {
    let mut least = u64::MAX;
    for _ in 0..repeat {
        let mut command = Command::new(valgrind);
        command
            .args(["--tool=cachegrind", "--cache-sim=no"])
            .arg("--cachegrind-out-file=/dev/null")
            .arg(program)
            .args(what)
            .arg(times.to_string());
        let output = command.output().context("valgrind does not start")?;
        let said = String::from_utf8_lossy(&output.stderr);
        let counted = said.lines().find_map(|line| line.split_once("refs:"));
        let Some((_, counted)) = counted.filter(|_| output.status.success()) else {
            bail!("valgrind counts nothing:\n{said}");
        };
        least = least.min(counted.trim().replace(',', "").parse()?);
    }
    Ok(least)
}
