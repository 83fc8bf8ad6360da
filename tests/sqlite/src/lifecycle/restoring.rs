//! Restore brings back exactly the rows of the operation.

use chrono::{DateTime, Utc};
use soft_delete::{Error, LeftDeleted, SoftDeletable, soft_query};

use super::{
    model::{Issue, Member, Project, Team},
    world::{live, number, rows, run, with_teams},
};

#[tokio::test]
async fn a_restore_takes_back_all_of_its_operation_and_nothing_else() {
    with_teams(async |pool| {
        let before = live(pool).await;
        Issue::soft_delete_by_key(100).execute(pool).await.unwrap();
        let gone = Team::soft_delete_by_key(1).execute(pool).await.unwrap();
        let (_, outcome) = gone.restore().execute_with_outcome(pool).await.unwrap();
        assert_eq!(outcome.left_deleted(), []);
        // The issue that was deleted on its own stays so, with the votes it took along.
        let mut expected = before.clone();
        expected[3].1.retain(|id| *id != 100);
        expected[4].1.retain(|id| *id / 100 != 100);
        assert_eq!(live(pool).await, expected);
        let assigned = "SELECT count(*) FROM issues WHERE id = 200 AND assignee_team = 1 \
                        AND assignee_number = 1 AND detached_assignee_team IS NULL";
        assert_eq!(number(pool, assigned).await, 1);

        Issue::restore_by_key(100).execute(pool).await.unwrap();
        assert_eq!(live(pool).await, before);
        for table in ["teams", "members", "projects", "issues", "votes", "boards", "cards"] {
            let left = format!(
                "SELECT count(*) FROM {table} WHERE deleted_operation IS NOT NULL OR deleted_by IS NOT NULL"
            );
            assert_eq!(number(pool, &left).await, 0, "{table}");
        }
    })
    .await;
}

#[tokio::test]
async fn two_operations_of_one_transaction_stay_apart() {
    with_teams(async |pool| {
        let mut transaction = pool.begin().await.unwrap();
        Issue::soft_delete_by_key(101)
            .execute(&mut *transaction)
            .await
            .unwrap();
        Project::soft_delete_by_key(10)
            .execute(&mut *transaction)
            .await
            .unwrap();
        transaction.commit().await.unwrap();
        Project::restore_by_key(10).execute(pool).await.unwrap();
        assert_eq!(rows(pool, "issues").await, (vec![100, 102, 200], vec![101]));
    })
    .await;
}

#[tokio::test]
async fn a_part_comes_back_only_under_a_live_parent() {
    with_teams(async |pool| {
        Project::soft_delete_by_key(10).execute(pool).await.unwrap();
        let error = Issue::restore_by_key(100).execute(pool).await.unwrap_err();
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
        let error = Project::restore_by_key(12).execute(pool).await.unwrap_err();
        assert!(
            matches!(
                error,
                Error::ParentDeleted {
                    table: "projects",
                    parent: "projects"
                }
            ),
            "{error:?}"
        );
        assert_eq!(rows(pool, "projects").await, (vec![20], vec![10, 11, 12]));
        Project::restore_by_key(10).execute(pool).await.unwrap();
        assert!(rows(pool, "projects").await.1.is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_diamond_comes_back_when_both_its_parents_are_live() {
    with_teams(async |pool| {
        // The vote of member (1, 1) on issue 200 goes with the member; the issue stays.
        let gone = Member::soft_delete_by_key((1, 1))
            .execute(pool)
            .await
            .unwrap();
        assert_eq!(rows(pool, "votes").await.1, [10011, 20011]);
        Issue::soft_delete_by_key(200).execute(pool).await.unwrap();
        Issue::soft_delete_by_key(102).execute(pool).await.unwrap();

        let error = Member::restore_by_key((1, 1))
            .execute(pool)
            .await
            .unwrap_err();
        assert!(
            matches!(
                error,
                Error::ParentDeleted {
                    table: "members",
                    parent: "issues"
                }
            ),
            "{error:?}"
        );
        assert_eq!(rows(pool, "members").await.1, [11]);
        let (_, outcome) = gone
            .restore()
            .leave_conflicts()
            .execute_with_outcome(pool)
            .await
            .unwrap();
        let [LeftDeleted::ParentDeleted(left)] = outcome.left_deleted() else {
            panic!("{outcome:?}");
        };
        assert_eq!((left.table, left.rows), ("issues", 1));
        assert_eq!(rows(pool, "votes").await.1, [20011, 20021]);
    })
    .await;
}

#[tokio::test]
async fn a_dependent_with_a_live_twin_is_told_or_left() {
    with_teams(async |pool| {
        let gone = Team::soft_delete_by_key(1).execute(pool).await.unwrap();
        run(
            pool,
            "INSERT INTO projects (id, team_id, name) VALUES (13, 1, 'leaf')",
        )
        .await;
        let error = Team::restore_by_key(1).execute(pool).await.unwrap_err();
        assert!(
            matches!(
                error,
                Error::Conflict {
                    table: "projects",
                    ..
                }
            ),
            "{error:?}"
        );
        assert_eq!(rows(pool, "teams").await.1, [1]);

        let (_, outcome) = gone
            .restore()
            .leave_conflicts()
            .execute_with_outcome(pool)
            .await
            .unwrap();
        let [LeftDeleted::Conflict(left), others @ ..] = outcome.left_deleted() else {
            panic!("{outcome:?}");
        };
        assert_eq!((left.table, left.rows), ("projects", 1));
        assert!(!others.is_empty(), "what hangs on it is told too");
        // What hangs on the project that stays deleted, stays with it.
        assert_eq!(
            rows(pool, "projects").await,
            (vec![10, 13, 20], vec![11, 12])
        );
        assert_eq!(rows(pool, "issues").await.1, [101, 102]);
    })
    .await;
}

/// It is kept, whatever becomes of its contact.
#[derive(Debug, Clone, sqlx::FromRow, SoftDeletable)]
#[soft_delete(table = "orders")]
struct KeptOrder {
    id: i64,
    deleted_at: Option<DateTime<Utc>>,
}

#[tokio::test]
async fn a_row_that_is_kept_comes_back_below_a_deleted_parent() {
    with_teams(async |pool| {
        let deleted = "SELECT count(*) FROM contacts c JOIN orders o ON o.contact_id = c.id \
                       WHERE o.id = 14 AND c.deleted_at IS NOT NULL";
        assert_eq!(number(pool, deleted).await, 1);
        let back = KeptOrder::restore_by_key(14).execute(pool).await.unwrap();
        assert_eq!((back.id, back.deleted_at), (14, None));
        back.soft_delete().execute(pool).await.unwrap();
        soft_query!(restore, "UPDATE orders SET deleted_at = NULL WHERE id = 14")
            .execute(pool)
            .await
            .unwrap();
        assert_eq!(rows(pool, "orders").await.1, [11]);
    })
    .await;
}

#[tokio::test]
async fn what_another_operation_has_detached_stays_so() {
    with_teams(async |pool| {
        Member::soft_delete_by_key((1, 1))
            .execute(pool)
            .await
            .unwrap();
        let free = "SELECT count(*) FROM issues WHERE assignee_team IS NULL AND detached_assignee_team = 1";
        assert_eq!(number(pool, free).await, 2);
        let by_hand = "UPDATE members SET deleted_at = NULL, deleted_operation = NULL WHERE team_id = 1";
        run(pool, by_hand).await;
        let gone = Member::soft_delete_by_key((1, 1)).execute(pool).await.unwrap();
        gone.restore().execute(pool).await.unwrap();
        assert_eq!(number(pool, free).await, 2);
    })
    .await;
}
