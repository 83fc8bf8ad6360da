//! A query that an application sends while something else runs.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use sqlx::{Connection, PgConnection, PgPool};

use crate::Result;

/// How long the queries took.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Latency {
    pub(crate) p50: Duration,
    pub(crate) p99: Duration,
}

/// One every few milliseconds, whatever the last one took.
const EVERY: Duration = Duration::from_millis(2);

/// Runs `work` with queries beside it, on a connection and a thread of their own.
pub(crate) async fn beside<T>(
    pool: &PgPool,
    rows: i64,
    work: impl Future<Output = T>,
) -> Result<(T, Latency)> {
    let is_over = Arc::new(AtomicBool::new(false));
    let options = (*pool.connect_options()).clone();
    let ends = is_over.clone();
    let queries = std::thread::spawn(move || -> Result<Vec<Duration>> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        runtime.block_on(queries(&options, rows, &ends))
    });
    let done = work.await;
    is_over.store(true, Ordering::Relaxed);
    let times = tokio::task::spawn_blocking(|| queries.join()).await?;
    let mut times = times.map_err(|_| "the queries panicked")??;
    times.sort_unstable();
    let at = |part: usize| {
        times
            .get(times.len() * part / 100)
            .copied()
            .unwrap_or_default()
    };
    Ok((
        done,
        Latency {
            p50: at(50),
            p99: at(99),
        },
    ))
}

async fn queries(
    options: &sqlx::postgres::PgConnectOptions,
    rows: i64,
    is_over: &AtomicBool,
) -> Result<Vec<Duration>> {
    let mut connection = PgConnection::connect_with(options).await?;
    let mut times = Vec::new();
    let mut id: i64 = 1;
    let mut next = Instant::now();
    while !is_over.load(Ordering::Relaxed) {
        // Live rows, all over the table.
        id = (id * 48_271 + 2) % rows;
        let sql = "SELECT email FROM items WHERE id = $1 AND deleted_at IS NULL";
        let begun = Instant::now();
        let _: Option<String> = sqlx::query_scalar(sql)
            .bind(id | 1)
            .fetch_optional(&mut connection)
            .await?;
        times.push(begun.elapsed());
        next += EVERY;
        tokio::time::sleep_until(next.into()).await;
    }
    Ok(times)
}
