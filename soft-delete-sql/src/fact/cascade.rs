//! SD043: `cascade` into a table that cannot hold what a cascade writes.

use super::{
    Cure, Fact, Subject, fault,
    migration::{self, Change},
    sql_type,
};
use crate::{
    Code,
    schema::{Column, MarkerKind, Policy, Table},
};

/// The column that holds the operation.
pub(super) const OPERATION: &str = "deleted_operation";
const ACTOR: &str = "deleted_by";

pub(super) fn facts(subject: &Subject<'_>) -> Vec<Fact> {
    let tables = &subject.schema.tables;
    let cascades = subject.edges.iter().filter(|edge| {
        edge.policy == Some(Policy::Cascade) && subject.reached.contains(&edge.parent)
    });
    // Each table of a cascade once, with the policy that brings it in.
    let mut involved: Vec<(usize, usize, usize)> = Vec::new();
    for edge in cascades {
        for at in [edge.parent, edge.child] {
            if !involved.iter().any(|(known, ..)| *known == at) {
                involved.push((at, edge.parent, edge.child));
            }
        }
    }
    let facts = involved
        .into_iter()
        .filter_map(|(at, parent, child)| fact(subject, at, &tables[parent], &tables[child]));
    facts.collect()
}

fn fact(subject: &Subject<'_>, at: usize, parent: &Table, child: &Table) -> Option<Fact> {
    let (dialect, table) = (subject.schema.dialect, &subject.schema.tables[at]);
    let mut lacks = Vec::new();
    let mut changes = Vec::new();
    if table.marker.is_none() {
        lacks.push("no marker".to_owned());
        changes.extend(marker(subject, table));
    }
    if !table.columns.iter().any(|column| column.name == OPERATION) {
        lacks.push(format!("no column `{OPERATION}`"));
        changes.push(Change::Add(operation(subject, table)));
    }
    let actor = |table: &Table| {
        let mut columns = table.columns.iter();
        columns.find(|column| column.name == ACTOR).cloned()
    };
    if let (Some(own), Some(theirs)) = (actor(table), actor(subject.table))
        && !sql_type::agree(dialect, &own.sql_type, &theirs.sql_type)
    {
        lacks.push(format!(
            "a `{ACTOR}` of another type ({}, not {})",
            own.sql_type, theirs.sql_type
        ));
        changes.push(Change::Type(ACTOR.to_owned(), theirs.sql_type));
    }
    if lacks.is_empty() || !table.columns_known {
        return None;
    }
    let (parent, child) = (&parent.name, &child.name);
    let fault = fault(
        Code::CascadeTarget,
        format!(
            "a soft delete of `{parent}` cascades into `{child}`, and `{}` has {}",
            table.name,
            lacks.join(" and ")
        ),
        "every row of a cascade is marked, and records the operation and the actor: a restore brings back the \
         rows of that operation and no others",
    );
    let other = format!("choose another policy for `{child}` in [tables.{parent}.references]");
    // A column that has the marker's name and is said to mark nothing.
    let cure = if table.marker.is_none() && marker(subject, table).is_none() {
        Cure::Words(format!("give `{}` a marker of its own", table.name))
    } else {
        Cure::Migration(migration::changes(subject.schema, table, &changes))
    };
    Some(cure.fact(fault, &other, String::new()))
}

/// The marker of the model's table, for a table that has none.
fn marker(subject: &Subject<'_>, table: &Table) -> Option<Change> {
    let marker = subject.table.marker.as_ref()?;
    let mut columns = subject.table.columns.iter();
    let mut column = columns.find(|column| column.name == marker.column)?.clone();
    if column.default.is_none() {
        column.default = match marker.kind {
            MarkerKind::Boolean if !column.nullable => Some("FALSE".to_owned()),
            MarkerKind::Integer => Some("0".to_owned()),
            MarkerKind::Boolean | MarkerKind::Timestamp => None,
        };
    }
    let taken = table.columns.iter().any(|known| known.name == column.name);
    (!taken).then_some(Change::Add(column))
}

