//! Row types: made by decoding alone, and otherwise the row itself.

use std::{
    collections::hash_map::DefaultHasher,
    hash::{Hash, Hasher},
    mem::size_of,
};

use soft_delete::{Active, Deleted, Error, StateMismatch, Visibility, WithDeleted};

use super::contact::{ACTIVE, Contact, DELETED, active, deleted, deletion, everyone, names};
use crate::{Db, database::with_contacts, expansion::Binder};

#[tokio::test]
async fn every_scope_returns_its_rows() {
    with_contacts(async |pool| {
        let live = active().fetch_all(pool).await.unwrap();
        assert_eq!(names(&live), ["Ada", "Cyd"]);
        let gone = deleted().fetch_all(pool).await.unwrap();
        assert_eq!(names(&gone), ["Bob", "Dan"]);
        assert_eq!(gone[0].deleted_at, Some(deletion()));

        let all = everyone().fetch_all(pool).await.unwrap();
        assert_eq!(names(&all), ["Ada", "Bob", "Cyd", "Dan"]);
        let states: Vec<bool> = all.iter().map(WithDeleted::is_deleted).collect();
        assert_eq!(states, [false, true, false, true]);
    })
    .await;
}

#[tokio::test]
async fn a_deleted_row_does_not_decode_as_active() {
    with_contacts(async |pool| {
        let error = Binder::<Db>::new()
            .rows::<Active<Contact>>(DELETED)
            .fetch_all(pool)
            .await
            .unwrap_err();

        assert_eq!(
            error.to_string(),
            "error occurred while decoding: a row of `contacts` was decoded as `Active` \
             and is soft-deleted by its marker `deleted_at`"
        );
        let mismatch = StateMismatch::of(&error).unwrap();
        assert_eq!(mismatch.table(), "contacts");
        assert_eq!(mismatch.marker(), "deleted_at");
        assert_eq!(mismatch.expected(), Visibility::Active);
    })
    .await;
}

#[tokio::test]
async fn a_live_row_does_not_decode_as_deleted() {
    with_contacts(async |pool| {
        let error = Binder::<Db>::new()
            .rows::<Deleted<Contact>>(ACTIVE)
            .fetch_one(pool)
            .await
            .unwrap_err();

        assert_eq!(
            error.to_string(),
            "error occurred while decoding: a row of `contacts` was decoded as `Deleted` \
             and is live by its marker `deleted_at`"
        );
        let error = Error::from(error);
        assert!(matches!(&error, Error::State(m) if m.expected() == Visibility::Deleted));
        assert_eq!(
            error.to_string(),
            "a row of `contacts` was decoded as `Deleted` and is live by its marker `deleted_at`"
        );
    })
    .await;
}

#[tokio::test]
async fn a_row_without_its_marker_does_not_decode() {
    with_contacts(async |pool| {
        let error = Binder::<Db>::new()
            .rows::<Active<Contact>>("SELECT id, name FROM contacts ORDER BY id")
            .fetch_one(pool)
            .await
            .unwrap_err();
        assert_eq!(error.to_string(), "no column found for name: deleted_at");
    })
    .await;
}

#[tokio::test]
async fn row_types_hold_in_queries_of_sqlx_too() {
    with_contacts(async |pool| {
        let live: Vec<Active<Contact>> = sqlx::query_as(ACTIVE).fetch_all(pool).await.unwrap();
        assert_eq!(names(&live), ["Ada", "Cyd"]);
        let error = sqlx::query_as::<Db, Active<Contact>>(DELETED)
            .fetch_one(pool)
            .await
            .unwrap_err();
        assert!(StateMismatch::of(&error).is_some());
    })
    .await;
}

#[tokio::test]
async fn row_types_look_like_the_row() {
    with_contacts(async |pool| {
        let live = active().fetch_one(pool).await.unwrap();
        let gone = deleted().fetch_one(pool).await.unwrap();
        let all = everyone().fetch_all(pool).await.unwrap();
        let (ada, bob) = (live.clone().into_inner(), gone.clone().into_inner());

        assert_eq!(format!("{live:?}"), format!("{ada:?}"));
        assert_eq!(format!("{:?}", all[0]), format!("Active({ada:?})"));
        assert_eq!(format!("{:?}", all[1]), format!("Deleted({bob:?})"));
        assert_eq!(live, live.clone());
        assert!(live < active().fetch_all(pool).await.unwrap()[1]);
        assert_eq!(hash(&live), hash(&ada));
        assert_eq!(hash(&gone), hash(&bob));

        let json = r#"{"id":1,"name":"Ada","deleted_at":null}"#;
        assert_eq!(serde_json::to_string(&live).unwrap(), json);
        assert_eq!(serde_json::to_string(&all[0]).unwrap(), json);
        let json = r#"{"id":2,"name":"Bob","deleted_at":"2026-01-02T03:04:05Z"}"#;
        assert_eq!(serde_json::to_string(&gone).unwrap(), json);
        assert_eq!(serde_json::to_string(&all[1]).unwrap(), json);
    })
    .await;
}

#[tokio::test]
async fn a_row_in_either_state_gives_itself_to_the_one_that_fits() {
    with_contacts(async |pool| {
        let mut rows = everyone().fetch_all(pool).await.unwrap();
        let bob = rows.remove(1);
        let ada = rows.remove(0);

        assert!(ada.is_active() && !ada.is_deleted());
        assert_eq!(ada.active().map(|row| row.id), Some(1));
        assert_eq!(ada.deleted(), None);
        assert_eq!(bob.deleted().map(|row| row.id), Some(2));
        assert_eq!(bob.active(), None);
        assert_eq!(ada.clone().into_deleted(), None);
        assert_eq!(bob.clone().into_active(), None);
        let live = ada.clone().into_active().unwrap();
        let gone = bob.clone().into_deleted().unwrap();
        assert_eq!(WithDeleted::from(live), ada);
        assert_eq!(WithDeleted::from(gone), bob);
        assert_eq!(bob.into_inner().name, "Bob");
    })
    .await;
}

#[test]
fn row_types_cost_nothing() {
    assert_eq!(size_of::<Active<Contact>>(), size_of::<Contact>());
    assert_eq!(size_of::<Deleted<Contact>>(), size_of::<Contact>());
}

fn hash(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}
