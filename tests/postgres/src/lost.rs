//! Purging sessions that the server ends.

use std::time::Duration;

use soft_delete::{Audit, Purge, PurgeFailure, StopReason, retention_plan};
use sqlx::AssertSqlSafe;

use crate::{
    DbConnection,
    database::{open, with_address},
    purge::ledger::Ledger,
    sql,
};

/// Ends every session of the test but this one.
async fn end_sessions(admin: &mut DbConnection, address: &str) {
    let statements: Vec<String> = sqlx::query_scalar(AssertSqlSafe(sql::sessions(address)))
        .fetch_all(&mut *admin)
        .await
        .expect("the sessions are listed");
    for statement in statements {
        // One that has just ended by itself cannot be ended.
        let _ = sqlx::raw_sql(AssertSqlSafe(statement))
            .execute(&mut *admin)
            .await;
    }
}

async fn recorded(admin: &mut DbConnection) -> i64 {
    sqlx::query_scalar("SELECT count(*) FROM soft_delete_audit")
        .fetch_one(admin)
        .await
        .expect("the audit is counted")
}

#[tokio::test]
async fn a_purge_whose_session_ends_says_what_it_did_and_the_next_goes_on() {
    with_address("lost", async |pool, address| {
        let mut ledger = Ledger::default();
        for _ in 0..20 {
            ledger.make(pool, 500).await;
        }
        let admin = open(address).await;
        let mut admin = admin.acquire().await.expect("the server answers");
        for _ in 0..4 {
            // A session that is told to end may still answer for a moment: those of the last round
            // are not used again.
            let pool = &open(address).await;
            let before = recorded(&mut admin).await;
            let purge = Purge::plan(retention_plan!())
                .batch_size(20)
                .audit(Audit::Rows);
            let ender = async {
                while recorded(&mut admin).await < before + 200 {
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
                loop {
                    end_sessions(&mut admin, address).await;
                    tokio::time::sleep(Duration::from_millis(3)).await;
                }
            };
            let outcome = tokio::select! {
                outcome = purge.execute(pool) => outcome,
                () = ender => unreachable!("it ends sessions until the purge has ended"),
            };
            let error = outcome.expect_err("the session was ended while it purged");
            assert!(
                matches!(error.failure(), PurgeFailure::Database(_)),
                "{error}"
            );
            assert_eq!(error.report().stop, StopReason::Failed);
            let pool = &open(address).await;
            ledger.holds(pool).await;
            // The answer to the last COMMIT may have been lost with the session.
            let purged = i64::try_from(error.report().purged()).expect("few rows");
            let all: i64 = sqlx::query_scalar("SELECT count(*) FROM soft_delete_audit")
                .fetch_one(pool)
                .await
                .expect("the audit is counted");
            let unknown = all - before - purged;
            assert!((0..=20).contains(&unknown), "{unknown} more than reported");
        }
        let pool = &open(address).await;
        let last = Purge::plan(retention_plan!()).audit(Audit::Rows);
        last.execute(pool).await.expect("the next purge goes on");
        ledger.holds(pool).await;
        ledger.is_done(pool).await;
    })
    .await;
}
