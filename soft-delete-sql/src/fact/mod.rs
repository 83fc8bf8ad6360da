//! Facts of the schema that go wrong in production: each is an error at the model of the table, with
//! the migration to write, and can be accepted by name in soft-delete.toml.

mod cascade;
mod counts_tombstones;
mod delete_trigger;
mod detach;
mod migration;
mod no_key;
mod nullable_column;
mod nullable_flag;
mod nullable_marker_in_key;
mod on_delete;
mod policy_missing;
mod rebuild;
mod row_security;
mod sql_type;
#[cfg(test)]
mod tests;
mod text;

pub use no_key::no_key;
pub use nullable_column::nullable_column;

use std::collections::BTreeSet;

use crate::{
    Code, Diagnostic, Schema,
    lifecycle::graph::{Edge, edges},
    schema::{ForeignKey, KeyPart, Policy, Table, Unique, quoted},
};

/// The names under which facts are accepted, with a reason.
pub const NAMES: [&str; 7] = [
    counts_tombstones::ACCEPT,
    nullable_marker_in_key::ACCEPT,
    nullable_column::ACCEPT,
    on_delete::ACCEPT,
    delete_trigger::ACCEPT,
    row_security::REFUSES,
    row_security::SKIPPED,
];

/// A fact that stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// What is wrong, why, and both ways out as help.
    pub diagnostic: Diagnostic,
    /// The migration to write; empty where there is none.
    pub migration: String,
    /// What to write in soft-delete.toml instead; empty where there is nothing.
    pub settings: String,
}

/// The facts that stand against a model of the table.
#[must_use]
pub fn facts(schema: &Schema, table: usize) -> Vec<Fact> {
    let Some(subject) = Subject::of(schema, table) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    found.extend(nullable_flag::fact(&subject));
    found.extend(nullable_marker_in_key::fact(&subject));
    found.extend(counts_tombstones::fact(&subject));
    found.extend(policy_missing::fact(&subject));
    found.extend(cascade::facts(&subject));
    found.extend(detach::facts(&subject));
    found.extend(on_delete::fact(&subject));
    found.extend(delete_trigger::fact(&subject));
    found.extend(row_security::facts(&subject));
    found
}

/// [`facts`] as they are shown.
#[must_use]
pub fn check(schema: &Schema, table: usize) -> Vec<Diagnostic> {
    let facts = facts(schema, table).into_iter();
    facts.map(|fact| fact.diagnostic).collect()
}

/// What of a table an accepted fact can be narrowed to.
pub(crate) fn subjects(table: &Table) -> Vec<String> {
    let uniques = table.uniques.iter().map(unique_subject);
    let keys = table.foreign_keys.iter().map(key_subject);
    let attachments = table.attachments.iter().map(|known| known.name.clone());
    let columns = table.columns.iter().map(|column| column.name.clone());
    let constraints = uniques.chain(keys).chain(attachments);
    constraints.chain(columns).collect()
}

/// The name of a unique key; its columns where it has none.
fn unique_subject(unique: &Unique) -> String {
    unique.name.clone().unwrap_or_else(|| {
        let parts = unique.key.iter().map(|part| match part {
            KeyPart::Column(text) | KeyPart::Expression(text) => text.as_str(),
        });
        parts.collect::<Vec<_>>().join("_")
    })
}

/// The name of a foreign key; its columns where it has none.
fn key_subject(key: &ForeignKey) -> String {
    key.name.clone().unwrap_or_else(|| key.columns.join("_"))
}

/// The table that is judged.
struct Subject<'s> {
    schema: &'s Schema,
    table: &'s Table,
    /// The condition of its live rows, with bare columns.
    live: String,
    /// Every foreign key of the schema.
    edges: Vec<Edge>,
    /// The tables whose rows a soft delete of a row of this one takes along: itself, and behind
    /// `cascade`.
    reached: Vec<usize>,
}

impl<'s> Subject<'s> {
    fn of(schema: &'s Schema, at: usize) -> Option<Self> {
        let table = schema.tables.get(at)?;
        let edges = edges(schema);
        let mut reached = vec![at];
        let mut next = 0;
        while let Some(&parent) = reached.get(next) {
            for edge in &edges {
                let follows = edge.parent == parent && edge.policy == Some(Policy::Cascade);
                let is_soft = schema.tables[edge.child].marker.is_some();
                if follows && is_soft && !reached.contains(&edge.child) {
                    reached.push(edge.child);
                }
            }
            next += 1;
        }
        Some(Self {
            schema,
            table,
            live: crate::scope::live(schema.dialect, table)?,
            edges,
            reached,
        })
    }

    /// The table's name for the eye.
    fn name(&self) -> String {
        self.table.name.to_string()
    }

    /// A fact about named parts of the table, that can be accepted for each of them.
    fn about(&self, accept: &str, of: &BTreeSet<String>, fault: Diagnostic, cure: Cure) -> Fact {
        let mut lines = vec![format!("[tables.{}.accept]", quoted(&self.name()))];
        let narrow = |name: &String| format!("{accept}.{} = \"…\"", quoted(name));
        lines.extend(of.iter().map(narrow));
        cure.fact(fault, "accept it, with the reason,", lines.join("\n"))
    }
}

/// How a fact is mended.
enum Cure {
    /// By a migration.
    Migration(String),
    /// By something that is said in words.
    Words(String),
}

impl Cure {
    fn fact(self, fault: Diagnostic, instead: &str, settings: String) -> Fact {
        let (words, joint, migration) = match self {
            Self::Migration(sql) => (format!("write a migration:\n{sql}"), "\nor ", sql),
            Self::Words(words) => (words, "; ", String::new()),
        };
        let mut help = format!("{words}{joint}{instead}");
        if !settings.is_empty() {
            help.push_str(" in soft-delete.toml:\n");
            help.push_str(&settings);
        }
        Fact {
            diagnostic: fault.help(help),
            migration,
            settings,
        }
    }
}

/// A diagnostic of a fact.
fn fault(code: Code, message: String, why: impl Into<String>) -> Diagnostic {
    Diagnostic::new(code, message).why(why)
}

/// `a` and `b`
fn listed(names: &BTreeSet<String>) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    names.join(", ")
}
