//! Who runs a server: PostgreSQL refuses root, and MySQL asks to be told.

use std::{
    ffi::OsStr,
    fs,
    path::Path,
    process::{Command, Stdio},
};

use anyhow::{Context, Result};

use super::Kind;
use crate::process;

/// The account a server runs as.
#[derive(Debug)]
pub(super) enum Account {
    /// Ours.
    Ours,
    /// Another one, as we are root.
    Other {
        /// Its name.
        name: String,
        uid: u32,
        gid: u32,
    },
}

/// True when we are root.
pub(super) fn is_root() -> bool {
    user_id() == "0"
}

/// The number of the account we run as.
pub(super) fn user_id() -> String {
    process::output(Command::new("id").arg("-u"))
        .map(|text| text.trim().to_owned())
        .unwrap_or_default()
}

impl Account {
    /// The account for a server: ours, unless we are root.
    pub(super) fn for_server(kind: Kind) -> Result<Self> {
        if !is_root() {
            return Ok(Self::Ours);
        }
        let passwd = fs::read_to_string("/etc/passwd").context("cannot read /etc/passwd")?;
        let own = match kind {
            Kind::Postgres => "postgres",
            Kind::Mysql => "mysql",
        };
        [own, "nobody"]
            .into_iter()
            .find_map(|name| Self::in_passwd(&passwd, name))
            .with_context(|| format!("root may not run the server, and no user `{own}` exists"))
    }

    fn in_passwd(passwd: &str, name: &str) -> Option<Self> {
        let line = passwd
            .lines()
            .find(|line| line.split(':').next() == Some(name))?;
        let mut fields = line.split(':').skip(2);
        Some(Self::Other {
            name: name.to_owned(),
            uid: fields.next()?.parse().ok()?,
            gid: fields.next()?.parse().ok()?,
        })
    }

    /// Makes the account the owner of a path.
    pub(super) fn own(&self, path: &Path) -> Result<()> {
        if let Self::Other { uid, gid, .. } = self {
            std::os::unix::fs::chown(path, Some(*uid), Some(*gid))
                .with_context(|| format!("cannot give {} away", path.display()))?;
        }
        Ok(())
    }

    /// A command run as this account, in a directory that it can read.
    pub(super) fn command(&self, program: &Path) -> Command {
        self.build(program, None)
    }

    /// As [`Self::command`], for a server: `signal` reaches it when we die without a word.
    pub(super) fn server(&self, program: &Path, signal: &str) -> Command {
        self.build(program, Some(signal))
    }

    fn build(&self, program: &Path, death_signal: Option<&str>) -> Command {
        let mut command = if knows_death_signal() {
            let mut command = Command::new("setpriv");
            if let Self::Other { uid, gid, .. } = self {
                command.args([
                    format!("--reuid={uid}"),
                    format!("--regid={gid}"),
                    "--clear-groups".to_owned(),
                ]);
            }
            if let Some(signal) = death_signal {
                command.args(["--pdeathsig", signal]);
            }
            command.arg("--").arg(program);
            command
        } else if let Self::Other { name, .. } = self {
            let tool = if process::exists("runuser") {
                "runuser"
            } else {
                "su"
            };
            let mut command = Command::new(tool);
            // `su` hands what follows `--` to the shell as its arguments: no quoting to get wrong.
            command
                .args([
                    name.as_str(),
                    "-s",
                    "/bin/sh",
                    "-c",
                    r#"exec "$0" "$@""#,
                    "--",
                ])
                .arg(program);
            command
        } else {
            Command::new(program)
        };
        command.current_dir("/").env("HOME", "/");
        // Settings of the user's own clients must not reach the server.
        for (name, _) in std::env::vars_os() {
            if starts_with(&name, "PG") || starts_with(&name, "MYSQL_") {
                command.env_remove(name);
            }
        }
        command
    }
}

fn starts_with(name: &OsStr, prefix: &str) -> bool {
    name.as_encoded_bytes().starts_with(prefix.as_bytes())
}

/// `setpriv` of util-linux 2.33 and later; others (busybox) lack the option.
fn knows_death_signal() -> bool {
    Command::new("setpriv")
        .args(["--pdeathsig", "TERM", "--", "true"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

#[cfg(test)]
mod tests {
    use super::Account;

    #[test]
    fn an_account_is_read_from_its_own_line_only() {
        let passwd = "root:x:0:0:root:/root:/bin/sh\npostgres2:x:9:9::/:/bin/sh\n\
                      postgres:x:101:104::/var/lib/postgresql:/bin/bash\nbroken:x:\n";
        let Some(Account::Other { name, uid, gid }) = Account::in_passwd(passwd, "postgres") else {
            panic!("not found");
        };
        assert_eq!((name.as_str(), uid, gid), ("postgres", 101, 104));
        assert!(Account::in_passwd(passwd, "broken").is_none());
        assert!(Account::in_passwd(passwd, "mysql").is_none());
    }
}
