//! SD044: `detach` of rows that cannot be detached, or could not be attached again.

use super::{
    Cure, Fact, Subject,
    cascade::{OPERATION, operation},
    fault,
    migration::{self, Change},
};
use crate::{
    Code,
    lifecycle::graph::Edge,
    schema::{Column, Policy},
};

pub(super) fn facts(subject: &Subject<'_>) -> Vec<Fact> {
    let mut found = Vec::new();
    for edge in &subject.edges {
        if edge.policy == Some(Policy::Detach) && subject.reached.contains(&edge.parent) {
            found.extend(child(subject, edge));
            // A table of the cascade is told to lack it there.
            let parent = &subject.schema.tables[edge.parent];
            let has = parent.columns.iter().any(|column| column.name == OPERATION);
            if !has
                && !found
                    .iter()
                    .any(|fact| fact.diagnostic.message.starts_with(&of(parent)))
            {
                found.extend(operation_of(subject, edge));
            }
        }
    }
    found
}

fn of(parent: &crate::schema::Table) -> String {
    format!("`{}` detaches", parent.name)
}

const WHY: &str = "a restore sets the reference again that the soft delete set to NULL: the row remembers it, and under \
                   which operation";

/// The rows of the child hold the reference, or nothing, and remember it.
fn child(subject: &Subject<'_>, edge: &Edge) -> Option<Fact> {
    let table = &subject.schema.tables[edge.child];
    let column = |name: &str| table.columns.iter().find(|column| column.name == name);
    let mut faults = Vec::new();
    let mut changes = Vec::new();
    for name in &edge.columns {
        if column(name).is_some_and(|column| !column.nullable) {
            faults.push(format!("`{name}` is NOT NULL"));
            changes.push(Change::Nullable(name.clone()));
        }
    }
    let add = |name: String, column: Column| {
        Change::Add(Column {
            name,
            nullable: true,
            default: None,
            generated: false,
            computed: None,
            ..column
        })
    };
    for name in &edge.columns {
        let memory = format!("detached_{name}");
        if column(&memory).is_none() {
            faults.push(format!("there is no column `{memory}`"));
            changes.extend(column(name).cloned().map(|own| add(memory, own)));
        }
    }
    let first = edge.columns.first()?;
    let memory = format!("detached_{first}_operation");
    if column(&memory).is_none() {
        faults.push(format!("there is no column `{memory}`"));
        changes.push(add(memory, operation(subject, table)));
    }
    if faults.is_empty() || !table.columns_known {
        return None;
    }
    let parent = &subject.schema.tables[edge.parent].name;
    let name = &table.name;
    let fault = fault(
        Code::DetachTarget,
        format!(
            "a soft delete of `{parent}` cannot detach `{name}`: {}",
            faults.join(", ")
        ),
        WHY,
    );
    let in_key = edge
        .columns
        .iter()
        .any(|name| table.primary_key.contains(name));
    let cure = if in_key {
        Cure::Words("a column of the primary key cannot be NULL".to_owned())
    } else {
        Cure::Migration(migration::changes(subject.schema, table, &changes))
    };
    let other = format!("choose another policy for `{name}` in [tables.{parent}.references]");
    Some(cure.fact(fault, &other, String::new()))
}

/// The parent knows the operation that its restore undoes.
fn operation_of(subject: &Subject<'_>, edge: &Edge) -> Option<Fact> {
    let parent = &subject.schema.tables[edge.parent];
    let is_told = subject.edges.iter().any(|other| {
        other.policy == Some(Policy::Cascade) && [other.parent, other.child].contains(&edge.parent)
    });
    if is_told || !parent.columns_known {
        return None;
    }
    let fault = fault(
        Code::DetachTarget,
        format!(
            "{} `{}`, and has no column `{OPERATION}`",
            of(parent),
            subject.schema.tables[edge.child].name
        ),
        WHY,
    );
    let changes = [Change::Add(operation(subject, parent))];
    let cure = Cure::Migration(migration::changes(subject.schema, parent, &changes));
    let other = format!(
        "choose another policy for `{}` in [tables.{}.references]",
        subject.schema.tables[edge.child].name, parent.name
    );
    Some(cure.fact(fault, &other, String::new()))
}

#[cfg(test)]
mod tests {
    use crate::{
        Dialect,
        fact::tests::{assert_cured, codes, of, schema},
    };

    const TOML: &str = "[tables.customers.references]\nleads = \"detach\"";

    #[test]
    fn a_reference_that_is_not_null_is_told_and_cured_on_every_database() {
        let sql = "CREATE TABLE customers (id BIGINT PRIMARY KEY, deleted_at TIMESTAMP NULL, deleted_operation CHAR(36));\
             CREATE TABLE leads (id BIGINT PRIMARY KEY, customer_id BIGINT NOT NULL, FOREIGN KEY (customer_id) REFERENCES customers (id));";
        let printed = Dialect::ALL.map(|dialect| assert_cured(dialect, sql, TOML, "customers"));
        assert_eq!(
            printed[0],
            "ALTER TABLE leads ALTER COLUMN customer_id DROP NOT NULL, ADD COLUMN detached_customer_id bigint, \
             ADD COLUMN detached_customer_id_operation char(36);"
        );
        assert_eq!(
            printed[2],
            "ALTER TABLE leads MODIFY customer_id bigint NULL, ADD COLUMN detached_customer_id bigint NULL, \
             ADD COLUMN detached_customer_id_operation char(36) NULL;"
        );
    }

    #[test]
    fn what_is_detached_is_remembered_column_by_column() {
        let sql = "CREATE TABLE customers (a BIGINT, b BIGINT, deleted_at TIMESTAMP NULL, PRIMARY KEY (a, b));\
             CREATE TABLE leads (id BIGINT PRIMARY KEY, ca BIGINT, cb BIGINT, FOREIGN KEY (ca, cb) REFERENCES customers (a, b));";
        for dialect in Dialect::ALL {
            assert_eq!(codes(dialect, sql, TOML, "customers"), ["SD044", "SD044"]);
            assert_cured(dialect, sql, TOML, "customers");
        }
        let found = of(&schema(Dialect::Sqlite, sql, TOML), "customers");
        assert_eq!(
            found[0].migration,
            "ALTER TABLE leads ADD COLUMN detached_ca BIGINT;\n\
             ALTER TABLE leads ADD COLUMN detached_cb BIGINT;\n\
             ALTER TABLE leads ADD COLUMN detached_ca_operation TEXT;"
        );
        assert_eq!(
            found[1].migration,
            "ALTER TABLE customers ADD COLUMN deleted_operation TEXT;"
        );
    }

    #[test]
    fn a_column_of_the_primary_key_cannot_be_detached() {
        let sql = "CREATE TABLE customers (id BIGINT PRIMARY KEY, deleted_at TIMESTAMP NULL, deleted_operation TEXT);\
             CREATE TABLE leads (customer_id BIGINT PRIMARY KEY REFERENCES customers (id));";
        let found = of(&schema(Dialect::Postgres, sql, TOML), "customers");
        assert_eq!(
            found[0].diagnostic.help,
            "a column of the primary key cannot be NULL; choose another policy for `leads` in [tables.customers.references]"
        );
    }
}
