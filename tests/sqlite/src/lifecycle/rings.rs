//! Rows of one table, each of which hangs on the next.

use std::time::Duration;

use soft_delete::{Error, Purge, SoftDeletable, Tombstones};
use test_cases::Dialect;

use super::{
    model::{Project, Shift, Team},
    world::{live, rows, run, with_teams},
};
use crate::sql;

/// A ring and a chain, of which no row can be without a next one; the chain ends in itself.
const SHIFTS: &str = "
INSERT INTO shifts (id, next_id) VALUES (1, 1);
INSERT INTO shifts (id, next_id) VALUES (2, 1);
INSERT INTO shifts (id, next_id) VALUES (3, 2);
UPDATE shifts SET next_id = 3 WHERE id = 1;
INSERT INTO shifts (id, next_id) VALUES (4, 4);
INSERT INTO shifts (id, next_id) VALUES (5, 4);
INSERT INTO shifts (id, next_id) VALUES (6, 5);
INSERT INTO shifts (id, next_id) VALUES (7, 6);
";

/// `InnoDB` looks at each row of a DELETE by itself, where it cannot go before its next one is gone.
fn is_kept(error: &Error, rows_kept: u64) -> bool {
    matches!(error, Error::Restricted { table: "shifts", by: "shifts", rows } if *rows == rows_kept)
}

#[tokio::test]
async fn a_ring_without_an_end_goes_as_a_whole_or_is_kept() {
    with_teams(async |pool| {
        run(pool, SHIFTS).await;
        let gone = Shift::soft_delete_by_key(2).execute(pool).await.unwrap();
        assert_eq!(rows(pool, "shifts").await.1, [1, 2, 3]);
        gone.restore().execute(pool).await.unwrap();
        assert_eq!(rows(pool, "shifts").await.1.len(), 0);
        let gone = Shift::soft_delete_by_key(3).execute(pool).await.unwrap();
        let purged = gone.purge().execute(pool).await;
        let erased = Shift::erase_by_keys([4]).execute(pool).await;
        if sql::DIALECT == Dialect::Mysql {
            let error = purged.unwrap_err();
            assert!(is_kept(&error, 3), "{error:?}");
            let error = erased.unwrap_err();
            assert!(is_kept(&error, 1), "{error:?}");
            assert_eq!(
                rows(pool, "shifts").await,
                (vec![4, 5, 6, 7], vec![1, 2, 3])
            );
        } else {
            assert_eq!(purged.unwrap().rows_affected(), 3);
            assert_eq!(erased.unwrap().rows_affected(), 4);
            assert_eq!(rows(pool, "shifts").await, (vec![], vec![]));
        }
    })
    .await;
}

#[tokio::test]
async fn a_chain_goes_from_its_last_row_up() {
    with_teams(async |pool| {
        run(pool, SHIFTS).await;
        Shift::soft_delete_by_key(7).execute(pool).await.unwrap();
        Shift::soft_delete_by_key(5).execute(pool).await.unwrap();
        let all = Tombstones::of_keys([5, 6]);
        let outcome = Shift::purge_all(all).execute(pool).await.unwrap();
        assert_eq!(outcome.rows_affected(), 3);
        assert_eq!(rows(pool, "shifts").await, (vec![1, 2, 3, 4], vec![]));
    })
    .await;
}

#[tokio::test]
async fn a_row_that_references_itself_is_purged_by_its_age_or_blocked() {
    with_teams(async |pool| {
        run(pool, SHIFTS).await;
        let old = "UPDATE shifts SET deleted_at = '2020-01-01 00:00:00' WHERE id IN (4, 5, 6, 7)";
        run(pool, old).await;
        let purge = Purge::of::<Shift>().older_than(Duration::from_hours(1));
        let report = purge.execute(pool).await.unwrap();
        let [shifts] = report.tables.as_slice() else {
            panic!("{report:?}");
        };
        if sql::DIALECT == Dialect::Mysql {
            assert_eq!((shifts.purged, shifts.blocked), (3, 1));
        } else {
            assert_eq!((shifts.purged, shifts.blocked), (4, 0));
        }
    })
    .await;
}

#[tokio::test]
async fn a_ring_below_another_row_comes_back_by_one_of_its_own() {
    with_teams(async |pool| {
        run(pool, "UPDATE projects SET parent_id = 12 WHERE id = 10").await;
        let before = live(pool).await;
        let gone = Team::soft_delete_by_key(1).execute(pool).await.unwrap();
        let error = gone.restore().execute(pool).await.unwrap_err();
        assert!(
            matches!(
                error,
                Error::ParentDeleted {
                    table: "teams",
                    parent: "projects"
                }
            ),
            "{error:?}"
        );
        assert_eq!(rows(pool, "teams").await.1, [1]);
        let (_, outcome) = Team::restore_by_key(1)
            .leave_conflicts()
            .execute_with_outcome(pool)
            .await
            .unwrap();
        assert!(!outcome.left_deleted().is_empty());
        assert_eq!(rows(pool, "projects").await, (vec![20], vec![10, 11, 12]));
        Project::restore_by_key(11).execute(pool).await.unwrap();
        assert_eq!(live(pool).await, before);
    })
    .await;
}
