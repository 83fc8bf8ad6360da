//! Purge and erase.

use chrono::{DateTime, Utc};
use soft_delete::{Error, SoftDeletable, Tombstones, soft_query};

use super::{
    model::{Board, Issue, Project, Team, VoucherCode},
    world::{live, number, rows, run, with_teams},
};

#[tokio::test]
async fn a_purge_takes_the_deleted_rows_that_hang_on_the_row() {
    with_teams(async |pool| {
        let gone = Issue::soft_delete_by_key(100).execute(pool).await.unwrap();
        let outcome = gone.purge().execute(pool).await.unwrap();
        assert_eq!(outcome.rows_affected(), 1);
        assert_eq!(
            (outcome.dependents()[0].table, outcome.dependents()[0].rows),
            ("votes", 2)
        );
        assert_eq!(rows(pool, "issues").await, (vec![101, 102, 200], vec![]));
        assert_eq!(
            rows(pool, "votes").await,
            (vec![10112, 20011, 20021], vec![])
        );
    })
    .await;
}

#[tokio::test]
async fn a_live_child_forbids_the_purge_of_its_parent() {
    with_teams(async |pool| {
        let gone = Issue::soft_delete_by_key(100).execute(pool).await.unwrap();
        run(
            pool,
            "INSERT INTO votes (issue_id, team_id, number) VALUES (100, 1, 2)",
        )
        .await;
        let error = gone.purge().execute(pool).await.unwrap_err();
        assert!(
            matches!(
                error,
                Error::Restricted {
                    table: "issues",
                    by: "votes",
                    rows: 1
                }
            ),
            "{error:?}"
        );
        assert_eq!(rows(pool, "issues").await.1, [100]);
        assert_eq!(rows(pool, "votes").await.1, [10011, 10021]);
    })
    .await;
}

#[tokio::test]
async fn a_row_on_hold_is_not_purged() {
    with_teams(async |pool| {
        let gone = Team::soft_delete_by_key(2).execute(pool).await.unwrap();
        run(pool, "UPDATE teams SET legal_hold = TRUE WHERE id = 2").await;
        let error = gone.purge().execute(pool).await.unwrap_err();
        assert!(matches!(error, Error::Held { table: "teams" }), "{error:?}");
        assert_eq!(rows(pool, "teams").await.1, [2]);
    })
    .await;
}

#[tokio::test]
async fn a_purge_of_many_passes_over_a_live_row_that_others_reference() {
    with_teams(async |pool| {
        run(
            pool,
            "INSERT INTO redemptions (id, code) VALUES (1, 'SPRING')",
        )
        .await;
        let insert =
            "INSERT INTO codes (code, deleted_by, is_deleted) VALUES ('AUTUMN', NULL, TRUE)";
        run(pool, insert).await;
        let codes = || Tombstones::of_keys(["SPRING", "AUTUMN"].map(str::to_owned));
        let outcome = VoucherCode::purge_all(codes()).execute(pool).await.unwrap();
        assert_eq!(outcome.rows_affected(), 1);
        run(pool, "UPDATE codes SET is_deleted = TRUE").await;
        let error = VoucherCode::purge_all(codes())
            .execute(pool)
            .await
            .unwrap_err();
        assert!(
            matches!(
                error,
                Error::Restricted {
                    table: "codes",
                    by: "redemptions",
                    rows: 1
                }
            ),
            "{error:?}"
        );
    })
    .await;
}

#[tokio::test]
async fn a_circle_is_purged_as_a_whole() {
    with_teams(async |pool| {
        let gone = Board::soft_delete_by_key(50).execute(pool).await.unwrap();
        let outcome = gone.purge().execute(pool).await.unwrap();
        assert_eq!(outcome.rows_affected(), 1);
        assert_eq!(rows(pool, "boards").await, (vec![51], vec![]));
        assert_eq!(rows(pool, "cards").await, (vec![510], vec![]));
    })
    .await;
}

