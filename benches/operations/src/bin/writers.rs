//! What a session waits that writes to SQLite beside a purge: `writers FILE ROWS`.

use std::{
    env,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use chrono::{DateTime, Utc};
use soft_delete::{CancelToken, Purge, SoftDeletable};
use sqlx::{
    FromRow, SqlitePool,
    sqlite::{SqliteConnectOptions, SqliteJournalMode},
};
use tokio::time::sleep;

#[derive(Debug, SoftDeletable, FromRow)]
struct Note {
    id: i64,
    deleted_at: Option<DateTime<Utc>>,
}

/// What goes on beside the writes.
#[derive(Debug, Clone, Copy)]
enum Work {
    Nothing,
    Delete,
    /// A purge with the pauses that it makes by itself, or of this ratio.
    Purge(Option<f64>),
}

const WORKS: [(&str, Work); 5] = [
    ("nothing", Work::Nothing),
    ("one DELETE", Work::Delete),
    ("purge", Work::Purge(None)),
    ("  throttle 0.0", Work::Purge(Some(0.0))),
    ("  throttle 1.0", Work::Purge(Some(1.0))),
];

/// An application writes again so long after its last write was done.
const EVERY: Duration = Duration::from_millis(3);
const MONTH: Duration = Duration::from_hours(30 * 24);

#[tokio::main]
async fn main() -> Result<()> {
    let mut arguments = env::args().skip(1);
    let file = arguments.next().context("no FILE")?;
    let rows: i64 = arguments.next().context("no ROWS")?.parse()?;
    // The longer waits would end with an error after sqlx's own five seconds.
    let options = SqliteConnectOptions::new()
        .filename(file)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .busy_timeout(Duration::from_mins(1));
    let pool = SqlitePool::connect_with(options).await?;
    sqlx::migrate!().run(&pool).await?;
    sqlx::query("INSERT INTO customers (id, name) VALUES (1, 'Ada') ON CONFLICT DO NOTHING")
        .execute(&pool)
        .await?;
    println!("SQLite in a file, {rows} rows, half of them due");
    println!(
        "{:<20}{:>9}{:>11}{:>11}{:>10}{:>10}{:>12}",
        "", "seconds", "rows/s", "writes/s", "p50 ms", "p99 ms", "longest ms"
    );
    for (name, work) in WORKS {
        fill(&pool, rows).await?;
        let done = CancelToken::new();
        let begun = Instant::now();
        let writes = tokio::spawn(writes(pool.clone(), done.clone()));
        let gone = remove(&pool, work).await?;
        let took = begun.elapsed().as_secs_f64();
        done.cancel();
        let waits = writes.await??;
        if !matches!(work, Work::Nothing) {
            ensure!(gone == u64::try_from(rows / 2)?, "{name}: {gone} rows");
        }
        print(name, took, gone, waits);
    }
    Ok(())
}

/// The table anew, with every other row due.
async fn fill(pool: &SqlitePool, rows: i64) -> Result<()> {
    sqlx::query("DELETE FROM notes").execute(pool).await?;
    let insert = "INSERT INTO notes (id, text, deleted_at) \
                  WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1) \
                  SELECT i, printf('%0100d', i), \
                         CASE WHEN i % 2 = 0 THEN '2020-01-01T00:00:00.000000+00:00' END FROM n";
    sqlx::query(insert).bind(rows).execute(pool).await?;
    let checkpoint = "PRAGMA wal_checkpoint(TRUNCATE)";
    sqlx::query(checkpoint).execute(pool).await?;
    Ok(())
}

async fn remove(pool: &SqlitePool, work: Work) -> Result<u64> {
    Ok(match work {
        Work::Nothing => {
            sleep(Duration::from_secs(5)).await;
            0
        }
        Work::Delete => {
            let delete = "DELETE FROM notes WHERE deleted_at IS NOT NULL AND deleted_at < $1";
            let delete = sqlx::query(delete).bind(Utc::now() - MONTH);
            delete.execute(pool).await?.rows_affected()
        }
        Work::Purge(throttle) => {
            let mut purge = Purge::of::<Note>().older_than(MONTH);
            if let Some(ratio) = throttle {
                purge = purge.throttle(ratio);
            }
            purge.execute(pool).await?.purged()
        }
    })
}

/// How long each write took, until it is told to end.
async fn writes(pool: SqlitePool, done: CancelToken) -> Result<Vec<Duration>> {
    let mut connection = pool.acquire().await?;
    let mut waits = Vec::new();
    while !done.is_cancelled() {
        let begun = Instant::now();
        sqlx::query("UPDATE customers SET name = 'Ada' WHERE id = 1")
            .execute(&mut *connection)
            .await?;
        waits.push(begun.elapsed());
        sleep(EVERY).await;
    }
    Ok(waits)
}

#[allow(clippy::cast_precision_loss, reason = "a few million rows")]
fn print(name: &str, seconds: f64, rows: u64, mut waits: Vec<Duration>) {
    waits.sort_unstable();
    let at = |part: usize| {
        let last = waits.len().saturating_sub(1);
        let time = waits.get((waits.len() * part / 100).min(last));
        time.map_or(0.0, |time| time.as_secs_f64() * 1e3)
    };
    println!(
        "{name:<20}{seconds:>9.2}{:>11.0}{:>11.1}{:>10.2}{:>10.1}{:>12.1}",
        rows as f64 / seconds,
        waits.len() as f64 / seconds,
        at(50),
        at(99),
        at(100),
    );
}
