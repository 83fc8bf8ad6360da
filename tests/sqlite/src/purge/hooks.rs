//! Hooks see the rows of a batch, in its transaction.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use futures_util::future::BoxFuture;
use soft_delete::{
    Audit, Error, Event, Hook, Kind, Purge, PurgeFailure, PurgeReport, retention_plan,
};
use sqlx::{AssertSqlSafe, Pool};
use test_cases::Dialect;

use super::{
    rows::Token,
    shops::{audited, fill, ids, run},
};
use crate::{
    Db, DbConnection,
    database::with_contacts,
    sql::{DIALECT, ago, token},
};

/// Keeps the events, leaves a row for each, and does something else before one of them.
#[derive(Default)]
struct Recorder {
    before: Mutex<Vec<Event>>,
    after: Mutex<Vec<Event>>,
    /// Of these so many, `after` fails.
    fails_at: Option<usize>,
    /// Before the first batch of a table.
    does: Option<(&'static str, &'static str)>,
}

impl Recorder {
    fn doing(table: &'static str, sql: &'static str) -> Arc<Self> {
        Arc::new(Self {
            does: Some((table, sql)),
            ..Self::default()
        })
    }
}

async fn tell(connection: &mut DbConnection, sql: String) -> soft_delete::Result<()> {
    let statement = sqlx::raw_sql(AssertSqlSafe(sql));
    statement.execute(connection).await?;
    Ok(())
}

impl Hook<Db> for Recorder {
    fn before<'a>(
        &'a self,
        event: &'a Event,
        connection: &'a mut DbConnection,
    ) -> BoxFuture<'a, soft_delete::Result<()>> {
        Box::pin(async move {
            let is_first = {
                let mut before = self.before.lock().unwrap();
                before.push(event.clone());
                before.iter().filter(|own| own.table == event.table).count() == 1
            };
            match self.does {
                Some((table, sql)) if is_first && table == event.table => {
                    tell(connection, sql.to_owned()).await
                }
                _ => Ok(()),
            }
        })
    }

    fn after<'a>(
        &'a self,
        event: &'a Event,
        connection: &'a mut DbConnection,
    ) -> BoxFuture<'a, soft_delete::Result<()>> {
        Box::pin(async move {
            let count = {
                let mut after = self.after.lock().unwrap();
                after.push(event.clone());
                after.len()
            };
            let told = format!("INSERT INTO told (rows_gone) VALUES ({})", event.keys.len());
            tell(connection, told).await?;
            match self.fails_at {
                Some(at) if at == count => {
                    Err(Error::Sqlx(sqlx::Error::Protocol("the hook failed".into())))
                }
                _ => Ok(()),
            }
        })
    }
}

/// Shops that are due, from 1000 on.
async fn many(pool: &Pool<Db>, count: i64) {
    let shops: Vec<String> = (1000..1000 + count)
        .map(|id| format!("({id}, 'Many', {})", ago(31)))
        .collect();
    let shops = shops.join(", ");
    run(
        pool,
        format!("INSERT INTO shops (id, name, deleted_at) VALUES {shops}"),
    )
    .await;
    run(pool, "CREATE TABLE told (rows_gone INTEGER NOT NULL)").await;
}

/// The rows that the hook left.
async fn told(pool: &Pool<Db>) -> Vec<i32> {
    sqlx::query_scalar("SELECT rows_gone FROM told ORDER BY rows_gone")
        .fetch_all(pool)
        .await
        .expect("the rows are read")
}

fn keys(events: &Mutex<Vec<Event>>, table: &str) -> Vec<String> {
    let events = events.lock().unwrap();
    let own = events.iter().filter(|event| event.table == table);
    let mut keys: Vec<String> = own.flat_map(|event| event.keys.clone()).collect();
    keys.sort_unstable();
    keys
}

fn names(ids: impl IntoIterator<Item = i64>) -> Vec<String> {
    let mut names: Vec<String> = ids.into_iter().map(|id| id.to_string()).collect();
    names.sort_unstable();
    names
}

async fn purge(pool: &Pool<Db>, hook: &Arc<Recorder>, size: u32) -> PurgeReport {
    let purge = Purge::plan(retention_plan!()).batch_size(size);
    let purge = purge.with_hook(Arc::clone(hook) as Arc<dyn Hook<Db>>);
    purge.execute(pool).await.expect("nothing forbids it")
}

