//! A process that is killed in the middle of an operation on many rows.

use std::{
    env,
    io::{BufRead, BufReader, Write},
    process::{Child, ChildStdout, Command, Stdio},
    sync::Arc,
    time::Duration,
};

use futures_util::future::BoxFuture;
use soft_delete::{Event, Hook, SoftDeletable, Tombstones};
use sqlx::Pool;

use super::{
    model::{Project, Team},
    world::{number, run},
};
use crate::{
    Db, DbConnection,
    database::{open, with_address},
};

/// Set in the process that is killed: what it does, and where its database is.
const CHILD: &str = "SOFT_DELETE_LIFECYCLE_CHILD";

const TEST: &str =
    "lifecycle::kills::an_operation_whose_process_is_killed_is_done_or_was_never_begun";

/// The child says so when it begins, and when all is changed and nothing is committed.
const BEGINS: &str = "it begins";
const CHANGED: &str = "all is changed";

pub(crate) const PROJECTS: i64 = 40;
const ISSUES: i64 = 50;
/// Besides the projects: the team, a board of each project, the issues.
pub(crate) const ALL: i64 = 1 + 2 * PROJECTS + PROJECTS * ISSUES;

/// Tells when all is changed, and waits to be killed.
struct Stop;

impl Hook<Db> for Stop {
    fn after<'a>(
        &'a self,
        event: &'a Event,
        _: &'a mut DbConnection,
    ) -> BoxFuture<'a, soft_delete::Result<()>> {
        Box::pin(async move {
            // The last of its tables.
            if event.table == "boards" {
                say(CHANGED);
                std::future::pending::<()>().await;
            }
            Ok(())
        })
    }
}

fn say(line: &str) {
    let mut out = std::io::stdout();
    writeln!(out, "{line}").expect("somebody listens");
    out.flush().expect("somebody listens");
}

/// What the killed process does.
async fn operate(what: &str, pool: &Pool<Db>) {
    let hook = || Arc::new(Stop);
    say(BEGINS);
    match what {
        "delete" => drop(Team::soft_delete_by_key(1).execute(pool).await),
        "restore" => drop(Team::restore_by_key(1).execute(pool).await),
        "delete-stop" => {
            let delete = Team::soft_delete_by_key(1).with_hook(hook());
            drop(delete.execute(pool).await);
        }
        _ => {
            let all = Tombstones::of_keys(1..=PROJECTS);
            let restore = Project::restore_all(all).with_hook(hook());
            drop(restore.execute(pool).await);
        }
    }
}

/// A process that does it, once it has begun.
fn child(what: &str, address: &str) -> (Child, BufReader<ChildStdout>) {
    let program = env::current_exe().expect("the test has a file");
    let mut child = Command::new(program)
        .args([TEST, "--exact", "--nocapture"])
        .env(CHILD, format!("{what} {address}"))
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the test runs again");
    let mut out = BufReader::new(child.stdout.take().expect("it is piped"));
    until(BEGINS, &mut out);
    (child, out)
}

/// Reads what a process says until it says this.
fn until(line: &str, out: &mut BufReader<ChildStdout>) {
    let mut text = String::new();
    while !text.contains(line) {
        text.clear();
        let read = out.read_line(&mut text).expect("it can be read");
        assert_ne!(read, 0, "it ended before: {line}");
    }
}

pub(crate) async fn fill(pool: &Pool<Db>) {
    run(pool, "INSERT INTO teams (id, name) VALUES (1, 'core')").await;
    let rows = |make: &dyn Fn(i64) -> String, count: i64| -> String {
        let rows: Vec<String> = (1..=count).map(make).collect();
        rows.join(", ")
    };
    let projects = rows(&|id| format!("({id}, 1, 'p{id}')"), PROJECTS);
    run(
        pool,
        &format!("INSERT INTO projects (id, team_id, name) VALUES {projects}"),
    )
    .await;
    let boards = rows(&|id| format!("({id}, {id})"), PROJECTS);
    run(
        pool,
        &format!("INSERT INTO boards (id, project_id) VALUES {boards}"),
    )
    .await;
    let issue = |id| format!("({id}, {}, 'i')", 1 + (id - 1) / ISSUES);
    let issues = rows(&issue, PROJECTS * ISSUES);
    run(
        pool,
        &format!("INSERT INTO issues (id, project_id, title) VALUES {issues}"),
    )
    .await;
}

/// How many rows are deleted, all counted at one moment; each has all of its record, or nothing of it.
pub(crate) async fn deleted(pool: &Pool<Db>) -> i64 {
    let tables = ["teams", "projects", "boards", "issues"];
    let sum = |test: &str| {
        let counts = tables.map(|table| format!("(SELECT count(*) FROM {table} WHERE {test})"));
        format!("SELECT {}", counts.join(" + "))
    };
    let torn = sum("(deleted_at IS NULL) <> (deleted_operation IS NULL)");
    assert_eq!(number(pool, &torn).await, 0);
    number(pool, &sum("deleted_at IS NOT NULL")).await
}

#[tokio::test]
async fn an_operation_whose_process_is_killed_is_done_or_was_never_begun() {
    if let Ok(said) = env::var(CHILD) {
        let (what, address) = said.split_once(' ').expect("two words");
        operate(what, &open(address).await).await;
        return;
    }
    with_address("kills", async |pool, address| {
        fill(pool).await;
        let (mut own, mut out) = child("delete-stop", address);
        until(CHANGED, &mut out);
        own.kill().expect("it can be killed");
        own.wait().expect("it is gone");
        assert_eq!(deleted(pool).await, 0);

        let (_, outcome) = Team::soft_delete_by_key(1)
            .execute_with_outcome(pool)
            .await
            .expect("what the dead process held is free");
        let dependents: u64 = outcome.dependents().iter().map(|rows| rows.rows).sum();
        assert_eq!(i64::try_from(dependents).expect("few rows") + 1, ALL);
        // The projects come back under a live team only.
        run(
            pool,
            "UPDATE teams SET deleted_at = NULL, deleted_operation = NULL",
        )
        .await;
        let (mut own, mut out) = child("restore-stop", address);
        until(CHANGED, &mut out);
        own.kill().expect("it can be killed");
        own.wait().expect("it is gone");
        assert_eq!(deleted(pool).await, ALL - 1);

        let restored = Project::restore_all(Tombstones::of_keys(1..=PROJECTS))
            .execute(pool)
            .await;
        let projects = restored
            .expect("what the dead process held is free")
            .rows_affected();
        assert_eq!(i64::try_from(projects).expect("few rows"), PROJECTS);
        assert_eq!(deleted(pool).await, 0);

        // Somewhere in between, wherever that is.
        for delay in [0, 1, 2, 4, 8, 16, 32, 64] {
            let before = deleted(pool).await;
            let what = if before == 0 { "delete" } else { "restore" };
            let (mut own, _out) = child(what, address);
            tokio::time::sleep(Duration::from_millis(delay)).await;
            own.kill().expect("it can be killed");
            own.wait().expect("it is gone");
            let after = deleted(pool).await;
            assert!(
                after == 0 || after == ALL,
                "{after} of {ALL} rows are deleted"
            );
        }
        // Whatever the server was still at is at its end when the row can be had.
        let _ = Team::restore_by_key(1).execute(pool).await;
        Team::soft_delete_by_key(1)
            .execute(pool)
            .await
            .expect("nothing is held");
        assert_eq!(deleted(pool).await, ALL);
        Team::restore_by_key(1)
            .execute(pool)
            .await
            .expect("nothing is held");
        assert_eq!(deleted(pool).await, 0);
    })
    .await;
}
