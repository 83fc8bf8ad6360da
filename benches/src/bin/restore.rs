//! What a restore of many rows takes, next to one UPDATE for each table as it is written by hand.

use std::{
    env,
    error::Error,
    time::{Duration, Instant},
};

use chrono::{DateTime, Utc};
use soft_delete::{SoftDeletable, Tombstones};
use sqlx::{FromRow, PgPool};

type Result<T, E = Box<dyn Error + Send + Sync>> = std::result::Result<T, E>;

/// The least of so many runs counts, which the rest of the machine disturbed least.
const ROUNDS: usize = 3;

/// Nothing hangs on an enclosure.
#[derive(Debug, SoftDeletable, FromRow)]
struct Enclosure {
    id: i64,
    deleted_at: Option<DateTime<Utc>>,
}

/// A letter has one enclosure, which is deleted and restored with it.
#[derive(Debug, SoftDeletable, FromRow)]
struct Letter {
    id: i64,
    deleted_at: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, Copy)]
enum Way {
    Hand,
    Restore,
}

#[derive(Debug, Clone, Copy)]
enum Rows {
    Enclosures,
    Letters,
}

#[tokio::main]
async fn main() -> Result<()> {
    let url = env::var("SOFT_DELETE_TEST_POSTGRES_URL")?;
    let rows = env::args().nth(1);
    let rows: i64 = rows.map_or(Ok(100_000), |text| text.parse())?;
    let pool = PgPool::connect(&url).await?;
    println!("{rows} rows of one operation, least of {ROUNDS}");
    println!("{:<40}{:>9}{:>11}{:>9}", "", "seconds", "rows/s", "of hand");
    for kind in [Rows::Enclosures, Rows::Letters] {
        let mut least = [Duration::MAX; 2];
        for _ in 0..ROUNDS {
            for (way, least) in [Way::Hand, Way::Restore].into_iter().zip(&mut least) {
                *least = time(&pool, kind, way, rows).await?.min(*least);
            }
        }
        let [hand, ours] = least.map(|time| time.as_secs_f64());
        let (alone, with) = match kind {
            Rows::Enclosures => ("one table", 1),
            Rows::Letters => ("with one of a second table", 2),
        };
        let rows = rows * with;
        #[allow(clippy::cast_precision_loss, reason = "far below 2^52")]
        for (name, time) in [("UPDATE by hand", hand), ("restore_all", ours)] {
            println!(
                "{:<40}{time:>9.2}{:>11.0}{:>9.2}",
                format!("{alone}, {name}"),
                rows as f64 / time,
                time / hand
            );
        }
    }
    Ok(())
}

/// Deletes all rows by one operation, and restores them.
async fn time(pool: &PgPool, kind: Rows, way: Way, rows: i64) -> Result<Duration> {
    fill(pool, rows).await?;
    let deleted = match kind {
        Rows::Enclosures => {
            Enclosure::soft_delete_by_keys(1..=rows)
                .by(7)
                .execute(pool)
                .await?
        }
        Rows::Letters => {
            Letter::soft_delete_by_keys(1..=rows)
                .by(7)
                .execute(pool)
                .await?
        }
    };
    let id = deleted.operation_id().ok_or("the table records it")?;
    sqlx::query("VACUUM ANALYZE letters, enclosures")
        .execute(pool)
        .await?;
    sqlx::query("CHECKPOINT").execute(pool).await?;
    let begun = Instant::now();
    match (kind, way) {
        (Rows::Enclosures, Way::Restore) => {
            Enclosure::restore_all(Tombstones::of_operation(id))
                .execute(pool)
                .await?;
        }
        (Rows::Letters, Way::Restore) => {
            Letter::restore_all(Tombstones::of_operation(id))
                .execute(pool)
                .await?;
        }
        (Rows::Enclosures, Way::Hand) => by_hand(pool, &["enclosures"], &id.to_string()).await?,
        (Rows::Letters, Way::Hand) => {
            by_hand(pool, &["letters", "enclosures"], &id.to_string()).await?;
        }
    }
    let took = begun.elapsed();
    let sql = "SELECT (SELECT count(*) FROM letters WHERE deleted_at IS NOT NULL) \
               + (SELECT count(*) FROM enclosures WHERE deleted_at IS NOT NULL)";
    let left: i64 = sqlx::query_scalar(sql).fetch_one(pool).await?;
    if left > 0 {
        return Err(format!("{left} rows stayed deleted").into());
    }
    Ok(took)
}

/// What a careful author writes who knows the id: it looks for no conflict and no deleted parent.
async fn by_hand(pool: &PgPool, tables: &[&str], id: &str) -> Result<()> {
    let mut transaction = pool.begin().await?;
    for table in tables {
        let sql = match *table {
            "letters" => {
                "UPDATE letters SET deleted_at = NULL, deleted_by = NULL, deleted_operation = NULL \
                 WHERE deleted_operation = CAST($1 AS uuid)"
            }
            _ => {
                "UPDATE enclosures SET deleted_at = NULL, deleted_by = NULL, deleted_operation = NULL \
                 WHERE deleted_operation = CAST($1 AS uuid)"
            }
        };
        sqlx::query(sql).bind(id).execute(&mut *transaction).await?;
    }
    transaction.commit().await?;
    Ok(())
}

/// The tables anew, with live rows.
async fn fill(pool: &PgPool, rows: i64) -> Result<()> {
    let drop =
        "DROP TABLE IF EXISTS enclosures, letters, items, soft_delete_audit, _sqlx_migrations";
    sqlx::query(drop).execute(pool).await?;
    sqlx::migrate!().run(pool).await?;
    for sql in [
        "INSERT INTO letters (text) SELECT repeat('x', 80) FROM generate_series(1, $1)",
        "INSERT INTO enclosures (letter_id) SELECT n FROM generate_series(1, $1) AS n",
    ] {
        sqlx::query(sql).bind(rows).execute(pool).await?;
    }
    sqlx::query("VACUUM ANALYZE letters, enclosures")
        .execute(pool)
        .await?;
    Ok(())
}
