//! `map` and `try_map`.

use soft_delete::ScopedQuery;

use super::contact::{active, everyone};
use crate::{Db, database::with_contacts};

#[tokio::test]
async fn map_changes_every_row_and_keeps_state() {
    with_contacts(async |pool| {
        let mut position = 0;
        let query: ScopedQuery<Db, (i32, String)> = everyone()
            .map(|row| row.name.to_uppercase())
            .map(move |name| {
                position += 1;
                (position, name)
            });
        let rows = query.fetch_all(pool).await.unwrap();
        let expected = [(1, "ADA"), (2, "BOB"), (3, "CYD"), (4, "DAN")];
        assert_eq!(rows, expected.map(|(n, name)| (n, name.to_owned())));
    })
    .await;
}

#[tokio::test]
async fn map_applies_to_a_single_row() {
    with_contacts(async |pool| {
        let query = || active().map(|row| row.id * 10);
        assert_eq!(query().fetch_one(pool).await.unwrap(), 10);
        assert_eq!(query().fetch_optional(pool).await.unwrap(), Some(10));
    })
    .await;
}

#[tokio::test]
async fn try_map_ends_the_query_with_its_error() {
    with_contacts(async |pool| {
        let error = active()
            .try_map(|row| match row.name.as_str() {
                "Cyd" => Err(sqlx::Error::Decode("no Cyd here".into())),
                _ => Ok(row.id),
            })
            .fetch_all(pool)
            .await
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            "error occurred while decoding: no Cyd here"
        );
    })
    .await;
}

#[tokio::test]
async fn a_mapped_query_runs_in_a_spawned_task() {
    with_contacts(async |pool| {
        let pool = pool.clone();
        let query = active().map(|row| row.into_inner().name);
        let task = tokio::spawn(async move { query.fetch_all(&pool).await });
        assert_eq!(task.await.unwrap().unwrap(), ["Ada", "Cyd"]);
    })
    .await;
}

#[test]
fn a_mapped_query_keeps_its_text() {
    assert_eq!(
        active().map(|row| row.id).sql(),
        "SELECT id, name, deleted_at FROM contacts WHERE deleted_at IS NULL ORDER BY id"
    );
}
