//! The database next to the graph, row by row.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use sqlx::{AssertSqlSafe, Pool, Row as _};

use super::{
    super::simulation::{Graph, Id, Row, Table},
    Operations, reason,
};
use crate::{Db, sql};

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

/// Everything in which the database is not what the graph is.
pub(super) async fn differences(pool: &Pool<Db>, graph: &Graph, operations: &Operations) -> String {
    let mut seen: BTreeMap<Id, Seen> = BTreeMap::new();
    let mut moments: BTreeMap<String, BTreeSet<DateTime<Utc>>> = BTreeMap::new();
    for table in Table::ALL {
        let [key, first, second] = columns(table);
        let mut select = vec![format!("{key} AS row_key")];
        let references = [("first", first), ("second", second)];
        for (name, column) in references.iter().filter(|(_, column)| !column.is_empty()) {
            select.push(format!("{column} AS {name}_reference"));
        }
        if table != Table::Visits {
            select.push("deleted_at".to_owned());
        }
        let recorded = !matches!(table, Table::Visits | Table::Invoices);
        if recorded {
            let operation = sql::operation("deleted_operation");
            select.push(format!(
                "deleted_by, deleted_reason, {operation} AS operation"
            ));
        }
        let detached = match table {
            Table::Issues => Some((
                "detached_assignee_team * 10 + detached_assignee_number",
                "detached_assignee_team_operation",
            )),
            Table::Sites => Some(("detached_friend_id", "detached_friend_id_operation")),
            _ => None,
        };
        if let Some((key, operation)) = detached {
            let operation = sql::operation(operation);
            select.push(format!("{key} AS detached, {operation} AS detached_by"));
        }
        let text = format!("SELECT {} FROM {}", select.join(", "), table.name());
        for row in sqlx::query(AssertSqlSafe(text))
            .fetch_all(pool)
            .await
            .expect("the rows are read")
        {
            let number = |name: &str| -> Option<i64> { row.try_get(name).ok().flatten() };
            let text = |name: &str| -> Option<String> { row.try_get(name).ok().flatten() };
            let deleted_at: Option<DateTime<Utc>> = row.try_get("deleted_at").ok().flatten();
            let operation = text("operation").map(|id| hexed(&id));
            if let (Some(operation), Some(moment)) = (&operation, deleted_at) {
                moments.entry(operation.clone()).or_default().insert(moment);
            }
            let found = Seen {
                references: ["first_reference", "second_reference"].map(number),
                deleted: deleted_at.is_some(),
                operation,
                actor: number("deleted_by"),
                reason: text("deleted_reason"),
                detached: number("detached"),
                detached_by: text("detached_by").map(|id| hexed(&id)),
            };
            let key: i64 = row.try_get("row_key").expect("a key");
            seen.insert((table, key), found);
        }
    }
    let mut found = Vec::new();
    let ids: BTreeSet<Id> = seen.keys().chain(graph.rows.keys()).copied().collect();
    for id in ids {
        let should = graph.rows.get(&id).map(|row| wanted(id, row, operations));
        if should.as_ref() != seen.get(&id) {
            found.push(format!(
                "{id:?}\n  is {:?}\n  should be {should:?}",
                seen.get(&id)
            ));
        }
    }
    for (operation, moments) in moments.iter().filter(|(_, moments)| moments.len() > 1) {
        found.push(format!("operation {operation} has the moments {moments:?}"));
    }
    found.join("\n")
}
