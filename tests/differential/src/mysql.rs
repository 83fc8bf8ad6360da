//! MariaDB or MySQL: two databases of this process on the server that the environment names.

use std::{thread::sleep, time::Duration};

use futures_util::TryStreamExt;
use soft_delete_sql::Dialect;
use sqlx::{
    AssertSqlSafe, ConnectOptions, Either, Executor, MySqlConnection, Row,
    mysql::{MySqlConnectOptions, MySqlDatabaseError},
};
use tokio::runtime::{Builder, Runtime};

use crate::{
    database::{Database, Fault, Rows, Side, server},
    world::World,
};

/// MariaDB's and MySQL's number of a statement that took too long.
const TIMEOUTS: [u16; 2] = [1969, 3024];

pub(crate) struct Mysql {
    runtime: Runtime,
    options: MySqlConnectOptions,
    names: [String; 2],
    /// Dirty, clean.
    connections: [MySqlConnection; 2],
}

impl Mysql {
    /// Makes the two databases; `None` where the run was told to do without MariaDB.
    pub(crate) fn new(purpose: &str) -> Option<Self> {
        let url = server(Dialect::Mysql)?;
        let options: MySqlConnectOptions = url
            .parse()
            .unwrap_or_else(|error| panic!("`{url}` is no URL of MySQL: {error}"));
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        let names = ["dirty", "clean"]
            .map(|side| format!("soft_delete_{purpose}_{side}_{}", std::process::id()));
        let connections = names.each_ref().map(|name| {
            runtime.block_on(async {
                let mut connection = connect(&options).await.expect("the server answers");
                run(&mut connection, &create(name))
                    .await
                    .expect("a database is created");
                connection
            })
        });
        Some(Self {
            runtime,
            options,
            names,
            connections,
        })
    }

    /// Some statements end MariaDB: waits until something has started it again.
    fn reconnect(&mut self, sql: &str) {
        eprintln!("the server went away at: {sql}");
        for at in 0..self.names.len() {
            let database = self.options.clone().database(&self.names[at]);
            let again = (0..20).find_map(|_| {
                sleep(Duration::from_millis(500));
                self.runtime.block_on(connect(&database)).ok()
            });
            self.connections[at] = again.expect("the server comes back");
        }
    }
}

async fn connect(options: &MySqlConnectOptions) -> Result<MySqlConnection, sqlx::Error> {
    let mut connection = options.connect().await?;
    // What strict servers add to the modes that sqlx sets.
    let modes = "SET SESSION sql_mode = \
                 CONCAT(@@sql_mode, ',ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES')";
    run(&mut connection, modes).await?;
    // MariaDB's limit in seconds, else MySQL's in milliseconds.
    let limit = "SET SESSION max_statement_time = 2";
    if run(&mut connection, limit).await.is_err() {
        run(&mut connection, "SET SESSION max_execution_time = 2000").await?;
    }
    Ok(connection)
}

fn create(name: &str) -> String {
    format!(
        "DROP DATABASE IF EXISTS {name}; \
         CREATE DATABASE {name} CHARACTER SET utf8mb4 COLLATE utf8mb4_bin; USE {name}"
    )
}

impl Drop for Mysql {
    fn drop(&mut self) {
        for (name, connection) in self.names.iter().zip(&mut self.connections) {
            // A failure here must not hide the failure of the test.
            let _ = self
                .runtime
                .block_on(run(connection, &format!("DROP DATABASE IF EXISTS {name}")));
        }
    }
}

impl Database for Mysql {
    fn dialect(&self) -> Dialect {
        Dialect::Mysql
    }

    fn load(&mut self, world: &World) {
        let scripts = [world.dirty(), world.clean()];
        for ((name, connection), script) in
            self.names.iter().zip(&mut self.connections).zip(scripts)
        {
            let script = format!("{};\n{script}", create(name));
            if let Err(error) = self.runtime.block_on(run(connection, &script)) {
                panic!("{error}\n{script}");
            }
        }
    }

    fn refill(&mut self, side: Side, world: &World, tables: &[usize]) {
        let script = world.refill(side, tables);
        let script = format!("START TRANSACTION;\n{script}\nCOMMIT");
        let connection = &mut self.connections[usize::from(side == Side::Clean)];
        if let Err(error) = self.runtime.block_on(run(connection, &script)) {
            panic!("{error}\n{script}");
        }
    }

    fn run(&mut self, side: Side, sql: &str, then: &[String]) -> Result<Vec<Rows>, Fault> {
        let connection = match side {
            Side::Dirty => &mut self.connections[0],
            Side::Clean => &mut self.connections[1],
        };
        let result = self.runtime.block_on(async {
            if then.is_empty() {
                return run(connection, sql).await;
            }
            // One round trip; a line comment may end the statement.
            let then = then.join(";\n");
            let batch = format!("START TRANSACTION;\n{sql}\n;\n{then};\nROLLBACK");
            match run(connection, &batch).await {
                Ok(mut all) => {
                    all.remove(0);
                    all.pop();
                    Ok(all)
                }
                Err(error) => {
                    // What follows the fault was not run, the end of the transaction included.
                    if error.as_database_error().is_some() {
                        run(connection, "ROLLBACK").await?;
                    }
                    Err(error)
                }
            }
        });
        result.map_err(|error| {
            let Some(fault) = error.as_database_error() else {
                self.reconnect(sql);
                return Fault::TooExpensive;
            };
            let number = fault
                .try_downcast_ref::<MySqlDatabaseError>()
                .map(MySqlDatabaseError::number);
            match number {
                Some(number) if TIMEOUTS.contains(&number) => Fault::TooExpensive,
                _ => Fault::Rejected(fault.message().to_owned()),
            }
        })
    }
}

/// The rows of each statement of the text.
async fn run(connection: &mut MySqlConnection, sql: &str) -> Result<Vec<Rows>, sqlx::Error> {
    let mut all = Vec::new();
    let mut rows = Rows::new();
    let mut results = connection.fetch_many(sqlx::raw_sql(AssertSqlSafe(sql.to_owned())));
    while let Some(result) = results.try_next().await? {
        match result {
            Either::Left(_) => all.push(std::mem::take(&mut rows)),
            Either::Right(row) => {
                let value = |at| {
                    // The protocol of plain statements gives every value as text.
                    let value: Option<Vec<u8>> = row.try_get_unchecked(at)?;
                    Ok(match value {
                        Some(text) => format!("'{}'", String::from_utf8_lossy(&text)),
                        None => "NULL".to_owned(),
                    })
                };
                let values: Result<Vec<String>, sqlx::Error> = (0..row.len()).map(value).collect();
                rows.push(values?);
            }
        }
    }
    Ok(all)
}
