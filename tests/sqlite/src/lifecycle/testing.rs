//! The helpers for the tests of an application.

use std::panic::AssertUnwindSafe;

use futures_util::FutureExt;
use soft_delete::{SoftDeletable, assert_active, assert_purged, assert_soft_deleted, testing};

use super::{
    model::{Card, Member, VoucherCode},
    world::with_teams,
};

#[tokio::test]
async fn the_state_of_a_row_is_asserted() {
    with_teams(async |pool| {
        assert_active!(Card, 510, pool);
        let gone = Card::soft_delete_by_key(510).execute(pool).await.unwrap();
        assert_soft_deleted!(Card, 510, pool);
        gone.purge().execute(pool).await.unwrap();
        assert_purged!(Card, 510, pool);
        assert_active!(Member, (1, 1), pool);
        let mut transaction = pool.begin().await.unwrap();
        assert_active!(Card, 500, &mut *transaction);
    })
    .await;
}

#[tokio::test]
async fn an_assertion_that_does_not_hold_says_what_is() {
    with_teams(async |pool| {
        let message = async |test: AssertUnwindSafe<_>| {
            let panic = futures_util::FutureExt::catch_unwind(test)
                .await
                .unwrap_err();
            *panic.downcast::<String>().expect("a message")
        };
        let live = AssertUnwindSafe(async { assert_soft_deleted!(Card, 510, pool) }.boxed());
        assert_eq!(
            message(live).await,
            "the row of `cards` with the key `510` is live, and should be soft-deleted"
        );
        let absent = AssertUnwindSafe(async { assert_active!(Card, 999, pool) }.boxed());
        assert_eq!(
            message(absent).await,
            "the row of `cards` with the key `999` is not there, and should be live"
        );
    })
    .await;
}

#[test]
fn rows_are_made_without_a_database() {
    let code = |is_deleted| VoucherCode {
        code: "X".to_owned(),
        is_deleted,
    };
    assert_eq!(testing::active(code(false)).code, "X");
    assert_eq!(testing::deleted(code(true)).code, "X");
    let refused = std::panic::catch_unwind(|| testing::deleted(code(false))).unwrap_err();
    assert_eq!(
        refused.downcast_ref::<String>().map(String::as_str),
        Some("this row of `codes` is live")
    );
}
