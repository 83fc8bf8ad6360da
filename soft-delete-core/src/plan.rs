//! The statements of a table's operations, as the derive writes them down.

use crate::hook::Kind;

/// A statement, and what is bound to it in the order of its placeholders: a letter for each.
///
/// ```text
/// 0 1 2 …   a column of the row's key         a   who does it (NULL when not given)
/// K         all columns of all of many keys   r   why (NULL when not given)
/// o         the id of the operation           s   the id of the operation that is asked for
/// b         the actor that is asked for       f u the start and the end of a range of moments
/// ```
#[derive(Debug)]
pub struct Text {
    /// The SQL.
    pub sql: &'static str,
    /// What is bound.
    pub params: &'static str,
}

/// What the result of a [`Step`] means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// It changes the state of rows of the table, or removes them.
    Change,
    /// It overwrites rows of the operation, and leaves them deleted.
    OverwriteErased,
    /// It overwrites rows that stay as they are otherwise.
    OverwriteKept,
    /// It takes rows away from their parent.
    Detach,
    /// It gives them back.
    Reattach,
    /// It takes back what [`Change`](Self::Change) did to rows.
    Retract,
    /// It changes rows that nobody counts.
    Mark,
    /// It locks rows.
    Lock,
    /// It locks rows against new references, and counts them where the transaction would not see those that
    /// came meanwhile.
    Guard,
    /// A number of rows that forbid the operation.
    Restricted,
    /// A number of rows whose parent in the table is still deleted.
    ParentDeleted,
    /// A number of rows that were restored before their parent in the table, which then was not.
    Orphaned,
    /// A number of rows that stay deleted, as a live row has their unique key.
    Conflict,
    /// A number of rows that stay deleted though their parent was restored, whatever the reason.
    Remaining,
}

impl Effect {
    /// True where what it counts stands in the way.
    pub(crate) const fn is_hindrance(self) -> bool {
        matches!(
            self,
            Self::Guard
                | Self::Restricted
                | Self::ParentDeleted
                | Self::Orphaned
                | Self::Conflict
                | Self::Remaining
        )
    }
}

/// A statement and what its result means.
#[derive(Debug)]
pub struct Step {
    /// What its result means.
    pub effect: Effect,
    /// The table it is about.
    pub table: &'static str,
    /// The statement.
    pub text: Text,
}

/// Steps that run once, or until none of them changes a row.
#[derive(Debug)]
pub enum Stage {
    /// Once.
    Once(Step),
    /// Until a whole round changes nothing.
    Repeat(&'static [Step]),
    /// The keys of the rows of the operation in each table that a cascade reaches, for hooks.
    Collect(&'static [(&'static str, Text)]),
}

/// How an operation names its rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// One key.
    Key,
    /// Many keys.
    Keys,
    /// What an actor deleted.
    DeletedBy,
    /// What an operation deleted.
    Operation,
    /// What was deleted between two moments.
    Between,
}

/// An operation: how its own rows are found and changed, and what follows from it.
#[derive(Debug)]
pub struct Change {
    /// What is locked before, by a statement of its own: the next one sees what it waited for.
    pub locks: &'static [(Which, Step)],
    /// The statement for each way to name the rows.
    pub roots: &'static [(Which, Text)],
    /// What records these rows before they are removed, where one statement cannot do both.
    pub audits: &'static [(Which, Text)],
    /// The keys of these rows, for hooks.
    pub keys: &'static [(Which, Text)],
    /// How many of these rows are still deleted afterwards, for each way to name them.
    pub left: &'static [(Which, Text)],
    /// True when the statement for one key returns the row as it is then.
    pub returns: bool,
    /// What can stand in the way of one key.
    pub checks: &'static [Step],
    /// What stands in the way of many rows: it is asked about those that the statement has left as they were.
    pub blocks: &'static [(Which, Step)],
    /// What follows, for the rows of the operation.
    pub stages: &'static [Stage],
}

impl Change {
    /// What is locked before.
    pub(crate) fn locks(&self, which: Which) -> impl Iterator<Item = &'static Step> + use<> {
        steps(self.locks, which)
    }

    /// The statement for a way to name the rows.
    pub(crate) fn root(&self, which: Which) -> Option<&'static Text> {
        of(self.roots, which)
    }

    /// What records the rows before they are removed.
    pub(crate) fn audit(&self, which: Which) -> Option<&'static Text> {
        of(self.audits, which)
    }

    /// How many of the rows are still deleted.
    pub(crate) fn left(&self, which: Which) -> Option<&'static Text> {
        of(self.left, which)
    }

    /// What stands in the way of many rows.
    pub(crate) fn blocks(&self, which: Which) -> impl Iterator<Item = &'static Step> + use<> {
        steps(self.blocks, which)
    }

    /// The keys of the rows that it would change.
    pub(crate) fn keys(&self, which: Which) -> Option<&'static Text> {
        of(self.keys, which)
    }
}

fn steps(
    steps: &'static [(Which, Step)],
    which: Which,
) -> impl Iterator<Item = &'static Step> + use<> {
    let own = steps.iter().filter(move |(known, _)| *known == which);
    own.map(|(_, step)| step)
}

fn of(texts: &'static [(Which, Text)], which: Which) -> Option<&'static Text> {
    let mut texts = texts.iter();
    texts
        .find(|(known, _)| *known == which)
        .map(|(_, text)| text)
}

/// A restore, whose stages follow either one operation or the operations of all rows restored.
#[derive(Debug)]
pub struct Restore {
    /// The restore, with the stages that follow one operation.
    pub change: Change,
    /// What comes before a restore of rows of many operations.
    pub before: &'static [Step],
    /// What follows it.
    pub stages: &'static [Stage],
    /// The operation of the row of a key.
    pub operation: Option<Text>,
    /// For each unique key of live rows: its name, and the key of the live row that has what the row of
    /// a key would have.
    pub twins: &'static [(&'static str, Text)],
}

/// What follows a statement of the application.
#[derive(Debug)]
pub struct Follow {
    /// The table that it is about.
    pub table: &'static str,
    /// Which operation it is.
    pub kind: Kind,
    /// What comes before it.
    pub before: &'static [Step],
    /// What follows.
    pub stages: &'static [Stage],
}

/// The statements of every operation on a table.
#[derive(Debug)]
pub struct Plan {
    /// The table.
    pub table: &'static str,
    /// The row of a key, whatever its state.
    pub row: Text,
    /// The state of the row of a key.
    pub state: Text,
    /// The row of a key if it is live, locked.
    pub lock_active: Text,
    /// How many keys a statement takes, and of how many columns.
    pub keys: (usize, usize),
    /// Rows become deleted.
    pub soft_delete: Change,
    /// Rows become live.
    pub restore: Restore,
    /// Deleted rows are removed.
    pub purge: Change,
    /// Rows are removed, whatever their state.
    pub erase: Change,
}
