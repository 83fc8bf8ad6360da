//! A database of its own for every test.

use sqlx::{Pool, Sqlite, sqlite::SqlitePoolOptions};

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
