//! A child that comes while its parent is deleted.

use soft_delete::{Error, Lifecycle, SoftDeletable};
use sqlx::Transaction;

use super::sessions::{Sessions, with_sessions};
use crate::{
    Db,
    lifecycle::{
        model::{Project, Team, VoucherCode},
        world::{number, rows},
    },
    sql,
};

/// The two ways to insert a child under a live parent only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Guard {
    /// A statement that selects the parent.
    Select,
    /// The parent is locked before.
    Lock,
}

const GUARDS: [Guard; 2] = [Guard::Select, Guard::Lock];

/// Inserts an issue into a project; false where that is not live.
async fn insert(
    transaction: &mut Transaction<'_, Db>,
    guard: Guard,
    id: i64,
    project: i64,
) -> Result<bool, Error> {
    if guard == Guard::Select {
        return Ok(sql::insert_issue(transaction, id, project).await? == 1);
    }
    match Project::lock_active_by_key(project, &mut *transaction).await {
        Err(Error::AlreadyDeleted { table: "projects" }) => return Ok(false),
        parent => parent?,
    };
    let insert =
        format!("INSERT INTO issues (id, project_id, title) VALUES ({id}, {project}, 'new')");
    sqlx::raw_sql(sqlx::AssertSqlSafe(insert))
        .execute(&mut **transaction)
        .await?;
    Ok(true)
}

/// The row is deleted, by the operation that deleted the project.
async fn is_deleted_with(sessions: &Sessions<'_>, table: &str, row: &str, project: i64) {
    let one = format!(
        "SELECT count(*) FROM {table} AS c, projects AS p WHERE {row} AND p.id = {project} \
         AND c.deleted_at = p.deleted_at AND c.deleted_operation = p.deleted_operation"
    );
    assert_eq!(number(sessions.pool, &one).await, 1, "{table} where {row}");
}

#[tokio::test]
async fn a_guarded_child_that_comes_first_is_deleted_with_its_parent() {
    with_sessions("guarded-first", &GUARDS, async |sessions, guard| {
        let mut first = sessions.begin().await;
        assert!(insert(&mut first, guard, 900, 20).await.unwrap());
        let delete = Project::soft_delete_by_key(20).execute(sessions.pool);
        let (waited, deleted) = sessions.behind(first, delete).await;
        deleted.unwrap();
        assert!(waited, "{guard:?}");
        is_deleted_with(&sessions, "issues", "c.id = 900", 20).await;
        sessions.no_orphan().await;
    })
    .await;
}

#[tokio::test]
async fn a_guarded_child_that_comes_second_is_not_inserted() {
    with_sessions("guarded-second", &GUARDS, async |sessions, guard| {
        let mut first = sessions.begin().await;
        Project::soft_delete_by_key(20)
            .execute(&mut *first)
            .await
            .unwrap();
        let child = async {
            let mut second = sessions.begin().await;
            let inserted = insert(&mut second, guard, 900, 20).await?;
            second.commit().await?;
            Ok::<_, Error>(inserted)
        };
        let (waited, inserted) = sessions.behind(first, child).await;
        // A reader that would write behind another writer is refused by SQLite at once.
        let may_be_busy = guard == Guard::Lock && !sql::LOCKS_ROWS;
        assert!(waited || may_be_busy, "{guard:?}");
        let is_busy = matches!(&inserted, Err(Error::Sqlx(sqlx::Error::Database(error)))
                if error.message().contains("locked"));
        assert!(
            matches!(inserted, Ok(false)) || (may_be_busy && is_busy),
            "{guard:?}: {inserted:?}"
        );
        assert_eq!(
            rows(sessions.pool, "issues").await,
            (vec![100, 101, 102], vec![200])
        );
        sessions.no_orphan().await;
    })
    .await;
}

#[tokio::test]
async fn a_plain_child_that_is_not_committed_yet_is_deleted_with_its_parent() {
    with_sessions("plain", &[()], async |sessions, ()| {
        let mut first = sessions.begin().await;
        let issue = "INSERT INTO issues (id, project_id, title) VALUES (900, 20, 'new')";
        sessions.run(&mut first, issue).await;
        let delete = Project::soft_delete_by_key(20).execute(sessions.pool);
        let (waited, deleted) = sessions.behind(first, delete).await;
        deleted.unwrap();
        assert!(waited);
        is_deleted_with(&sessions, "issues", "c.id = 900", 20).await;
        sessions.no_orphan().await;
    })
    .await;
}

#[tokio::test]
async fn so_is_one_under_a_row_that_the_cascade_comes_to() {
    with_sessions("plain-deep", &[()], async |sessions, ()| {
        let mut first = sessions.begin().await;
        let vote = "INSERT INTO votes (issue_id, team_id, number) VALUES (200, 1, 2)";
        sessions.run(&mut first, vote).await;
        let delete = Project::soft_delete_by_key(20).execute(sessions.pool);
        let (waited, deleted) = sessions.behind(first, delete).await;
        deleted.unwrap();
        assert!(waited);
        let row = "c.issue_id = 200 AND c.team_id = 1 AND c.number = 2";
        is_deleted_with(&sessions, "votes", row, 20).await;
        sessions.no_orphan().await;
    })
    .await;
}

