//! `cargo check` of 1,000 calls of `soft_query!` next to 1,000 of `sqlx::query_as!`.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::SystemTime,
};

use anyhow::{Context, Result};

use super::{
    cargo, directory,
    generate::{self, Style},
    measure::{Time, least, time},
};

const QUERIES: usize = 1_000;

/// The most that `soft_query!` may take of what `query_as!` takes.
const AIM: f64 = 1.0;
const AIM_WITH_TYPECHECK: f64 = 1.15;

/// Prints the times and ratios; true when the aims are reached.
pub(super) fn run(repeat: u32) -> Result<bool> {
    let root = directory("check");
    let members: Vec<&str> = Style::ALL.map(Style::package).to_vec();
    generate::folder(
        &root,
        &format!("[workspace]\nresolver = \"3\"\nmembers = {members:?}\n"),
    )?;
    let mut sources = Vec::new();
    for style in Style::ALL {
        sources.push((style, generate::package(&root, style, QUERIES)?));
    }
    println!("preparing {}", root.display());
    prepare(&root)?;

    let mut times: Vec<Vec<Time>> = vec![Vec::new(); sources.len()];
    for _ in 0..repeat {
        for ((style, source), times) in sources.iter().zip(&mut times) {
            touch(source)?;
            times.push(time(check(&root, *style).env("SQLX_OFFLINE", "true"))?);
        }
    }
    println!("\ncargo check, {QUERIES} queries, least of {repeat}");
    println!(
        "{:<28}{:>9}{:>9}{:>16}",
        "crate", "CPU s", "wall s", "to query_as!"
    );
    let least: Vec<Time> = times.iter().filter_map(|times| least(times)).collect();
    let seconds = |style: Style| {
        let at = Style::ALL.iter().position(|other| *other == style);
        at.and_then(|at| least.get(at))
            .map_or(0.0, |time| time.cpu.as_secs_f64())
    };
    for (style, time) in Style::ALL.iter().zip(&least) {
        println!(
            "{:<28}{:>9.2}{:>9.2}{:>16.2}",
            style.package(),
            time.cpu.as_secs_f64(),
            time.wall.as_secs_f64(),
            seconds(*style) / seconds(Style::Sqlx)
        );
    }
    let reached = seconds(Style::Soft) < AIM * seconds(Style::Sqlx)
        && seconds(Style::SoftTypecheck) < AIM_WITH_TYPECHECK * seconds(Style::Sqlx);
    println!(
        "aim: below {AIM:.2}, with typecheck below {AIM_WITH_TYPECHECK:.2}: {}",
        if reached { "reached" } else { "NOT REACHED" }
    );
    Ok(reached)
}

/// Builds the dependencies, and lets sqlx's macros ask a database once and write down what it
/// said, which is what `cargo sqlx prepare` does.
fn prepare(root: &Path) -> Result<()> {
    let database = root.join("bench.db");
    let _ = fs::remove_file(&database);
    rusqlite::Connection::open(&database)?
        .execute_batch(&generate::schema())
        .context("cannot make the database")?;
    for style in Style::ALL {
        let cache: PathBuf = root.join(style.package()).join(".sqlx");
        fs::create_dir_all(&cache)?;
        touch(&root.join(style.package()).join("src/lib.rs"))?;
        let mut command = check(root, style);
        command
            .env("DATABASE_URL", format!("sqlite:{}", database.display()))
            .env("SQLX_OFFLINE_DIR", &cache);
        time(&mut command)?;
    }
    Ok(())
}

fn check(root: &Path, style: Style) -> Command {
    let mut command = cargo();
    command
        .args(["check", "--quiet", "--package", style.package()])
        .current_dir(root)
        .env("CARGO_TARGET_DIR", root.join("target"))
        .env("CARGO_INCREMENTAL", "0")
        .env_remove("DATABASE_URL")
        .env_remove("SQLX_OFFLINE_DIR");
    command
}

fn touch(file: &Path) -> Result<()> {
    fs::File::options()
        .append(true)
        .open(file)?
        .set_modified(SystemTime::now())
        .with_context(|| format!("cannot touch {}", file.display()))
}
