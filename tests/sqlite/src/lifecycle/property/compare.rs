//! The database next to the graph, row by row.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use sqlx::{AssertSqlSafe, Database, Row as _};

use super::{
    super::simulation::{Graph, Id, Row, Table},
    Operations, reason,
};
use crate::{Db, DbConnection, sql};

/// A row as it should be, and as it is.
#[derive(Debug, PartialEq)]
struct Seen {
    references: [Option<i64>; 2],
    deleted: bool,
    operation: Option<String>,
    actor: Option<i64>,
    reason: Option<String>,
    detached: Option<i64>,
    detached_by: Option<String>,
}

fn hexed(id: &str) -> String {
    id.replace('-', "").to_lowercase()
}

fn wanted(id: Id, row: &Row, operations: &Operations) -> Seen {
    let hex = |step: usize| operations.get(&step).map(|id| hexed(&id.to_string()));
    let by = row.deleted.filter(|_| id.0 != Table::Invoices);
    Seen {
        references: row.references,
        deleted: row.deleted.is_some(),
        operation: by.and_then(|by| hex(by.operation)),
        actor: by.map(|by| by.actor),
        reason: by.map(|by| reason(by.operation)),
        detached: row.detached.map(|(member, _)| member),
        detached_by: row.detached.and_then(|(_, step)| hex(step)),
    }
}

/// The key and the references of a table's rows.
fn columns(table: Table) -> [&'static str; 3] {
    match table {
        Table::Teams => ["id", "", ""],
        Table::Members => ["team_id * 10 + number", "team_id", ""],
        Table::Projects => ["id", "team_id", "parent_id"],
        Table::Issues => ["id", "project_id", "assignee_team * 10 + assignee_number"],
        Table::Votes => [
            "issue_id * 100 + team_id * 10 + number",
            "issue_id",
            "team_id * 10 + number",
        ],
        Table::Boards => ["id", "project_id", "front_id"],
        Table::Cards => ["id", "board_id", ""],
        Table::Invoices => ["id", "team_id", ""],
        Table::Visits => ["id", "project_id", ""],
        Table::Sites => ["id", "next_id", "friend_id"],
    }
}

/// The rows of every table in one query.
fn query() -> String {
    // The types of the first are those of all, where others have NULL.
    let first = Table::ALL.iter().filter(|table| **table == Table::Issues);
    let others = Table::ALL.iter().filter(|table| **table != Table::Issues);
    let selects: Vec<String> = first.chain(others).map(|table| select(*table)).collect();
    selects.join(" UNION ALL ")
}

fn select(table: Table) -> String {
    let null = "NULL".to_owned();
    let references = columns(table).map(|column| match column {
        "" => null.clone(),
        column => column.to_owned(),
    });
    let has_marker = table != Table::Visits;
    let is_recorded = has_marker && table != Table::Invoices;
    let if_there = |is_there: bool, column: &str| {
        let value = if is_there { column } else { &null };
        value.to_owned()
    };
    let operation = sql::operation("deleted_operation");
    let recorded = ["deleted_by", "deleted_reason", &operation];
    let (detached, detached_by) = match table {
        Table::Issues => (
            "detached_assignee_team * 10 + detached_assignee_number",
            sql::operation("detached_assignee_team_operation"),
        ),
        Table::Sites => (
            "detached_friend_id",
            sql::operation("detached_friend_id_operation"),
        ),
        _ => ("NULL", null.clone()),
    };
    let mut values = vec![format!("'{}'", table.name())];
    values.extend(references);
    values.push(if_there(has_marker, "deleted_at"));
    values.extend(recorded.map(|column| if_there(is_recorded, column)));
    values.extend([detached.to_owned(), detached_by]);
    format!("SELECT {} FROM {}", values.join(", "), table.name())
}

/// A row of the query, and when it was deleted.
fn seen(row: &<Db as Database>::Row) -> sqlx::Result<(Id, Seen, Option<DateTime<Utc>>)> {
    let name: String = row.try_get(0)?;
    let table = Table::ALL.into_iter().find(|table| table.name() == name);
    let id = (table.expect("a table of the query"), row.try_get(1)?);
    let moment: Option<DateTime<Utc>> = row.try_get(4)?;
    let operation = |at: usize| -> sqlx::Result<Option<String>> {
        let id: Option<String> = row.try_get(at)?;
        Ok(id.map(|id| hexed(&id)))
    };
    let found = Seen {
        references: [row.try_get(2)?, row.try_get(3)?],
        deleted: moment.is_some(),
        operation: operation(7)?,
        actor: row.try_get(5)?,
        reason: row.try_get(6)?,
        detached: row.try_get(8)?,
        detached_by: operation(9)?,
    };
    Ok((id, found, moment))
}

/// Everything in which the database is not what the graph is.
pub(super) async fn differences(
    connection: &mut DbConnection,
    graph: &Graph,
    operations: &Operations,
) -> String {
    let mut all: BTreeMap<Id, Seen> = BTreeMap::new();
    let mut moments: BTreeMap<String, BTreeSet<DateTime<Utc>>> = BTreeMap::new();
    let rows = sqlx::query(AssertSqlSafe(query())).fetch_all(connection);
    for row in rows.await.expect("the rows are read") {
        let (id, found, moment) = seen(&row).expect("the columns are of their types");
        if let (Some(operation), Some(moment)) = (&found.operation, moment) {
            moments.entry(operation.clone()).or_default().insert(moment);
        }
        all.insert(id, found);
    }
    let mut found = Vec::new();
    let ids: BTreeSet<Id> = all.keys().chain(graph.rows.keys()).copied().collect();
    for id in ids {
        let should = graph.rows.get(&id).map(|row| wanted(id, row, operations));
        if should.as_ref() != all.get(&id) {
            found.push(format!(
                "{id:?}\n  is {:?}\n  should be {should:?}",
                all.get(&id)
            ));
        }
    }
    for (operation, moments) in moments.iter().filter(|(_, moments)| moments.len() > 1) {
        found.push(format!("operation {operation} has the moments {moments:?}"));
    }
    found.join("\n")
}
