//! The two databases of a run: one with every row, one without the rows outside the scope.

use soft_delete_sql::Dialect;

use crate::world::World;

/// Rows as text.
pub(crate) type Rows = Vec<Vec<String>>;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    /// Every row.
    Dirty,
    /// Without the deleted rows, with copies of the other scopes.
    Clean,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It ran into the limit on work, which says nothing about the statement.
    TooExpensive,
    /// The database's message.
    Rejected(String),
}

pub(crate) trait Database {
    fn dialect(&self) -> Dialect;

    /// Makes both sides anew.
    fn load(&mut self, world: &World);

    /// Runs a statement, then the queries that look at what it did; nothing of it stays.
    /// The first rows are the statement's own.
    fn run(&mut self, side: Side, sql: &str, then: &[String]) -> Result<Vec<Rows>, Fault>;
}
