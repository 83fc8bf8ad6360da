//! Rows of one table, each of which hangs on the next.

use std::time::Duration;

use chrono::{DateTime, Utc};
use soft_delete::{Error, LeftDeleted, Purge, SoftDeletable, Tombstones};
use sqlx::{AssertSqlSafe, Pool};
use test_cases::Dialect;

use super::{
    model::{Area, Project, Shift, Team, Zone},
    world::{live, rows, run, with_teams},
};
use crate::{Db, sql};

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

/// Projects 10, 11 and 12 hang on one another, and on team 1.
const PROJECTS: &str = "UPDATE projects SET parent_id = 12 WHERE id = 10";

#[tokio::test]
async fn a_ring_below_another_row_comes_back_with_it() {
    with_teams(async |pool| {
        run(pool, PROJECTS).await;
        let before = live(pool).await;
        let gone = Team::soft_delete_by_key(1).execute(pool).await.unwrap();
        assert_eq!(rows(pool, "projects").await, (vec![20], vec![10, 11, 12]));
        gone.restore().execute(pool).await.unwrap();
        assert_eq!(live(pool).await, before);
        let (_, gone) = Team::soft_delete_by_key(1)
            .execute_with_outcome(pool)
            .await
            .unwrap();
        let all = Tombstones::of_operation(gone.operation_id().unwrap());
        let outcome = Team::restore_all(all).execute(pool).await.unwrap();
        assert!(outcome.left_deleted().is_empty(), "{outcome:?}");
        let projects = outcome.dependents().iter();
        let projects: Vec<u64> = projects
            .filter(|rows| rows.table == "projects")
            .map(|rows| rows.rows)
            .collect();
        assert_eq!(projects, [3]);
        assert_eq!(live(pool).await, before);
    })
    .await;
}

type Stamp = (
    Option<DateTime<Utc>>,
    Option<i64>,
    Option<String>,
    Option<String>,
);

/// All that a soft delete writes into the rows of tables.
async fn stamps(pool: &Pool<Db>, tables: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for table in tables {
        let sql = format!(
            "SELECT deleted_at, deleted_by, deleted_reason, {} FROM {table} ORDER BY 1, 2, 3, 4",
            sql::operation("deleted_operation")
        );
        let stamps: Vec<Stamp> = sqlx::query_as(AssertSqlSafe(sql))
            .fetch_all(pool)
            .await
            .unwrap();
        found.extend(stamps.iter().map(|stamp| format!("{table} {stamp:?}")));
    }
    found
}

/// The vote of issue 200 hangs on no project of team 1.
const BELOW: [&str; 5] = [
    "projects",
    "issues",
    "votes WHERE issue_id < 200",
    "boards",
    "cards",
];

#[tokio::test]
async fn a_ring_of_which_one_row_cannot_come_back_stays_as_it_was() {
    with_teams(async |pool| {
        run(pool, PROJECTS).await;
        let before = live(pool).await;
        let gone = Team::soft_delete_by_key(1).by(7).because("closed");
        gone.execute(pool).await.unwrap();
        let deleted = stamps(pool, &BELOW).await;
        let twin = "INSERT INTO projects (id, team_id, name) VALUES (13, 1, 'leaf')";
        run(pool, twin).await;
        let error = Team::restore_by_key(1).execute(pool).await.unwrap_err();
        let is_conflict = matches!(error, Error::Conflict { table: "projects", .. });
        assert!(is_conflict, "{error:?}");
        let (_, outcome) = Team::restore_by_key(1)
            .leave_conflicts()
            .execute_with_outcome(pool)
            .await
            .unwrap();
        let left = outcome.left_deleted();
        let is_conflict = |left: &LeftDeleted| matches!(left, LeftDeleted::Conflict(rows) if rows.table == "projects" && rows.rows == 1);
        assert!(left.iter().any(is_conflict), "{left:?}");
        let tables = outcome.dependents().iter().map(|rows| (rows.table, rows.rows));
        assert_eq!(tables.collect::<Vec<_>>(), [("members", 2), ("votes", 1)]);
        assert_eq!(rows(pool, "projects").await, (vec![13, 20], vec![10, 11, 12]));
        run(pool, "DELETE FROM projects WHERE id = 13").await;
        assert_eq!(stamps(pool, &BELOW).await, deleted);
        Project::restore_by_key(11).execute(pool).await.unwrap();
        assert_eq!(live(pool).await, before);
    })
    .await;
}

/// Zones 1 and 2 are next to one another, and each has a spot.
const AREAS: &str = "
INSERT INTO areas (id) VALUES (1);
INSERT INTO zones (id, area_id) VALUES (1, 1), (2, 1), (3, 1);
UPDATE zones SET next_id = 3 - id WHERE id < 3;
INSERT INTO spots (id, zone_id) VALUES (1, 1), (2, 2), (3, 3);
";

#[tokio::test]
async fn a_ring_above_rows_that_record_more_waits_for_its_own_restore() {
    with_teams(async |pool| {
        run(pool, AREAS).await;
        let gone = Area::soft_delete_by_key(1).by(7).because("flood");
        let (_, gone) = gone.execute_with_outcome(pool).await.unwrap();
        let ring = ["spots WHERE id < 3"];
        let deleted = stamps(pool, &ring).await;
        assert!(deleted.iter().all(|stamp| stamp.contains("flood")), "{deleted:?}");
        let error = Area::restore_by_key(1).execute(pool).await.unwrap_err();
        let waits = matches!(error, Error::ParentDeleted { table: "areas", parent: "zones" });
        assert!(waits, "{error:?}");
        let kind = Area::restore_by_key(1).leave_conflicts();
        let (_, outcome) = kind.execute_with_outcome(pool).await.unwrap();
        let left = outcome.left_deleted();
        let waits = |left: &LeftDeleted| matches!(left, LeftDeleted::ParentDeleted(rows) if rows.table == "zones" && rows.rows == 2);
        assert!(left.iter().any(waits), "{left:?}");
        assert_eq!(rows(pool, "zones").await, (vec![3], vec![1, 2]));
        assert_eq!(rows(pool, "spots").await, (vec![3], vec![1, 2]));
        assert_eq!(stamps(pool, &ring).await, deleted);
        let all = Tombstones::of_operation(gone.operation_id().unwrap());
        Zone::restore_all(all).execute(pool).await.unwrap();
        assert_eq!(rows(pool, "zones").await, (vec![1, 2, 3], vec![]));
        assert_eq!(rows(pool, "spots").await, (vec![1, 2, 3], vec![]));
    })
    .await;
}

#[tokio::test]
async fn a_row_that_references_itself_comes_back_where_no_operation_deleted_it() {
    with_teams(async |pool| {
        run(pool, SHIFTS).await;
        let by_hand = "UPDATE shifts SET deleted_at = '2026-01-01 00:00:00' WHERE id = 4";
        run(pool, by_hand).await;
        Shift::restore_by_key(4).execute(pool).await.unwrap();
        assert_eq!(rows(pool, "shifts").await.1.len(), 0);
        run(pool, by_hand).await;
        let by_key = Tombstones::of_keys([4]);
        let outcome = Shift::restore_all(by_key).execute(pool).await.unwrap();
        assert_eq!(outcome.rows_affected(), 1);
        assert_eq!(rows(pool, "shifts").await.1.len(), 0);
    })
    .await;
}
