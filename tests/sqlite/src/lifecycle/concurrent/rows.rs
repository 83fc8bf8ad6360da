//! Two operations on one row, or on rows that meet.

use std::sync::{Arc, Mutex};

use futures_util::future::BoxFuture;
use soft_delete::{Audit, Error, Event, Hook, Purge, SoftDeletable, StopReason, retention_plan};

use super::sessions::with_sessions;
use crate::{
    Db, DbConnection,
    lifecycle::{
        model::{Issue, Member, Team},
        world::{number, rows, run},
    },
    purge::shops::{audited, ids},
    sql::{self, ago},
};

#[tokio::test]
async fn of_two_deletions_of_a_row_the_first_stands() {
    with_sessions("two-deletions", &[false, true], async |sessions, many| {
        let mut first = sessions.begin().await;
        let (_, outcome) = Team::soft_delete_by_key(1)
            .by(1)
            .execute_with_outcome(&mut *first)
            .await
            .unwrap();
        let delete = async {
            if many {
                let delete = Team::soft_delete_by_keys([1]).by(2);
                delete
                    .execute(sessions.pool)
                    .await
                    .map(|done| done.rows_affected())
            } else {
                let delete = Team::soft_delete_by_key(1).by(2);
                delete.execute(sessions.pool).await.map(|_| 1)
            }
        };
        let (waited, deleted) = sessions.behind(first, delete).await;
        assert!(waited);
        let refused = matches!(deleted, Err(Error::AlreadyDeleted { table: "teams" }));
        assert!(refused || (many && matches!(deleted, Ok(0))), "{deleted:?}");

        let id = outcome.operation_id().unwrap().to_string().replace('-', "");
        for (table, deleted) in [("teams", 1), ("members", 2), ("projects", 3), ("issues", 3)] {
            let operation = sql::operation("deleted_operation");
            let own = format!(
                "SELECT count(*) FROM {table} WHERE deleted_by = 1 \
                     AND LOWER(REPLACE({operation}, '-', '')) = '{id}'"
            );
            assert_eq!(number(sessions.pool, &own).await, deleted, "{table}");
        }
        sessions.no_orphan().await;
    })
    .await;
}

/// Keeps the keys that it is told of before they change.
#[derive(Default)]
struct Told(Mutex<Vec<String>>);

impl Hook<Db> for Told {
    fn before<'a>(
        &'a self,
        event: &'a Event,
        _: &'a mut DbConnection,
    ) -> BoxFuture<'a, soft_delete::Result<()>> {
        Box::pin(async {
            self.0.lock().unwrap().extend_from_slice(&event.keys);
            Ok(())
        })
    }
}

#[tokio::test]
async fn a_hook_is_not_told_of_a_row_that_another_session_has_just_deleted() {
    with_sessions("told", &[false, true], async |sessions, many| {
        let told = Arc::new(Told::default());
        let hook = Arc::clone(&told) as Arc<dyn Hook<Db>>;
        let mut first = sessions.begin().await;
        let delete = Issue::soft_delete_by_key(200).execute(&mut *first);
        delete.await.unwrap();
        let second = async {
            if many {
                let delete = Issue::soft_delete_by_keys([101, 200]).with_hook(hook);
                delete.execute(sessions.pool).await.map(|_| ())
            } else {
                let delete = Issue::soft_delete_by_key(200).with_hook(hook);
                delete.execute(sessions.pool).await.map(|_| ())
            }
        };
        let (waited, deleted) = sessions.behind(first, second).await;
        assert!(waited);
        let refused = matches!(deleted, Err(Error::AlreadyDeleted { table: "issues" }));
        assert!(refused || (many && deleted.is_ok()), "{deleted:?}");
        let others: &[&str] = if many { &["101"] } else { &[] };
        assert_eq!(*told.0.lock().unwrap(), others);
    })
    .await;
}

#[tokio::test]
async fn of_two_restores_of_a_row_one_is_told_that_it_lives() {
    with_sessions("two-restores", &[()], async |sessions, ()| {
        Team::soft_delete_by_key(1)
            .execute(sessions.pool)
            .await
            .unwrap();
        let mut first = sessions.begin().await;
        Team::restore_by_key(1).execute(&mut *first).await.unwrap();
        let restore = Team::restore_by_key(1).execute(sessions.pool);
        let (waited, restored) = sessions.behind(first, restore).await;
        assert!(waited);
        assert!(
            matches!(restored, Err(Error::NotDeleted { table: "teams" })),
            "{restored:?}"
        );
        assert!(rows(sessions.pool, "issues").await.1.is_empty());
        sessions.no_orphan().await;
    })
    .await;
}

