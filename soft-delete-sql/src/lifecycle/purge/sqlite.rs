//! SQLite: the transaction holds the write lock, so that its statements see the same rows.

use super::{Draft, Keys, due::Due, text::Param};
use crate::{Dialect, lifecycle::audit::Record, schema::Table};

const D: Dialect = Dialect::Sqlite;

pub(super) fn draft(due: &Due<'_>, audit: Option<&Table>) -> Draft {
    let rows = Rows::of(due);
    let (pick, is_picked) = match &rows {
        Rows::Numbered(rowid) => numbered(due, rowid),
        Rows::Keyed => keyed(due),
    };
    let delete = format!("DELETE FROM {} WHERE {is_picked}", due.from());
    let recorded = |audit: &Table, snapshot: bool| {
        let record = Record {
            schema: due.schema,
            table: due.table,
            audit,
            row: "t",
            run: Param::Run.hole(Dialect::Sqlite),
        };
        let insert = record.insert("purge", snapshot);
        vec![
            format!("{insert} FROM {} WHERE {is_picked}", due.from()),
            delete.clone(),
        ]
    };
    Draft {
        pick,
        keys: Keys::Range,
        recheck: None,
        names: format!(
            "SELECT {} FROM {} WHERE {is_picked}",
            due.key_text(),
            due.from()
        ),
        audited: audit.map(|audit| recorded(audit, false)),
        snapshot: audit.map(|audit| recorded(audit, true)),
        plain: vec![delete.clone()],
        walk: None,
    }
}

/// How rows are put in order.
enum Rows {
    /// By their number, under a name that is no column.
    Numbered(&'static str),
    /// By the primary key: the table has no numbers.
    Keyed,
}

impl Rows {
    fn of(due: &Due<'_>) -> Self {
        let is_column = |name: &str| due.table.columns.iter().any(|column| column.name == name);
        let number = ["rowid", "_rowid_", "oid"]
            .into_iter()
            .find(|name| !is_column(name));
        match number {
            Some(number) if !due.table.without_rowid => Self::Numbered(number),
            _ => Self::Keyed,
        }
    }
}

/// A batch is a range of numbers.
fn numbered(due: &Due<'_>, rowid: &str) -> (String, String) {
    let rowid = format!("t.{rowid}");
    let (from, to) = (Param::From.hole(D), Param::To.hole(D));
    // The least number there is.
    let from = format!("{rowid} >= CAST(COALESCE({from}, '-9223372036854775808') AS INTEGER)");
    let eligible = due.is_eligible();
    let pick = format!(
        "SELECT CAST({rowid} AS TEXT) FROM {} WHERE {from} AND {eligible} ORDER BY {rowid} LIMIT {}",
        due.from(),
        Param::Limit.hole(D)
    );
    let is_picked = format!("{from} AND {rowid} <= CAST({to} AS INTEGER) AND {eligible}");
    (pick, is_picked)
}

/// A batch is the first rows in the order of the key.
fn keyed(due: &Due<'_>) -> (String, String) {
    let key = due.key().join(", ");
    let first = format!(
        "SELECT {key} FROM {} WHERE {} ORDER BY {key} LIMIT {}",
        due.from(),
        due.is_eligible(),
        Param::Limit.hole(D)
    );
    let pick = format!("SELECT 'row' FROM ({first})");
    (pick, format!("({key}) IN ({first})"))
}
