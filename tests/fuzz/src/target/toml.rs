//! Any soft-delete.toml is a configuration or a list of faults; what it says of the application's
//! tables goes into statements that prove themselves.

use std::path::Path;

use soft_delete_sql::schema::{Config, from_sql};

use super::{Outcome, application, check, input, oracle, schemas};

/// A read, a join and the writes, of tables that the file can say something about.
const STATEMENTS: [&str; 6] = [
    "SELECT * FROM articles",
    "SELECT u.id FROM users u LEFT JOIN contacts c ON c.user_id = u.id JOIN buyers ON true",
    "UPDATE contacts SET name = 'x'",
    "INSERT INTO contacts (email) SELECT name FROM users",
    "DELETE FROM orders WHERE total > 1",
    "DELETE FROM contacts",
];

pub(super) fn run(data: &[u8]) -> Outcome {
    let Some((dialect, text)) = input::text(data) else {
        return Outcome::Refused;
    };
    let config = match Config::parse(text, Path::new("soft-delete.toml")) {
        Ok(config) => config,
        Err(faults) => {
            oracle::told(&faults);
            return Outcome::Refused;
        }
    };
    let dialect = config.dialect.unwrap_or(dialect);
    let schema = match from_sql(dialect, application::migrations(dialect), &config) {
        Ok(schema) => schema,
        Err(faults) => {
            oracle::told(&faults);
            return Outcome::Refused;
        }
    };
    schemas::sound(&schema);
    for sql in STATEMENTS {
        check::everything(&schema, sql);
    }
    Outcome::Accepted
}