#[tokio::test]
async fn what_is_restored_first_is_not_purged() {
    with_sessions("restore-purge", &[()], async |sessions, ()| {
        Team::soft_delete_by_key(1)
            .execute(sessions.pool)
            .await
            .unwrap();
        let mut first = sessions.begin().await;
        Team::restore_by_key(1).execute(&mut *first).await.unwrap();
        let purge = Team::purge_by_key(1).execute(sessions.pool);
        let (waited, purged) = sessions.behind(first, purge).await;
        assert!(waited);
        assert!(
            matches!(purged, Err(Error::NotDeleted { table: "teams" })),
            "{purged:?}"
        );
        assert_eq!(rows(sessions.pool, "issues").await.0, [100, 101, 102, 200]);
        assert_eq!(audited(sessions.pool).await, []);
    })
    .await;
}

#[tokio::test]
async fn what_is_purged_first_is_not_restored() {
    with_sessions("purge-restore", &[()], async |sessions, ()| {
        Team::soft_delete_by_key(1)
            .execute(sessions.pool)
            .await
            .unwrap();
        run(sessions.pool, "DELETE FROM visits").await;
        let mut first = sessions.begin().await;
        Team::purge_by_key(1).execute(&mut *first).await.unwrap();
        let restore = Team::restore_by_key(1).execute(sessions.pool);
        let (waited, restored) = sessions.behind(first, restore).await;
        assert!(waited);
        assert!(
            matches!(restored, Err(Error::NotFound { table: "teams" })),
            "{restored:?}"
        );
        assert_eq!(rows(sessions.pool, "teams").await, (vec![2], vec![]));
        assert_eq!(rows(sessions.pool, "issues").await, (vec![200], vec![]));
    })
    .await;
}

#[tokio::test]
async fn a_run_of_the_purge_leaves_what_is_being_restored() {
    with_sessions("restore-run", &[()], async |sessions, ()| {
        let due = ago(40);
        let shops = format!(
            "INSERT INTO shops (id, name, deleted_at) VALUES (1, 'One', {due}), (2, 'Two', {due})"
        );
        run(sessions.pool, &shops).await;
        let mut first = sessions.begin().await;
        let restore = "UPDATE shops SET deleted_at = NULL WHERE id = 1";
        sessions.run(&mut first, restore).await;
        let purge = Purge::plan(retention_plan!()).audit(Audit::Rows);
        // Where locks are of rows, it passes by the locked one.
        let (waited, report) = sessions.behind(first, purge.execute(sessions.pool)).await;
        assert!(!waited || sql::waiting("").is_none());
        assert_eq!(report.unwrap().stop, StopReason::Finished);
        assert_eq!(ids(sessions.pool, "shops").await, [1]);
        assert_eq!(audited(sessions.pool).await.len(), 1);
        assert_eq!(
            number(
                sessions.pool,
                "SELECT count(*) FROM shops WHERE deleted_at IS NULL"
            )
            .await,
            1
        );
    })
    .await;
}

#[tokio::test]
async fn a_row_with_two_parents_goes_with_the_first() {
    with_sessions("two-cascades", &[()], async |sessions, ()| {
        let mut first = sessions.begin().await;
        Issue::soft_delete_by_key(100)
            .by(1)
            .execute(&mut *first)
            .await
            .unwrap();
        let delete = Member::soft_delete_by_key((1, 1))
            .by(2)
            .execute(sessions.pool);
        let (waited, deleted) = sessions.behind(first, delete).await;
        deleted.unwrap();
        assert!(waited);
        sessions.no_orphan().await;
        assert_eq!(rows(sessions.pool, "votes").await.1, [10011, 10021, 20011]);
        // The vote of both is the issue's, and comes back with it alone.
        Member::restore_by_key((1, 1))
            .execute(sessions.pool)
            .await
            .unwrap();
        assert_eq!(rows(sessions.pool, "votes").await.1, [10011, 10021]);
        Issue::restore_by_key(100)
            .execute(sessions.pool)
            .await
            .unwrap();
        assert!(rows(sessions.pool, "votes").await.1.is_empty());
        sessions.no_orphan().await;
    })
    .await;
}
