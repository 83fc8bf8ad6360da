//! Running the tests against a mutant.

use std::{
    io::{BufRead, BufReader},
    path::PathBuf,
    process::{Command, Stdio},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};

use crate::{
    build,
    mutation::Mutation,
    report::{Fate, Outcome},
    tree::Tree,
};

/// The variable that chooses the mutant.
const CHOSEN: &str = "SOFT_DELETE_MUTANT";

/// The variable that names the package whose schema the statements are made from when it runs.
const LIVE: &str = "SOFT_DELETE_LIVE";

/// What judges the mutants.
pub(crate) struct Tests {
    /// Packages whose tests run before those of the analyser.
    pub(crate) first: Vec<String>,
    /// Packages whose tests run where those of the analyser see nothing.
    pub(crate) then: Vec<String>,
    pub(crate) jobs: usize,
    pub(crate) timeout: u64,
}

/// The slowest tests of the analyser: they run where all others see nothing.
const SLOW: &str = "limits::";

/// The unit tests: those of them that are about what is mutated run first.
const LIBRARY: &str = "soft_delete_sql";

/// A program of tests, and which of them it runs.
struct Program {
    name: String,
    path: PathBuf,
    /// Where it runs.
    folder: PathBuf,
    arguments: Vec<&'static str>,
    /// How many of its tests run at once: those of a database wait for one another.
    threads: &'static str,
}

impl Tests {
    /// The programs, those of the analyser first.
    fn build(&self, tree: &Tree) -> Result<Option<Vec<Program>>> {
        let of_area = tree.area().tests();
        let own = [
            "--package=soft-delete-sql",
            "--lib",
            "--test=error_pages",
            "--test=semantics",
        ];
        let Some(mut built) = build::tests(tree, &own)? else {
            return Ok(None);
        };
        built.sort();
        let program = |(name, path): &(String, PathBuf), arguments: &[&'static str]| Program {
            name: name.clone(),
            path: path.clone(),
            folder: tree.root().join("soft-delete-sql"),
            arguments: arguments.to_vec(),
            threads: "1",
        };
        let fast = |built: &(String, PathBuf)| match built.0.as_str() {
            LIBRARY => program(built, &[of_area]),
            _ => program(built, &["--skip", SLOW]),
        };
        let mut programs = Vec::new();
        for package in &self.first {
            programs.extend(of_package(tree, package)?);
        }
        programs.extend(built.iter().map(fast));
        let slow = built.iter().filter(|(name, _)| name != LIBRARY);
        programs.extend(slow.map(|built| program(built, &[SLOW])));
        // What other modules ask of `scope`, their tests see.
        let library = built.iter().filter(|(name, _)| name == LIBRARY);
        programs.extend(library.map(|built| program(built, &["--skip", of_area])));
        for package in &self.then {
            programs.extend(of_package(tree, package)?);
        }
        Ok(Some(programs))
    }

    /// Who notices that the mutant is there.
    fn judge(&self, tree: &Tree, programs: &[Program], id: Option<usize>) -> Result<Fate> {
        for program in programs {
            let name = &program.name;
            if let Some(test) = self.fails(tree, program, id)? {
                return Ok(match test {
                    Failure::Test(test) => Fate::Caught(format!("{name}::{test}")),
                    Failure::Timeout => Fate::Timeout,
                });
            }
        }
        Ok(Fate::Missed)
    }

