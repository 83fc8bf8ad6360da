//! The sessions of docs/cli.md give what the page says.

use std::{
    env, fs,
    path::Path,
    process::{Command, Stdio},
};

use crate::fixture;

/// Runs one command as a shell would, with the built program on its path.
fn shell(command: &str) -> String {
    let program = Path::new(env!("CARGO_BIN_EXE_soft-delete"));
    let mut path = vec![program.parent().expect("a directory").to_owned()];
    path.extend(env::split_paths(&env::var_os("PATH").unwrap_or_default()));
    let output = Command::new("sh")
        .args(["-c", &format!("{{ {command}; }} 2>&1")])
        .env("PATH", env::join_paths(path).expect("a path"))
        .current_dir(fixture())
        .stdin(Stdio::null())
        .output()
        .expect("sh runs");
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// Replaces what follows each `$ command` of the console blocks by what it prints.
fn replay(page: &str) -> (String, usize) {
    let (mut text, mut inside, mut commands) = (String::new(), false, 0);
    for line in page.lines() {
        if inside && line != "```" {
            if let Some(command) = line.strip_prefix("$ ") {
                commands += 1;
                let printed = shell(command);
                for line in [line, printed.trim_end()] {
                    text.push_str(line);
                    text.push('\n');
                }
            }
            continue;
        }
        if line == "```console" || inside {
            inside = !inside;
        }
        text.push_str(line);
        text.push('\n');
    }
    (text, commands)
}

#[test]
fn the_sessions_of_the_page_are_what_the_program_prints() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/cli.md");
    let page = fs::read_to_string(&path).expect("docs/cli.md is there");
    let (replayed, commands) = replay(&page);
    assert!(commands >= 8, "{commands} commands");
    if env::var_os("SOFT_DELETE_BLESS").is_some() {
        fs::write(&path, &replayed).expect("docs/cli.md can be written");
    }
    assert_eq!(
        page, replayed,
        "SOFT_DELETE_BLESS=1 writes what is printed now"
    );
}
