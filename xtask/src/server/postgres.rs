//! A private PostgreSQL.

use std::{
    fs,
    io::{Read, Write},
    net::{Ipv4Addr, TcpStream},
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use anyhow::{Context, Result};

use super::{Account, Plan, Programs};
use crate::process;

/// Finds a directory with both the server and initdb: `pg_config` alone can come from the client
/// library's package.
pub(super) fn find() -> Option<Programs> {
    let configured = process::output(Command::new("pg_config").arg("--bindir"))
        .ok()
        .map(|text| PathBuf::from(text.trim()));
    let mut versions: Vec<(u32, PathBuf)> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let version = entry.file_name().to_str()?.parse().ok()?;
            Some((version, entry.path().join("bin")))
        })
        .collect();
    versions.sort();
    let in_path = process::find("postgres").and_then(|path| Some(path.parent()?.to_owned()));
    configured
        .into_iter()
        .chain(versions.into_iter().rev().map(|(_, path)| path))
        .chain(in_path)
        .map(|bin| Programs {
            server: bin.join("postgres"),
            initialise: bin.join("initdb"),
        })
        .find(|programs| programs.server.is_file() && programs.initialise.is_file())
}

/// Makes the data directory and says how to start the server.
pub(super) fn plan(
    programs: &Programs,
    account: &Account,
    directory: &Path,
    port: u16,
) -> Result<Plan> {
    let data = directory.join("data");
    process::output(
        account
            .command(&programs.initialise)
            .args(["--username=postgres", "--auth=trust", "--encoding=UTF8"])
            .args(["--no-locale", "--no-sync"])
            .arg("--pgdata")
            .arg(&data),
    )
    .context("cannot make PostgreSQL's data directory")?;
    let mut command = account.server(&programs.server, "QUIT");
    command.arg("-D").arg(&data).arg("-p").arg(port.to_string());
    for setting in [
        "listen_addresses=127.0.0.1",
        "unix_socket_directories=",
        "max_connections=200",
        // The data is thrown away: nothing has to survive a crash.
        "fsync=off",
        "synchronous_commit=off",
        "full_page_writes=off",
        "autovacuum=off",
    ] {
        command.args(["-c", setting]);
    }
    Ok(Plan {
        command,
        pid_file: data.join("postmaster.pid"),
        signal: "QUIT",
        url: format!("postgres://postgres@127.0.0.1:{port}/postgres"),
    })
}

/// True when a session can begin. While it starts up the server answers with an error.
pub(super) fn answers(port: u16) -> bool {
    greet(port).is_ok_and(|first| first == b'R')
}

fn greet(port: u16) -> std::io::Result<u8> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    stream.set_read_timeout(Some(Duration::from_secs(2)))?;
    stream.write_all(&startup_message())?;
    let mut first = [0];
    stream.read_exact(&mut first)?;
    Ok(first[0])
}

/// `StartupMessage` of the frontend/backend protocol: length, version 3.0, parameters.
fn startup_message() -> Vec<u8> {
    let body: &[u8] = b"\0\x03\0\0user\0postgres\0database\0postgres\0\0";
    let length = u32::try_from(body.len() + 4).unwrap_or(u32::MAX);
    [length.to_be_bytes().as_slice(), body].concat()
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_startup_message_counts_its_own_length() {
        let message = super::startup_message();
        assert_eq!(message.len(), 41);
        assert_eq!(message[..8], [0, 0, 0, 41, 0, 3, 0, 0]);
        assert!(message.ends_with(b"postgres\0\0"));
    }
}
