//! Hooks see what an operation does, in its transaction.

use std::sync::{Arc, Mutex};

use futures_util::future::BoxFuture;
use soft_delete::{Error, Event, Hook, Kind, OperationId, SoftDeletable, Tombstones};
use sqlx::AssertSqlSafe;

use super::{
    model::{Card, Issue, Project, Team},
    world::{live, number, rows, run, with_teams},
};
use crate::{Db, DbConnection};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Moment {
    Before,
    After,
}

/// An event, and how many deleted rows of its table its connection saw then.
type Seen = (Moment, Event, i64);

/// Writes down what it sees, leaves a row of its own, and fails where it is told to.
#[derive(Default)]
struct Recorder {
    seen: Mutex<Vec<Seen>>,
    fails: Option<Moment>,
}

impl Recorder {
    fn failing(moment: Moment) -> Arc<Self> {
        Arc::new(Self {
            fails: Some(moment),
            ..Self::default()
        })
    }

    fn take(&self) -> Vec<Seen> {
        std::mem::take(&mut self.seen.lock().unwrap())
    }

    async fn record(
        &self,
        moment: Moment,
        event: &Event,
        connection: &mut DbConnection,
    ) -> soft_delete::Result<()> {
        let table = event.table;
        let count = format!("SELECT count(*) FROM {table} WHERE deleted_at IS NOT NULL");
        let deleted = sqlx::query_scalar(AssertSqlSafe(count))
            .fetch_one(&mut *connection)
            .await?;
        let mut event = event.clone();
        event.keys.sort_unstable();
        self.seen.lock().unwrap().push((moment, event, deleted));
        sqlx::query("INSERT INTO visits (id, project_id) SELECT max(id) + 1, 20 FROM visits")
            .execute(&mut *connection)
            .await?;
        if self.fails == Some(moment) {
            return Err(Error::Sqlx(sqlx::Error::Protocol("the hook failed".into())));
        }
        Ok(())
    }
}

impl Hook<Db> for Recorder {
    fn before<'a>(
        &'a self,
        event: &'a Event,
        connection: &'a mut DbConnection,
    ) -> BoxFuture<'a, soft_delete::Result<()>> {
        Box::pin(self.record(Moment::Before, event, connection))
    }

    fn after<'a>(
        &'a self,
        event: &'a Event,
        connection: &'a mut DbConnection,
    ) -> BoxFuture<'a, soft_delete::Result<()>> {
        Box::pin(self.record(Moment::After, event, connection))
    }
}

/// The events without their operation, which must be `id` in each.
fn told(seen: Vec<Seen>, kind: Kind, id: Option<OperationId>) -> Vec<Told> {
    let told = seen.into_iter().map(|(moment, event, deleted)| {
        assert_eq!((event.kind, event.operation_id), (kind, id));
        (moment, event.table, event.keys, deleted)
    });
    told.collect()
}

