//! A clean build of a crate that has sqlx, without soft-delete and with it.

use std::{fs, path::Path};

use anyhow::Result;

use super::{
    cargo, directory, generate,
    measure::{Time, least, time},
};
use crate::workspace;

/// The most CPU-seconds that soft-delete may add.
const AIM: f64 = 6.0;

/// Prints the times and their difference; true when the aim is reached.
pub(super) fn run(repeat: u32) -> Result<bool> {
    let sqlx = "sqlx = { version = \"0.9\", default-features = false, \
                features = [\"macros\", \"migrate\", \"runtime-tokio\", \"sqlite\"] }\n";
    let ours = format!(
        "soft-delete = {{ path = '{}', features = [\"sqlite\"] }}\n",
        workspace().display()
    );
    let mut without = Vec::new();
    let mut with = Vec::new();
    for _ in 0..repeat {
        without.push(build(&directory("build-without"), sqlx)?);
        with.push(build(&directory("build-with"), &format!("{sqlx}{ours}"))?);
    }
    let (Some(without), Some(with)) = (least(&without), least(&with)) else {
        return Ok(false);
    };
    let added = with.cpu.as_secs_f64() - without.cpu.as_secs_f64();
    println!("\nclean cargo build of a crate with sqlx, least of {repeat}");
    println!("{:<28}{:>9}{:>9}", "crate", "CPU s", "wall s");
    for (name, time) in [("without soft-delete", without), ("with soft-delete", with)] {
        println!(
            "{name:<28}{:>9.1}{:>9.1}",
            time.cpu.as_secs_f64(),
            time.wall.as_secs_f64()
        );
    }
    let reached = added < AIM;
    println!(
        "added: {added:.1} CPU-seconds; aim: below {AIM:.1}: {}",
        if reached { "reached" } else { "NOT REACHED" }
    );
    Ok(reached)
}

fn build(root: &Path, dependencies: &str) -> Result<Time> {
    let manifest = format!(
        "[package]\nname = \"clean\"\nedition = \"2024\"\n\n[dependencies]\n{dependencies}\n[workspace]\n"
    );
    generate::folder(root, &manifest)?;
    generate::write(&root.join("src/lib.rs"), "//! Generated.\n")?;
    let target = root.join("target");
    // What cargo fetches is no part of the build.
    crate::process::output(cargo().arg("fetch").current_dir(root))?;
    let _ = fs::remove_dir_all(&target);
    time(
        cargo()
            .args(["build", "--quiet"])
            .current_dir(root)
            .env("CARGO_TARGET_DIR", &target)
            .env("CARGO_INCREMENTAL", "0"),
    )
}
