//! One build with every mutant in it.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
    path::PathBuf,
};

use anyhow::{Result, bail};
use serde::Deserialize;

use crate::{
    mutation::{Mutation, Switch, switched},
    tree::Tree,
    walk,
};

/// How a mutant is called that must be built alone, and one that never compiles.
const ALONE: &str = "alone ";
const UNVIABLE: &str = "unviable ";

/// By file: the mutants, and where their text stands.
type Insertions = BTreeMap<String, Vec<(usize, Range<usize>)>>;

/// A line of `cargo --message-format=json`.
#[derive(Deserialize)]
struct Line {
    reason: String,
    message: Option<Message>,
    executable: Option<PathBuf>,
    target: Option<Target>,
}

#[derive(Deserialize)]
struct Target {
    name: String,
}

#[derive(Deserialize)]
pub(crate) struct Message {
    level: String,
    spans: Vec<SpanOf>,
    rendered: Option<String>,
}

#[derive(Deserialize)]
struct SpanOf {
    file_name: String,
    byte_start: usize,
    byte_end: usize,
    is_primary: bool,
}

/// What can be done with the mutants, by their places in the list.
#[derive(Default)]
pub(crate) struct Switched {
    /// Behind a switch, all in one build.
    pub(crate) together: Vec<usize>,
    /// Not to be switched: to be built alone.
    pub(crate) alone: Vec<usize>,
    /// The function cannot return what the mutant returns.
    pub(crate) unviable: Vec<usize>,
}

/// Puts every mutant behind its switch, where that compiles.
pub(crate) fn switch(tree: &Tree, mutations: &[Mutation]) -> Result<Switched> {
    // What a build before this one found out: only the first has to find it by trying.
    let known = tree.known();
    let known_as = |id: usize, what: &str| {
        let name = mutations[id].name();
        known
            .iter()
            .any(|line| line.strip_prefix(what) == Some(&name))
    };
    let mut unviable: BTreeSet<usize> = (0..mutations.len())
        .filter(|&id| known_as(id, UNVIABLE))
        .collect();
    let mut out: BTreeSet<usize> = (0..mutations.len())
        .filter(|&id| mutations[id].switch.is_none() || known_as(id, ALONE))
        .chain(unviable.iter().copied())
        .collect();
    let mut files: BTreeMap<&str, Vec<(usize, &Mutation)>> = BTreeMap::new();
    for (id, mutation) in mutations.iter().enumerate() {
        files
            .entry(&mutation.file)
            .or_default()
            .push((id, mutation));
    }
    tree.put_switch()?;
    for _ in 0..30 {
        let mut places = BTreeMap::new();
        for (file, own) in &files {
            let inside: Vec<_> = own
                .iter()
                .copied()
                .filter(|(id, _)| !out.contains(id))
                .collect();
            let source = variables(file, tree.original(file)?)?;
            let (text, found) = switched(&source, &inside);
            tree.put(file, &text)?;
            places.insert((*file).to_owned(), found);
        }
        let errors = check(tree)?;
        if errors.is_empty() {
            tree.keep(out.iter().map(|id| {
                let what = if unviable.contains(id) {
                    UNVIABLE
                } else {
                    ALONE
                };
                format!("{what}{}", mutations[*id].name())
            }))?;
            let mut switched = Switched::default();
            for id in 0..mutations.len() {
                if unviable.contains(&id) {
                    switched.unviable.push(id);
                } else if out.contains(&id) {
                    switched.alone.push(id);
                } else {
                    switched.together.push(id);
                }
            }
            return Ok(switched);
        }
        let before = out.len();
        let returns = |id: &usize| matches!(mutations[*id].switch, Some(Switch::Return { .. }));
        let own = errors.iter().flat_map(|error| error.own(&places));
        unviable.extend(own.filter(returns));
        out.extend(errors.iter().flat_map(|error| error.blamed(&places)));
        if out.len() == before {
            out.extend(errors.iter().flat_map(|error| error.between(&places)));
        }
        if out.len() == before {
            let rendered = errors.iter().filter_map(|error| error.rendered.as_deref());
            bail!(
                "the switches do not compile:\n{}",
                rendered.collect::<String>()
            );
        }
        eprintln!("{} mutants do not compile as switches", out.len());
    }
    bail!("the switches never compile")
}

