//! The committed seeds go through their targets, and the targets are those that `fuzz/` builds.

use std::{fs, path::PathBuf, thread};

use soft_delete_sql::{
    Dialect, Request, Scope, ScopedSql, check,
    schema::{Config, from_sql},
};
use test_fuzz::{Outcome, TARGETS, Target, broken};

fn fuzz(directory: &str) -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../fuzz")).join(directory)
}

fn names(directory: &str) -> Vec<String> {
    let entries = fs::read_dir(fuzz(directory)).expect("the directory is part of the project");
    let mut names: Vec<String> = entries
        .map(|entry| {
            let path = entry.expect("an entry").path();
            let name = path.file_stem().expect("a name");
            name.to_str().expect("UTF-8").to_owned()
        })
        .collect();
    names.sort();
    names
}

fn seeds(target: &Target) -> Vec<(PathBuf, Vec<u8>)> {
    let directory = fuzz("corpus").join(target.name);
    let entries = fs::read_dir(&directory).expect("seeds are part of the project");
    entries
        .map(|entry| {
            let path = entry.expect("an entry").path();
            let data = fs::read(&path).expect("a seed");
            (path, data)
        })
        .collect()
}

/// On a stack as large as rustc's and libFuzzer's: a debug build needs more of it.
fn on_a_large_stack<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> thread::Result<T> {
    let thread = thread::Builder::new().stack_size(8 << 20).spawn(work);
    thread.expect("a thread").join()
}

#[test]
fn every_seed_keeps_the_promises_of_its_target() {
    let mut broken = Vec::new();
    for target in TARGETS {
        let mut accepted = 0;
        for (path, data) in seeds(target) {
            match on_a_large_stack(move || (target.run)(&data)) {
                Ok(Outcome::Accepted) => accepted += 1,
                Ok(Outcome::Refused) => {}
                Err(_) => broken.push(path),
            }
        }
        // A target that refuses whatever it is given looks at nothing.
        assert!(accepted > 2, "{}: {accepted} seeds accepted", target.name);
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn every_target_has_a_binary_and_seeds() {
    let mut targets: Vec<&str> = TARGETS.iter().map(|target| target.name).collect();
    targets.sort_unstable();
    assert_eq!(names("fuzz_targets"), targets);
    assert_eq!(names("corpus"), targets);
    let manifest = fs::read_to_string(fuzz("Cargo.toml")).expect("a manifest");
    for target in targets {
        assert!(
            manifest.contains(&format!("name = \"{target}\"")),
            "{target}"
        );
    }
}

#[test]
fn a_filter_that_is_lost_turned_round_or_untold_breaks_a_promise() {
    let tables = "CREATE TABLE contacts (id INTEGER PRIMARY KEY, deleted_at TIMESTAMP NULL);";
    let request = Request {
        sql: "SELECT 1 FROM contacts c LEFT JOIN contacts d ON d.id = c.id",
        scope: Some(Scope::Active),
        ..Request::default()
    };
    for dialect in Dialect::ALL {
        let schema = from_sql(dialect, tables, &Config::default()).expect("a schema");
        let checked = check(&schema, &request);
        let scoped = checked.scoped.expect("a scoped statement");
        let broken = |scoped: &ScopedSql| broken(&schema, &request, &checked.references, scoped);
        assert!(broken(&scoped).is_empty());

        let mut unfiltered = scoped.clone();
        unfiltered.edits.clear();
        request.sql.clone_into(&mut unfiltered.sql);
        assert!(!broken(&unfiltered).is_empty());

        let mut otherwise = scoped.clone();
        otherwise.sql = otherwise
            .sql
            .replace("d.deleted_at IS NULL", "d.deleted_at IS NOT NULL");
        assert!(!broken(&otherwise).is_empty());

        let mut untold = scoped;
        untold.edits.pop();
        assert!(!broken(&untold).is_empty());
    }
}
