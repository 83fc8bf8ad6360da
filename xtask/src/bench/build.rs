//! What soft-delete adds to the clean build of a crate that has sqlx.

use std::{fs, path::Path};

use anyhow::Result;

use super::{
    cargo, directory, generate,
    measure::{Time, least, time},
};
use crate::{process, workspace};

/// The most CPU-seconds that soft-delete may add.
const AIM: f64 = 6.0;

/// Prints the times; true when the aim is reached.
///
/// The crate is built without soft-delete first, from nothing, and then with it into the same
/// directory: the second build compiles what soft-delete adds, and what it makes sqlx compile with
/// more features. The difference of two clean builds would drown in their noise.
pub(super) fn run(repeat: u32) -> Result<bool> {
    let root = directory("build");
    let sqlx = "sqlx = { version = \"0.9\", default-features = false, \
                features = [\"macros\", \"migrate\", \"runtime-tokio\", \"sqlite\"] }\n";
    let ours = format!(
        "soft-delete = {{ path = '{}', features = [\"sqlite\"] }}\n",
        workspace().display()
    );
    let mut without = Vec::new();
    let mut added = Vec::new();
    for _ in 0..repeat {
        let _ = fs::remove_dir_all(root.join("target"));
        without.push(build(&root, sqlx)?);
        added.push(build(&root, &format!("{sqlx}{ours}"))?);
    }
    let (Some(without), Some(added)) = (least(&without), least(&added)) else {
        return Ok(false);
    };
    println!("\ncargo build of a crate with sqlx, least of {repeat}");
    println!("{:<28}{:>9}{:>9}", "", "CPU s", "wall s");
    for (name, time) in [
        ("without soft-delete", without),
        ("added by soft-delete", added),
    ] {
        println!(
            "{name:<28}{:>9.1}{:>9.1}",
            time.cpu.as_secs_f64(),
            time.wall.as_secs_f64()
        );
    }
    let reached = added.cpu.as_secs_f64() < AIM;
    println!(
        "aim: less than {AIM:.1} CPU-seconds added: {}",
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
    // What cargo fetches is no part of the build.
    process::output(cargo().arg("fetch").current_dir(root))?;
    time(
        cargo()
            .args(["build", "--quiet"])
            .current_dir(root)
            .env("CARGO_TARGET_DIR", root.join("target"))
            .env("CARGO_INCREMENTAL", "0"),
    )
}
