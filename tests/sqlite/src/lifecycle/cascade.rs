//! What a soft delete does to the rows that reference the deleted one.

use soft_delete::{Error, SoftDeletable, TableRows};

use super::{
    model::{Board, Member, Project, Team, VoucherCode},
    world::{live, number, rows, run, with_teams},
};

fn counts(rows: &[TableRows]) -> Vec<(&'static str, u64)> {
    rows.iter().map(|rows| (rows.table, rows.rows)).collect()
}

#[tokio::test]
async fn a_cascade_reaches_every_level_and_no_other_team() {
    with_teams(async |pool| {
        let (gone, outcome) = Team::soft_delete_by_key(1)
            .by(7)
            .because("closed")
            .execute_with_outcome(pool)
            .await
            .unwrap();
        assert_eq!(outcome.rows_affected(), 1);
        let mut dependents = counts(outcome.dependents());
        dependents.sort_unstable();
        assert_eq!(
            dependents,
            [("boards", 1), ("cards", 2), ("issues", 3), ("members", 2), ("projects", 3), ("votes", 4)]
        );
        // The issue of the other team loses its assignee, whose row is deleted.
        assert_eq!(counts(outcome.detached()), [("issues", 1)]);
        assert_eq!(
            live(pool).await,
            [
                ("teams", vec![2]),
                ("members", vec![21]),
                ("projects", vec![20]),
                ("issues", vec![200]),
                ("votes", vec![20021]),
                ("boards", vec![51]),
                ("cards", vec![510]),
            ]
        );
        // One operation, one actor, one reason, one moment on every row.
        for table in ["members", "projects", "issues", "votes", "boards", "cards"] {
            let other = format!(
                "SELECT count(*) FROM {table} c, teams t WHERE t.id = 1 AND c.deleted_at IS NOT NULL \
                 AND (c.deleted_operation <> t.deleted_operation OR c.deleted_by <> 7 \
                 OR c.deleted_reason <> 'closed' OR c.deleted_at <> t.deleted_at)"
            );
            assert_eq!(number(pool, &other).await, 0, "{table}");
        }
        assert_eq!(gone.deleted_by, Some(7));
        assert!(outcome.operation_id().is_some());
    })
    .await;
}

#[tokio::test]
async fn a_live_row_that_restricts_forbids_all_of_it() {
    with_teams(async |pool| {
        run(
            pool,
            "INSERT INTO invoices (id, team_id, total) VALUES (1, 1, 5), (2, 1, 6)",
        )
        .await;
        let before = live(pool).await;
        let error = Team::soft_delete_by_key(1).execute(pool).await.unwrap_err();
        assert!(
            matches!(
                error,
                Error::Restricted {
                    table: "teams",
                    by: "invoices",
                    rows: 2
                }
            ),
            "{error:?}"
        );
        assert_eq!(live(pool).await, before);
        run(
            pool,
            "UPDATE invoices SET deleted_at = '2026-01-01 00:00:00'",
        )
        .await;
        Team::soft_delete_by_key(1).execute(pool).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_tree_and_a_circle_are_followed_to_their_ends() {
    with_teams(async |pool| {
        Project::soft_delete_by_key(11).execute(pool).await.unwrap();
        assert_eq!(rows(pool, "projects").await, (vec![10, 20], vec![11, 12]));
        assert_eq!(rows(pool, "issues").await.1, [101, 102]);

        Board::soft_delete_by_key(50).execute(pool).await.unwrap();
        assert_eq!(rows(pool, "cards").await, (vec![510], vec![500, 501]));
        // A row that keeps, references its deleted project still.
        Project::soft_delete_by_key(10).execute(pool).await.unwrap();
        assert_eq!(number(pool, "SELECT count(*) FROM visits").await, 1);
    })
    .await;
}

#[tokio::test]
async fn what_is_detached_is_remembered() {
    with_teams(async |pool| {
        Member::soft_delete_by_key((1, 1)).execute(pool).await.unwrap();
        let free = "SELECT count(*) FROM issues WHERE assignee_team IS NULL AND assignee_number IS NULL \
                    AND detached_assignee_team = 1 AND detached_assignee_number = 1";
        assert_eq!(number(pool, free).await, 2);
        assert!(rows(pool, "issues").await.1.is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_row_without_an_operation_is_restricted_too() {
    with_teams(async |pool| {
        run(
            pool,
            "INSERT INTO codes (code, deleted_by) VALUES ('SUMMER', NULL), ('AUTUMN', NULL), ('WINTER', NULL);
             INSERT INTO redemptions (id, code) VALUES (1, 'SPRING'), (2, 'SPRING'), (3, 'WINTER')",
        )
        .await;
        let code = || "SPRING".to_owned();
        for refused in [
            VoucherCode::soft_delete_by_key(code()).dry_run(pool).await,
            VoucherCode::soft_delete_by_keys([code()])
                .execute(pool)
                .await,
            VoucherCode::erase_by_key(code()).execute(pool).await,
            VoucherCode::erase_by_keys([code()]).execute(pool).await,
        ] {
            let error = refused.unwrap_err();
            assert!(
                matches!(
                    error,
                    Error::Restricted {
                        table: "codes",
                        by: "redemptions",
                        rows: 2
                    }
                ),
                "{error:?}"
            );
        }
        // What is deleted already is passed over.
        run(pool, "UPDATE codes SET is_deleted = TRUE").await;
        let outcome = VoucherCode::soft_delete_by_keys([code()])
            .execute(pool)
            .await
            .unwrap();
        assert_eq!(outcome.rows_affected(), 0);
        run(pool, "UPDATE codes SET is_deleted = FALSE").await;
        // They restrict the code that they reference, and no other.
        let other = || "AUTUMN".to_owned();
        VoucherCode::soft_delete_by_key(other())
            .execute(pool)
            .await
            .unwrap();
        VoucherCode::erase_by_key(other())
            .execute(pool)
            .await
            .unwrap();
        let outcome = VoucherCode::soft_delete_by_keys(["SUMMER".to_owned()])
            .execute(pool)
            .await
            .unwrap();
        assert_eq!(outcome.rows_affected(), 1);
        run(pool, "DELETE FROM redemptions").await;
        VoucherCode::soft_delete_by_key(code())
            .execute(pool)
            .await
            .unwrap();
    })
    .await;
}
