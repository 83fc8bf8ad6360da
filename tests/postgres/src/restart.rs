//! A server that ends in the middle of something, and is started again.

use std::{
    env,
    fs::{self, File},
    process::Command,
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

use futures_util::future::BoxFuture;
use soft_delete::{
    Audit, Error, Event, Hook, Purge, PurgeFailure, SoftDeletable, StopReason, Tombstones,
    retention_plan,
};
use sqlx::{AssertSqlSafe, Connection, Pool, pool::PoolOptions};

use crate::{
    Db, DbConnection,
    database::{REVIVING, on_server},
    lifecycle::{
        kills::{ALL, PROJECTS, deleted, fill},
        model::{Project, Team},
    },
    purge::ledger::Ledger,
    sql,
};

type Options = <DbConnection as Connection>::Options;

/// An empty migrated database on the server that tests may end. They take turns, those of other
/// processes too.
pub(crate) async fn with_reviving_server(test: impl AsyncFnOnce(&Pool<Db>)) {
    let url = env::var(REVIVING).unwrap_or_else(|_| {
        panic!(
            "{REVIVING} is not set: `cargo xtask serve` starts such a server and sets it; where none \
             may be ended, set it to nothing"
        )
    });
    if url.is_empty() {
        println!("left out: {REVIVING} is empty");
        return;
    }
    let options: Options = url.parse().expect("a URL");
    let program = env::current_exe().expect("the test has a file");
    let turn = File::open(program).expect("it can be read");
    turn.lock().expect("it can be locked");
    test(&on_server(options).await).await;
}

async fn number(pool: &Pool<Db>, query: &'static str) -> i64 {
    let number = sqlx::query_scalar(query).fetch_one(pool).await;
    number.expect("the query runs")
}

async fn run(pool: &Pool<Db>, statements: impl Into<String>) {
    let done = sqlx::raw_sql(AssertSqlSafe(statements.into())).execute(pool);
    done.await.expect("they run");
}

fn kill(signal: &str, process: &str) -> bool {
    let script = format!("kill -{signal} {process} 2>/dev/null");
    let status = Command::new("sh").args(["-c", &script]).status();
    status.expect("there is a shell").success()
}

/// The server's process.
async fn process(pool: &Pool<Db>) -> String {
    let file: String = sqlx::query_scalar(sql::SERVER.0)
        .fetch_one(pool)
        .await
        .expect("the server says where");
    let text = fs::read_to_string(file).expect("the file can be read");
    text.lines().next().expect("a line").trim().to_owned()
}

/// Ends the server, and returns when it is gone.
fn end(process: &str) {
    assert!(kill(sql::SERVER.1, process), "no server to end");
    while kill("0", process) {
        thread::sleep(Duration::from_millis(5));
    }
}

/// Ends the server while the purge is at this row of a DELETE: others of that batch are recorded and
/// gone. What was done before is there, and nothing of that batch.
pub(crate) async fn cut(pool: &Pool<Db>, ledger: &Ledger, purge: Purge<Db>, table: &str, id: i64) {
    run(pool, sql::sleeper(table, id)).await;
    let server = process(pool).await;
    let ender = async {
        while number(pool, sql::SLEEPING).await == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        end(&server);
        std::future::pending::<()>().await;
    };
    let outcome = tokio::select! {
        outcome = purge.execute(pool) => outcome,
        () = ender => unreachable!("it waits for the end of the purge"),
    };
    let error = outcome.expect_err("the server was ended while it purged");
    let is_plain = matches!(error.failure(), PurgeFailure::Database(Error::Sqlx(_)));
    assert!(is_plain, "{error}");
    assert_eq!(error.report().stop, StopReason::Failed);

    ledger.holds(pool).await;
    let recorded = number(pool, "SELECT count(*) FROM soft_delete_audit").await;
    let reported = i64::try_from(error.report().purged()).expect("few rows");
    assert_eq!(recorded, reported, "the batch was not committed");
    let all = i64::try_from(ledger.made.len()).expect("few rows");
    assert!(0 < recorded && recorded < all, "{recorded} of {all}");
    run(pool, sql::NO_SLEEPER).await;
}

fn purge() -> Purge<Db> {
    let purge = Purge::plan(retention_plan!()).audit(Audit::Rows);
    purge.batch_size(40)
}

#[tokio::test]
async fn a_purge_whose_server_ends_in_mid_batch_loses_that_batch_and_no_row() {
    with_reviving_server(async |pool| {
        let mut ledger = Ledger::default();
        ledger.make(pool, 1000).await;
        cut(pool, &ledger, purge(), "shops", 500).await;
        let report = purge().execute(pool).await.expect("the next run goes on");
        assert_eq!(report.stop, StopReason::Finished);
        ledger.holds(pool).await;
        ledger.is_done(pool).await;
    })
    .await;
}

#[tokio::test]
async fn a_purge_whose_server_restarts_between_two_batches_goes_on() {
    with_reviving_server(async |pool| {
        let mut ledger = Ledger::default();
        ledger.make(pool, 1000).await;
        let server = process(pool).await;
        let old = server.clone();
        let purge = purge().on_progress(move |batch| {
            if batch.purged == 400 {
                end(&old);
            }
        });
        let report = purge.execute(pool).await.expect("it waits for the server");
        assert_ne!(process(pool).await, server, "it was another server");
        assert_eq!((report.stop, report.purged()), (StopReason::Finished, 1000));
        ledger.holds(pool).await;
        ledger.is_done(pool).await;
    })
    .await;
}

/// Ends the server when all is changed and nothing is committed.
struct End(Mutex<Option<String>>);

impl Hook<Db> for End {
    fn after<'a>(
        &'a self,
        event: &'a Event,
        _: &'a mut DbConnection,
    ) -> BoxFuture<'a, soft_delete::Result<()>> {
        // The last of its tables.
        if event.table == "boards"
            && let Some(server) = self.0.lock().expect("nobody panics").take()
        {
            end(&server);
        }
        Box::pin(async { Ok(()) })
    }
}

