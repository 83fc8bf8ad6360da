//! What cargo-mutants lists, and how each of it is switched.

use std::{collections::BTreeMap, ops::Range};

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use crate::{
    mutation::{Mutation, Origin, Switch},
    tree::Tree,
    walk::{Places, short},
};

/// An entry of `cargo mutants --list --json`.
#[derive(Deserialize)]
struct Entry {
    file: String,
    function: Option<Function>,
    span: Span,
    replacement: String,
    genre: String,
    name: String,
}

#[derive(Deserialize)]
struct Function {
    function_name: String,
}

#[derive(Deserialize)]
struct Span {
    start: Place,
    end: Place,
}

#[derive(Deserialize)]
struct Place {
    line: usize,
    column: usize,
}

/// The list, for these files.
pub(crate) fn list(tree: &Tree, files: &BTreeMap<&str, (&str, Places)>) -> Result<Vec<Mutation>> {
    let mut command = tree.cargo_mutants();
    command.args(["--list", "--json", "--package=soft-delete-sql"]);
    command.arg(format!(
        "--file=soft-delete-sql/{}**/*.rs",
        tree.area().folder()
    ));
    let output = command.output().context("cannot start cargo")?;
    ensure!(
        output.status.success(),
        "`cargo mutants --list` failed; cargo install cargo-mutants --locked:\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let entries: Vec<Entry> = serde_json::from_slice(&output.stdout)?;
    let mut mutations = Vec::new();
    for entry in entries {
        let file = entry.file.trim_start_matches("soft-delete-sql/").to_owned();
        if let Some((source, places)) = files.get(file.as_str()) {
            mutations.push(entry.mutation(file, source, places));
        }
    }
    Ok(mutations)
}

impl Place {
    /// The byte in a file; columns count characters.
    fn byte(&self, source: &str) -> usize {
        let mut at = 0;
        for _ in 1..self.line {
            at += source[at..].find('\n').map_or(0, |end| end + 1);
        }
        let rest = &source[at..];
        let column = self.column.saturating_sub(1);
        at + rest
            .char_indices()
            .nth(column)
            .map_or(rest.len(), |(byte, _)| byte)
    }
}

impl Entry {
    fn mutation(self, file: String, source: &str, places: &Places) -> Mutation {
        let bytes = self.span.start.byte(source)..self.span.end.byte(source);
        let switch = if places.is_constant(bytes.start) {
            None
        } else {
            self.switch(&bytes, source, places)
        };
        // Without the place: lines move.
        let what = self
            .name
            .split_once(": ")
            .map_or(self.name.as_str(), |(_, what)| what);
        let of = match &switch {
            Some(Switch::Instead { bytes, .. }) => format!(": {}", short(&source[bytes.clone()])),
            _ => String::new(),
        };
        Mutation {
            file,
            line: self.span.start.line,
            function: self
                .function
                .map_or_else(String::new, |function| function.function_name),
            what: format!("{what}{of}"),
            origin: Origin::Listed,
            bytes,
            text: self.replacement,
            switch,
        }
    }

    fn switch(&self, bytes: &Range<usize>, source: &str, places: &Places) -> Option<Switch> {
        let plain = &self.replacement;
        // An unnamed type is one type: another iterator cannot stand beside it.
        if plain.starts_with("::std::iter::") {
            return None;
        }
        match self.genre.as_str() {
            "FnValue" => places
                .bodies
                .contains(&bytes.start)
                .then(|| Switch::Return {
                    at: bytes.start,
                    text: plain.clone(),
                }),
            "BinaryOperator" => places
                .binaries
                .get(&bytes.start)
                .map(|whole| Switch::Instead {
                    text: format!(
                        "{}{plain}{}",
                        &source[whole.start..bytes.start],
                        &source[bytes.end..whole.end]
                    ),
                    bytes: whole.clone(),
                }),
            "UnaryOperator" => {
                places
                    .unaries
                    .get(&bytes.start)
                    .map(|(whole, operand)| Switch::Instead {
                        bytes: whole.clone(),
                        text: source[operand.clone()].to_owned(),
                    })
            }
            "MatchArm" => places
                .arms
                .get(&bytes.start)
                .map(|(pattern_end, guard)| Switch::Never {
                    guard: guard.clone(),
                    pattern_end: *pattern_end,
                }),
            "MatchArmGuard" => places
                .guards
                .get(&bytes.start)
                .map(|guard| Switch::Instead {
                    bytes: guard.clone(),
                    text: plain.clone(),
                }),
            _ => None,
        }
    }
}
