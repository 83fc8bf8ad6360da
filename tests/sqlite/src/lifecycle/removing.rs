//! Purge and erase.

use soft_delete::{Error, SoftDeletable};

use super::{
    model::{Board, Issue, Project, Team},
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
