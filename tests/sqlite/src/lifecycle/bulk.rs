//! Operations on many rows.

use chrono::{DateTime, TimeDelta, Utc};
use soft_delete::{Error, LeftDeleted, Outcome, SoftDeletable, Tombstones};

use super::{
    model::{Card, Issue, Member, Project, Team},
    world::{live, number, rows, run, with_teams},
};

#[tokio::test]
async fn many_keys_are_one_operation() {
    with_teams(async |pool| {
        let outcome = Issue::soft_delete_by_keys([100, 101, 999])
            .by(3)
            .because("spam")
            .execute(pool)
            .await
            .unwrap();
        assert_eq!(outcome.rows_affected(), 2);
        assert_eq!(rows(pool, "issues").await, (vec![102, 200], vec![100, 101]));
        assert_eq!(rows(pool, "votes").await.1, [10011, 10021, 10112]);
        let operations =
            "SELECT count(DISTINCT deleted_operation) FROM issues WHERE deleted_by = 3";
        assert_eq!(number(pool, operations).await, 1);

        let id = outcome.operation_id().unwrap();
        let outcome = Issue::restore_all(Tombstones::of_operation(id))
            .execute(pool)
            .await
            .unwrap();
        assert_eq!(outcome.rows_affected(), 2);
        assert!(outcome.left_deleted().is_empty());
        assert!(rows(pool, "votes").await.1.is_empty());
    })
    .await;
}

#[tokio::test]
async fn more_keys_than_a_statement_takes() {
    with_teams(async |pool| {
        let values: Vec<String> = (1000..1250).map(|id| format!("({id}, 51)")).collect();
        let insert = format!(
            "INSERT INTO cards (id, board_id) VALUES {}",
            values.join(", ")
        );
        run(pool, &insert).await;
        let outcome = Card::soft_delete_by_keys(1000..1250)
            .execute(pool)
            .await
            .unwrap();
        assert_eq!(outcome.rows_affected(), 250);
        let outcome = Card::restore_all(Tombstones::of_keys(1001..1250))
            .execute(pool)
            .await
            .unwrap();
        assert_eq!(outcome.rows_affected(), 249);
        assert_eq!(rows(pool, "cards").await.1, [1000]);
        assert_eq!(
            Card::soft_delete_by_keys([])
                .execute(pool)
                .await
                .unwrap()
                .rows_affected(),
            0
        );
    })
    .await;
}

#[tokio::test]
async fn keys_of_two_columns() {
    with_teams(async |pool| {
        let outcome = Member::soft_delete_by_keys([(1, 1), (2, 1), (2, 2)])
            .execute(pool)
            .await
            .unwrap();
        assert_eq!(outcome.rows_affected(), 2);
        let outcome = Member::restore_all(Tombstones::of_keys([(1, 1), (1, 2)]))
            .execute(pool)
            .await
            .unwrap();
        assert_eq!(outcome.rows_affected(), 1);
        assert_eq!(rows(pool, "members").await, (vec![11, 12], vec![21]));
    })
    .await;
}

#[tokio::test]
async fn a_restore_of_many_operations_follows_each() {
    with_teams(async |pool| {
        let before = live(pool).await;
        Issue::soft_delete_by_key(100)
            .by(1)
            .execute(pool)
            .await
            .unwrap();
        Issue::soft_delete_by_key(101)
            .by(2)
            .execute(pool)
            .await
            .unwrap();
        Project::soft_delete_by_key(20)
            .by(1)
            .execute(pool)
            .await
            .unwrap();
        let outcome = Issue::restore_all(Tombstones::deleted_by(1_i64))
            .execute(pool)
            .await
            .unwrap();
        // Issue 200 was deleted by the same actor, under a project that still is.
        assert_eq!(outcome.rows_affected(), 1);
        let [LeftDeleted::Blocked(left)] = outcome.left_deleted() else {
            panic!("{outcome:?}");
        };
        assert_eq!((left.table, left.rows), ("issues", 1));
        assert_eq!(rows(pool, "issues").await.1, [101, 200]);
        assert_eq!(rows(pool, "votes").await.1, [10112, 20011, 20021]);
        Project::restore_all(Tombstones::deleted_by(1_i64))
            .execute(pool)
            .await
            .unwrap();
        Issue::restore_all(Tombstones::deleted_by(2_i64))
            .execute(pool)
            .await
            .unwrap();
        assert_eq!(live(pool).await, before);
    })
    .await;
}

