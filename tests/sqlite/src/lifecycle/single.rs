//! One row, without anything that hangs on it.

use soft_delete::{Active, Deleted, Error, SoftDeletable, soft_query};

use super::{
    model::{Card, Issue, Member, Team, VoucherCode},
    world::{number, rows, run, with_teams},
};

#[tokio::test]
async fn a_row_is_deleted_and_restored_with_its_record() {
    with_teams(async |pool| {
        let card: Active<Card> = soft_query!(Active<Card>, "SELECT * FROM cards WHERE id = 510")
            .fetch_one(pool)
            .await
            .unwrap();
        let gone: Deleted<Card> = card
            .soft_delete()
            .by(7)
            .because("done")
            .execute(pool)
            .await
            .unwrap();
        assert!(gone.deleted_at.is_some());
        assert_eq!(
            (gone.deleted_by, gone.deleted_reason.as_deref()),
            (Some(7), Some("done"))
        );
        assert_eq!(rows(pool, "cards").await, (vec![500, 501], vec![510]));

        let back: Active<Card> = gone.restore().execute(pool).await.unwrap();
        assert_eq!((back.id, back.deleted_at), (510, None));
        assert_eq!((back.deleted_by, &back.deleted_reason), (None, &None));
        let left = "SELECT count(*) FROM cards WHERE deleted_operation IS NOT NULL";
        assert_eq!(number(pool, left).await, 0);
    })
    .await;
}

#[tokio::test]
async fn a_second_delete_is_an_error_and_stamps_nothing() {
    with_teams(async |pool| {
        let first = Card::soft_delete_by_key(510)
            .by(1)
            .execute(pool)
            .await
            .unwrap();
        let again = Card::soft_delete_by_key(510).by(2).execute(pool).await;
        assert!(
            matches!(again, Err(Error::AlreadyDeleted { table: "cards" })),
            "{again:?}"
        );
        let now: Deleted<Card> = soft_query!(Deleted<Card>, "SELECT * FROM cards WHERE id = 510")
            .fetch_one(pool)
            .await
            .unwrap();
        assert_eq!(now, first);
    })
    .await;
}

#[tokio::test]
async fn what_does_not_fit_is_told() {
    with_teams(async |pool| {
        let absent = Card::soft_delete_by_key(999).execute(pool).await;
        assert!(
            matches!(absent, Err(Error::NotFound { table: "cards" })),
            "{absent:?}"
        );
        let absent = Card::restore_by_key(999).execute(pool).await;
        assert!(
            matches!(absent, Err(Error::NotFound { table: "cards" })),
            "{absent:?}"
        );
        let live = Card::restore_by_key(510).execute(pool).await;
        assert!(
            matches!(live, Err(Error::NotDeleted { table: "cards" })),
            "{live:?}"
        );
        let live = Card::purge_by_key(510).execute(pool).await;
        assert!(
            matches!(live, Err(Error::NotDeleted { table: "cards" })),
            "{live:?}"
        );
        let absent = Card::erase_by_key(999).execute(pool).await;
        assert!(
            matches!(absent, Err(Error::NotFound { table: "cards" })),
            "{absent:?}"
        );
        assert_eq!(rows(pool, "cards").await.0, [500, 501, 510]);
    })
    .await;
}

#[tokio::test]
async fn a_key_of_text_and_one_of_two_columns() {
    with_teams(async |pool| {
        let code = VoucherCode::soft_delete_by_key("SPRING".to_owned())
            .by("ada")
            .execute(pool)
            .await
            .unwrap();
        assert!(code.is_deleted);
        let by = "SELECT count(*) FROM codes WHERE deleted_by = 'ada' AND is_deleted";
        assert_eq!(number(pool, by).await, 1);
        let code = code.restore().execute(pool).await.unwrap();
        assert_eq!(code.code, "SPRING");
        let by = "SELECT count(*) FROM codes WHERE deleted_by IS NULL AND NOT is_deleted";
        assert_eq!(number(pool, by).await, 1);

        Member::soft_delete_by_key((2, 1))
            .execute(pool)
            .await
            .unwrap();
        assert_eq!(rows(pool, "members").await, (vec![11, 12], vec![21]));
    })
    .await;
}

#[tokio::test]
async fn a_conflict_names_the_live_twin() {
    with_teams(async |pool| {
        let gone = Team::soft_delete_by_key(2).execute(pool).await.unwrap();
        run(pool, "INSERT INTO teams (id, name) VALUES (3, 'docs')").await;
        let error = gone.restore().execute(pool).await.unwrap_err();
        let Error::Conflict {
            table,
            constraint,
            live,
        } = error
        else {
            panic!("{error:?}");
        };
        assert_eq!(table, "teams");
        assert_eq!(constraint.as_deref(), Some("teams_name"));
        assert_eq!(live.as_deref(), Some("3"));
        assert_eq!(rows(pool, "teams").await, (vec![1, 3], vec![2]));
    })
    .await;
}

#[tokio::test]
async fn an_operation_stands_in_the_transaction_of_the_caller() {
    with_teams(async |pool| {
        let mut transaction = pool.begin().await.unwrap();
        Card::soft_delete_by_key(510)
            .execute(&mut *transaction)
            .await
            .unwrap();
        Issue::soft_delete_by_key(200)
            .execute(&mut *transaction)
            .await
            .unwrap();
        transaction.rollback().await.unwrap();
        assert!(rows(pool, "cards").await.1.is_empty());
        assert!(rows(pool, "votes").await.1.is_empty());

        let mut transaction = pool.begin().await.unwrap();
        Card::soft_delete_by_key(510)
            .execute(&mut *transaction)
            .await
            .unwrap();
        // The savepoint of a refused operation takes nothing of the caller's with it.
        let refused = Card::restore_by_key(500).execute(&mut *transaction).await;
        assert!(
            matches!(refused, Err(Error::NotDeleted { .. })),
            "{refused:?}"
        );
        transaction.commit().await.unwrap();
        assert_eq!(rows(pool, "cards").await.1, [510]);
    })
    .await;
}
