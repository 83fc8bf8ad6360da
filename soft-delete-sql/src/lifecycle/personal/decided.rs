//! What an erasure does with a table that has personal columns is said, and can be done.

use super::{is_kept, listing::person, persons};
use crate::{
    Code, Diagnostic, Dialect, Schema,
    diagnostic::nearest,
    lifecycle::{graph::Edge, record, rows::Rows},
    schema::{Erasure, Policy, Table, quoted},
};

/// What is undecided of a table.
pub(super) fn faults(schema: &Schema, edges: &[Edge], at: usize, place: &str) -> Vec<Diagnostic> {
    let judge = Judge {
        schema,
        edges,
        at,
        table: &schema.tables[at],
        place,
    };
    let mut found = Vec::new();
    found.extend(judge.erasure());
    found.extend(judge.unknown_person());
    let is_personal = judge.table.settings.personal.as_ref();
    if is_personal.is_some_and(|personal| !personal.is_empty()) {
        judge.ways(at, &mut vec![at], &mut found);
    }
    found.extend(judge.operation());
    found.extend(judge.moment());
    found.extend(judge.parent());
    found
}

struct Judge<'s> {
    schema: &'s Schema,
    edges: &'s [Edge],
    at: usize,
    table: &'s Table,
    place: &'s str,
}

