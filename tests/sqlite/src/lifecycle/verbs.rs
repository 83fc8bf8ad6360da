//! Verbs of `soft_query!` carry out the policies too.

use soft_delete::{Error, SoftDeletable, Tombstones, soft_query};

use super::{
    model::{Board, Issue, Team},
    world::{live, number, rows, run, with_teams},
};

#[tokio::test]
async fn a_soft_delete_by_condition_takes_along_what_hangs_on_its_rows() {
    with_teams(async |pool| {
        let before = live(pool).await;
        let outcome = soft_query!(soft_delete, "DELETE FROM issues WHERE title IN ('a', 'b')")
            .by(4_i64)
            .because("triage")
            .execute(pool)
            .await
            .unwrap();
        assert_eq!(outcome.rows_affected(), 2);
        assert_eq!(
            (outcome.dependents()[0].table, outcome.dependents()[0].rows),
            ("votes", 3)
        );
        assert_eq!(rows(pool, "votes").await.1, [10011, 10021, 10112]);
        let by = "SELECT count(*) FROM votes WHERE deleted_by = 4 AND deleted_reason = 'triage'";
        assert_eq!(number(pool, by).await, 3);

        let id = outcome.operation_id().unwrap();
        Issue::restore_all(Tombstones::of_operation(id))
            .execute(pool)
            .await
            .unwrap();
        assert_eq!(live(pool).await, before);
    })
    .await;
}

#[tokio::test]
async fn a_row_that_restricts_forbids_the_statement() {
    with_teams(async |pool| {
        run(
            pool,
            "INSERT INTO invoices (id, team_id, total) VALUES (1, 2, 5)",
        )
        .await;
        let error = soft_query!(soft_delete, "DELETE FROM teams WHERE id > 0")
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
        assert_eq!(rows(pool, "teams").await.0, [1, 2]);
    })
    .await;
}

#[tokio::test]
async fn a_dry_run_of_a_statement_counts_and_changes_nothing() {
    with_teams(async |pool| {
        let before = live(pool).await;
        let outcome = soft_query!(soft_delete, "DELETE FROM teams WHERE name = 'core'")
            .dry_run(pool)
            .await
            .unwrap();
        let total: u64 = outcome.dependents().iter().map(|rows| rows.rows).sum();
        assert_eq!((outcome.rows_affected(), total), (1, 15));
        assert_eq!(live(pool).await, before);
    })
    .await;
}

#[tokio::test]
async fn a_purge_by_condition_takes_the_deleted_dependents() {
    with_teams(async |pool| {
        Issue::soft_delete_by_key(100).execute(pool).await.unwrap();
        let outcome = soft_query!(purge, "DELETE FROM issues WHERE id IN (100, 101)")
            .execute(pool)
            .await
            .unwrap();
        assert_eq!(outcome.rows_affected(), 1);
        assert_eq!(rows(pool, "issues").await, (vec![101, 102, 200], vec![]));
        assert_eq!(
            rows(pool, "votes").await,
            (vec![10112, 20011, 20021], vec![])
        );
    })
    .await;
}

#[tokio::test]
async fn a_purge_by_condition_is_held_by_a_live_child() {
    with_teams(async |pool| {
        Issue::soft_delete_by_key(100).execute(pool).await.unwrap();
        run(
            pool,
            "INSERT INTO votes (issue_id, team_id, number) VALUES (100, 1, 2)",
        )
        .await;
        let error = soft_query!(purge, "DELETE FROM issues WHERE id = 100")
            .execute(pool)
            .await
            .unwrap_err();
        assert!(
            matches!(
                error,
                Error::Restricted {
                    by: "votes",
                    rows: 1,
                    ..
                }
            ),
            "{error:?}"
        );
        assert_eq!(rows(pool, "issues").await.1, [100]);
    })
    .await;
}

#[tokio::test]
async fn an_erasure_by_condition_takes_live_rows_and_a_hold_too() {
    with_teams(async |pool| {
        let outcome = soft_query!(
            erase,
            reason = "request 4711",
            "DELETE FROM boards WHERE id = 50"
        )
        .execute(pool)
        .await
        .unwrap();
        assert_eq!(outcome.rows_affected(), 1);
        assert_eq!(rows(pool, "boards").await, (vec![51], vec![]));
        assert_eq!(rows(pool, "cards").await, (vec![510], vec![]));
        let error = Board::restore_by_key(50).execute(pool).await.unwrap_err();
        assert!(matches!(error, Error::NotFound { .. }), "{error:?}");
    })
    .await;
}

#[tokio::test]
async fn rows_are_restored_by_condition() {
    with_teams(async |pool| {
        let before = live(pool).await;
        Issue::soft_delete_by_keys([100, 101])
            .execute(pool)
            .await
            .unwrap();
        Issue::soft_delete_by_key(102).execute(pool).await.unwrap();
        let outcome = soft_query!(
            restore,
            "UPDATE issues SET deleted_at = NULL WHERE title IN ('a', 'c', 'd')"
        )
        .execute(pool)
        .await
        .unwrap();
        assert_eq!(outcome.rows_affected(), 2);
        assert_eq!(rows(pool, "issues").await.1, [101]);
        assert_eq!(rows(pool, "votes").await.1, [10112]);
        soft_query!(restore, "UPDATE issues SET deleted_at = NULL")
            .execute(pool)
            .await
            .unwrap();
        assert_eq!(live(pool).await, before);
        let left = "SELECT count(*) FROM issues WHERE deleted_operation IS NOT NULL";
        assert_eq!(number(pool, left).await, 0);
    })
    .await;
}

#[tokio::test]
async fn a_restore_by_condition_is_all_or_nothing() {
    with_teams(async |pool| {
        Team::soft_delete_by_key(2).execute(pool).await.unwrap();
        run(pool, "INSERT INTO teams (id, name) VALUES (3, 'docs')").await;
        let error = soft_query!(restore, "UPDATE teams SET deleted_at = NULL WHERE id = 2")
            .execute(pool)
            .await
            .unwrap_err();
        assert!(
            matches!(error, Error::Conflict { table: "teams", .. }),
            "{error:?}"
        );
        Issue::soft_delete_by_key(100).execute(pool).await.unwrap();
        let error = soft_query!(
            restore,
            "UPDATE issues SET deleted_at = NULL WHERE id IN (100, 200)"
        )
        .execute(pool)
        .await
        .unwrap_err();
        assert!(
            matches!(
                error,
                Error::ParentDeleted {
                    table: "issues",
                    parent: "projects"
                }
            ),
            "{error:?}"
        );
        assert_eq!(rows(pool, "issues").await.1, [100, 200]);
    })
    .await;
}
