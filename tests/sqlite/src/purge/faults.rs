//! A purging process that is killed.

use std::{
    env,
    process::{Child, Command, Stdio},
    time::Duration,
};

use soft_delete::{Audit, Purge, StopReason, retention_plan};
use sqlx::Pool;

use super::ledger::Ledger;
use crate::{
    Db,
    database::{open, with_address},
};

/// Set in the process that is killed: where its database is.
const CHILD: &str = "SOFT_DELETE_PURGE_CHILD";

const TEST: &str = "purge::faults::a_process_killed_in_mid_batch_loses_that_batch_and_no_row";

fn child(address: &str) -> Child {
    let program = env::current_exe().expect("the test has a file");
    Command::new(program)
        .args([TEST, "--exact", "--nocapture"])
        .env(CHILD, address)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the test runs again")
}

async fn recorded(pool: &Pool<Db>) -> i64 {
    sqlx::query_scalar("SELECT count(*) FROM soft_delete_audit")
        .fetch_one(pool)
        .await
        .expect("the audit is counted")
}

#[tokio::test]
async fn a_process_killed_in_mid_batch_loses_that_batch_and_no_row() {
    if let Ok(address) = env::var(CHILD) {
        let pool = open(&address).await;
        let purge = Purge::plan(retention_plan!())
            .batch_size(40)
            .audit(Audit::Rows);
        purge
            .execute(&pool)
            .await
            .expect("the purge runs until it is killed");
        return;
    }
    with_address("faults", async |pool, address| {
        let mut ledger = Ledger::default();
        for _ in 0..16 {
            ledger.make(pool, 500).await;
        }
        for _ in 0..4 {
            let before = recorded(pool).await;
            let mut child = child(address);
            // It goes from batch to batch without a pause, so that it is most likely inside of one.
            while recorded(pool).await < before + 400 {
                let ended = child.try_wait().expect("the child can be asked");
                assert!(ended.is_none(), "it ended before it was killed: {ended:?}");
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            child.kill().expect("it can be killed");
            child.wait().expect("it is gone");
            ledger.holds(pool).await;
        }
        let left = 8000 - recorded(pool).await;
        assert!(left > 0, "nothing was left to kill the last one at");

        let purge = Purge::plan(retention_plan!()).audit(Audit::Rows);
        let report = purge.execute(pool).await.expect("the next run goes on");
        assert_eq!(report.stop, StopReason::Finished);
        ledger.holds(pool).await;
        ledger.is_done(pool).await;
    })
    .await;
}
