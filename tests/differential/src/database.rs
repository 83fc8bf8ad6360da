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
    /// It ran into the limit on work, or ended the server, which says nothing about the statement.
    TooExpensive,
    /// The database's message.
    Rejected(String),
}

/// The variable that lists the databases which the gate was told to leave out.
const WITHOUT: &str = "SOFT_DELETE_TEST_WITHOUT";

/// The URL of a server on which databases may be created; `None` where the run was told to do
/// without it.
pub(crate) fn server(dialect: Dialect) -> Option<String> {
    let name = dialect.name();
    let without = std::env::var(WITHOUT).unwrap_or_default();
    if without.split(',').any(|other| other == name) {
        eprintln!("left out: {WITHOUT} names {name}");
        return None;
    }
    let variable = format!("SOFT_DELETE_TEST_{}_URL", name.to_uppercase());
    let url = std::env::var(&variable)
        .unwrap_or_else(|_| panic!("set {variable} to a server on which databases may be created"));
    Some(url)
}

pub(crate) trait Database {
    fn dialect(&self) -> Dialect;

    /// Makes both sides anew.
    fn load(&mut self, world: &World);

    /// Gives some tables of a side the rows that this world has, whose schema is the loaded one.
    fn refill(&mut self, side: Side, world: &World, tables: &[usize]);

    /// Runs a statement, then the queries that look at what it did; nothing of it stays.
    /// The first rows are the statement's own.
    fn run(&mut self, side: Side, sql: &str, then: &[String]) -> Result<Vec<Rows>, Fault>;

    /// The same by another plan, the `way`-th of those that this database can be made to take.
    fn run_otherwise(
        &mut self,
        _way: usize,
        _side: Side,
        _sql: &str,
        _then: &[String],
    ) -> Option<Result<Vec<Rows>, Fault>> {
        None
    }
}