/// Constants of functions as variables: same length, so that every byte keeps its place.
fn variables(file: &str, source: &str) -> Result<String> {
    let (places, _) = walk::walk(file, source)?;
    let mut text = source.to_owned();
    for at in places.local_constants {
        text.replace_range(at..at + "const".len(), "let  ");
    }
    Ok(text)
}

impl Message {
    /// The mutants that may be the cause: those whose text the error points into, else the
    /// innermost around it, else those within it; by its main place first.
    fn blamed(&self, places: &Insertions) -> Vec<usize> {
        for primary in [true, false] {
            let spans = self.spans.iter().filter(|span| span.is_primary == primary);
            let blamed: Vec<usize> = spans.filter_map(|span| span.cause(places)).collect();
            if !blamed.is_empty() {
                return blamed;
            }
        }
        Vec::new()
    }

    /// The mutants between the first and the last place that the error names: a jump may be
    /// what they take away.
    fn between(&self, places: &Insertions) -> Vec<usize> {
        let mut blamed = Vec::new();
        for (file, found) in places {
            let spans = || {
                self.spans
                    .iter()
                    .filter(|span| span.file_name.ends_with(file.as_str()))
            };
            let start = spans().map(|span| span.byte_start).min().unwrap_or(0);
            let end = spans().map(|span| span.byte_end).max().unwrap_or(0);
            let between = found
                .iter()
                .filter(|(_, range)| start < range.start && range.end < end);
            blamed.extend(between.map(|(id, _)| *id));
        }
        blamed
    }

    /// The mutants in whose own text the error stands.
    fn own(&self, places: &Insertions) -> Vec<usize> {
        let spans = self.spans.iter().filter(|span| span.is_primary);
        spans.filter_map(|span| span.inside(places)).collect()
    }
}

impl SpanOf {
    fn inside(&self, places: &Insertions) -> Option<usize> {
        let (_, found) = places
            .iter()
            .find(|(file, _)| self.file_name.ends_with(file.as_str()))?;
        let inside = found
            .iter()
            .filter(|(_, range)| range.start <= self.byte_start && self.byte_end <= range.end);
        inside.map(|(id, _)| *id).next_back()
    }

    fn cause(&self, places: &Insertions) -> Option<usize> {
        let (_, found) = places
            .iter()
            .find(|(file, _)| self.file_name.ends_with(file.as_str()))?;
        let inside = found
            .iter()
            .filter(|(_, range)| range.contains(&self.byte_start))
            .map(|(id, _)| *id)
            .next_back();
        inside.or_else(|| {
            let length = |(id, open): &(usize, Range<usize>)| {
                let (_, close) = found
                    .iter()
                    .find(|(other, range)| other == id && range.start > open.start)?;
                (open.end <= self.byte_start && self.byte_end <= close.start)
                    .then_some((close.start - open.end, *id))
            };
            found.iter().filter_map(length).min().map(|(_, id)| id)
        })
    }
}

/// The errors of `cargo check`.
pub(crate) fn check(tree: &Tree) -> Result<Vec<Message>> {
    let mut command = tree.cargo();
    command.args([
        "check",
        "--quiet",
        "--message-format=json",
        "--package=soft-delete-sql",
    ]);
    let output = command.output()?;
    let mut errors = Vec::new();
    for line in lines(&output.stdout) {
        if let Some(message) = line.message
            && message.level == "error"
            && !message.spans.is_empty()
        {
            errors.push(message);
        }
    }
    if errors.is_empty() && !output.status.success() {
        bail!(
            "cargo check failed:\n{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    Ok(errors)
}

/// Builds the tests of packages; the programs by name. `None` when they do not compile.
pub(crate) fn tests(tree: &Tree, arguments: &[&str]) -> Result<Option<Vec<(String, PathBuf)>>> {
    let mut command = tree.cargo();
    command.args(["test", "--no-run", "--quiet", "--message-format=json"]);
    command.args(arguments);
    let output = command.output()?;
    if !output.status.success() {
        return Ok(None);
    }
    let mut programs = Vec::new();
    for line in lines(&output.stdout) {
        if line.reason == "compiler-artifact"
            && let (Some(program), Some(target)) = (line.executable, line.target)
        {
            programs.push((target.name, program));
        }
    }
    Ok(Some(programs))
}

fn lines(output: &[u8]) -> Vec<Line> {
    String::from_utf8_lossy(output)
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect()
}
