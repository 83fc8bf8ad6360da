//! PostgreSQL: rows are locked, those that others hold are skipped, and found again by their place.

use super::{Draft, Keys, due::Due, text::Param};
use crate::{Dialect, lifecycle::audit::Record, schema::Table};

const D: Dialect = Dialect::Postgres;

pub(super) fn draft(due: &Due<'_>, audit: Option<&Table>, is_family: bool) -> Draft {
    let rows = if is_family {
        Rows::ByKey
    } else {
        Rows::ByPlace
    };
    let delete = rows.delete(due);
    let recorded = |audit: &Table, snapshot: bool| {
        let record = Record {
            schema: due.schema,
            table: due.table,
            audit,
            row: "g",
        };
        let insert = record.insert("purge", snapshot);
        vec![format!(
            "WITH gone AS ({delete} RETURNING t.*) {insert} FROM gone AS g"
        )]
    };
    Draft {
        pick: rows.pick(due),
        keys: if is_family { Keys::Json } else { Keys::Array },
        recheck: None,
        audited: audit.map(|audit| recorded(audit, false)),
        snapshot: audit.map(|audit| recorded(audit, true)),
        plain: vec![delete],
    }
}

/// How a locked row is found again.
enum Rows {
    /// By `ctid`, which stays while the row is locked; batches walk through the table in that
    /// order, so that none reads again what others have removed.
    ByPlace,
    /// By the primary key: partitions and inheriting tables each count their own places.
    ByKey,
}

impl Rows {
    /// A row for each: its key.
    fn pick(&self, due: &Due<'_>) -> String {
        let limit = Param::Limit.hole(D);
        let (key, from) = match self {
            Self::ByPlace => (
                "CAST(t.ctid AS text)".to_owned(),
                format!(
                    "t.ctid >= CAST(COALESCE({}, '(0,0)') AS tid) AND ",
                    Param::From.hole(D)
                ),
            ),
            Self::ByKey => {
                let parts: Vec<String> = due
                    .key()
                    .iter()
                    .map(|column| format!("CAST({column} AS text)"))
                    .collect();
                let key = format!("CAST(jsonb_build_array({}) AS text)", parts.join(", "));
                (key, String::new())
            }
        };
        format!(
            "SELECT {key} FROM {} WHERE {from}{} LIMIT {limit} FOR UPDATE OF t SKIP LOCKED",
            due.from(),
            due.is_eligible()
        )
    }

    /// Removes the rows of the keys. No row that references them can come any more, and those that
    /// came before the lock are seen now: a statement reads what is committed when it begins.
    fn delete(&self, due: &Due<'_>) -> String {
        let keys = Param::Keys.hole(D);
        let (using, is_picked) = match self {
            Self::ByPlace => (
                String::new(),
                format!("t.ctid = ANY (CAST({keys} AS tid[]))"),
            ),
            Self::ByKey => {
                let tests: Vec<String> = due
                    .table
                    .primary_key
                    .iter()
                    .enumerate()
                    .map(|(at, name)| {
                        let column = due.table.columns.iter().find(|own| own.name == *name);
                        let sql_type = column.map_or("text", |column| &column.sql_type);
                        format!("{} = CAST(k.v ->> {at} AS {sql_type})", due.column(name))
                    })
                    .collect();
                (
                    format!(" USING jsonb_array_elements(CAST({keys} AS jsonb)) AS k (v)"),
                    tests.join(" AND "),
                )
            }
        };
        format!(
            "DELETE FROM {}{using} WHERE {is_picked} AND {}",
            due.from(),
            due.is_eligible()
        )
    }
}
