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

/// Settings under which a second opinion is asked for: what stands for a table is not merged into the
/// query, nothing is transformed, and no column is missed in GROUP BY. MariaDB 10.11 does not see that
/// such a table is grouped by its key, be it a view, where a query in the select list reads that.
const OTHER_WAYS: [&str; 3] = [
    "optimizer_switch = 'derived_merge=off'",
    "optimizer_switch = REPLACE(REPLACE(@@optimizer_switch, '=on', '=off'), \
     'in_to_exists=off', 'in_to_exists=on')",
    "sql_mode = REPLACE(@@sql_mode, 'ONLY_FULL_GROUP_BY', '')",
];

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

    fn set(&mut self, side: Side, setting: &str) {
        let connection = &mut self.connections[usize::from(side == Side::Clean)];
        let done = self
            .runtime
            .block_on(run(connection, &format!("SET {setting}")));
        done.unwrap_or_else(|error| panic!("{setting}: {error}"));
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
    limit(&mut connection, 2).await?;
    Ok(connection)
}

/// How long a statement may take; 0 for ever.
async fn limit(connection: &mut MySqlConnection, seconds: u32) -> Result<(), sqlx::Error> {
    // MariaDB's limit in seconds, else MySQL's in milliseconds.
    let limit = format!("SET SESSION max_statement_time = {seconds}");
    if run(connection, &limit).await.is_err() {
        let limit = format!("SET SESSION max_execution_time = {}", seconds * 1000);
        run(connection, &limit).await?;
    }
    Ok(())
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
            // To make tables can take long where the server has much to do.
            let made = self.runtime.block_on(async {
                limit(connection, 0).await?;
                run(connection, &script).await?;
                limit(connection, 2).await
            });
            if let Err(error) = made {
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

    fn run_otherwise(
        &mut self,
        way: usize,
        side: Side,
        sql: &str,
        then: &[String],
    ) -> Option<Result<Vec<Rows>, Fault>> {
        let setting = OTHER_WAYS.get(way)?;
        let variable = setting.split(' ').next().unwrap_or_default();
        self.set(side, &format!("@before = @@{variable}, {setting}"));
        let result = self.run(side, sql, then);
        // A server that was started again has forgotten it.
        self.set(
            side,
            &format!("{variable} = COALESCE(@before, @@{variable})"),
        );
        Some(result)
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
