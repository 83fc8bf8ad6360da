//! The program sqlsmith, and the statements that it writes.

use std::{
    io::{BufRead, BufReader},
    process::{Child, ChildStdout, Command, Stdio},
};

use anyhow::{Context, Result};
use postgres::config::Host;

use crate::server;

/// A running sqlsmith.
pub(super) struct Sqlsmith {
    child: Child,
    lines: BufReader<ChildStdout>,
}

impl Sqlsmith {
    /// Starts it, or says what is missing. It reads the tables of a database and writes
    /// statements about them; it runs none.
    pub(super) fn start(target: &postgres::Config, seed: u64, count: u64) -> Result<Self> {
        let program = server::program("sqlsmith")?;
        let mut child = Command::new(program)
            .arg(format!("--target={}", connection(target)))
            .args(["--dry-run", "--exclude-catalog"])
            .arg(format!("--seed={seed}"))
            .arg(format!("--max-queries={count}"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("cannot start sqlsmith")?;
        let output = child.stdout.take().context("sqlsmith has no output")?;
        Ok(Self {
            child,
            lines: BufReader::new(output),
        })
    }

    /// The next statement, without its semicolon.
    pub(super) fn next(&mut self) -> Result<Option<String>> {
        let mut statement = String::new();
        loop {
            let begin = statement.len();
            if self.lines.read_line(&mut statement)? == 0 {
                return Ok(None);
            }
            // It writes a semicolon at the end of a statement only.
            if statement[begin..].trim_end().ends_with(';') {
                let end = statement.trim_end().len() - 1;
                statement.truncate(end);
                return Ok(Some(statement));
            }
        }
    }
}

impl Drop for Sqlsmith {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A connection string as libpq reads it.
fn connection(config: &postgres::Config) -> String {
    let host = config.get_hosts().iter().find_map(|host| match host {
        Host::Tcp(name) => Some(name.clone()),
        Host::Unix(path) => path.to_str().map(str::to_owned),
    });
    let port = config.get_ports().first().map(ToString::to_string);
    let password = config
        .get_password()
        .map(|word| String::from_utf8_lossy(word).into_owned());
    [
        ("host", host),
        ("port", port),
        ("user", config.get_user().map(str::to_owned)),
        ("password", password),
        ("dbname", config.get_dbname().map(str::to_owned)),
    ]
    .into_iter()
    .filter_map(|(key, value)| {
        let value = value?.replace('\\', "\\\\").replace('\'', "\\'");
        Some(format!("{key}='{value}'"))
    })
    .collect::<Vec<_>>()
    .join(" ")
}

#[cfg(test)]
mod tests {
    use super::connection;

    #[test]
    fn a_url_becomes_a_connection_string() {
        let config = "postgres://me:it's@localhost:5433/here"
            .parse()
            .expect("a URL");
        assert_eq!(
            connection(&config),
            "host='localhost' port='5433' user='me' password='it\\'s' dbname='here'"
        );
    }
}
