//! A database of its own for every test.

use std::{env, fs, process};

use sqlx::{
    Pool, Sqlite,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions},
};

use crate::{seed, sql};

/// A migrated database with the rows of the seed.
pub(crate) async fn with_contacts(test: impl AsyncFnOnce(&Pool<Sqlite>)) {
    // An in-memory database belongs to its connection, so there is one, which never goes away.
    let pool = SqlitePoolOptions::new()
        .max_connections(1)
        .idle_timeout(None)
        .max_lifetime(None)
        .connect("sqlite::memory:")
        .await
        .expect("SQLite opens in memory");
    sqlx::migrate!()
        .run(&pool)
        .await
        .expect("the migrations run");
    for seed in [seed::SEED, sql::DOCUMENTS] {
        sqlx::raw_sql(seed)
            .execute(&pool)
            .await
            .expect("the seed fits the schema");
    }
    test(&pool).await;
}

/// An empty migrated database that several connections, and other processes, can open by the
/// address that the test gets.
pub(crate) async fn with_address(name: &str, test: impl AsyncFnOnce(&Pool<Sqlite>, &str)) {
    let directory = env::temp_dir().join(format!("soft-delete-{name}-{}", process::id()));
    fs::create_dir_all(&directory).expect("a directory");
    let address = directory.join("test.db").display().to_string();
    let pool = open(&address).await;
    sqlx::migrate!()
        .run(&pool)
        .await
        .expect("the migrations run");
    test(&pool, &address).await;
    pool.close().await;
    fs::remove_dir_all(&directory).expect("the directory can be removed");
}

/// Opens what [`with_address`] made.
pub(crate) async fn open(address: &str) -> Pool<Sqlite> {
    let options = SqliteConnectOptions::new()
        .filename(address)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .busy_timeout(std::time::Duration::from_mins(1));
    let pool = SqlitePoolOptions::new().connect_with(options).await;
    pool.expect("SQLite opens a file")
}
