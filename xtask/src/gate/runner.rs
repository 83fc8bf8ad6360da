//! Runs cargo, and the tests through cargo-nextest where it is installed.

use std::{
    collections::BTreeMap,
    env, fs,
    process::{Command, Stdio},
};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::step::Step;
use crate::{process, workspace};

/// What runs the tests.
///
/// Always over the whole workspace: with some packages only, cargo would enable fewer features
/// and compile the dependencies once more for every step.
#[derive(Debug)]
pub(super) struct Runner {
    nextest: bool,
    variables: BTreeMap<String, String>,
    /// The integration tests of each package.
    tests: BTreeMap<String, Vec<String>>,
}

impl Runner {
    pub(super) fn new() -> Result<Self> {
        let nextest = cargo()
            .args(["nextest", "--version"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success());
        Ok(Self {
            nextest,
            variables: BTreeMap::new(),
            tests: integration_tests()?,
        })
    }

    pub(super) const fn name(&self) -> &'static str {
        if self.nextest {
            "cargo nextest"
        } else {
            "cargo test (cargo-nextest is not installed)"
        }
    }

    /// Sets a variable for the tests.
    pub(super) fn set(&mut self, name: &str, value: &str) {
        self.variables.insert(name.to_owned(), value.to_owned());
    }

    /// A variable that was set.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str)
    }

    /// Runs a step that is no test.
    pub(super) fn step(&self, step: Step) -> Result<bool> {
        match step {
            Step::Fmt => self.cargo(&["fmt", "--all", "--check"], &[]),
            Step::Clippy => self.cargo(
                &[
                    "clippy",
                    "--workspace",
                    "--all-targets",
                    "--",
                    "-D",
                    "warnings",
                ],
                &[],
            ),
            Step::Rustdoc => self.cargo(
                &["doc", "--workspace", "--no-deps", "--quiet"],
                &[("RUSTDOCFLAGS", "-D warnings")],
            ),
            Step::Features => self.features(),
            Step::Doc => self.cargo(&["test", "--workspace", "--doc"], &[]),
            Step::Quickstart => self.quickstart(),
            _ => match step.package() {
                Some(package) => self.test(package),
                None => self.test_others(),
            },
        }
    }

    /// Builds every test.
    pub(super) fn build(&self) -> Result<bool> {
        let arguments: &[&str] = if self.nextest {
            &["nextest", "run", "--workspace", "--no-run"]
        } else {
            &["test", "--workspace", "--all-targets", "--no-run"]
        };
        self.cargo(arguments, &[])
    }

    /// Runs the tests of one package.
    fn test(&self, package: &str) -> Result<bool> {
        if self.nextest {
            return self.nextest(&format!("package(={package})"));
        }
        let Some(names) = self.tests.get(package).filter(|names| !names.is_empty()) else {
            bail!("the package {package} has no integration test");
        };
        self.cargo_test(&targets(names))
    }

    /// Runs the tests of the packages that are no step of their own.
    fn test_others(&self) -> Result<bool> {
        let own: Vec<&str> = Step::ALL.iter().filter_map(|step| step.package()).collect();
        if self.nextest {
            let packages: Vec<String> =
                own.iter().map(|name| format!("package(={name})")).collect();
            return self.nextest(&format!("not ({})", packages.join(" or ")));
        }
        let names: Vec<String> = self
            .tests
            .iter()
            .filter(|(package, _)| !own.contains(&package.as_str()))
            .flat_map(|(_, names)| names.clone())
            .collect();
        let mut arguments = vec!["--lib", "--bins"];
        let targets = targets(&names);
        arguments.extend(targets);
        self.cargo_test(&arguments)
    }

    fn nextest(&self, filter: &str) -> Result<bool> {
        self.cargo(
            &[
                "nextest",
                "run",
                "--workspace",
                "--no-fail-fast",
                "--status-level=fail",
                "--final-status-level=slow",
                "-E",
                filter,
            ],
            &[],
        )
    }

    fn cargo_test(&self, targets: &[&str]) -> Result<bool> {
        let mut arguments = vec!["test", "--workspace", "--no-fail-fast", "--quiet"];
        arguments.extend(targets);
        self.cargo(&arguments, &[])
    }

    fn features(&self) -> Result<bool> {
        let mut passed = true;
        for feature in ["", "sqlite", "postgres", "mysql", "sqlite,uuid"] {
            println!("--- features: [{feature}]");
            passed &= self.cargo(
                &[
                    "check",
                    "--quiet",
                    "--package=soft-delete",
                    "--no-default-features",
                    "--features",
                    feature,
                ],
                &[("RUSTFLAGS", &rust_flags())],
            )?;
        }
        Ok(passed)
    }

    /// Runs the quickstart as the README says and compares what it prints.
    fn quickstart(&self) -> Result<bool> {
        let output = process::output(
            self.prepare(&["run", "--quiet", "--package", "quickstart"])
                .stderr(Stdio::inherit()),
        )?;
        let file = workspace().join("examples/quickstart/expected.txt");
        let expected =
            fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
        print!("{output}");
        if output != expected {
            bail!("the quickstart does not print what {} says", file.display());
        }
        Ok(true)
    }

    fn cargo(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Result<bool> {
        let mut command = self.prepare(arguments);
        command.envs(variables.iter().copied());
        Ok(process::run(&mut command)?.success())
    }

    fn prepare(&self, arguments: &[&str]) -> Command {
        let mut command = cargo();
        command.args(arguments).envs(&self.variables);
        // What decides how a query is checked must come from the packages alone.
        for name in [
            "DATABASE_URL",
            "SQLX_OFFLINE",
            "SQLX_OFFLINE_DIR",
            "SOFT_DELETE_CONFIG",
        ] {
            command.env_remove(name);
        }
        command
    }
}

/// The flags that are in force anyway: others would compile everything once more.
fn rust_flags() -> String {
    env::var("RUSTFLAGS").unwrap_or_default()
}

fn cargo() -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(workspace());
    // `cargo run` sets these for us; the packages under test get their own from their cargo.
    for (name, _) in env::vars_os() {
        if name.as_encoded_bytes().starts_with(b"CARGO_PKG_") || name == "CARGO_MANIFEST_DIR" {
            command.env_remove(name);
        }
    }
    command
}

fn targets(names: &[String]) -> Vec<&str> {
    names
        .iter()
        .flat_map(|name| ["--test", name.as_str()])
        .collect()
}

/// The names of the integration tests of each package of the workspace.
fn integration_tests() -> Result<BTreeMap<String, Vec<String>>> {
    let text = process::output(cargo().args(["metadata", "--format-version=1", "--no-deps"]))?;
    let metadata: Value = serde_json::from_str(&text)?;
    let mut tests = BTreeMap::new();
    for package in array(&metadata["packages"]) {
        let names = array(&package["targets"])
            .iter()
            .filter(|target| array(&target["kind"]).iter().any(|kind| kind == "test"))
            .filter_map(|target| Some(target["name"].as_str()?.to_owned()))
            .collect();
        tests.insert(
            package["name"].as_str().unwrap_or_default().to_owned(),
            names,
        );
    }
    Ok(tests)
}

fn array(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}
