//! PostgreSQL: rows are locked, those that others hold are skipped, and found again by their place.

use super::{
    Draft, Keys, WalkDraft,
    due::Due,
    text::{Param, table_name},
};
use crate::{Dialect, lifecycle::audit::Record, schema::Table};

const D: Dialect = Dialect::Postgres;

pub(super) fn draft(due: &Due<'_>, audit: Option<&Table>, is_family: bool) -> Draft {
    let rows = if is_family {
        Rows::ByKey
    } else {
        Rows::ByPlace
    };
    let delete = rows.delete(due);
    let recorded = |snapshot| audit.map(|audit| vec![recorded(due, audit, &delete, snapshot)]);
    Draft {
        pick: rows.pick(due),
        keys: if is_family { Keys::Json } else { Keys::Array },
        recheck: None,
        names: rows.names(due),
        audited: recorded(false),
        snapshot: recorded(true),
        walk: (!is_family).then(|| walk(due, audit)).flatten(),
        plain: vec![delete],
    }
}

/// The DELETE, with an audit row for each row that it removes.
fn recorded(due: &Due<'_>, audit: &Table, delete: &str, snapshot: bool) -> String {
    let insert = insert(due, audit, snapshot);
    format!("WITH gone AS ({delete} RETURNING t.*) {insert} FROM gone AS g")
}

fn insert(due: &Due<'_>, audit: &Table, snapshot: bool) -> String {
    let record = Record {
        schema: due.schema,
        table: due.table,
        audit,
        row: "g",
        run: Param::Run.hole(D),
    };
    record.insert("purge", snapshot)
}

/// Rows are removed where they stand, without a lock of their own before, by a statement that is its
/// own transaction: that is as fast as one DELETE. A row that is changed meanwhile is tested again by
/// the database; one that references a removed row and came meanwhile makes the database refuse the
/// batch, where it does refuse.
fn walk(due: &Due<'_>, audit: Option<&Table>) -> Option<WalkDraft> {
    if !due.blockers.iter().all(|blocker| blocker.is_refused) {
        return None;
    }
    let name = table_name(D, &due.table.name).replace('\'', "''");
    let (from, to) = (Param::From.hole(D), Param::To.hole(D));
    let eligible = due.is_eligible();
    let place = |hole: &str| format!("CAST({hole} AS tid)");
    let claimed = format!(
        "pg_try_advisory_xact_lock(\
         hashtext('soft_delete ' || CAST(CAST('{name}' AS regclass) AS oid)), \
         CAST({} AS integer))",
        Param::Part.hole(D)
    );
    // Far below `deadlock_timeout`: it is never the application whose transaction is ended.
    let claim = format!(
        "claim AS MATERIALIZED (SELECT set_config('lock_timeout', '20ms', true), {claimed} AS ok)"
    );
    let delete = format!(
        "DELETE FROM {} WHERE (SELECT ok FROM claim) AND t.ctid >= {} AND t.ctid < {} AND {eligible}",
        due.from(),
        place(&from),
        place(&to)
    );
    let recorded = |snapshot| {
        let audit = audit?;
        let insert = insert(due, audit, snapshot);
        Some(format!(
            "WITH {claim}, gone AS ({delete} RETURNING t.*) {insert} FROM gone AS g"
        ))
    };
    let block_size = "CAST(current_setting('block_size') AS bigint)";
    Some(WalkDraft {
        // A row takes 4 bytes of its block's index and has a header of 24.
        extent: format!(
            "SELECT CAST(pg_relation_size(c.oid) / {block_size} AS text), \
             CAST({block_size} / 28 AS text), \
             CAST(CASE WHEN c.relpages > 0 AND c.reltuples > 0 \
             THEN ceil(c.reltuples / c.relpages) END AS text) \
             FROM pg_class AS c WHERE c.oid = CAST('{name}' AS regclass)"
        ),
        claim: format!("SELECT CAST({claimed} AS text)"),
        audited: recorded(false),
        snapshot: recorded(true),
        plain: format!("WITH {claim} {delete}"),
    })
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

    /// The keys of the rows that [`delete`](Self::delete) would remove.
    fn names(&self, due: &Due<'_>) -> String {
        let (using, condition) = self.picked(due);
        let using = using.map_or_else(String::new, |using| format!(", {using}"));
        let (key, from) = (due.key_text(), due.from());
        format!("SELECT {key} FROM {from}{using} WHERE {condition}")
    }

    /// Removes the rows of the keys. No row that references them can come any more, and those that
    /// came before the lock are seen now: a statement reads what is committed when it begins.
    fn delete(&self, due: &Due<'_>) -> String {
        let (using, condition) = self.picked(due);
        let using = using.map_or_else(String::new, |using| format!(" USING {using}"));
        format!("DELETE FROM {}{using} WHERE {condition}", due.from())
    }

    /// What the rows of the keys are joined with, and that one is of them and may be removed.
    fn picked(&self, due: &Due<'_>) -> (Option<String>, String) {
        let keys = Param::Keys.hole(D);
        let (using, is_picked) = match self {
            Self::ByPlace => (None, format!("t.ctid = ANY (CAST({keys} AS tid[]))")),
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
                    Some(format!(
                        "jsonb_array_elements(CAST({keys} AS jsonb)) AS k (v)"
                    )),
                    tests.join(" AND "),
                )
            }
        };
        (using, format!("{is_picked} AND {}", due.is_eligible()))
    }
}
