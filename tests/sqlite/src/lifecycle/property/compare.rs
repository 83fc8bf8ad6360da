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
    personal: Option<String>,
    erased: bool,
}

fn hexed(id: &str) -> String {
    id.replace('-', "").to_lowercase()
}

fn wanted(id: Id, row: &Row, operations: &Operations) -> Seen {
    let hex = |step: usize| operations.get(&step).map(|id| hexed(&id.to_string()));
    let [_, has_actor, has_reason, has_operation] = recorded(id.0).map(|name| !name.is_empty());
    let by = row.deleted;
    let or_null = |value: &str| (!row.overwritten).then(|| value.to_owned());
    let personal = match id.0 {
        Table::Customers if row.overwritten => Some(format!("erased-{}", id.1)),
        Table::Customers => Some(format!("mail {}", id.1)),
        Table::Bills => or_null("own").or_else(|| Some("erased".to_owned())),
        Table::Payments | Table::Parcels | Table::Calls => or_null("own"),
        _ => None,
    };
    Seen {
        references: row.references,
        deleted: by.is_some(),
        operation: by
            .filter(|_| has_operation)
            .and_then(|by| hex(by.operation)),
        actor: by.filter(|by| has_actor && by.actor > 0).map(|by| by.actor),
        // The reason is personal.
        reason: by
            .filter(|_| has_reason && !row.erased)
            .map(|by| reason(by.operation)),
        detached: row.detached.map(|(key, _)| key),
        detached_by: row.detached.and_then(|(_, step)| hex(step)),
        personal,
        erased: row.erased,
    }
}

/// The marker, and the columns that record who, why and by which operation.
fn recorded(table: Table) -> [&'static str; 4] {
    let [marker, operation] = ["deleted_at", "deleted_operation"];
    match table {
        Table::Visits | Table::Bills | Table::Parcels | Table::Calls => ["", "", "", ""],
        Table::Invoices => [marker, "", "", ""],
        Table::Payments => [marker, "", "", operation],
        _ => [marker, "deleted_by", "deleted_reason", operation],
    }
}

/// The key and the references of a table's rows.
fn columns(table: Table) -> [&'static str; 3] {
    match table {
        Table::Teams | Table::Customers => ["id", "", ""],
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
        Table::Payments | Table::Bills | Table::Calls => ["id", "customer_id", ""],
        Table::Parcels => ["id", "bill_id", "sender_id"],
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
    let or_null = |column: &str| match column {
        "" => "NULL".to_owned(),
        column => column.to_owned(),
    };
    let operation = |column: &str| match column {
        "" => "NULL".to_owned(),
        column => sql::operation(column),
    };
    let [marker, actor, reason, by] = recorded(table);
    let (detached, detached_by) = match table {
        Table::Issues => (
            "detached_assignee_team * 10 + detached_assignee_number",
            "detached_assignee_team_operation",
        ),
        Table::Sites => ("detached_friend_id", "detached_friend_id_operation"),
        Table::Calls => ("detached_customer_id", "detached_customer_id_operation"),
        _ => ("", ""),
    };
    let no_text = "CASE WHEN 1 = 0 THEN title END";
    let (personal, erased) = match table {
        Table::Issues => (no_text, no_text),
        Table::Customers => ("email", ERASED),
        Table::Payments => ("iban", ERASED),
        Table::Bills => ("payer", ""),
        Table::Parcels => ("recipient", ""),
        Table::Calls => ("caller", ""),
        _ => ("", ""),
    };
    let mut values = vec![format!("'{}'", table.name())];
    values.extend(columns(table).map(or_null));
    values.extend([marker, actor, reason].map(or_null));
    values.push(operation(by));
    values.push(or_null(detached));
    values.push(operation(detached_by));
    values.extend([personal, erased].map(or_null));
    format!("SELECT {} FROM {}", values.join(", "), table.name())
}

const ERASED: &str = "CASE WHEN erased_at IS NULL THEN NULL ELSE 'yes' END";

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
        personal: row.try_get(10)?,
        erased: row.try_get::<Option<String>, _>(11)?.is_some(),
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
        // An erasure leaves the moment of a row that was deleted before.
        if let (Some(operation), Some(moment), false) = (&found.operation, moment, found.erased) {
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
