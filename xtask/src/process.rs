//! Child processes that do not outlive us.

use std::{
    process::{Child, Command, ExitStatus, Stdio},
    sync::{Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

use anyhow::{Context, Result, bail};

use crate::server;

/// The command being run, so that a signal to us ends it too.
static CURRENT: Mutex<Option<Child>> = Mutex::new(None);

fn current() -> MutexGuard<'static, Option<Child>> {
    CURRENT.lock().unwrap_or_else(PoisonError::into_inner)
}

/// On interrupt or termination: end the running command and the servers, then leave.
pub(crate) fn end_with_us() -> Result<()> {
    ctrlc::set_handler(|| {
        if let Some(child) = current().as_mut() {
            let _ = child.kill();
        }
        server::stop_all();
        std::process::exit(130);
    })
    .context("cannot watch for interrupts")
}

/// Runs a command in the foreground and waits for its end.
pub(crate) fn run(command: &mut Command) -> Result<ExitStatus> {
    let child = command
        .stdin(Stdio::null())
        .spawn()
        .with_context(|| format!("cannot start {}", command.get_program().display()))?;
    *current() = Some(child);
    loop {
        // The lock is not held while we sleep: the signal handler needs it.
        if let Some(child) = current().as_mut()
            && let Some(status) = child.try_wait()?
        {
            break Ok(status);
        }
        thread::sleep(Duration::from_millis(20));
    }
}

/// Runs a command that must succeed and returns what it wrote to its standard output.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("cannot start {}", command.get_program().display()))?;
    if !output.status.success() {
        bail!(
            "{} failed ({}):\n{}{}",
            command.get_program().display(),
            output.status,
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// True when a program of this name can be run.
pub(crate) fn exists(program: &str) -> bool {
    find(program).is_some()
}

/// Where in PATH, or in the directories of system programs, a program is.
pub(crate) fn find(program: &str) -> Option<std::path::PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(["/usr/local/sbin", "/usr/sbin", "/sbin"].map(Into::into))
        .map(|directory| directory.join(program))
        .find(|candidate| candidate.is_file())
}