    /// The first test that fails; nothing after it is run.
    fn fails(&self, tree: &Tree, program: &Program, id: Option<usize>) -> Result<Option<Failure>> {
        let mut command = Command::new(&program.path);
        command
            .args(["--test-threads", program.threads])
            .args(&program.arguments)
            .current_dir(&program.folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        if tree.is_live() {
            command.env(LIVE, &program.folder);
        }
        if let Some(id) = id {
            command.env(CHOSEN, id.to_string());
        }
        let mut child = command
            .spawn()
            .with_context(|| format!("cannot start {}", program.path.display()))?;
        let output = child.stdout.take().context("no output")?;
        let (send, lines) = mpsc::channel();
        let reader = thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                if send.send(line).is_err() {
                    break;
                }
            }
        });
        let end = Instant::now() + Duration::from_secs(self.timeout);
        let mut running = String::new();
        let failure = loop {
            let left = end.saturating_duration_since(Instant::now());
            match lines.recv_timeout(left) {
                Ok(line) => {
                    if let Some(name) = line.strip_prefix("test ").and_then(failed) {
                        break Some(Failure::Test(name));
                    }
                    running = line;
                }
                Err(mpsc::RecvTimeoutError::Timeout) => break Some(Failure::Timeout),
                Err(mpsc::RecvTimeoutError::Disconnected) => {
                    let crashed = !child.wait()?.success();
                    break crashed.then(|| Failure::Test(format!("crash after {running}")));
                }
            }
        };
        // Gone already, or not of interest any more.
        let _ = child.kill();
        child.wait()?;
        drop(lines);
        let _ = reader.join();
        Ok(failure)
    }
}

/// The programs of a package of tests.
fn of_package(tree: &Tree, package: &str) -> Result<Vec<Program>> {
    let argument = format!("--package={package}");
    let Some(built) = build::tests(tree, &[&argument, "--tests"])? else {
        bail!("the tests of {package} do not build");
    };
    let folder = package.strip_prefix("test-").unwrap_or(package);
    let program = |(name, path)| Program {
        name,
        path,
        folder: tree.root().join("tests").join(folder),
        arguments: Vec::new(),
        threads: "4",
    };
    Ok(built.into_iter().map(program).collect())
}

enum Failure {
    Test(String),
    Timeout,
}

fn failed(line: &str) -> Option<String> {
    line.strip_suffix(" ... FAILED").map(str::to_owned)
}

/// Runs the tests against each mutant of the one build.
pub(crate) fn switched(
    tree: &Tree,
    tests: &Tests,
    mutations: &[Mutation],
    ids: &[usize],
) -> Result<Vec<Outcome>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let Some(programs) = tests.build(tree)? else {
        bail!("the tests do not build with the switches in them");
    };
    if !matches!(tests.judge(tree, &programs, None)?, Fate::Missed) {
        bail!("the tests fail without a mutant");
    }
    let next = AtomicUsize::new(0);
    let outcomes = Mutex::new(Vec::new());
    thread::scope(|scope| {
        let workers: Vec<_> = (0..tests.jobs)
            .map(|_| {
                scope.spawn(|| -> Result<()> {
                    while let Some(&id) = ids.get(next.fetch_add(1, Ordering::Relaxed)) {
                        let fate = tests.judge(tree, &programs, Some(id))?;
                        told(id, &mutations[id], &fate, ids.len());
                        outcomes
                            .lock()
                            .unwrap_or_else(PoisonError::into_inner)
                            .push(Outcome { id, fate });
                    }
                    Ok(())
                })
            })
            .collect();
        workers
            .into_iter()
            .try_for_each(|worker| worker.join().unwrap_or_else(|_| bail!("a worker panicked")))
    })?;
    Ok(outcomes
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner))
}

/// Builds a mutant of its own and runs the tests against it.
pub(crate) fn alone(tree: &Tree, tests: &Tests, id: usize, mutation: &Mutation) -> Result<Outcome> {
    tree.restore()?;
    let source = tree.original(&mutation.file)?;
    tree.put(&mutation.file, &mutation.alone(source))?;
    let fate = if build::check(tree)?.is_empty() {
        match tests.build(tree)? {
            Some(programs) => tests.judge(tree, &programs, None)?,
            None => Fate::Unviable,
        }
    } else {
        Fate::Unviable
    };
    told(id, mutation, &fate, 0);
    Ok(Outcome { id, fate })
}

fn told(id: usize, mutation: &Mutation, fate: &Fate, of: usize) {
    let name = mutation.name();
    eprintln!("{id}/{of} {fate}: {name}");
}