impl Judge<'_> {
    fn fault(&self, message: &str, why: &str, help: String) -> Diagnostic {
        let message = format!("{}{message}", self.place);
        Diagnostic::new(Code::ErasureUndecided, message)
            .why(why)
            .help(help)
    }

    fn section(&self, table: usize) -> String {
        let name = self.schema.tables[table].name.to_string();
        format!("[tables.{}]", quoted(&name))
    }

    /// `erase` and `personal` stand together, on a table whose rows can be erased.
    fn erasure(&self) -> Option<Diagnostic> {
        let (name, settings) = (&self.table.name, &self.table.settings);
        let section = self.section(self.at);
        match (&settings.personal, settings.erase) {
            (_, Some(_)) if self.table.marker.is_none() => Some(self.fault(
                &format!("`{name}` says `erase`, and is not soft-deletable"),
                "no erasure is about its own rows",
                "leave `erase` out".to_owned(),
            )),
            (None, Some(Erasure::Overwrite)) => Some(self.fault(
                &format!("an erasure overwrites `{name}`, and no column of it is personal"),
                "every value of the row would stay",
                format!(
                    "name the columns, each with its new value, or `{{}}` where there is none:\n\
                     {section}\nerase = \"overwrite\"\npersonal = {{ … = \"NULL\" }}"
                ),
            )),
            (Some(_), None) if self.table.marker.is_some() => Some(self.fault(
                &format!("`{name}` has personal columns, and does not say what becomes of an erased row"),
                "a row that is removed leaves nothing; one that is overwritten keeps its other columns",
                format!(
                    "say that the row stays, deleted and without them:\n{section}\nerase = \"overwrite\"\n\
                     or that it goes:\n{section}\nerase = \"remove\""
                ),
            )),
            _ => None,
        }
    }

    fn unknown_person(&self) -> Vec<Diagnostic> {
        let own: Vec<&Edge> = self
            .edges
            .iter()
            .filter(|edge| edge.child == self.at)
            .collect();
        let firsts = |is_loop: bool| {
            let edges = own.iter().filter(move |edge| edge.is_loop() == is_loop);
            edges.filter_map(|edge| edge.columns.first().map(String::as_str))
        };
        let said = self.table.settings.person.iter().flatten();
        said.filter(|column| !firsts(false).any(|first| first == column.as_str()))
            .map(|column| {
                let name = &self.table.name;
                let message = if firsts(true).any(|first| first == column.as_str()) {
                    format!(
                        "`person` of `{name}` names `{column}`, which references `{name}` itself"
                    )
                } else {
                    format!("`person` of `{name}`: no foreign key begins with `{column}`")
                };
                let help = match nearest(column, firsts(false)) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!(
                        "expected one of: {}",
                        firsts(false).collect::<Vec<_>>().join(", ")
                    ),
                };
                self.fault(&message, "no way would lead to the person", help)
            })
            .collect()
    }

    /// Every table on the ways to the person says where they go on.
    fn ways(&self, from: usize, way: &mut Vec<usize>, found: &mut Vec<Diagnostic>) {
        let table = &self.schema.tables[from];
        let leads = leading(self.schema, self.edges, from);
        if table.settings.person.is_none() && !leads.is_empty() {
            let (own, name) = (&self.table.name, &table.name);
            let message = if from == self.at {
                format!("`{own}` has personal columns, and does not say whose data they are")
            } else {
                format!(
                    "`{own}` has personal columns, and `{name}` on the way to the person does not say where it goes on"
                )
            };
            found.push(self.fault(
                &message,
                "an erasure of the person overwrites them; that of somebody else must not",
                format!(
                    "keep those foreign keys that lead to the person; `[]` where the row itself is it:\n{}\n{}",
                    self.section(from),
                    person(&leads)
                ),
            ));
            return;
        }
        for edge in persons(self.schema, self.edges, from) {
            if way.contains(&edge.parent) {
                found.push(self.fault(
                    &format!(
                        "the way from `{}` to the person leads round in a circle, by `{}.{}`",
                        self.table.name,
                        table.name,
                        edge.columns.join(", ")
                    ),
                    "it would never end",
                    format!(
                        "take the foreign key out of `person` of {}",
                        self.section(from)
                    ),
                ));
                continue;
            }
            way.push(edge.parent);
            self.ways(edge.parent, way, found);
            way.pop();
        }
    }

    /// The rows of an erasure are found by its id.
    fn operation(&self) -> Option<Diagnostic> {
        let name = &self.table.name;
        if self.table.marker.is_none() || record::column(self.table, record::OPERATION).is_some() {
            return None;
        }
        let is_person = || {
            let tables = 0..self.schema.tables.len();
            tables.into_iter().any(|child| {
                let edges = persons(self.schema, self.edges, child);
                edges.iter().any(|edge| edge.parent == self.at)
            })
        };
        let kind = match self.schema.dialect {
            Dialect::Postgres => "UUID",
            Dialect::Sqlite => "TEXT",
            Dialect::Mysql => "CHAR(36)",
        };
        (is_kept(self.table) || is_person()).then(|| {
            self.fault(
                &format!("an erasure of `{name}` overwrites rows, and `{name}` has no column `deleted_operation`"),
                "the rows are found by the operation",
                format!("add it in a migration:\nALTER TABLE {name} ADD COLUMN deleted_operation {kind};"),
            )
        })
    }

    /// A row that stays tells that it was erased, or a restore would make it live.
    fn moment(&self) -> Option<Diagnostic> {
        let dialect = self.schema.dialect;
        let fits = record::erased(dialect, self.table).is_some();
        if !is_kept(self.table) || self.table.marker.is_none() || fits {
            return None;
        }
        let name = &self.table.name;
        let (lacks, help) = match record::column(self.table, record::ERASED) {
            None => (
                "has no column `erased_at`",
                format!("add it in a migration:\n{}", self.migration()),
            ),
            Some(own) if own.nullable => (
                "has an `erased_at` that takes no moment",
                format!("give it the type {}", self.moment_type()),
            ),
            Some(_) => (
                "has an `erased_at` that is NOT NULL",
                "let it be NULL, as it is until the row is erased".to_owned(),
            ),
        };
        let fault = self.fault(
            &format!("an erasure leaves the rows of `{name}`, and `{name}` {lacks}"),
            "nothing would tell an erased row from a deleted one, and a restore would make it live, without its data",
            help,
        );
        Some(fault)
    }

    /// Adds `erased_at`, and lets no erased row be live.
    fn migration(&self) -> String {
        let (name, column) = (&self.table.name, record::ERASED);
        let deleted = Rows::new(self.schema, self.at)
            .deleted("_")
            .replace("_.", "");
        let check = format!("CHECK ({column} IS NULL OR {deleted})");
        let kind = self.moment_type();
        // MySQL lets the check of a column speak of that column alone.
        let apart = match self.schema.dialect {
            Dialect::Mysql => ", ADD",
            Dialect::Postgres | Dialect::Sqlite => "",
        };
        format!("ALTER TABLE {name} ADD COLUMN {column} {kind}{apart} {check};")
    }

    const fn moment_type(&self) -> &'static str {
        match self.schema.dialect {
            Dialect::Postgres => "TIMESTAMPTZ",
            Dialect::Sqlite => "TEXT",
            Dialect::Mysql => "DATETIME(6) NULL",
        }
    }

    /// A row that stays cannot hang on one that goes.
    fn parent(&self) -> Option<Diagnostic> {
        if !is_kept(self.table) {
            return None;
        }
        let goes = |edge: &&Edge| {
            edge.child == self.at
                && edge.policy == Some(Policy::Cascade)
                && !is_kept(&self.schema.tables[edge.parent])
        };
        let edge = self.edges.iter().find(goes)?;
        let (name, parent) = (&self.table.name, &self.schema.tables[edge.parent].name);
        Some(self.fault(
            &format!("an erasure leaves the rows of `{name}`, and removes those of `{parent}` that they reference"),
            "the database would refuse every one",
            format!(
                "let both stay:\n{}\nerase = \"overwrite\"\npersonal = {{ }}\nor choose another policy than \
                 `cascade` for `{name}`, or `erase = \"remove\"` for it",
                self.section(edge.parent)
            ),
        ))
    }
}

/// The foreign keys of a table, by their first columns, that may lead to a row which can be erased.
pub(super) fn leading(schema: &Schema, edges: &[Edge], table: usize) -> Vec<String> {
    let mut found = Vec::new();
    let own = |edge: &&Edge| edge.child == table && !edge.is_loop();
    for edge in edges.iter().filter(own) {
        let (mut open, mut seen) = (vec![edge.parent], vec![table]);
        let mut leads = false;
        while let Some(parent) = open.pop() {
            leads |= schema.tables[parent].marker.is_some();
            if !seen.contains(&parent) {
                seen.push(parent);
                let above = edges.iter().filter(|above| above.child == parent);
                open.extend(above.map(|above| above.parent));
            }
        }
        let first = edge.columns.first().filter(|first| !found.contains(*first));
        found.extend(first.filter(|_| leads).cloned());
    }
    found
}
