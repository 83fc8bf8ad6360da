//! What an application does to the graph.

use super::{Id, Row, Table};

/// Which rows an operation on many is about.
#[derive(Debug, Clone)]
pub(crate) enum Rows {
    Keys(Vec<i64>),
    /// Those that a step deleted.
    Operation(usize),
    Actor(i64),
}

#[derive(Debug, Clone)]
pub(crate) enum Action {
    Insert(Id, Row),
    /// A reference is written: of the row, the how manieth, to which key.
    Refer(Id, usize, Option<i64>),
    /// A team is put on hold, or no longer.
    Hold(i64, bool),
    /// An invoice is deleted by a write of the application.
    Pay(i64),
    /// A visit is removed by one.
    Forget(i64),
    SoftDelete(Id, i64),
    SoftDeleteAll(Table, Vec<i64>, i64),
    /// With `true` it leaves deleted what cannot come back besides.
    Restore(Id, bool),
    RestoreAll(Table, Rows),
    /// With `true` an erasure, else a purge.
    Remove(Id, bool),
    PurgeAll(Table, Rows),
    EraseAll(Table, Vec<i64>),
}
