//! What the purge takes, next to one DELETE and to batches as they are written by hand, and what a
//! query beside it waits.

mod foreground;
mod method;

use std::{env, error::Error, process::ExitCode, time::Duration};

use sqlx::{AssertSqlSafe, PgPool};

use foreground::Latencies;
use method::{Done, Method};

type Result<T, E = Box<dyn Error + Send + Sync>> = std::result::Result<T, E>;

/// The least part of the single DELETE's rate, and the most of the idle server's p99.
const AIMS: (f64, f64) = (0.7, 1.5);

/// How often each way is gone: the rate is that of the fastest, which the rest of the machine disturbed
/// least, and the percentiles are of the queries beside all.
const ROUNDS: usize = 8;

#[tokio::main]
async fn main() -> Result<ExitCode> {
    let url = env::var("SOFT_DELETE_TEST_POSTGRES_URL")?;
    let rows: i64 = env::args()
        .nth(1)
        .map_or(Ok(1_000_000), |text| text.parse())?;
    let pool = PgPool::connect(&url).await?;
    for setting in [
        "server_version",
        "fsync",
        "synchronous_commit",
        "shared_buffers",
    ] {
        let show = AssertSqlSafe(format!("SHOW {setting}"));
        let value: String = sqlx::query_scalar(show).fetch_one(&pool).await?;
        println!("{setting} {value}");
    }
    println!("{rows} rows, half of them due\n");
    println!(
        "{:<28}{:>9}{:>9}{:>10}{:>10}{:>10}{:>10}{:>10}",
        "", "seconds", "rows/s", "of DELETE", "p50 ms", "p99 ms", "of idle", "RSS MB"
    );

    fill(&pool, rows).await?;
    let idle = foreground::beside(&pool, rows, tokio::time::sleep(Duration::from_secs(10))).await?;
    print("idle", None, &idle.1, None, None);
    let wanted: Vec<String> = env::args().skip(2).collect();
    let is_wanted = |method: &Method| {
        wanted.is_empty() || wanted.iter().any(|name| name == method.name().trim())
    };
    let methods: Vec<Method> = Method::ALL.into_iter().filter(is_wanted).collect();
    let mut best: Vec<Option<Done>> = methods.iter().map(|_| None).collect();
    let mut beside = vec![Latencies::default(); methods.len()];
    // Round by round, so that what else the machine does meets all of them.
    for _ in 0..ROUNDS {
        for ((method, best), beside) in methods.iter().zip(&mut best).zip(&mut beside) {
            let (done, latencies) = run(&pool, rows, *method).await?;
            beside.add(latencies);
            if best.as_ref().is_none_or(|best| done.time < best.time) {
                *best = Some(done);
            }
        }
    }
    let (mut delete, mut reached) = (None, true);
    for ((method, best), latencies) in methods.into_iter().zip(best).zip(beside) {
        let Some(done) = best else {
            continue;
        };
        if !method.removes() {
            print(method.name(), None, &latencies, Some(&idle.1), None);
            continue;
        }
        #[allow(clippy::cast_precision_loss, reason = "a few million rows")]
        let rate = done.rows as f64 / done.time.as_secs_f64();
        let of_delete = *delete.get_or_insert(rate);
        print(
            method.name(),
            Some((done.time, rate, rate / of_delete)),
            &latencies,
            Some(&idle.1),
            Some(done.memory),
        );
        if method.has_aim() {
            let (own, idle) = (latencies.percentile(99), idle.1.percentile(99));
            reached &= rate / of_delete >= AIMS.0;
            reached &= own.as_secs_f64() <= AIMS.1 * idle.as_secs_f64();
        }
    }
    let said = if reached { "reached" } else { "NOT REACHED" };
    println!(
        "aim, of the purge without audit: {:.1} of the DELETE's rate, p99 {:.1} of idle: {said}",
        AIMS.0, AIMS.1
    );
    Ok(if reached {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Goes one way, with queries beside it.
async fn run(pool: &PgPool, rows: i64, method: Method) -> Result<(Done, Latencies)> {
    fill(pool, rows).await?;
    let work = Box::pin(method.run(pool, rows / 2));
    let (outcome, latencies) = foreground::beside(pool, rows, work).await?;
    let done = outcome?;
    if method.removes() && done.rows != rows / 2 {
        return Err(format!("{}: {} rows", method.name(), done.rows).into());
    }
    Ok((done, latencies))
}

fn print(
    name: &str,
    done: Option<(Duration, f64, f64)>,
    latencies: &Latencies,
    idle: Option<&Latencies>,
    memory: Option<u64>,
) {
    let milliseconds = |time: Duration| time.as_secs_f64() * 1e3;
    let (seconds, rate, of_delete) = done.map_or_else(Default::default, |(time, rate, of)| {
        (
            format!("{:.2}", time.as_secs_f64()),
            format!("{rate:.0}"),
            format!("{of:.2}"),
        )
    });
    let of_idle = idle.map_or_else(String::new, |idle| {
        let [own, idle] = [latencies, idle].map(|of| of.percentile(99).as_secs_f64());
        format!("{:.2}", own / idle)
    });
    let memory = memory.map_or_else(String::new, |kilobytes| format!("{}", kilobytes / 1024));
    println!(
        "{name:<28}{seconds:>9}{rate:>9}{of_delete:>10}{:>10.3}{:>10.3}{of_idle:>10}{memory:>10}",
        milliseconds(latencies.percentile(50)),
        milliseconds(latencies.percentile(99)),
    );
}

/// The table anew, on disk, with every other row due.
async fn fill(pool: &PgPool, rows: i64) -> Result<()> {
    for statement in [
        "DROP TABLE IF EXISTS enclosures, letters, items, soft_delete_audit, _sqlx_migrations",
        "CHECKPOINT",
    ] {
        sqlx::query(statement).execute(pool).await?;
    }
    sqlx::migrate!().run(pool).await?;
    let insert = "INSERT INTO items (email, note, deleted_at) \
                  SELECT 'user' || n || '@example.org', repeat('x', 80), \
                         CASE WHEN n % 2 = 0 THEN now() - INTERVAL '31 days' - n * INTERVAL '1 second' END \
                  FROM generate_series(1, $1) AS n";
    sqlx::query(insert).bind(rows).execute(pool).await?;
    for statement in ["VACUUM ANALYZE items", "CHECKPOINT"] {
        sqlx::query(statement).execute(pool).await?;
    }
    Ok(())
}
