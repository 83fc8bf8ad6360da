//! A query that an application sends while something else runs.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use sqlx::{Connection, PgConnection, PgPool};
use tokio::sync::oneshot;

use crate::Result;

/// How long queries took, in no order.
#[derive(Debug, Clone, Default)]
pub(crate) struct Latencies(Vec<Duration>);

impl Latencies {
    /// Takes in those of another time.
    pub(crate) fn add(&mut self, more: Self) {
        self.0.extend(more.0);
    }

    /// What this part of a hundred took at most.
    pub(crate) fn percentile(&self, part: usize) -> Duration {
        let mut times = self.0.clone();
        times.sort_unstable();
        let at = times.len() * part / 100;
        times.get(at).copied().unwrap_or_default()
    }
}

/// One every few milliseconds, whatever the last one took.
const EVERY: Duration = Duration::from_millis(2);
/// An application's session is not new: its process runs, its statement is prepared and planned.
const UNCOUNTED: usize = 50;

/// Runs `work` with queries beside it, on a connection and a thread of their own.
pub(crate) async fn beside<T>(
    pool: &PgPool,
    rows: i64,
    work: impl Future<Output = T>,
) -> Result<(T, Latencies)> {
    let is_over = Arc::new(AtomicBool::new(false));
    let options = (*pool.connect_options()).clone();
    let ends = is_over.clone();
    let (ready, is_ready) = oneshot::channel();
    let queries = std::thread::spawn(move || -> Result<Vec<Duration>> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        runtime.block_on(queries(&options, rows, ready, &ends))
    });
    // Where it is dropped, the queries failed, which is told below.
    let _ = is_ready.await;
    let done = work.await;
    is_over.store(true, Ordering::Relaxed);
    let times = tokio::task::spawn_blocking(|| queries.join()).await?;
    let times = times.map_err(|_| "the queries panicked")??;
    Ok((done, Latencies(times)))
}

async fn queries(
    options: &sqlx::postgres::PgConnectOptions,
    rows: i64,
    ready: oneshot::Sender<()>,
    is_over: &AtomicBool,
) -> Result<Vec<Duration>> {
    let mut connection = PgConnection::connect_with(options).await?;
    let mut times = Vec::new();
    let mut ready = Some(ready);
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
        if times.len() == UNCOUNTED
            && let Some(ready) = ready.take()
        {
            times.clear();
            let _ = ready.send(());
        }
        next += EVERY;
        tokio::time::sleep_until(next.into()).await;
    }
    Ok(times)
}
