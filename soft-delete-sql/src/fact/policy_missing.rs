//! SD042: a foreign key to the table, and nothing that says what a soft delete does to its rows.

use std::collections::BTreeSet;

use super::{Cure, Fact, Subject, fault, listed};
use crate::{
    Code,
    lifecycle::graph::Edge,
    schema::{Action, quoted},
};

pub(super) fn fact(subject: &Subject<'_>) -> Option<Fact> {
    let schema = subject.schema;
    let missing: Vec<&Edge> = subject
        .edges
        .iter()
        .filter(|edge| edge.policy.is_none() && subject.reached.contains(&edge.parent))
        .collect();
    let children: BTreeSet<String> = missing
        .iter()
        .map(|edge| schema.tables[edge.child].name.to_string())
        .collect();
    let first = missing.first()?;
    let parent = schema.tables[first.parent].name.to_string();
    let message = format!(
        "nothing says what a soft delete of `{}` does to the rows of {}",
        subject.name(),
        listed(&children)
    );
    let mut lines = Vec::new();
    for &at in &subject.reached {
        let of: Vec<&&Edge> = missing.iter().filter(|edge| edge.parent == at).collect();
        if of.is_empty() {
            continue;
        }
        let name = schema.tables[at].name.to_string();
        lines.push(format!("[tables.{}.references]", quoted(&name)));
        for edge in &of {
            let name = schema.tables[edge.child].name.to_string();
            let several = of.iter().filter(|other| other.child == edge.child).count() > 1;
            let key = match edge.columns.first() {
                Some(column) if several => format!("{name}.{column}"),
                _ => name,
            };
            let policy = policy(edge.on_delete(schema));
            lines.push(format!("{} = \"{policy}\"", quoted(&key)));
        }
    }
    let fault = fault(
        Code::PolicyMissing,
        message,
        format!(
            "a soft delete is an UPDATE, which no foreign key sees: what references `{parent}` would stay live"
        ),
    );
    let words = "\"cascade\" deletes them softly too, \"restrict\" forbids the delete while they are live, \
                 \"keep\" leaves them as they are, \"detach\" sets their reference to NULL";
    let cure = Cure::Words(words.to_owned());
    Some(cure.fact(fault, "say which", lines.join("\n")))
}

/// What comes nearest to the foreign key's own action.
const fn policy(action: Action) -> &'static str {
    match action {
        Action::NoAction | Action::Restrict => "restrict",
        Action::Cascade => "cascade",
        Action::SetNull | Action::SetDefault => "detach",
    }
}

#[cfg(test)]
mod tests {
    use crate::{
        Dialect,
        fact::tests::{assert_cured, codes, of, schema},
    };

    const SHOP: &str = "CREATE TABLE customers (id BIGINT PRIMARY KEY, deleted_at TIMESTAMP NULL);\
         CREATE TABLE orders (id BIGINT PRIMARY KEY, deleted_at TIMESTAMP NULL, customer_id BIGINT, billed_to BIGINT, \
             FOREIGN KEY (customer_id) REFERENCES customers (id) ON DELETE CASCADE, FOREIGN KEY (billed_to) REFERENCES customers (id) ON DELETE SET NULL);\
         CREATE TABLE notes (id BIGINT PRIMARY KEY, customer_id BIGINT, FOREIGN KEY (customer_id) REFERENCES customers (id));";

    #[test]
    fn every_foreign_key_without_a_policy_is_listed_with_what_to_write() {
        for dialect in Dialect::ALL {
            assert_cured(dialect, SHOP, "", "customers");
            let found = of(&schema(dialect, SHOP, ""), "customers");
            assert_eq!(found.len(), 1);
            assert_eq!(
                found[0].diagnostic.message,
                "nothing says what a soft delete of `customers` does to the rows of `notes`, `orders`"
            );
            assert_eq!(
                found[0].settings,
                "[tables.customers.references]\n\"orders.customer_id\" = \"cascade\"\n\
                 \"orders.billed_to\" = \"detach\"\nnotes = \"restrict\""
            );
        }
    }

    #[test]
    fn partitions_need_no_policy_of_their_own() {
        let sql = "CREATE TABLE customers (id BIGINT PRIMARY KEY, deleted_at TIMESTAMP);\
             CREATE TABLE orders (at DATE, customer_id BIGINT REFERENCES customers ON DELETE CASCADE, deleted_at TIMESTAMP) PARTITION BY RANGE (at);\
             CREATE TABLE orders_1 PARTITION OF orders FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');";
        let found = of(&schema(Dialect::Postgres, sql, ""), "customers");
        assert_eq!(
            found[0].settings,
            "[tables.customers.references]\norders = \"cascade\""
        );
        assert_eq!(codes(Dialect::Postgres, sql, "", "orders"), ["SD045"]);
        assert!(codes(Dialect::Postgres, sql, "", "orders_1").is_empty());
    }

    #[test]
    fn one_policy_stands_for_all_foreign_keys_of_a_table() {
        let toml = "[tables.customers.references]\norders = \"keep\"\nnotes = \"keep\"";
        assert!(codes(Dialect::Postgres, SHOP, toml, "customers").is_empty());
        let toml = "[tables.customers.references]\norders.customer_id = \"keep\"\nnotes = \"keep\"";
        let found = of(&schema(Dialect::Postgres, SHOP, toml), "customers");
        assert_eq!(
            found[0].settings,
            "[tables.customers.references]\norders = \"detach\""
        );
    }

    #[test]
    fn a_cascade_needs_the_policies_of_the_tables_that_it_reaches() {
        let sql = "CREATE TABLE a (id BIGINT PRIMARY KEY, deleted_at TIMESTAMP, deleted_operation UUID);\
             CREATE TABLE b (id BIGINT PRIMARY KEY, a BIGINT REFERENCES a, deleted_at TIMESTAMP, deleted_operation UUID);\
             CREATE TABLE c (id BIGINT PRIMARY KEY, b BIGINT REFERENCES b);";
        let toml = "[tables.a.references]\nb = \"cascade\"";
        let found = of(&schema(Dialect::Postgres, sql, toml), "a");
        assert_eq!(found[0].settings, "[tables.b.references]\nc = \"restrict\"");
    }
}