async fn ender(pool: &Pool<Db>) -> Arc<End> {
    Arc::new(End(Mutex::new(Some(process(pool).await))))
}

#[tokio::test]
async fn an_operation_whose_server_ends_was_never_begun() {
    const OPERATIONS: &str = "SELECT count(*) FROM ( \
         SELECT deleted_operation FROM teams UNION SELECT deleted_operation FROM projects \
         UNION SELECT deleted_operation FROM boards UNION SELECT deleted_operation FROM issues \
         ) AS ids WHERE deleted_operation IS NOT NULL";
    with_reviving_server(async |pool| {
        fill(pool).await;
        let delete = Team::soft_delete_by_key(1).with_hook(ender(pool).await);
        let error = delete.execute(pool).await.expect_err("it has no server");
        assert!(matches!(error, Error::Sqlx(_)), "{error}");
        assert_eq!(deleted(pool).await, 0);
        assert_eq!(number(pool, OPERATIONS).await, 0);

        let delete = Team::soft_delete_by_key(1).execute(pool).await;
        delete.expect("nothing is held");
        assert_eq!(deleted(pool).await, ALL);
        assert_eq!(number(pool, OPERATIONS).await, 1);
        // The projects come back under a live team only.
        run(
            pool,
            "UPDATE teams SET deleted_at = NULL, deleted_operation = NULL",
        )
        .await;

        let projects = || Project::restore_all(Tombstones::of_keys(1..=PROJECTS));
        let restore = projects().with_hook(ender(pool).await);
        let error = restore.execute(pool).await.expect_err("it has no server");
        assert!(matches!(error, Error::Sqlx(_)), "{error}");
        assert_eq!(deleted(pool).await, ALL - 1);
        assert_eq!(number(pool, OPERATIONS).await, 1);

        let restored = projects().execute(pool).await.expect("nothing is held");
        let rows = i64::try_from(restored.rows_affected()).expect("few rows");
        assert_eq!((rows, deleted(pool).await), (PROJECTS, 0));
    })
    .await;
}

/// Ends the server while a connection of the pool is idle: on its way back it would be tested.
async fn end_idle(pool: &Pool<Db>) {
    let server = process(pool).await;
    while pool.num_idle() == 0 {
        tokio::task::yield_now().await;
    }
    end(&server);
}

#[tokio::test]
async fn the_first_call_after_a_restart_works_where_the_pool_tests_its_connections() {
    with_reviving_server(async |pool| {
        fill(pool).await;
        end_idle(pool).await;
        let delete = Team::soft_delete_by_key(1).execute(pool).await;
        delete.expect("it has a new connection");
        assert_eq!(deleted(pool).await, ALL);

        let untested = PoolOptions::<Db>::new()
            .max_connections(1)
            .test_before_acquire(false)
            .connect_with((*pool.connect_options()).clone())
            .await
            .expect("the server answers");
        end_idle(&untested).await;
        let restore = || Team::restore_by_key(1).execute(&untested);
        let error = restore().await.expect_err("its connection is gone");
        assert!(matches!(error, Error::Sqlx(_)), "{error}");
        assert_eq!(deleted(pool).await, ALL);
        restore().await.expect("the pool opened another");
        assert_eq!(deleted(pool).await, 0);
    })
    .await;
}
