//! PostgreSQL: two databases of this process on the server that the environment names.

use postgres::{Client, Config, NoTls, SimpleQueryMessage, error::SqlState};
use soft_delete_sql::Dialect;

use crate::{
    database::{Database, Fault, Rows, Side, server},
    world::World,
};

pub(crate) struct Postgres {
    admin: Client,
    names: [String; 2],
    /// Dirty, clean; `None` only while they are dropped.
    clients: Option<[Client; 2]>,
}

impl Postgres {
    /// Makes the two databases; `None` where the run was told to do without PostgreSQL.
    pub(crate) fn new(purpose: &str) -> Option<Self> {
        let url = server(Dialect::Postgres)?;
        let config: Config = url
            .parse()
            .unwrap_or_else(|error| panic!("`{url}` is no URL of PostgreSQL: {error}"));
        let mut admin = config
            .connect(NoTls)
            .unwrap_or_else(|error| panic!("no PostgreSQL server at {url}: {error}"));
        let names = ["dirty", "clean"]
            .map(|side| format!("soft_delete_{purpose}_{side}_{}", std::process::id()));
        let clients = names.each_ref().map(|name| {
            admin
                .batch_execute(&format!(
                    "DROP DATABASE IF EXISTS {name};"
                ))
                .and_then(|()| {
                    admin.batch_execute(&format!(
                        "CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'"
                    ))
                })
                .expect("a database is created");
            let mut client = config
                .clone()
                .dbname(name)
                .connect(NoTls)
                .expect("the new database accepts a connection");
            client
                .batch_execute(
                    "SET client_min_messages = warning; SET statement_timeout = '2s'; \
                     SET jit = off; SET max_parallel_workers_per_gather = 0",
                )
                .expect("settings are accepted");
            client
        });
        Some(Self {
            admin,
            names,
            clients: Some(clients),
        })
    }

    fn client(&mut self, side: Side) -> &mut Client {
        let [dirty, clean] = self.clients.as_mut().expect("connected until dropped");
        match side {
            Side::Dirty => dirty,
            Side::Clean => clean,
        }
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.clients = None;
        for name in &self.names {
            // A failure here must not hide the failure of the test.
            let _ = self
                .admin
                .batch_execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
        }
    }
}

impl Database for Postgres {
    fn dialect(&self) -> Dialect {
        Dialect::Postgres
    }

    fn load(&mut self, world: &World) {
        for (side, script) in [(Side::Dirty, world.dirty()), (Side::Clean, world.clean())] {
            let script = format!("DROP SCHEMA public CASCADE; CREATE SCHEMA public;\n{script}");
            self.client(side)
                .batch_execute(&script)
                .unwrap_or_else(|error| panic!("{}\n{script}", message(&error)));
        }
    }

    fn refill(&mut self, side: Side, world: &World, tables: &[usize]) {
        let script = world.refill(side, tables);
        self.client(side)
            .batch_execute(&script)
            .unwrap_or_else(|error| panic!("{}\n{script}", message(&error)));
    }

    fn run(&mut self, side: Side, sql: &str, then: &[String]) -> Result<Vec<Rows>, Fault> {
        let client = self.client(side);
        if then.is_empty() {
            return results(client, sql).map_err(|error| fault(&error));
        }
        // One round trip; a line comment may end the statement.
        let batch = format!("BEGIN;\n{sql};\n{};\nROLLBACK", then.join(";\n"));
        match results(client, &batch) {
            Ok(mut all) => {
                all.remove(0);
                all.pop();
                Ok(all)
            }
            Err(error) => {
                // What follows the fault was not run, the end of the transaction included.
                client
                    .batch_execute("ROLLBACK")
                    .map_err(|error| fault(&error))?;
                Err(fault(&error))
            }
        }
    }
}

fn message(error: &postgres::Error) -> String {
    error
        .as_db_error()
        .map_or_else(|| error.to_string(), ToString::to_string)
}

fn fault(error: &postgres::Error) -> Fault {
    if error.code() == Some(&SqlState::QUERY_CANCELED) {
        return Fault::TooExpensive;
    }
    Fault::Rejected(message(error))
}

/// The rows of each statement of the text.
fn results(client: &mut Client, sql: &str) -> Result<Vec<Rows>, postgres::Error> {
    let mut all = Vec::new();
    let mut rows = Rows::new();
    for message in client.simple_query(sql)? {
        match message {
            SimpleQueryMessage::Row(row) => {
                let value = |at| match row.get(at) {
                    Some(text) => format!("'{text}'"),
                    None => "NULL".to_owned(),
                };
                rows.push((0..row.len()).map(value).collect());
            }
            SimpleQueryMessage::CommandComplete(_) => all.push(std::mem::take(&mut rows)),
            _ => {}
        }
    }
    Ok(all)
}
