//! What the application itself writes.

use crate::lifecycle::simulation::{Action, Table};

/// What the application itself writes.
pub(super) fn written(action: &Action) -> String {
    let null = |key: Option<i64>| key.map_or("NULL".to_owned(), |key| key.to_string());
    match action {
        Action::Insert((table, key), row) => {
            let [first, second] = row.references.map(null);
            let (name, table_name) = (row.name, table.name());
            let (columns, values) = match table {
                Table::Teams => ("id, name", format!("{key}, 'name {name}'")),
                Table::Members => (
                    "team_id, number, name",
                    format!("{}, {}, 'name'", key / 10, key % 10),
                ),
                Table::Projects => (
                    "id, team_id, parent_id, name",
                    format!("{key}, {first}, {second}, 'name {name}'"),
                ),
                Table::Issues => {
                    let (team, number) = member(row.references[1]);
                    (
                        "id, project_id, assignee_team, assignee_number, title",
                        format!("{key}, {first}, {team}, {number}, 'title'"),
                    )
                }
                Table::Votes => (
                    "issue_id, team_id, number",
                    format!("{}, {}, {}", key / 100, key / 10 % 10, key % 10),
                ),
                Table::Boards | Table::Visits => ("id, project_id", format!("{key}, {first}")),
                Table::Cards => ("id, board_id", format!("{key}, {first}")),
                Table::Sites => (
                    "id, next_id, friend_id",
                    format!("{key}, {first}, {second}"),
                ),
                Table::Customers => (
                    "id, name, email, city",
                    format!("{key}, 'own', 'mail {key}', 'Bonn'"),
                ),
                Table::Payments => (
                    "id, customer_id, iban, amount",
                    format!("{key}, {first}, 'own', 1"),
                ),
                Table::Bills => (
                    "id, customer_id, payer, amount",
                    format!("{key}, {first}, 'own', 1"),
                ),
                Table::Parcels => (
                    "id, bill_id, sender_id, recipient",
                    format!("{key}, {first}, {second}, 'own'"),
                ),
                Table::Calls => ("id, customer_id, caller", format!("{key}, {first}, 'own'")),
                Table::Invoices => ("id, team_id, total", format!("{key}, {first}, 1")),
            };
            format!("INSERT INTO {table_name} ({columns}) VALUES ({values})")
        }
        Action::Refer((Table::Issues, key), _, to) => {
            let (team, number) = member(*to);
            format!(
                "UPDATE issues SET assignee_team = {team}, assignee_number = {number} WHERE id = {key}"
            )
        }
        Action::Refer((table, key), at, to) => {
            let column = match (table, at) {
                (Table::Projects, _) => "parent_id",
                (Table::Sites, 0) => "next_id",
                (Table::Sites, _) => "friend_id",
                _ => "front_id",
            };
            let (table, to) = (table.name(), null(*to));
            format!("UPDATE {table} SET {column} = {to} WHERE id = {key}")
        }
        Action::Hold(key, held) => {
            format!("UPDATE teams SET legal_hold = {held} WHERE id = {key}")
        }
        Action::Pay(key) => {
            format!("UPDATE invoices SET deleted_at = '2026-01-01 00:00:00' WHERE id = {key}")
        }
        Action::Forget(key) => format!("DELETE FROM visits WHERE id = {key}"),
        operation => panic!("{operation:?} is an operation"),
    }
}

fn member(code: Option<i64>) -> (String, String) {
    code.map_or_else(
        || ("NULL".to_owned(), "NULL".to_owned()),
        |code| ((code / 10).to_string(), (code % 10).to_string()),
    )
}
