//! What an operation does, or why it does nothing.

use std::collections::{BTreeMap, BTreeSet};

use super::{Edge, Id, Set, Table};

pub(super) type Counts = BTreeMap<&'static str, u64>;

/// What an operation did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Done {
    pub(crate) rows: u64,
    pub(crate) dependents: Counts,
    pub(crate) detached: Counts,
    pub(crate) reattached: Counts,
    pub(crate) overwritten: Counts,
    /// Rows of the table itself that it passed over.
    pub(crate) blocked: u64,
    /// Other rows were left deleted.
    pub(crate) leaves: bool,
}

/// Why it did nothing: any of what is listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refusal {
    NotFound,
    AlreadyDeleted,
    NotDeleted,
    Held,
    Erased,
    Conflict(Table),
    ParentDeleted(Vec<Table>),
    Restricted(Vec<(Table, u64)>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Expected {
    Done(Done),
    Refused(Refusal),
    /// A write that the database itself refuses, or that means nothing: it is left out.
    Nothing,
    /// Two rows that want one name in one operation: it may refuse, or take one.
    Unsaid,
}

impl Done {
    pub(super) fn of(roots: &[Id], set: &Set) -> Self {
        let distinct: BTreeSet<&Id> = roots.iter().collect();
        let mut done = Self {
            rows: distinct.len() as u64,
            ..Self::default()
        };
        for id in set.iter().filter(|id| !roots.contains(id)) {
            add(&mut done.dependents, id.0);
        }
        done
    }
}

pub(super) fn add(counts: &mut Counts, table: Table) {
    *counts.entry(table.name()).or_default() += 1;
}

/// How many rows of each foreign key.
pub(super) fn by_table(edges: &[Edge]) -> Vec<(Table, u64)> {
    let count = |edge: &Edge| edges.iter().filter(|other| *other == edge).count() as u64;
    edges.iter().map(|edge| (edge.child, count(edge))).collect()
}
