//! Any text is a schema or a list of faults, and a marker that was read is never forgotten.

use soft_delete_sql::schema::{Config, from_sql};

use super::{Outcome, input, oracle, schemas};

pub(super) fn run(data: &[u8]) -> Outcome {
    let Some((dialect, sql)) = input::text(data) else {
        return Outcome::Refused;
    };
    match from_sql(dialect, sql, &Config::default()) {
        Ok(schema) => {
            schemas::sound(&schema);
            Outcome::accepted_if(!schema.tables.is_empty())
        }
        Err(faults) => {
            oracle::told(&faults);
            Outcome::Refused
        }
    }
}
