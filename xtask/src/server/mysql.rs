//! A private MariaDB or MySQL.

use std::{
    fs,
    io::Read,
    net::{Ipv4Addr, TcpStream},
    path::Path,
    process::Command,
    time::Duration,
};

use anyhow::{Context, Result};

use super::{Account, Plan, Programs};
use crate::process;

/// Finds the server; MariaDB's data directory is made by a script of its own, MySQL's by the
/// server.
pub(super) fn find() -> Option<Programs> {
    if let (Some(server), Some(initialise)) = (
        process::find("mariadbd").or_else(|| process::find("mysqld")),
        process::find("mariadb-install-db").or_else(|| process::find("mysql_install_db")),
    ) {
        return Some(Programs { server, initialise });
    }
    let server = process::find("mysqld")?;
    let version = process::output(Command::new(&server).args(["--no-defaults", "--version"]));
    let is_mysql = version.is_ok_and(|text| !text.contains("MariaDB"));
    is_mysql.then(|| Programs {
        initialise: server.clone(),
        server,
    })
}

/// Makes the data directory and says how to start the server.
pub(super) fn plan(
    programs: &Programs,
    account: &Account,
    directory: &Path,
    port: u16,
) -> Result<Plan> {
    let data = directory.join("data");
    let mut initialise = account.command(&programs.initialise);
    initialise.arg("--no-defaults");
    if programs.initialise == programs.server {
        initialise.arg("--initialize-insecure");
    } else {
        initialise.args(["--auth-root-authentication-method=normal", "--skip-test-db"]);
    }
    process::output(initialise.arg(option("datadir", &data)))
        .context("cannot make the data directory of MariaDB or MySQL")?;

    let first_statements = directory.join("first.sql");
    fs::write(&first_statements, FIRST_STATEMENTS)?;
    account.own(&first_statements)?;
    let pid_file = directory.join("pid");
    let mut command = account.server(&programs.server, "KILL");
    command
        .arg("--no-defaults")
        .arg(option("datadir", &data))
        .arg(option("socket", &directory.join("socket")))
        .arg(option("pid-file", &pid_file))
        .arg(option("init-file", &first_statements))
        .arg(format!("--port={port}"))
        .args(["--bind-address=127.0.0.1", "--skip-log-bin"])
        // The data is thrown away: nothing has to survive a crash.
        .args([
            "--innodb-flush-log-at-trx-commit=0",
            "--innodb-doublewrite=0",
            // Nor does it have to reach the disk.
            "--loose-innodb-flush-method=nosync",
            "--loose-debug-no-sync",
        ]);
    Ok(Plan {
        command,
        pid_file,
        signal: "KILL",
        url: format!("mysql://soft_delete@127.0.0.1:{port}/soft_delete"),
    })
}

const FIRST_STATEMENTS: &str = "\
CREATE DATABASE IF NOT EXISTS soft_delete CHARACTER SET utf8mb4;
CREATE USER IF NOT EXISTS 'soft_delete'@'localhost';
CREATE USER IF NOT EXISTS 'soft_delete'@'127.0.0.1';
GRANT ALL PRIVILEGES ON *.* TO 'soft_delete'@'localhost' WITH GRANT OPTION;
GRANT ALL PRIVILEGES ON *.* TO 'soft_delete'@'127.0.0.1' WITH GRANT OPTION;
";

fn option(name: &str, value: &Path) -> std::ffi::OsString {
    let mut text = std::ffi::OsString::from(format!("--{name}="));
    text.push(value);
    text
}

/// True when the server greets: it does so only once its first statements have run.
pub(super) fn answers(port: u16) -> bool {
    greet(port).is_ok_and(|protocol| protocol == 10)
}

/// The protocol version, the first byte behind the header of the server's handshake.
fn greet(port: u16) -> std::io::Result<u8> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    stream.set_read_timeout(Some(Duration::from_secs(2)))?;
    let mut packet = [0; 5];
    stream.read_exact(&mut packet)?;
    Ok(packet[4])
}
