//! What shows soft-deletable rows without being a table of them: by the names in its text.

use std::collections::HashSet;

use crate::{
    Schema,
    schema::{Function, Table},
};

/// The name under which a table is accepted as it is, in `accept` of soft-delete.toml.
const ACCEPTED: &str = "leaky";

/// What stands before soft-deletable tables.
pub(super) struct Behind {
    /// Soft-deletable tables, and the relations and functions that mention one of them, at any
    /// depth.
    names: HashSet<String>,
    /// The functions among them, by their index in the schema.
    pub(super) functions: HashSet<usize>,
}

impl Behind {
    pub(super) fn of(schema: &Schema) -> Self {
        let is_soft = |at: &usize| schema.tables[*at].marker.is_some();
        let tables = (0..schema.tables.len())
            .filter(|at| is_soft(at) || schema.descendants(*at).iter().any(is_soft))
            .map(|at| schema.tables[at].name.name.clone());
        let mut names: HashSet<String> = tables.collect();
        let mut functions = HashSet::new();
        loop {
            let before = (names.len(), functions.len());
            for table in &schema.tables {
                if !is_accepted(table) && mentions(&table.over, &names) {
                    names.insert(table.name.name.clone());
                }
            }
            for view in &schema.views {
                if view.declared.is_none() && mentions(&view.body, &names) {
                    names.insert(view.name.name.clone());
                }
            }
            for (at, function) in schema.functions.iter().enumerate() {
                if is_undeclared(function) && mentions(&function.body, &names) {
                    functions.insert(at);
                    names.insert(function.name.name.clone());
                }
            }
            if (names.len(), functions.len()) == before {
                return Self { names, functions };
            }
        }
    }
}

/// What a table shows that is not its own and may be soft-deleted.
pub(super) fn shown(schema: &Schema, table: &Table) -> Option<String> {
    if table.over.is_empty() || is_accepted(table) {
        return None;
    }
    named(&table.over, &Behind::of(schema).names).map(str::to_owned)
}

fn is_accepted(table: &Table) -> bool {
    table.settings.accepts(ACCEPTED)
}

fn is_undeclared(function: &Function) -> bool {
    function.declared.is_none() && !function.reads_nothing
}

/// True when one of the names stands as a word of the text, in strings as well: a body may build
/// its SQL.
pub(super) fn mentions(text: &str, names: &HashSet<String>) -> bool {
    named(text, names).is_some()
}

/// The name that stands in the text. One with other characters than those of a word (the symbol
/// of an operator, a quoted name with a space) is looked for as it is.
fn named<'a>(text: &str, names: &'a HashSet<String>) -> Option<&'a str> {
    if text.is_empty() {
        return None;
    }
    let is_word = |name: &str| name.chars().all(is_word_character);
    let odd = names
        .iter()
        .find(|name| !is_word(name) && text.contains(name.as_str()));
    let word = || {
        text.split(|c| !is_word_character(c))
            .find_map(|word| names.get(word).or_else(|| names.get(&word.to_lowercase())))
    };
    odd.or_else(word).map(String::as_str)
}

fn is_word_character(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '$'
}
