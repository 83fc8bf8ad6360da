//! One build with every mutant in it.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

use anyhow::{Result, bail};
use serde::Deserialize;

use crate::{
    copies,
    mutation::{Mutation, Part, Piece, Switch, switched},
    tree::Tree,
    walk,
};

/// How a mutant is called that needs a copy of its function, one that must be built alone, and one
/// that never compiles.
const COPIED: &str = "copied ";
const ALONE: &str = "alone ";
const UNVIABLE: &str = "unviable ";

/// By file: where the text of the mutants stands.
type Insertions = BTreeMap<String, Vec<Piece>>;

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
    /// Not to be compiled: the function cannot return what the mutant returns, or says so of a
    /// copy of it.
    pub(crate) unviable: Vec<usize>,
}

/// Puts every mutant behind its switch, where that compiles, else into a copy of its function.
pub(crate) fn switch(tree: &Tree, mutations: &mut [Mutation]) -> Result<Switched> {
    // What a build before this one found out: only the first has to find it by trying.
    let known = tree.known();
    let known_as = |mutation: &Mutation, what: &str| {
        let name = mutation.name();
        known
            .iter()
            .any(|line| line.strip_prefix(what) == Some(&name))
    };
    let mut attempt = Attempt {
        tree,
        copied: BTreeSet::new(),
        alone: BTreeSet::new(),
        unviable: BTreeSet::new(),
    };
    for (id, mutation) in mutations.iter_mut().enumerate() {
        if known_as(mutation, UNVIABLE) {
            attempt.unviable.insert(id);
        } else if known_as(mutation, ALONE) {
            attempt.alone.insert(id);
        } else if mutation.switch.is_none() || known_as(mutation, COPIED) {
            attempt.no_switch(id, mutation)?;
        }
    }
    tree.put_switch()?;
    for _ in 0..30 {
        let places = attempt.put(mutations)?;
        let errors = check(tree)?;
        if errors.is_empty() {
            attempt.keep(mutations)?;
            return Ok(attempt.switched(mutations.len()));
        }
        let before = attempt.count();
        let own: Vec<&Piece> = errors.iter().flat_map(|error| error.own(&places)).collect();
        for piece in own {
            let returns = matches!(mutations[piece.id].switch, Some(Switch::Return { .. }));
            if returns || piece.part == Part::Copy {
                attempt.unviable.insert(piece.id);
            }
        }
        let blamed: BTreeSet<usize> = errors
            .iter()
            .flat_map(|error| error.blamed(&places))
            .collect();
        for id in blamed {
            attempt.no_switch(id, &mut mutations[id])?;
        }
        if attempt.count() == before {
            let between: BTreeSet<usize> = errors
                .iter()
                .flat_map(|error| error.between(&places))
                .collect();
            for id in between {
                attempt.no_switch(id, &mut mutations[id])?;
            }
        }
        if attempt.count() == before {
            let rendered = errors.iter().filter_map(|error| error.rendered.as_deref());
            bail!(
                "the switches do not compile:\n{}",
                rendered.collect::<String>()
            );
        }
        eprintln!("{} mutants do not compile as switches", attempt.count());
    }
    bail!("the switches never compile")
}

/// What did not compile until now.
struct Attempt<'t> {
    tree: &'t Tree,
    copied: BTreeSet<usize>,
    alone: BTreeSet<usize>,
    unviable: BTreeSet<usize>,
}

impl Attempt<'_> {
    /// Grows with every error that is understood.
    fn count(&self) -> usize {
        self.copied.len() + self.alone.len() + self.unviable.len()
    }

    /// A copy for what no switch can hold, and a build of its own where no copy can.
    fn no_switch(&mut self, id: usize, mutation: &mut Mutation) -> Result<()> {
        if self.unviable.contains(&id) {
            return Ok(());
        }
        let source = self.tree.original(&mutation.file)?;
        let is_new = self.copied.insert(id);
        match copies::switch(source, id, mutation)? {
            Some(copy) if is_new => mutation.switch = Some(copy),
            _ => {
                self.alone.insert(id);
            }
        }
        Ok(())
    }

    /// Writes the files with the switches.
    fn put(&self, mutations: &[Mutation]) -> Result<Insertions> {
        let mut files: BTreeMap<&str, Vec<(usize, &Mutation)>> = BTreeMap::new();
        for (id, mutation) in mutations.iter().enumerate() {
            let own = files.entry(&mutation.file).or_default();
            if !self.unviable.contains(&id) && !self.alone.contains(&id) {
                own.push((id, mutation));
            }
        }
        let mut places = BTreeMap::new();
        for (file, own) in files {
            let source = variables(file, self.tree.original(file)?)?;
            let (text, found) = switched(&source, &own);
            self.tree.put(file, &text)?;
            places.insert(file.to_owned(), found);
        }
        Ok(places)
    }

    /// Keeps what was found out for the next build.
    fn keep(&self, mutations: &[Mutation]) -> Result<()> {
        let all = [
            (UNVIABLE, &self.unviable),
            (ALONE, &self.alone),
            (COPIED, &self.copied),
        ];
        let lines = all.iter().flat_map(|(what, ids)| {
            ids.iter()
                .map(move |id| format!("{what}{}", mutations[*id].name()))
        });
        self.tree.keep(lines)
    }

    fn switched(&self, count: usize) -> Switched {
        let mut switched = Switched::default();
        for id in 0..count {
            if self.unviable.contains(&id) {
                switched.unviable.push(id);
            } else if self.alone.contains(&id) {
                switched.alone.push(id);
            } else {
                switched.together.push(id);
            }
        }
        switched
    }
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
                .filter(|piece| start < piece.bytes.start && piece.bytes.end < end);
            blamed.extend(between.map(|piece| piece.id));
        }
        blamed
    }

    /// The pieces of mutants in which the error stands.
    fn own<'p>(&self, places: &'p Insertions) -> Vec<&'p Piece> {
        let spans = self.spans.iter().filter(|span| span.is_primary);
        spans.filter_map(|span| span.inside(places)).collect()
    }
}

impl SpanOf {
    fn pieces<'p>(&self, places: &'p Insertions) -> Option<&'p Vec<Piece>> {
        let (_, found) = places
            .iter()
            .find(|(file, _)| self.file_name.ends_with(file.as_str()))?;
        Some(found)
    }

    fn inside<'p>(&self, places: &'p Insertions) -> Option<&'p Piece> {
        let mut found = self.pieces(places)?.iter();
        found
            .rfind(|piece| piece.bytes.start <= self.byte_start && self.byte_end <= piece.bytes.end)
    }

    fn cause(&self, places: &Insertions) -> Option<usize> {
        let found = self.pieces(places)?;
        let inside = found
            .iter()
            .rfind(|piece| piece.bytes.contains(&self.byte_start))
            .map(|piece| piece.id);
        inside.or_else(|| {
            let length = |open: &Piece| {
                let close = found.iter().find(|close| {
                    close.id == open.id
                        && close.part == Part::Closes
                        && close.bytes.start > open.bytes.start
                })?;
                (open.bytes.end <= self.byte_start && self.byte_end <= close.bytes.start)
                    .then_some((close.bytes.start - open.bytes.end, open.id))
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
