//! A database of its own for every test.

use std::{
    env,
    panic::{AssertUnwindSafe, resume_unwind},
    time::Duration,
};

use futures_util::FutureExt;
use sqlx::{
    AssertSqlSafe, ConnectOptions, Executor, MySqlPool, mysql::MySqlConnectOptions,
    pool::PoolOptions,
};
use uuid::Uuid;

use crate::{seed, sql};

const VARIABLE: &str = "SOFT_DELETE_TEST_MYSQL_URL";

/// Where a server is that a test may end; empty where none may be ended.
pub(crate) const REVIVING: &str = "SOFT_DELETE_TEST_MYSQL_REVIVING_URL";

/// A migrated database with the rows of the seed; it is dropped whatever the test does.
pub(crate) async fn with_contacts(test: impl AsyncFnOnce(&MySqlPool)) {
    with_address("contacts", async |pool, _| {
        for seed in [seed::SEED, sql::DOCUMENTS] {
            sqlx::raw_sql(seed)
                .execute(pool)
                .await
                .expect("the seed fits the schema");
        }
        test(pool).await;
    })
    .await;
}

/// An empty migrated database that several connections, and other processes, can open by the
/// address that the test gets.
pub(crate) async fn with_address(_: &str, test: impl AsyncFnOnce(&MySqlPool, &str)) {
    let server = server();
    let mut admin = server.connect().await.expect("the server answers");
    let name = format!("soft_delete_test_{}", Uuid::new_v4().simple());
    admin
        .execute(AssertSqlSafe(format!("CREATE DATABASE {name}")))
        .await
        .expect("the account may create a database");

    let pool = open(&name).await;
    let outcome = AssertUnwindSafe(async {
        sqlx::migrate!()
            .run(&pool)
            .await
            .expect("the migrations run");
        test(&pool, &name).await;
    })
    .catch_unwind()
    .await;

    pool.close().await;
    admin
        .execute(AssertSqlSafe(format!("DROP DATABASE {name}")))
        .await
        .expect("the database can be dropped");
    if let Err(panic) = outcome {
        resume_unwind(panic);
    }
}

/// Opens what [`with_address`] made.
pub(crate) async fn open(address: &str) -> MySqlPool {
    // A statement that a full cache lets go of is told to the server, which costs tens of milliseconds: the
    // next one is sent when that has been acknowledged.
    let options = server().statement_cache_capacity(2000);
    MySqlPool::connect_with(options.database(address))
        .await
        .expect("the new database answers")
}

/// An empty migrated database on a server that is thrown away with it.
pub(crate) async fn on_server(options: MySqlConnectOptions) -> MySqlPool {
    // A pool waits while the server is down, on a slow machine for longer than is usual.
    let patient = || PoolOptions::new().acquire_timeout(Duration::from_mins(2));
    let admin = patient()
        .connect_with(options.clone())
        .await
        .expect("the server answers");
    let name = format!("soft_delete_test_{}", Uuid::new_v4().simple());
    admin
        .execute(AssertSqlSafe(format!("CREATE DATABASE {name}")))
        .await
        .expect("the account may create a database");
    let pool = patient()
        .connect_with(options.database(&name))
        .await
        .expect("the server answers twice");
    sqlx::migrate!()
        .run(&pool)
        .await
        .expect("the migrations run");
    pool
}

fn server() -> MySqlConnectOptions {
    let url = env::var(VARIABLE).unwrap_or_else(|_| {
        panic!(
            "{VARIABLE} is not set: `cargo xtask test` starts a server and sets it; to run this \
             test alone, set it to the URL of a MySQL or MariaDB account that may create databases"
        )
    });
    url.parse()
        .unwrap_or_else(|error| panic!("{VARIABLE}: {error}"))
}
