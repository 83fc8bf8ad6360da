//! A restore while another parent of what it brings back is deleted, or while its rows are purged.

use std::time::Duration;

use soft_delete::{Error, Purge, SoftDeletable, Tombstones, soft_query};

use super::sessions::with_sessions;
use crate::{
    DbConnection,
    lifecycle::{
        model::{Issue, Member, Project, Vote},
        world::{rows, run},
    },
    sql::ago,
};

/// The ways to restore issue 200.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Key,
    Many,
    Verb,
}

const WAYS: [Way; 3] = [Way::Key, Way::Many, Way::Verb];

async fn restore(way: Way, connection: &mut DbConnection) -> Result<u64, Error> {
    match way {
        Way::Key => {
            let restore = Issue::restore_by_key(200).execute_with_outcome(connection);
            restore.await.map(|(_, outcome)| outcome.rows_affected())
        }
        Way::Many => {
            let restore = Issue::restore_all(Tombstones::of_keys([200])).execute(connection);
            restore.await.map(|outcome| outcome.rows_affected())
        }
        Way::Verb => {
            let restore = soft_query!(
                restore,
                "UPDATE issues SET deleted_at = NULL WHERE id = 200"
            );
            restore
                .execute(connection)
                .await
                .map(|outcome| outcome.rows_affected())
        }
    }
}

#[tokio::test]
async fn a_row_whose_parent_is_being_deleted_is_not_restored() {
    with_sessions("parent-first", &WAYS, async |sessions, way| {
        Issue::soft_delete_by_key(200)
            .execute(sessions.pool)
            .await
            .unwrap();
        let mut first = sessions.begin().await;
        Project::soft_delete_by_key(20)
            .execute(&mut *first)
            .await
            .unwrap();
        let second = async {
            let mut connection = sessions.pool.acquire().await.unwrap();
            restore(way, &mut connection).await
        };
        let (waited, restored) = sessions.behind(first, second).await;
        assert!(waited, "{way:?}");
        let refused = matches!(
            restored,
            Err(Error::ParentDeleted {
                table: "issues",
                parent: "projects"
            })
        );
        assert!(
            refused || (way == Way::Many && matches!(restored, Ok(0))),
            "{way:?}: {restored:?}"
        );
        sessions.no_orphan().await;
    })
    .await;
}

#[tokio::test]
async fn a_row_that_is_restored_first_is_deleted_with_its_parent() {
    with_sessions("restored-first", &WAYS, async |sessions, way| {
        Issue::soft_delete_by_key(200)
            .execute(sessions.pool)
            .await
            .unwrap();
        let mut first = sessions.begin().await;
        assert_eq!(restore(way, &mut first).await.unwrap(), 1);
        let delete = Project::soft_delete_by_key(20).execute(sessions.pool);
        let (waited, deleted) = sessions.behind(first, delete).await;
        deleted.unwrap();
        assert!(waited, "{way:?}");
        assert_eq!(rows(sessions.pool, "issues").await.1, [200]);
        sessions.no_orphan().await;
    })
    .await;
}

#[tokio::test]
async fn nothing_comes_back_with_a_row_whose_other_parent_is_being_deleted() {
    with_sessions("other-parent-first", &WAYS, async |sessions, way| {
        Issue::soft_delete_by_key(200)
            .execute(sessions.pool)
            .await
            .unwrap();
        let mut first = sessions.begin().await;
        Member::soft_delete_by_key((2, 1))
            .execute(&mut *first)
            .await
            .unwrap();
        let second = async {
            let mut connection = sessions.pool.acquire().await.unwrap();
            restore(way, &mut connection).await
        };
        let (waited, restored) = sessions.behind(first, second).await;
        assert!(waited, "{way:?}");
        let refused = matches!(
            restored,
            Err(Error::ParentDeleted {
                parent: "members",
                ..
            })
        );
        // Many rows are restored as far as they can be.
        assert!(
            refused || (way == Way::Many && restored.is_ok()),
            "{way:?}: {restored:?}"
        );
        assert!(
            rows(sessions.pool, "votes").await.1.contains(&20021),
            "{way:?}"
        );
        sessions.no_orphan().await;
    })
    .await;
}

#[tokio::test]
async fn what_comes_back_with_a_row_is_deleted_with_its_other_parent() {
    with_sessions("other-parent-second", &WAYS, async |sessions, way| {
        Issue::soft_delete_by_key(200)
            .execute(sessions.pool)
            .await
            .unwrap();
        let mut first = sessions.begin().await;
        assert_eq!(restore(way, &mut first).await.unwrap(), 1);
        let delete = Member::soft_delete_by_key((2, 1)).execute(sessions.pool);
        let (waited, deleted) = sessions.behind(first, delete).await;
        deleted.unwrap();
        assert!(waited, "{way:?}");
        assert_eq!(rows(sessions.pool, "votes").await.1, [10021, 20021]);
        sessions.no_orphan().await;
    })
    .await;
}