#[tokio::test]
async fn a_restricting_child_that_comes_first_forbids_the_deletion() {
    with_sessions("restrict-first", &[()], async |sessions, ()| {
        let mut first = sessions.begin().await;
        let invoice = "INSERT INTO invoices (id, team_id, total) VALUES (1, 2, 5)";
        sessions.run(&mut first, invoice).await;
        let delete = Team::soft_delete_by_key(2).execute(sessions.pool);
        let (waited, deleted) = sessions.behind(first, delete).await;
        assert!(waited);
        assert!(
            matches!(
                deleted,
                Err(Error::Restricted {
                    table: "teams",
                    by: "invoices",
                    rows: 1
                })
            ),
            "{deleted:?}"
        );
        assert_eq!(rows(sessions.pool, "teams").await.0, [1, 2]);
        sessions.no_orphan().await;
    })
    .await;
}

/// Locks the parent, then inserts; the parent's row is live then, or nothing is inserted.
async fn insert_under<P>(sessions: &Sessions<'_>, key: P::Key, child: &str) -> Result<(), Error>
where
    P: Lifecycle<Database = Db>,
{
    let mut second = sessions.begin().await;
    P::lock_active_by_key(key, &mut second).await?;
    sqlx::raw_sql(sqlx::AssertSqlSafe(child.to_owned()))
        .execute(&mut *second)
        .await?;
    second.commit().await?;
    Ok(())
}

#[tokio::test]
async fn a_restricting_child_that_comes_second_is_not_inserted() {
    with_sessions("restrict-second", &[()], async |sessions, ()| {
        let mut first = sessions.begin().await;
        Team::soft_delete_by_key(2)
            .execute(&mut *first)
            .await
            .unwrap();
        let invoice = "INSERT INTO invoices (id, team_id, total) VALUES (1, 2, 5)";
        let child = insert_under::<Team>(&sessions, 2, invoice);
        let (waited, inserted) = sessions.behind(first, child).await;
        assert!(waited || !sql::LOCKS_ROWS);
        inserted.unwrap_err();
        assert_eq!(
            number(sessions.pool, "SELECT count(*) FROM invoices").await,
            0
        );
        sessions.no_orphan().await;
    })
    .await;
}

/// With a guard or without; of one row or of many.
const FORMS: [(bool, bool); 4] = [(false, false), (false, true), (true, false), (true, true)];

const REDEMPTION: &str = "INSERT INTO redemptions (id, code) VALUES (1, 'SPRING')";

#[tokio::test]
async fn a_child_restricts_a_parent_without_an_operation_too() {
    with_sessions(
        "restrict-code",
        &FORMS,
        async |sessions, (guarded, many)| {
            let mut first = sessions.begin().await;
            if guarded {
                VoucherCode::lock_active_by_key("SPRING".to_owned(), &mut first)
                    .await
                    .unwrap();
            }
            sessions.run(&mut first, REDEMPTION).await;
            let delete = async {
                let code = "SPRING".to_owned();
                if many {
                    let delete = VoucherCode::soft_delete_by_keys([code]);
                    delete
                        .execute(sessions.pool)
                        .await
                        .map(|done| done.rows_affected())
                } else {
                    let delete = VoucherCode::soft_delete_by_key(code);
                    delete.execute(sessions.pool).await.map(|_| 1)
                }
            };
            let (waited, deleted) = sessions.behind(first, delete).await;
            assert!(waited);
            let refused = matches!(
                deleted,
                Err(Error::Restricted {
                    table: "codes",
                    by: "redemptions",
                    rows: 1
                })
            );
            assert!(refused || (many && matches!(deleted, Ok(0))), "{deleted:?}");
            let live = "SELECT count(*) FROM codes WHERE NOT is_deleted";
            assert_eq!(number(sessions.pool, live).await, 1, "guarded: {guarded}");
        },
    )
    .await;
}

#[tokio::test]
async fn a_child_of_a_deleted_parent_without_an_operation_is_not_inserted() {
    with_sessions("restrict-code-second", &[()], async |sessions, ()| {
        let mut first = sessions.begin().await;
        VoucherCode::soft_delete_by_key("SPRING".to_owned())
            .execute(&mut *first)
            .await
            .unwrap();
        let child = insert_under::<VoucherCode>(&sessions, "SPRING".to_owned(), REDEMPTION);
        let (waited, inserted) = sessions.behind(first, child).await;
        assert!(waited || !sql::LOCKS_ROWS);
        inserted.unwrap_err();
        assert_eq!(
            number(sessions.pool, "SELECT count(*) FROM redemptions").await,
            0
        );
    })
    .await;
}
