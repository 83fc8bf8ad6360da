use std::path::Path;

use super::{Fact, facts};
use crate::{
    Dialect, Schema,
    schema::{self, Config, Found},
};

/// The schema of a script, with what soft-delete.toml says.
pub(super) fn schema(dialect: Dialect, sql: &str, toml: &str) -> Schema {
    let config = Config::parse(toml, Path::new("soft-delete.toml")).expect("a configuration");
    schema::from_sql(dialect, sql, &config).expect("a schema")
}

/// The facts that stand against a table.
pub(super) fn of(schema: &Schema, table: &str) -> Vec<Fact> {
    let Found::Table(at) = schema.find(&[table.to_owned()]) else {
        panic!("no table `{table}`");
    };
    facts(schema, at)
}

/// Their codes.
pub(super) fn codes(dialect: Dialect, sql: &str, toml: &str, table: &str) -> Vec<&'static str> {
    let found = of(&schema(dialect, sql, toml), table);
    found
        .iter()
        .map(|fact| fact.diagnostic.code.as_str())
        .collect()
}

/// What is printed as a migration and in soft-delete.toml makes each fact go away.
pub(super) fn assert_cured(dialect: Dialect, sql: &str, toml: &str, table: &str) -> String {
    let before = of(&schema(dialect, sql, toml), table);
    assert!(!before.is_empty(), "{dialect}: no fact stands");
    let mut migrations = Vec::new();
    for fact in &before {
        let message = &fact.diagnostic.message;
        let still = |sql: &str, toml: &str| {
            let after = of(&schema(dialect, sql, toml), table);
            after.iter().any(|fact| fact.diagnostic.message == *message)
        };
        if !fact.migration.is_empty() {
            let applied = format!("{sql};\n{}", fact.migration);
            assert!(
                !still(&applied, toml),
                "{dialect}: {message} stands after\n{}",
                fact.migration
            );
            migrations.push(fact.migration.clone());
        }
        if !fact.settings.is_empty() {
            let said = format!("{toml}\n{}", fact.settings.replace('…', "a reason"));
            assert!(
                !still(sql, &said),
                "{dialect}: {message} stands after\n{said}"
            );
        }
        assert!(
            !fact.migration.is_empty() || !fact.settings.is_empty(),
            "{dialect}: {message} has no way out"
        );
    }
    migrations.join("\n")
}
