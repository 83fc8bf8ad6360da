//! Runs the binaries as a user would.

mod docs;
mod expand;
mod explain;
mod jsonl;

use std::{
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// What a run of a binary gave.
#[derive(Debug)]
struct Ran {
    out: String,
    err: String,
    status: Option<i32>,
}

/// The directory with migrations and soft-delete.toml.
fn fixture() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixture")
}

/// Runs `soft-delete` in the fixture.
fn soft_delete(args: &[&str], input: &[u8]) -> Ran {
    run(env!("CARGO_BIN_EXE_soft-delete"), args, input)
}

fn run(program: &str, args: &[&str], input: &[u8]) -> Ran {
    let mut child = Command::new(program)
        .args(args)
        .current_dir(fixture())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    // It may end without reading.
    let _ = child.stdin.take().expect("a pipe").write_all(input);
    let output = child.wait_with_output().expect("the program ends");
    Ran {
        out: String::from_utf8(output.stdout).expect("standard output is UTF-8"),
        err: String::from_utf8(output.stderr).expect("standard error is UTF-8"),
        status: output.status.code(),
    }
}