type Told = (Moment, &'static str, Vec<String>, i64);

fn tell(moment: Moment, table: &'static str, keys: &[&str], deleted: i64) -> Told {
    let keys = keys.iter().map(|key| (*key).to_owned()).collect();
    (moment, table, keys, deleted)
}

#[tokio::test]
async fn a_row_is_told_before_and_after() {
    with_teams(async |pool| {
        let hook = Arc::new(Recorder::default());
        let (gone, outcome) = Card::soft_delete_by_key(510)
            .with_hook(hook.clone())
            .execute_with_outcome(pool)
            .await
            .unwrap();
        let id = outcome.operation_id();
        assert!(id.is_some());
        let both = |before, after| {
            [
                tell(Moment::Before, "cards", &["510"], before),
                tell(Moment::After, "cards", &["510"], after),
            ]
        };
        assert_eq!(told(hook.take(), Kind::SoftDelete, id), both(0, 1));

        gone.restore()
            .with_hook(hook.clone())
            .execute(pool)
            .await
            .unwrap();
        assert_eq!(told(hook.take(), Kind::Restore, id), both(1, 0));

        let gone = Card::soft_delete_by_key(510).execute(pool).await.unwrap();
        let purged = gone.purge().with_hook(hook.clone()).execute(pool).await;
        let id = purged.unwrap().operation_id();
        assert_eq!(told(hook.take(), Kind::Purge, id), both(1, 0));

        let erased = Card::erase_by_key(501).with_hook(hook.clone());
        let id = erased.execute(pool).await.unwrap().operation_id();
        let seen = told(hook.take(), Kind::Erase, id);
        assert_eq!(seen[1], tell(Moment::After, "cards", &["501"], 0));
        // What each of them wrote has been committed with the rest.
        assert_eq!(number(pool, "SELECT count(*) FROM visits").await, 9);
    })
    .await;
}

#[tokio::test]
async fn a_cascade_is_told_table_by_table() {
    with_teams(async |pool| {
        let hook = Arc::new(Recorder::default());
        let (gone, outcome) = Project::soft_delete_by_key(11)
            .with_hook(hook.clone())
            .execute_with_outcome(pool)
            .await
            .unwrap();
        let id = outcome.operation_id();
        let mut seen = told(hook.take(), Kind::SoftDelete, id);
        assert_eq!(seen.remove(0), tell(Moment::Before, "projects", &["11"], 0));
        seen.sort_unstable_by_key(|told| told.1);
        let after = |deleted: [i64; 3]| {
            [
                tell(Moment::After, "issues", &["101", "102"], deleted[0]),
                tell(Moment::After, "projects", &["11", "12"], deleted[1]),
                tell(Moment::After, "votes", &["101,1,2"], deleted[2]),
            ]
        };
        assert_eq!(seen, after([2, 2, 1]));

        gone.restore()
            .with_hook(hook.clone())
            .execute(pool)
            .await
            .unwrap();
        let mut seen = told(hook.take(), Kind::Restore, id);
        assert_eq!(seen.remove(0), tell(Moment::Before, "projects", &["11"], 2));
        seen.sort_unstable_by_key(|told| told.1);
        assert_eq!(seen, after([0, 0, 0]));

        let gone = Project::soft_delete_by_key(11).execute(pool).await.unwrap();
        let purged = gone.purge().with_hook(hook.clone()).execute(pool).await;
        let mut seen = told(hook.take(), Kind::Purge, purged.unwrap().operation_id());
        seen.remove(0);
        seen.sort_unstable_by_key(|told| told.1);
        assert_eq!(seen, after([0, 0, 0]));
    })
    .await;
}

#[tokio::test]
async fn an_operation_on_many_tells_only_of_rows_that_it_changes() {
    with_teams(async |pool| {
        Issue::soft_delete_by_key(102).execute(pool).await.unwrap();
        let hook = Arc::new(Recorder::default());
        let outcome = Issue::soft_delete_by_keys([100, 101, 102, 999])
            .with_hook(hook.clone())
            .by(3)
            .execute(pool)
            .await
            .unwrap();
        let id = outcome.operation_id();
        assert_eq!(
            told(hook.take(), Kind::SoftDelete, id),
            [
                tell(Moment::Before, "issues", &["100", "101"], 1),
                tell(Moment::After, "issues", &["100", "101"], 3),
                tell(
                    Moment::After,
                    "votes",
                    &["100,1,1", "100,2,1", "101,1,2"],
                    3
                ),
            ]
        );
        Issue::restore_all(Tombstones::of_operation(id.unwrap()))
            .with_hook(hook.clone())
            .execute(pool)
            .await
            .unwrap();
        assert_eq!(
            told(hook.take(), Kind::Restore, id),
            [
                tell(Moment::Before, "issues", &["100", "101"], 3),
                tell(Moment::After, "issues", &["100", "101"], 1),
                tell(
                    Moment::After,
                    "votes",
                    &["100,1,1", "100,2,1", "101,1,2"],
                    0
                ),
            ]
        );
        Issue::soft_delete_by_keys([999])
            .with_hook(hook.clone())
            .execute(pool)
            .await
            .unwrap();
        Issue::soft_delete_by_keys([100])
            .with_hook(hook.clone())
            .dry_run(pool)
            .await
            .unwrap();
        assert_eq!(hook.take(), []);
    })
    .await;
}

#[tokio::test]
async fn an_error_of_a_hook_takes_everything_back() {
    with_teams(async |pool| {
        Issue::soft_delete_by_key(102).execute(pool).await.unwrap();
        let before = (live(pool).await, number(pool, "SELECT count(*) FROM visits").await);
        for moment in [Moment::Before, Moment::After] {
            let hook = || Recorder::failing(moment);
            let errors = [
                Card::soft_delete_by_key(510).with_hook(hook()).execute(pool).await.err(),
                Team::soft_delete_by_key(1).with_hook(hook()).execute(pool).await.err(),
                Issue::restore_by_key(102).with_hook(hook()).execute(pool).await.err(),
                Issue::purge_by_key(102).with_hook(hook()).execute(pool).await.err(),
                Issue::erase_by_key(100).with_hook(hook()).execute(pool).await.err(),
                Issue::soft_delete_by_keys([100, 101]).with_hook(hook()).execute(pool).await.err(),
                Issue::restore_all(Tombstones::of_keys([102])).with_hook(hook()).execute(pool).await.err(),
                Issue::purge_all(Tombstones::of_keys([102])).with_hook(hook()).execute(pool).await.err(),
                Issue::erase_by_keys([100, 101]).with_hook(hook()).execute(pool).await.err(),
            ];
            for error in errors {
                assert!(
                    matches!(&error, Some(Error::Sqlx(sqlx::Error::Protocol(text))) if text == "the hook failed"),
                    "{error:?}"
                );
            }
            let now = (live(pool).await, number(pool, "SELECT count(*) FROM visits").await);
            assert_eq!(now, before, "{moment:?}");
            assert_eq!(rows(pool, "issues").await.1, [102]);
        }
    })
    .await;
}

#[tokio::test]
async fn hooks_run_in_the_order_given_and_not_for_what_is_refused() {
    with_teams(async |pool| {
        run(
            pool,
            "INSERT INTO invoices (id, team_id, total) VALUES (1, 1, 5)",
        )
        .await;
        let (first, second) = (
            Arc::new(Recorder::default()),
            Recorder::failing(Moment::Before),
        );
        let error = Card::soft_delete_by_key(510)
            .with_hook(first.clone())
            .with_hook(second.clone())
            .execute(pool)
            .await;
        assert!(matches!(error, Err(Error::Sqlx(_))), "{error:?}");
        assert_eq!(first.take().len(), 1);
        assert_eq!(second.take().len(), 1);

        let refused = Card::restore_by_key(510)
            .with_hook(first.clone())
            .execute(pool)
            .await;
        assert!(
            matches!(refused, Err(Error::NotDeleted { .. })),
            "{refused:?}"
        );
        assert_eq!(first.take(), []);

        let refused = Team::soft_delete_by_key(1)
            .with_hook(first.clone())
            .execute(pool)
            .await;
        assert!(
            matches!(refused, Err(Error::Restricted { .. })),
            "{refused:?}"
        );
        let seen = first.take();
        assert_eq!((seen.len(), seen[0].0), (1, Moment::Before));
        assert_eq!(number(pool, "SELECT count(*) FROM visits").await, 1);
    })
    .await;
}

#[tokio::test]
async fn a_restore_tells_only_of_what_came_back() {
    with_teams(async |pool| {
        let gone = Project::soft_delete_by_key(10).execute(pool).await.unwrap();
        let twin = "INSERT INTO projects (id, team_id, name) VALUES (13, 1, 'leaf')";
        run(pool, twin).await;
        let hook = Arc::new(Recorder::default());
        gone.restore()
            .leave_conflicts()
            .with_hook(hook.clone())
            .execute(pool)
            .await
            .unwrap();
        assert_eq!(rows(pool, "issues").await.1, [101, 102]);
        let seen = hook.take();
        let told = |table: &str| -> Vec<&str> {
            let after = seen
                .iter()
                .filter(|(moment, event, _)| *moment == Moment::After && event.table == table);
            after
                .flat_map(|(_, event, _)| event.keys.iter().map(String::as_str))
                .collect()
        };
        assert_eq!(
            (told("projects"), told("issues")),
            (vec!["10"], vec!["100"])
        );
    })
    .await;
}
