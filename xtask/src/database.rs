//! A database of our own on a PostgreSQL server.

use anyhow::{Context, Result};
use postgres::{Client, Config, NoTls, SimpleQueryMessage};

/// Rows as text; `None` is NULL.
pub(crate) type Rows = Vec<Vec<Option<String>>>;

/// A database that is dropped when it goes out of scope.
pub(crate) struct Database {
    config: Config,
    name: String,
    admin: Client,
}

impl Database {
    /// Makes an empty one; `purpose` is part of its name.
    pub(crate) fn create(url: &str, purpose: &str) -> Result<Self> {
        let config: Config = url
            .parse()
            .with_context(|| format!("{url} is no PostgreSQL URL"))?;
        let mut admin = config
            .connect(NoTls)
            .with_context(|| format!("no PostgreSQL server at {url}"))?;
        let name = format!("soft_delete_{purpose}_{}", std::process::id());
        admin.batch_execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"))?;
        admin.batch_execute(&format!(
            "CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' \
             LC_COLLATE 'C' LC_CTYPE 'C'"
        ))?;
        Ok(Self {
            config,
            name,
            admin,
        })
    }

    /// How to connect to it as the account that made it.
    pub(crate) fn config(&self) -> Config {
        let mut config = self.config.clone();
        config.dbname(&self.name);
        config
    }

    /// A session on it.
    pub(crate) fn connect(&self) -> Result<Client> {
        Ok(self.config().connect(NoTls)?)
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        // The fault that ended us is worth more than one of tidying up.
        let _ = self.admin.batch_execute(&format!(
            "DROP DATABASE IF EXISTS {} WITH (FORCE)",
            self.name
        ));
    }
}

/// The rows of the last statement of a text that returns any.
pub(crate) fn rows(client: &mut Client, sql: &str) -> Result<Rows, postgres::Error> {
    let mut rows = Rows::new();
    for message in client.simple_query(sql)? {
        if let SimpleQueryMessage::Row(row) = message {
            rows.push(
                (0..row.len())
                    .map(|at| row.get(at).map(str::to_owned))
                    .collect(),
            );
        }
    }
    Ok(rows)
}
