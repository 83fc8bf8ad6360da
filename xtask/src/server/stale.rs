//! Data directories, and what a run that was killed left behind.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result};

use super::account;
use crate::process;

/// Where the servers of this account's runs keep their data. Short: a socket's path has to fit in
/// about 100 bytes. Not below the project: another account may not enter there.
fn base() -> PathBuf {
    std::env::temp_dir().join(format!("soft-delete-{}", account::user_id()))
}

/// The directory of this run.
pub(super) fn own_directory() -> PathBuf {
    base().join(std::process::id().to_string())
}

/// Creates a directory of this run; the server's account has to pass through its parents.
pub(super) fn create(directory: &Path) -> Result<()> {
    fs::create_dir_all(directory)
        .with_context(|| format!("cannot create {}", directory.display()))?;
    for parent in [base(), own_directory()] {
        fs::set_permissions(&parent, fs::Permissions::from_mode(0o755))
            .with_context(|| format!("cannot open {} to the server", parent.display()))?;
    }
    Ok(())
}

/// Stops the servers and removes the data of runs that are gone.
pub(super) fn clean() {
    for entry in fs::read_dir(base()).into_iter().flatten().flatten() {
        let owner = entry
            .file_name()
            .to_str()
            .and_then(|name| name.parse().ok());
        let Some(owner) = owner else { continue };
        if arguments(owner).is_some_and(|text| text.contains("xtask")) {
            continue;
        }
        let directory = entry.path();
        for pid_file in [
            "postgres/data/postmaster.pid",
            "postgres-reviving/data/postmaster.pid",
            "mysql/pid",
            "mysql-reviving/pid",
        ] {
            let Some(pid) = read_pid(&directory.join(pid_file)) else {
                continue;
            };
            // The number may belong to another process by now.
            let ours = arguments(pid)
                .is_some_and(|text| text.contains(directory.to_string_lossy().as_ref()));
            if ours {
                signal(pid, "KILL");
            }
        }
        let _ = fs::remove_dir_all(&directory);
    }
}

/// The process number on the first line of a pid file.
pub(super) fn read_pid(file: &Path) -> Option<u32> {
    fs::read_to_string(file)
        .ok()?
        .lines()
        .next()?
        .trim()
        .parse()
        .ok()
}

/// Sends a signal. The shell's own `kill`: the program is not everywhere.
pub(super) fn signal(pid: u32, name: &str) {
    let _ = process::output(Command::new("sh").args(["-c", &format!("kill -{name} {pid}")]));
}

/// The command line of a running process.
fn arguments(pid: u32) -> Option<String> {
    if let Ok(bytes) = fs::read(format!("/proc/{pid}/cmdline")) {
        return Some(String::from_utf8_lossy(&bytes).replace('\0', " "));
    }
    process::output(Command::new("ps").args(["-o", "args=", "-p", &pid.to_string()])).ok()
}

#[cfg(test)]
mod tests {
    use super::{arguments, read_pid};

    #[test]
    fn a_pid_is_read_from_the_first_line() {
        let file = std::env::temp_dir().join(format!("soft-delete-pid-{}", std::process::id()));
        std::fs::write(&file, "4711\n/data\n5432\n").expect("written");
        assert_eq!(read_pid(&file), Some(4711));
        std::fs::write(&file, "no number\n").expect("written");
        assert_eq!(read_pid(&file), None);
        std::fs::remove_file(&file).expect("removed");
        assert_eq!(read_pid(&file), None);
    }

    #[test]
    fn a_running_process_has_a_command_line_and_another_has_none() {
        assert!(arguments(std::process::id()).is_some_and(|text| text.contains("xtask")));
        assert_eq!(arguments(u32::MAX), None);
    }
}