/// In which order; of one row or of many.
const FORMS: [(bool, bool); 4] = [(false, false), (false, true), (true, false), (true, true)];

#[tokio::test]
async fn a_row_without_dependents_needs_both_its_parents() {
    with_sessions("vote", &FORMS, async |sessions, (restored_first, many)| {
        let key = (200, 2, 1);
        Vote::soft_delete_by_key(key)
            .execute(sessions.pool)
            .await
            .unwrap();
        let restore = async |connection: &mut DbConnection| {
            if many {
                let restore = Vote::restore_all(Tombstones::of_keys([key]));
                restore
                    .execute(connection)
                    .await
                    .map(|done| done.rows_affected())
            } else {
                let restore = Vote::restore_by_key(key);
                restore.execute(connection).await.map(|_| 1)
            }
        };
        let delete = async |connection: &mut DbConnection| {
            let delete = Member::soft_delete_by_key((2, 1));
            delete.execute(connection).await.map(drop)
        };
        let mut first = sessions.begin().await;
        let mut second = sessions.pool.acquire().await.unwrap();
        let waited = if restored_first {
            assert_eq!(restore(&mut first).await.unwrap(), 1);
            let (waited, deleted) = sessions.behind(first, delete(&mut second)).await;
            deleted.unwrap();
            waited
        } else {
            delete(&mut first).await.unwrap();
            let (waited, restored) = sessions.behind(first, restore(&mut second)).await;
            let refused = matches!(
                restored,
                Err(Error::ParentDeleted {
                    parent: "members",
                    ..
                })
            );
            assert!(
                refused || (many && matches!(restored, Ok(0))),
                "{restored:?}"
            );
            waited
        };
        assert!(waited, "many: {many}");
        assert!(rows(sessions.pool, "votes").await.1.contains(&20021));
        sessions.no_orphan().await;
    })
    .await;
}

#[tokio::test]
async fn what_is_being_restored_is_not_purged_by_its_age() {
    with_sessions("restored-before-purge", &[()], async |sessions, ()| {
        let (_, outcome) = Issue::soft_delete_by_key(100)
            .execute_with_outcome(sessions.pool)
            .await
            .unwrap();
        let id = outcome.operation_id().unwrap();
        for table in ["issues", "votes"] {
            let aged = format!(
                "UPDATE {table} SET deleted_at = {} WHERE deleted_at IS NOT NULL",
                ago(3)
            );
            run(sessions.pool, &aged).await;
        }
        let (_, votes) = rows(sessions.pool, "votes").await;
        assert_eq!(votes.len(), 2);
        let purge = || {
            Purge::of::<Vote>()
                .older_than(Duration::from_hours(48))
                .execute(sessions.pool)
        };

        let mut first = sessions.begin().await;
        let restore = Issue::restore_all(Tombstones::of_operation(id)).execute(&mut *first);
        assert_eq!(restore.await.unwrap().rows_affected(), 1);
        let (_, report) = sessions.behind(first, purge()).await;
        assert_eq!(report.unwrap().purged(), 0);
        assert_eq!(purge().await.unwrap().purged(), 0);
        assert!(rows(sessions.pool, "votes").await.1.is_empty());

        Issue::soft_delete_by_key(100)
            .execute(sessions.pool)
            .await
            .unwrap();
        let aged = format!(
            "UPDATE votes SET deleted_at = {} WHERE issue_id = 100",
            ago(3)
        );
        run(sessions.pool, &aged).await;
        assert_eq!(purge().await.unwrap().purged(), 2, "it purges what it can");
    })
    .await;
}

/// The operation of the row is read under its lock: of an earlier one no vote would come back.
#[tokio::test]
async fn a_restore_follows_the_operation_that_deleted_the_row_last() {
    with_sessions("deleted-again", &[()], async |sessions, ()| {
        Issue::soft_delete_by_key(200)
            .execute(sessions.pool)
            .await
            .unwrap();
        let mut first = sessions.begin().await;
        let restored = Issue::restore_by_key(200).execute(&mut *first).await;
        let deleted = restored.unwrap().soft_delete().execute(&mut *first).await;
        deleted.unwrap();
        let second = Issue::restore_by_key(200).execute_with_outcome(sessions.pool);
        let (waited, restored) = sessions.behind(first, second).await;
        let (_, outcome) = restored.unwrap();
        assert!(waited);
        let votes = outcome.dependents().iter();
        let votes: Vec<_> = votes.map(|rows| (rows.table, rows.rows)).collect();
        assert_eq!(votes, [("votes", 2)]);
        assert!(rows(sessions.pool, "votes").await.1.is_empty());
        sessions.no_orphan().await;
    })
    .await;
}
