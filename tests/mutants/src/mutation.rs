//! A mutation, as a change of the source and as a switch in it.

use std::ops::Range;

use clap::ValueEnum;

/// One change of one file.
#[derive(Debug, Clone)]
pub(crate) struct Mutation {
    /// The file, relative to the package.
    pub(crate) file: String,
    /// The line it begins on.
    pub(crate) line: usize,
    /// The function it stands in.
    pub(crate) function: String,
    /// What is changed, for the reader.
    pub(crate) what: String,
    /// Who proposed it.
    pub(crate) origin: Origin,
    /// The change itself.
    pub(crate) bytes: Range<usize>,
    pub(crate) text: String,
    /// The change as a switch; `None` where only a build of its own can show it.
    pub(crate) switch: Option<Switch>,
}

/// Where a mutation comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(crate) enum Origin {
    /// The list of cargo-mutants.
    Listed,
    /// Smaller than what cargo-mutants does: one operand, one statement, one alternative.
    Finer,
}

/// How a mutation is chosen at run time.
#[derive(Debug, Clone)]
pub(crate) enum Switch {
    /// The expression, or another one in its place.
    Instead { bytes: Range<usize>, text: String },
    /// The statement, or nothing.
    Unless(Range<usize>),
    /// The function returns at once.
    Return { at: usize, text: String },
    /// A match arm that is never taken. `guard` is the arm's own.
    Never {
        guard: Option<Range<usize>>,
        pattern_end: usize,
    },
    /// The function calls a copy of itself that has the mutation in it.
    Copy {
        at: usize,
        call: String,
        end: usize,
        text: String,
    },
}

impl Mutation {
    /// The file with this mutation and no other.
    pub(crate) fn alone(&self, source: &str) -> String {
        format!(
            "{}{}{}",
            &source[..self.bytes.start],
            self.text,
            &source[self.bytes.end..]
        )
    }
}

/// The call that asks whether a mutation is the chosen one.
fn on(id: usize) -> String {
    format!("crate::mutant::on({id})")
}

/// A piece of text put into the source.
struct Insertion {
    at: usize,
    /// Closings in front of openings; of openings the longest first, of closings the shortest.
    order: (u8, i64, i64),
    id: usize,
    part: Part,
    text: String,
}

/// Which part of a mutant a piece of text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Opens,
    Closes,
    Copy,
}

/// Where a piece of a mutant stands in the source with the switches.
#[derive(Debug)]
pub(crate) struct Piece {
    pub(crate) id: usize,
    pub(crate) part: Part,
    pub(crate) bytes: Range<usize>,
}

/// The source with a switch for every mutation in it, and where each of them stands in the result.
pub(crate) fn switched(source: &str, mutations: &[(usize, &Mutation)]) -> (String, Vec<Piece>) {
    let mut insertions = Vec::new();
    for &(id, mutation) in mutations {
        let Some(switch) = &mutation.switch else {
            continue;
        };
        let order = i64::try_from(id).unwrap_or(i64::MAX);
        let mut around = |bytes: &Range<usize>, open: String, close: &str| {
            let length = i64::try_from(bytes.len()).unwrap_or(i64::MAX);
            insertions.push(Insertion {
                at: bytes.start,
                order: (1, -length, order),
                id,
                part: Part::Opens,
                text: open,
            });
            insertions.push(Insertion {
                at: bytes.end,
                order: (0, length, -order),
                id,
                part: Part::Closes,
                text: close.to_owned(),
            });
        };
        match switch {
            Switch::Instead { bytes, text } => {
                // A `match` can be a statement, which parentheses would need a semicolon for.
                let [open, close] = if source[bytes.clone()].starts_with("match ") {
                    ["{ ", "}"]
                } else {
                    ["(", ")"]
                };
                around(
                    bytes,
                    format!("{open}if {} {{ {text} }} else {{ ", on(id)),
                    &format!(" }}{close}"),
                );
            }
            Switch::Unless(bytes) => around(bytes, format!("if !{} {{ ", on(id)), " }"),
            Switch::Return { at, text } => insertions.push(Insertion {
                at: *at,
                order: (1, i64::MIN, order),
                id,
                part: Part::Opens,
                text: format!(" if {} {{ return {text}; }} ", on(id)),
            }),
            Switch::Never {
                guard: Some(guard), ..
            } => around(guard, format!("(!{} && (", on(id)), "))"),
            Switch::Never { pattern_end, .. } => insertions.push(Insertion {
                at: *pattern_end,
                order: (0, i64::MAX, order),
                id,
                part: Part::Opens,
                text: format!(" if !{}", on(id)),
            }),
            Switch::Copy {
                at,
                call,
                end,
                text,
            } => {
                insertions.push(Insertion {
                    at: *at,
                    order: (1, i64::MIN, order),
                    id,
                    part: Part::Opens,
                    text: format!(" if {} {{ return {call}; }} ", on(id)),
                });
                insertions.push(Insertion {
                    at: *end,
                    order: (0, i64::MAX, order),
                    id,
                    part: Part::Copy,
                    text: text.clone(),
                });
            }
        }
    }
    insertions.sort_by_key(|insertion| (insertion.at, insertion.order));
    let mut text = String::with_capacity(source.len() * 4);
    let mut places = Vec::new();
    let mut copied = 0;
    for insertion in insertions {
        text.push_str(&source[copied..insertion.at]);
        copied = insertion.at;
        let start = text.len();
        text.push_str(&insertion.text);
        places.push(Piece {
            id: insertion.id,
            part: insertion.part,
            bytes: start..text.len(),
        });
    }
    text.push_str(&source[copied..]);
    (text, places)
}
