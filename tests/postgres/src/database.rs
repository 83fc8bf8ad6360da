//! A schema of its own for every test: much cheaper here than a database.

use std::{
    env,
    panic::{AssertUnwindSafe, resume_unwind},
    time::Duration,
};

use futures_util::FutureExt;
use sqlx::{
    AssertSqlSafe, ConnectOptions, Executor, PgPool, pool::PoolOptions, postgres::PgConnectOptions,
};
use uuid::Uuid;

use crate::{seed, sql};

const VARIABLE: &str = "SOFT_DELETE_TEST_POSTGRES_URL";

/// Where a server is that a test may end; empty where none may be ended.
pub(crate) const REVIVING: &str = "SOFT_DELETE_TEST_POSTGRES_REVIVING_URL";

/// A migrated schema with the rows of the seed; it is dropped whatever the test does.
pub(crate) async fn with_contacts(test: impl AsyncFnOnce(&PgPool)) {
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

/// An empty migrated schema that several connections, and other processes, can open by the address
/// that the test gets.
pub(crate) async fn with_address(_: &str, test: impl AsyncFnOnce(&PgPool, &str)) {
    let server = server();
    let mut admin = server.connect().await.expect("the server answers");
    let name = format!("soft_delete_test_{}", Uuid::new_v4().simple());
    admin
        .execute(AssertSqlSafe(format!("CREATE SCHEMA {name}")))
        .await
        .expect("the account may create a schema");

    let pool = open(&name).await;
    let outcome = AssertUnwindSafe(async {
        sqlx::migrate!()
            // The lock is one for the whole database.
            .set_locking(false)
            .run(&pool)
            .await
            .expect("the migrations run");
        test(&pool, &name).await;
    })
    .catch_unwind()
    .await;

    pool.close().await;
    admin
        .execute(AssertSqlSafe(format!("DROP SCHEMA {name} CASCADE")))
        .await
        .expect("the schema can be dropped");
    if let Err(panic) = outcome {
        resume_unwind(panic);
    }
}

/// Opens what [`with_address`] made; the sessions bear its name.
pub(crate) async fn open(address: &str) -> PgPool {
    let options = server().application_name(address);
    PgPool::connect_with(options.options([("search_path", address)]))
        .await
        .expect("the server answers twice")
}

/// An empty migrated schema on a server that is thrown away with it.
pub(crate) async fn on_server(options: PgConnectOptions) -> PgPool {
    // A pool waits while the server is down, on a slow machine for longer than is usual.
    let patient = || PoolOptions::new().acquire_timeout(Duration::from_mins(2));
    let admin = patient()
        .connect_with(options.clone())
        .await
        .expect("the server answers");
    let name = format!("soft_delete_test_{}", Uuid::new_v4().simple());
    admin
        .execute(AssertSqlSafe(format!("CREATE SCHEMA {name}")))
        .await
        .expect("the account may create a schema");
    let pool = patient()
        .connect_with(options.options([("search_path", &name)]))
        .await
        .expect("the server answers twice");
    sqlx::migrate!()
        .run(&pool)
        .await
        .expect("the migrations run");
    pool
}

fn server() -> PgConnectOptions {
    let url = env::var(VARIABLE).unwrap_or_else(|_| {
        panic!(
            "{VARIABLE} is not set: `cargo xtask test` starts a server and sets it; to run this \
             test alone, set it to the URL of a PostgreSQL account that may create schemas"
        )
    });
    url.parse()
        .unwrap_or_else(|error| panic!("{VARIABLE}: {error}"))
}
