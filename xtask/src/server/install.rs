//! Installs a server where that can be done without asking: as root, with apt-get.

use std::process::Command;

use anyhow::{Result, bail};

use super::{Kind, account};
use crate::process;

/// Installs the server of this kind.
pub(super) fn install(kind: Kind) -> Result<()> {
    let package = match kind {
        Kind::Postgres => "postgresql",
        Kind::Mysql => "mariadb-server",
    };
    if !process::exists("apt-get") || !account::is_root() {
        bail!(
            "{} is not installed; install it (Debian, Ubuntu: `sudo apt-get install {package}`), \
             set {} to a server that tests may write to, or leave its tests out with `--without {}`",
            kind.title(),
            kind.variable(),
            kind.word()
        );
    }
    println!("{}: installing the package {package}", kind.title());
    apt(&["update"])?;
    apt(&["install", "--yes", "--no-install-recommends", package])
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
