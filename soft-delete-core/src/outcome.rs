//! What an operation did.

use crate::OperationId;

/// What an operation did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Outcome {
    pub(crate) rows_affected: u64,
    pub(crate) operation_id: Option<OperationId>,
    /// In a box, as most operations are on rows that nothing hangs on.
    told: Option<Box<Told>>,
}

/// What an operation did besides the rows of its own table, by tables.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Told {
    pub(crate) dependents: Vec<TableRows>,
    pub(crate) detached: Vec<TableRows>,
    pub(crate) reattached: Vec<TableRows>,
    pub(crate) overwritten: Vec<TableRows>,
    pub(crate) left: Vec<LeftDeleted>,
}

/// A number of rows of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TableRows {
    /// The table.
    pub table: &'static str,
    /// How many.
    pub rows: u64,
}

/// Rows that a restore or a purge of many left as they were.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum LeftDeleted {
    /// A live row has the unique key that they would have.
    Conflict(TableRows),
    /// Their parent in the table is still deleted.
    ParentDeleted(TableRows),
    /// Rows of the operation's own table that it passed over, for one of these reasons, as they are on hold
    /// or as they were erased.
    Blocked(TableRows),
}

impl Told {
    /// Rows of a table that were told among the dependents are none after all.
    pub(crate) fn retract(&mut self, table: &'static str, rows: u64) {
        for told in &mut self.dependents {
            if told.table == table {
                told.rows = told.rows.saturating_sub(rows);
            }
        }
        self.dependents.retain(|told| told.rows > 0);
    }
}

impl Outcome {
    /// The number of rows of the operation's own table that changed their state or were removed.
    #[must_use]
    pub const fn rows_affected(&self) -> u64 {
        self.rows_affected
    }

    /// The id that stands on every row of the operation, where the table has a `deleted_operation`
    /// column.
    #[must_use]
    pub const fn operation_id(&self) -> Option<OperationId> {
        self.operation_id
    }

    /// The rows that followed, by their tables: those that a cascade reached.
    #[must_use]
    pub fn dependents(&self) -> &[TableRows] {
        self.told.as_ref().map_or(&[], |told| &told.dependents)
    }

    /// The rows whose reference was set to NULL, by their tables.
    #[must_use]
    pub fn detached(&self) -> &[TableRows] {
        self.told.as_ref().map_or(&[], |told| &told.detached)
    }

    /// The rows whose reference a restore gave back, by their tables.
    #[must_use]
    pub fn reattached(&self) -> &[TableRows] {
        self.told.as_ref().map_or(&[], |told| &told.reattached)
    }

    /// The rows that an erasure left with their personal columns overwritten, by their tables: erased ones,
    /// and those that hold data of the erased.
    #[must_use]
    pub fn overwritten(&self) -> &[TableRows] {
        self.told.as_ref().map_or(&[], |told| &told.overwritten)
    }

    /// The rows that a restore left deleted, always empty unless it was told to leave them; and those on hold,
    /// which a purge of many left.
    #[must_use]
    pub fn left_deleted(&self) -> &[LeftDeleted] {
        self.told.as_ref().map_or(&[], |told| &told.left)
    }

    pub(crate) fn of(rows_affected: u64, operation_id: Option<OperationId>) -> Self {
        Self {
            rows_affected,
            operation_id,
            told: None,
        }
    }

    /// Rows of the table itself that a stage removed are no dependents.
    pub(crate) fn settle_removed(&mut self, table: &'static str) {
        let Some(told) = &mut self.told else { return };
        let own = |rows: &TableRows| rows.table == table;
        if let Some(at) = told.dependents.iter().position(own) {
            self.rows_affected = told.dependents.remove(at).rows;
        }
        if **told == Told::default() {
            self.told = None;
        }
    }

    pub(crate) fn told(&mut self) -> &mut Told {
        self.told.get_or_insert_default()
    }
}

/// Adds rows to those of a table.
pub(crate) fn add(known: &mut Vec<TableRows>, table: &'static str, rows: u64) {
    match known.iter_mut().find(|known| known.table == table) {
        Some(known) => known.rows += rows,
        None => known.push(TableRows { table, rows }),
    }
}
