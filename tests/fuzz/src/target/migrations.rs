//! Any text is a schema or a list of faults, and a marker that was read is never forgotten.

use soft_delete_sql::{
    Dialect, Schema, fact,
    schema::{Config, from_sql},
};

use super::{Outcome, input, oracle, schemas};

pub(super) fn run(data: &[u8]) -> Outcome {
    let Some((dialect, sql)) = input::text(data) else {
        return Outcome::Refused;
    };
    match from_sql(dialect, sql, &Config::default()) {
        Ok(schema) => {
            schemas::sound(&schema);
            cures(dialect, sql, &schema);
            Outcome::accepted_if(!schema.tables.is_empty())
        }
        Err(faults) => {
            oracle::told(&faults);
            Outcome::Refused
        }
    }
}

/// A fact can be drawn, and the migration that it prints is read.
fn cures(dialect: Dialect, sql: &str, schema: &Schema) {
    for table in 0..schema.tables.len() {
        for fact in fact::facts(schema, table) {
            oracle::told(std::slice::from_ref(&fact.diagnostic));
            if fact.migration.is_empty() {
                continue;
            }
            let migrated = format!("{sql}\n;\n{}", fact.migration);
            if let Err(faults) = from_sql(dialect, &migrated, &Config::default()) {
                let faults: Vec<String> = faults.iter().map(|fault| fault.render("")).collect();
                panic!("not read: {}\n{}", fact.migration, faults.join("\n"));
            }
        }
    }
}
