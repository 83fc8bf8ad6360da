//! A row, and who deleted it.

use super::Table;

/// Who deleted a row: the step of the sequence that is the operation, and the actor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Deletion {
    pub(crate) operation: usize,
    pub(crate) actor: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Row {
    pub(crate) references: [Option<i64>; 2],
    pub(crate) name: usize,
    pub(crate) held: bool,
    pub(crate) deleted: Option<Deletion>,
    /// An erasure has left it deleted.
    pub(crate) erased: bool,
    /// An erasure has overwritten its personal columns.
    pub(crate) overwritten: bool,
    /// The key that the row referenced, and the operation that took it away.
    pub(crate) detached: Option<(i64, usize)>,
}

pub(crate) type Id = (Table, i64);