#[tokio::test]
async fn a_hook_is_told_every_row_that_goes() {
    with_contacts(async |pool| {
        fill(pool).await;
        // So many that PostgreSQL would walk through them.
        many(pool, 1700).await;
        let hook = Arc::new(Recorder::default());
        let purge = Purge::plan(retention_plan!())
            .batch_size(300)
            .audit(Audit::Rows)
            .with_hook(Arc::clone(&hook) as Arc<dyn Hook<Db>>);
        let report = purge.execute(pool).await.unwrap();
        assert_eq!(ids(pool, "shops").await, [1, 3, 4, 5, 7]);
        assert_eq!(
            keys(&hook.after, "shops"),
            names([2, 6].into_iter().chain(1000..2700))
        );
        assert_eq!(keys(&hook.after, "labels"), ["10,old"]);
        let audited = audited(pool).await.len();
        let events = hook.after.lock().unwrap().clone();
        assert_eq!(*hook.before.lock().unwrap(), events);
        for event in &events {
            assert_eq!(
                (event.kind, event.operation_id),
                (Kind::Purge, Some(report.run_id))
            );
        }
        let of_each: usize = events.iter().map(|event| event.keys.len()).sum();
        assert_eq!(
            (of_each as u64, audited as u64),
            (report.purged(), report.purged())
        );
        let batches: u64 = report.tables.iter().map(|table| table.batches).sum();
        assert_eq!(events.len() as u64, batches);
        assert_eq!(told(pool).await.len(), events.len());
    })
    .await;
}

#[tokio::test]
async fn an_error_of_a_hook_takes_its_batch_back() {
    with_contacts(async |pool| {
        many(pool, 9).await;
        let hook = Arc::new(Recorder {
            fails_at: Some(2),
            ..Recorder::default()
        });
        let purge = Purge::plan(retention_plan!()).batch_size(4);
        let purge = purge.with_hook(Arc::clone(&hook) as Arc<dyn Hook<Db>>);
        let error = purge.execute(pool).await.unwrap_err();
        assert_eq!(error.report().purged(), 4);
        assert!(error.to_string().ends_with("the hook failed"), "{error}");
        assert_eq!(told(pool).await, [4]);
        assert_eq!(ids(pool, "shops").await.len(), 5);
        let report = self::purge(pool, &Arc::new(Recorder::default()), 4).await;
        assert_eq!(report.purged(), 5);
        assert_eq!(told(pool).await, [1, 4, 4]);
    })
    .await;
}

#[tokio::test]
async fn a_row_that_a_hook_keeps_is_not_told_as_gone() {
    with_contacts(async |pool| {
        many(pool, 5).await;
        let keep = "UPDATE shops SET legal_hold = TRUE WHERE id = 1001; \
                    UPDATE shops SET deleted_at = NULL WHERE id = 1002";
        let hook = Recorder::doing("shops", keep);
        let report = purge(pool, &hook, 100).await;
        assert_eq!(report.purged(), 3);
        assert_eq!(report.table("shops").unwrap().held, 1);
        assert_eq!(ids(pool, "shops").await, [1001, 1002]);
        assert_eq!(keys(&hook.before, "shops"), names(1000..1005));
        assert_eq!(keys(&hook.after, "shops"), names([1000, 1003, 1004]));
        assert_eq!(told(pool).await, [3]);
    })
    .await;
}

#[tokio::test]
async fn a_row_that_a_hook_frees_does_not_go_untold() {
    with_contacts(async |pool| {
        fill(pool).await;
        many(pool, 2).await;
        let hook = Recorder::doing("shops", "DELETE FROM shelves WHERE id = 50");
        let purge = Purge::plan(retention_plan!());
        let purge = purge.with_hook(Arc::clone(&hook) as Arc<dyn Hook<Db>>);
        let purged = purge.execute(pool).await;
        if DIALECT == Dialect::Sqlite {
            // The batch is a range of numbers there.
            let error = purged.unwrap_err();
            let freed = PurgeFailure::HookInterferes { table: "shops" };
            assert_eq!(error.failure().to_string(), freed.to_string());
            assert_eq!(ids(pool, "shops").await, [1, 2, 3, 4, 5, 6, 7, 1000, 1001]);
            assert!(ids(pool, "shelves").await.contains(&50));
        } else {
            purged.unwrap();
            let gone = keys(&hook.after, "shops");
            let left = ids(pool, "shops").await;
            assert_eq!(gone.contains(&"5".to_owned()), !left.contains(&5));
            assert_eq!(keys(&hook.before, "shops"), gone);
        }
    })
    .await;
}

/// The table has no numbers, or no rows of its own but those of its partitions.
#[tokio::test]
async fn a_hook_is_told_keys_of_bytes() {
    with_contacts(async |pool| {
        run(pool, "CREATE TABLE told (rows_gone INTEGER NOT NULL)").await;
        let due = ["00", "01ff", "225c27", "feff80"];
        for digest in due {
            run(pool, token(digest, Some(3))).await;
        }
        run(pool, token("aa", None)).await;
        let hook = Arc::new(Recorder::default());
        let purge = Purge::of::<Token>().older_than(Duration::from_hours(48));
        let purge = purge.batch_size(3);
        let purge = purge.with_hook(Arc::clone(&hook) as Arc<dyn Hook<Db>>);
        assert_eq!(purge.execute(pool).await.unwrap().purged(), 4);
        let told = keys(&hook.after, "tokens");
        assert_eq!(keys(&hook.before, "tokens"), told);
        let mut digests: Vec<String> = told
            .iter()
            .filter_map(|key| key.split(',').next())
            .map(|key| key.trim_start_matches("\\x").to_lowercase())
            .collect();
        digests.sort_unstable();
        assert_eq!(digests, due);
    })
    .await;
}