/// `deleted_operation` as the other tables of the model's cascade have it.
pub(super) fn operation(subject: &Subject<'_>, table: &Table) -> Column {
    let reached = subject.reached.iter().map(|&at| &subject.schema.tables[at]);
    let known = reached
        .chain([table])
        .flat_map(|table| &table.columns)
        .find(|column| column.name == OPERATION);
    Column {
        name: OPERATION.to_owned(),
        sql_type: known.map_or_else(
            || sql_type::of_operation(subject.schema.dialect).to_owned(),
            |column| column.sql_type.clone(),
        ),
        nullable: true,
        default: None,
        generated: false,
        computed: None,
        invisible: false,
    }
}

#[cfg(test)]
mod tests {
    use crate::{
        Dialect,
        fact::tests::{assert_cured, codes, of, schema},
    };

    const TOML: &str = "[tables.customers.references]\norders = \"cascade\"";

    #[test]
    fn a_cascade_into_a_table_without_marker_is_told_and_cured_on_every_database() {
        let sql = "CREATE TABLE customers (id BIGINT PRIMARY KEY, deleted_at TIMESTAMP NULL, deleted_operation CHAR(36));\
             CREATE TABLE orders (id BIGINT PRIMARY KEY, customer_id BIGINT, FOREIGN KEY (customer_id) REFERENCES customers (id));";
        let printed = Dialect::ALL.map(|dialect| assert_cured(dialect, sql, TOML, "customers"));
        assert_eq!(
            printed[0],
            "ALTER TABLE orders ADD COLUMN deleted_at timestamp, ADD COLUMN deleted_operation char(36);"
        );
        assert_eq!(
            printed[1],
            "ALTER TABLE orders ADD COLUMN deleted_at TIMESTAMP;\n\
             ALTER TABLE orders ADD COLUMN deleted_operation CHAR(36);"
        );
        assert_eq!(
            printed[2],
            "ALTER TABLE orders ADD COLUMN deleted_at timestamp NULL, ADD COLUMN deleted_operation char(36) NULL;"
        );
    }

    #[test]
    fn both_ends_need_the_operation_of_the_cascade() {
        let sql = "CREATE TABLE customers (id BIGINT PRIMARY KEY, deleted_at TIMESTAMP NULL);\
             CREATE TABLE orders (id BIGINT PRIMARY KEY, deleted_at TIMESTAMP NULL, customer_id BIGINT, FOREIGN KEY (customer_id) REFERENCES customers (id));";
        for dialect in Dialect::ALL {
            assert_eq!(codes(dialect, sql, TOML, "customers"), ["SD043", "SD043"]);
            assert_cured(dialect, sql, TOML, "customers");
        }
        let found = of(&schema(Dialect::Postgres, sql, TOML), "customers");
        assert_eq!(
            found[0].migration,
            "ALTER TABLE customers ADD COLUMN deleted_operation uuid;"
        );
    }

    #[test]
    fn one_actor_is_bound_to_every_table_of_the_cascade() {
        let sql = "CREATE TABLE customers (id BIGINT PRIMARY KEY, deleted_at TIMESTAMP NULL, deleted_operation CHAR(36), deleted_by BIGINT);\
             CREATE TABLE orders (id BIGINT PRIMARY KEY, deleted_at TIMESTAMP NULL, deleted_operation CHAR(36), deleted_by VARCHAR(20), \
             customer_id BIGINT, FOREIGN KEY (customer_id) REFERENCES customers (id));";
        let printed = Dialect::ALL.map(|dialect| assert_cured(dialect, sql, TOML, "customers"));
        assert_eq!(
            printed[0],
            "ALTER TABLE orders ALTER COLUMN deleted_by TYPE bigint USING deleted_by::text::bigint;"
        );
        assert_eq!(
            printed[2],
            "ALTER TABLE orders MODIFY deleted_by bigint NULL;"
        );
    }

    #[test]
    fn a_cascade_that_can_be_carried_out_is_none() {
        let sql = "CREATE TABLE nodes (id BIGINT PRIMARY KEY, up BIGINT REFERENCES nodes (id), deleted_at TIMESTAMP NULL, deleted_operation TEXT);";
        let toml = "[tables.nodes.references]\nnodes = \"cascade\"";
        assert!(codes(Dialect::Sqlite, sql, toml, "nodes").is_empty());
    }
}
