//! The time of a command: what it took of the processors, and of the clock.

use std::{
    process::Command,
    time::{Duration, Instant},
};

use anyhow::{Result, bail};
use nix::sys::{
    resource::{UsageWho, getrusage},
    time::TimeValLike,
};

use crate::process;

/// The time of one run.
#[derive(Debug, Clone, Copy)]
pub(super) struct Time {
    /// Of all processors together, in user and system mode.
    pub(super) cpu: Duration,
    pub(super) wall: Duration,
}

/// Runs a command that must succeed.
pub(super) fn time(command: &mut Command) -> Result<Time> {
    let (cpu, begin) = (children()?, Instant::now());
    if !process::run(command)?.success() {
        bail!("{} failed", command.get_program().display());
    }
    Ok(Time {
        wall: begin.elapsed(),
        cpu: children()?.saturating_sub(cpu),
    })
}

/// The processor time of every child that has ended, and of theirs.
fn children() -> Result<Duration> {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let micros = usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
    Ok(Duration::from_micros(u64::try_from(micros)?))
}

/// The run that the rest of the machine disturbed least.
pub(super) fn least(times: &[Time]) -> Option<Time> {
    times.iter().copied().min_by_key(|time| time.cpu)
}