#[tokio::test]
async fn what_stays_forbids_a_removal_of_many() {
    with_teams(async |pool| {
        let by_invoice = |outcome: soft_delete::Result<Outcome>| {
            let error = outcome.unwrap_err();
            assert!(
                matches!(
                    error,
                    Error::Restricted {
                        table: "teams",
                        by: "invoices",
                        rows: 1
                    }
                ),
                "{error:?}"
            );
        };
        run(
            pool,
            "INSERT INTO invoices (id, team_id, total) VALUES (1, 2, 5)",
        )
        .await;
        by_invoice(Team::erase_by_keys([2, 3]).execute(pool).await);
        assert_eq!(rows(pool, "teams").await, (vec![1, 2], vec![]));
        run(
            pool,
            "UPDATE invoices SET deleted_at = '2026-01-01 00:00:00'",
        )
        .await;
        Team::soft_delete_by_keys([2]).execute(pool).await.unwrap();
        let gone = || Tombstones::of_keys([2]);
        by_invoice(Team::purge_all(gone()).execute(pool).await);
        assert_eq!(rows(pool, "teams").await, (vec![1], vec![2]));

        run(pool, "DELETE FROM invoices").await;
        run(pool, "UPDATE teams SET legal_hold = TRUE WHERE id = 2").await;
        let outcome = Team::purge_all(gone()).execute(pool).await.unwrap();
        assert_eq!(outcome.rows_affected(), 0);
        let [LeftDeleted::Blocked(left)] = outcome.left_deleted() else {
            panic!("{outcome:?}");
        };
        assert_eq!((left.table, left.rows), ("teams", 1));
        run(pool, "UPDATE teams SET legal_hold = FALSE WHERE id = 2").await;
        let outcome = Team::purge_all(gone()).execute(pool).await.unwrap();
        assert_eq!(outcome.rows_affected(), 1);
        assert_eq!(outcome.left_deleted(), []);
    })
    .await;
}

#[tokio::test]
async fn a_range_of_moments_is_restored() {
    with_teams(async |pool| {
        run(pool, "INSERT INTO cards (id, board_id) VALUES (511, 51)").await;
        let first = Card::soft_delete_by_key(511).execute(pool).await.unwrap();
        let second = Card::soft_delete_by_key(510).execute(pool).await.unwrap();
        run(
            pool,
            "UPDATE cards SET deleted_at = '2020-01-01 00:00:00' WHERE id = 511",
        )
        .await;
        let from: DateTime<Utc> = second.deleted_at.unwrap() - TimeDelta::hours(1);
        let until = from + TimeDelta::hours(2);
        assert!(first.deleted_at.unwrap() > from);
        let dry = Card::restore_all(Tombstones::deleted_between(from, until))
            .dry_run(pool)
            .await
            .unwrap();
        assert_eq!(dry.rows_affected(), 1);
        assert_eq!(rows(pool, "cards").await.1, [510, 511]);
        // Its start is in the range, its end is not.
        let moment = second.deleted_at.unwrap();
        for (from, until, count) in [(moment, until, 1), (from, moment, 0)] {
            let dry = Card::restore_all(Tombstones::deleted_between(from, until))
                .dry_run(pool)
                .await
                .unwrap();
            assert_eq!(dry.rows_affected(), count, "{from} to {until}");
        }
        let outcome = Card::restore_all(Tombstones::deleted_between(from, until))
            .execute(pool)
            .await
            .unwrap();
        assert_eq!(outcome.rows_affected(), 1);
        assert_eq!(rows(pool, "cards").await.1, [511]);
    })
    .await;
}

#[tokio::test]
async fn many_are_purged_with_what_hangs_on_them() {
    with_teams(async |pool| {
        let outcome = Issue::soft_delete_by_keys([100, 200])
            .execute(pool)
            .await
            .unwrap();
        let id = outcome.operation_id().unwrap();
        let outcome = Issue::purge_all(Tombstones::of_operation(id))
            .execute(pool)
            .await
            .unwrap();
        assert_eq!(outcome.rows_affected(), 2);
        assert_eq!(rows(pool, "issues").await, (vec![101, 102], vec![]));
        assert_eq!(rows(pool, "votes").await, (vec![10112], vec![]));
    })
    .await;
}

#[tokio::test]
async fn many_are_left_where_one_forbids_it() {
    with_teams(async |pool| {
        run(
            pool,
            "INSERT INTO invoices (id, team_id, total) VALUES (1, 1, 5)",
        )
        .await;
        let error = Team::soft_delete_by_keys([1, 2])
            .execute(pool)
            .await
            .unwrap_err();
        assert!(
            matches!(
                error,
                Error::Restricted {
                    table: "teams",
                    by: "invoices",
                    rows: 1
                }
            ),
            "{error:?}"
        );
        assert_eq!(rows(pool, "teams").await, (vec![1, 2], vec![]));
    })
    .await;
}