#[tokio::test]
async fn an_erasure_takes_live_rows_too() {
    with_teams(async |pool| {
        let error = Project::erase_by_key(10).execute(pool).await.unwrap_err();
        assert!(
            matches!(
                error,
                Error::Restricted {
                    table: "projects",
                    by: "visits",
                    rows: 1
                }
            ),
            "{error:?}"
        );
        run(pool, "DELETE FROM visits").await;
        let outcome = Project::erase_by_key(10).execute(pool).await.unwrap();
        assert_eq!(outcome.rows_affected(), 3, "the tree is one table");
        assert_eq!(rows(pool, "projects").await, (vec![20], vec![]));
        assert_eq!(rows(pool, "issues").await, (vec![200], vec![]));
        let marked = "SELECT count(*) FROM votes WHERE deleted_operation IS NOT NULL";
        assert_eq!(number(pool, marked).await, 0);
    })
    .await;
}

#[tokio::test]
async fn a_dry_run_changes_nothing_and_counts_everything() {
    with_teams(async |pool| {
        let before = live(pool).await;
        let outcome = Team::soft_delete_by_key(1).dry_run(pool).await.unwrap();
        assert_eq!(outcome.rows_affected(), 1);
        let total: u64 = outcome.dependents().iter().map(|rows| rows.rows).sum();
        assert_eq!(total, 15);
        assert_eq!(live(pool).await, before);
    })
    .await;
}

/// Operation, table, key and whether it was deleted, of what the audit table holds.
async fn audited(pool: &sqlx::Pool<crate::Db>) -> Vec<(String, String, String, bool)> {
    sqlx::query_as(
        "SELECT operation, table_name, row_key, marker IS NOT NULL FROM soft_delete_audit \
         ORDER BY table_name, row_key",
    )
    .fetch_all(pool)
    .await
    .unwrap()
}

#[tokio::test]
async fn whatever_is_removed_is_recorded_in_the_same_transaction() {
    with_teams(async |pool| {
        let gone = Issue::soft_delete_by_key(101)
            .by(5)
            .because("dup")
            .execute(pool)
            .await
            .unwrap();
        gone.purge().execute(pool).await.unwrap();
        let records = audited(pool).await;
        assert_eq!(records.len(), 2, "{records:?}");
        assert_eq!(
            (&*records[0].0, &*records[0].1, records[0].3),
            ("purge", "issues", true)
        );
        assert!(records[0].2.contains("101"), "{records:?}");
        assert_eq!(&*records[1].1, "votes");
        let who = "SELECT count(*) FROM soft_delete_audit WHERE actor = '5' AND reason = 'dup'";
        assert_eq!(number(pool, who).await, 2);

        soft_query!(erase, "DELETE FROM cards WHERE id = 510")
            .execute(pool)
            .await
            .unwrap();
        VoucherCode::erase_by_key("SPRING".to_owned())
            .execute(pool)
            .await
            .unwrap();
        let records = audited(pool).await;
        let erased: Vec<(&str, bool)> = records
            .iter()
            .filter(|record| record.0 == "erase")
            .map(|record| (&*record.1, record.3))
            .collect();
        assert_eq!(erased, [("cards", false), ("codes", true)]);

        let error = Team::purge_by_key(1).execute(pool).await.unwrap_err();
        assert!(matches!(error, Error::NotDeleted { .. }), "{error:?}");
        Team::erase_by_key(1).dry_run(pool).await.unwrap_err();
        assert_eq!(audited(pool).await.len(), 4);
    })
    .await;
}

/// What references it, stays, and no operation stands in its rows.
#[derive(Debug, Clone, sqlx::FromRow, SoftDeletable)]
#[soft_delete(table = "contacts")]
struct Person {
    id: i64,
    deleted_at: Option<DateTime<Utc>>,
}

#[tokio::test]
async fn a_row_that_a_live_or_a_deleted_one_references_is_not_removed() {
    with_teams(async |pool| {
        for (id, orders) in [(1, 2), (4, 1)] {
            let error = Person::erase_by_key(id).execute(pool).await.unwrap_err();
            assert!(
                matches!(error, Error::Restricted { table: "contacts", by: "orders", rows } if rows == orders),
                "{error:?}"
            );
        }
        run(pool, "DELETE FROM orders WHERE contact_id = 4").await;
        Person::erase_by_key(4).execute(pool).await.unwrap();
        assert_eq!(rows(pool, "contacts").await, (vec![1, 3], vec![2]));
    })
    .await;
}
