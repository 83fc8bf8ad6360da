//! The ways to remove the rows that are due.

use std::{
    fs,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use soft_delete::{Audit, Purge, retention_plan};
use sqlx::PgPool;

use crate::Result;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Method {
    /// Removes nothing, and keeps one processor busy.
    ComputingOne,
    /// With both busy, what a query beside it waits, it waits for a processor.
    ComputingTwo,
    Delete,
    ByHand,
    Purge,
    Short,
    Audited,
    Snapshots,
    TwoWorkers,
    Throttled,
}

/// What one did.
pub(crate) struct Done {
    pub(crate) rows: i64,
    pub(crate) time: Duration,
    /// The most memory it had, in kilobytes.
    pub(crate) memory: u64,
}

impl Method {
    pub(crate) const ALL: [Self; 10] = [
        Self::ComputingOne,
        Self::ComputingTwo,
        Self::Delete,
        Self::ByHand,
        Self::Purge,
        Self::Short,
        Self::Audited,
        Self::Snapshots,
        Self::TwoWorkers,
        Self::Throttled,
    ];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::ComputingOne => "one query that computes",
            Self::ComputingTwo => "two queries that compute",
            Self::Delete => "one DELETE",
            Self::ByHand => "id IN (SELECT … LIMIT 1000)",
            Self::Purge => "purge",
            Self::Short => "  target time 5 ms",
            Self::Audited => "  with audit",
            Self::Snapshots => "  with audit and snapshot",
            Self::TwoWorkers => "  two workers",
            Self::Throttled => "  throttle 1.0",
        }
    }

    pub(crate) const fn removes(self) -> bool {
        !matches!(self, Self::ComputingOne | Self::ComputingTwo)
    }

    pub(crate) const fn has_aim(self) -> bool {
        matches!(self, Self::Purge)
    }

    /// Removes the rows that are due.
    pub(crate) async fn run(self, pool: &PgPool, due: i64) -> Result<Done> {
        let begun = Instant::now();
        let (rows, memory) = match self {
            Self::ComputingOne => (compute(pool).await?, 0),
            Self::ComputingTwo => {
                let (one, other) = tokio::join!(compute(pool), compute(pool));
                (one? + other?, 0)
            }
            Self::Delete => {
                let sql = "DELETE FROM items WHERE deleted_at IS NOT NULL \
                           AND deleted_at < now() - INTERVAL '30 days'";
                let rows = sqlx::query(sql).execute(pool).await?.rows_affected();
                (i64::try_from(rows)?, resident())
            }
            Self::ByHand => (by_hand(pool, due).await?, resident()),
            Self::TwoWorkers => {
                let (one, other) = tokio::join!(self.purge(pool), self.purge(pool));
                let (one, other) = (one?, other?);
                (one.0 + other.0, one.1.max(other.1))
            }
            _ => self.purge(pool).await?,
        };
        Ok(Done {
            rows,
            time: begun.elapsed(),
            memory,
        })
    }

    async fn purge(self, pool: &PgPool) -> Result<(i64, u64)> {
        let most = Arc::new(AtomicU64::new(0));
        let seen = most.clone();
        let mut purge = Purge::plan(retention_plan!()).on_progress(move |_| {
            seen.fetch_max(resident(), Ordering::Relaxed);
        });
        purge = match self {
            Self::Short => purge.target_time(Duration::from_millis(5)),
            Self::Audited => purge.audit(Audit::Rows),
            Self::Snapshots => purge.audit(Audit::Snapshot),
            Self::Throttled => purge.throttle(1.0),
            _ => purge,
        };
        let report = purge.execute(pool).await?;
        Ok((
            i64::try_from(report.purged())?,
            most.load(Ordering::Relaxed),
        ))
    }
}

async fn compute(pool: &PgPool) -> Result<i64> {
    let sql = "SELECT count(*) FROM (SELECT generate_series(1, 30000000)) AS numbers";
    Ok(sqlx::query_scalar(sql).fetch_one(pool).await?)
}

/// What is found in many code bases: batches by the key, until one is empty.
async fn by_hand(pool: &PgPool, due: i64) -> Result<i64> {
    let sql = "DELETE FROM items WHERE id IN (SELECT id FROM items WHERE deleted_at IS NOT NULL \
               AND deleted_at < now() - INTERVAL '30 days' LIMIT 1000)";
    let mut rows = 0;
    while rows < due {
        let gone = sqlx::query(sql).execute(pool).await?.rows_affected();
        if gone == 0 {
            break;
        }
        rows += i64::try_from(gone)?;
    }
    Ok(rows)
}

/// The memory that the process has now, in kilobytes.
fn resident() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok())
        .unwrap_or_default()
}
