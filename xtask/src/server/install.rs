//! Installs a server where that can be done without asking: as root, with apt-get.

use std::process::Command;

use anyhow::{Result, bail};

use super::{Kind, account};
use crate::process;

/// Installs the server of this kind.
pub(super) fn install(kind: Kind, may_install: bool) -> Result<()> {
    let package = package(kind);
    if !may_install || !process::exists("apt-get") || !account::is_root() {
        bail!("{}", advice(kind));
    }
    println!("{}: installing the package {package}", kind.title());
    apt(&["update"])?;
    apt(&["install", "--yes", "--no-install-recommends", package])
}

/// Installs the package of a program that bears its name.
pub(super) fn install_program(name: &str) -> Result<()> {
    if !process::exists("apt-get") || !account::is_root() {
        bail!(
            "{name} is not installed; install it (Debian, Ubuntu: `sudo apt-get install {name}`)"
        );
    }
    println!("{name}: installing the package");
    apt(&["update"])?;
    apt(&["install", "--yes", "--no-install-recommends", name])
}

const fn package(kind: Kind) -> &'static str {
    match kind {
        Kind::Postgres => "postgresql",
        Kind::Mysql => "mariadb-server",
    }
}

fn advice(kind: Kind) -> String {
    format!(
        "{} is not installed; install it (Debian, Ubuntu: `sudo apt-get install {}`), set {} to a \
         server that tests may write to, or leave its tests out with `--without {}`",
        kind.title(),
        package(kind),
        kind.variable(),
        kind.word()
    )
}

fn apt(arguments: &[&str]) -> Result<()> {
    let status = process::run(
        Command::new("apt-get")
            .arg("--quiet")
            .args(arguments)
            .env("DEBIAN_FRONTEND", "noninteractive")
            // The packages' own services are not needed: invoke-rc.d starts none in runlevel 1.
            .env("RUNLEVEL", "1"),
    )?;
    if !status.success() {
        bail!("apt-get {} failed ({status})", arguments.join(" "));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::server::Kind;

    #[test]
    fn who_cannot_install_is_told_what_to_do() {
        let error = super::install(Kind::Mysql, false).expect_err("not allowed");
        assert_eq!(
            error.to_string(),
            "MariaDB or MySQL is not installed; install it (Debian, Ubuntu: `sudo apt-get install \
             mariadb-server`), set SOFT_DELETE_TEST_MYSQL_URL to a server that tests may write to, or \
             leave its tests out with `--without mysql`"
        );
    }
}
