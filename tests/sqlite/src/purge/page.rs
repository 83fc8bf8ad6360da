//! What `docs/purge.md` shows, run.

use std::{error::Error, fs, sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use soft_delete::{Audit, CancelToken, Hook, Purge, SoftDeletable, StopReason, retention_plan};
use sqlx::Pool;

use super::shops::{fill, run};
use crate::{Db, database::with_contacts};

#[derive(SoftDeletable)]
struct Contact {
    deleted_at: Option<DateTime<Utc>>,
}

async fn everything(pool: &Pool<Db>) -> Result<(), Box<dyn Error>> {
    let report = Purge::plan(retention_plan!())
        .audit(Audit::Rows)
        .execute(pool)
        .await?;

    for table in &report.tables {
        println!("{}: {} purged", table.table, table.purged);
        println!(
            "  {} left, the earliest for {:?}",
            table.backlog, table.oldest
        );
        println!("  {} on hold, {} blocked", table.held, table.blocked);
    }
    assert_eq!(report.stop, StopReason::Finished);
    Ok(())
}

async fn one_model(pool: &Pool<Db>) -> Result<u64, Box<dyn Error>> {
    let report = Purge::of::<Contact>()
        .older_than(Duration::from_hours(90 * 24))
        .execute(pool)
        .await?;
    Ok(report.purged())
}

async fn beside_an_application(pool: &Pool<Db>) -> Result<(), Box<dyn Error>> {
    let token = CancelToken::new(); // a clone of it goes to the signal handler
    let report = Purge::plan(retention_plan!())
        .target_time(Duration::from_millis(20))
        .throttle(1.0)
        .max_time(Duration::from_mins(10))
        .cancel(token.clone())
        .on_progress(|batch| println!("{} rows of {}", batch.rows, batch.table))
        .execute(pool)
        .await?;
    assert_ne!(report.stop, StopReason::Cancelled);
    Ok(())
}

struct Outbox;

impl Hook<Db> for Outbox {}

async fn told(pool: &Pool<Db>) -> Result<u64, Box<dyn Error>> {
    let report = Purge::plan(retention_plan!())
        .with_hook(Arc::new(Outbox))
        .execute(pool)
        .await?;
    Ok(report.purged())
}

async fn counted(pool: &Pool<Db>) -> Result<(), Box<dyn Error>> {
    let report = Purge::plan(retention_plan!()).dry_run(pool).await?;
    let due: u64 = report.tables.iter().map(|table| table.backlog).sum();
    println!("{due} rows would go now");
    Ok(())
}

#[tokio::test]
async fn what_the_page_shows_runs() {
    with_contacts(async |pool| {
        run(pool, "DELETE FROM orders").await;
        fill(pool).await;
        counted(pool).await.unwrap();
        everything(pool).await.unwrap();
        assert_eq!(told(pool).await.unwrap(), 0);
        assert_eq!(one_model(pool).await.unwrap(), 2);
        beside_an_application(pool).await.unwrap();
    })
    .await;
}

/// Lines without their indentation, which differs.
fn plain(text: &str) -> String {
    let lines: Vec<&str> = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    lines.join("\n")
}

#[test]
fn the_page_shows_what_runs() {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/purge.md");
    let page = fs::read_to_string(page).expect("the page");
    let source = plain(include_str!("page.rs"));
    let mut blocks = 0;
    for part in page.split("```rust\n").skip(1) {
        let block = part.split("```").next().unwrap_or_default();
        let block = plain(block);
        assert!(source.contains(&block), "no test runs\n{block}");
        blocks += 1;
    }
    assert_eq!(blocks, 5);

    let dialects = ["postgres", "sqlite", "mysql"];
    for dialect in dialects {
        let text = format!(
            "{}/../../soft-delete-sql/src/lifecycle/audit/{dialect}.sql",
            env!("CARGO_MANIFEST_DIR")
        );
        let migration = fs::read_to_string(text).expect("a migration");
        assert!(
            page.contains(migration.trim()),
            "not the migration of {dialect}"
        );
        let used = format!(
            "{}/../{dialect}/migrations/0004_audit.sql",
            env!("CARGO_MANIFEST_DIR")
        );
        let used = fs::read_to_string(used).expect("the migration of the tests");
        assert_eq!(used, migration, "the tests apply what the page shows");
    }
}
