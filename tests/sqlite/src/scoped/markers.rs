//! Markers of every kind.

use soft_delete::{Active, Deleted, SoftDeletable, WithDeleted, soft_query};
use uuid::Uuid;

use super::model::{Article, Contact, Paper, Product, Task};
use crate::{database::with_contacts, seed};

#[test]
fn a_model_knows_its_table_and_its_marker() {
    assert_eq!(
        (Contact::TABLE, Contact::MARKER),
        ("contacts", "deleted_at")
    );
    assert_eq!((Paper::TABLE, Paper::MARKER), ("documents", "removed_on"));
    assert_eq!((Task::TABLE, Task::MARKER), ("tasks", "is_deleted"));
    assert_eq!((Product::TABLE, Product::MARKER), ("products", "deleted"));
    assert_eq!(
        (Article::TABLE, Article::MARKER),
        ("articles", "deleted_at")
    );
}

#[tokio::test]
async fn a_boolean_marks() {
    with_contacts(async |pool| {
        let live = soft_query!(Active<Task>, "SELECT * FROM tasks")
            .fetch_one(pool)
            .await
            .unwrap();
        assert_eq!(
            *live,
            Task {
                title: "wash".into(),
                is_deleted: false
            }
        );
        let gone = soft_query!(Deleted<Task>, "SELECT * FROM tasks")
            .fetch_one(pool)
            .await
            .unwrap();
        assert_eq!(
            *gone,
            Task {
                title: "iron".into(),
                is_deleted: true
            }
        );
        let all = soft_query!(WithDeleted<Task>, "SELECT * FROM tasks ORDER BY id");
        let states = all
            .map(|row| row.is_deleted())
            .fetch_all(pool)
            .await
            .unwrap();
        assert_eq!(states, [false, true]);
    })
    .await;
}

#[tokio::test]
async fn an_integer_marks() {
    with_contacts(async |pool| {
        let live = soft_query!(Active<Product>, "SELECT * FROM products");
        let live = live.fetch_all(pool).await.unwrap();
        assert_eq!(live.len(), 1);
        assert_eq!(
            *live[0],
            Product {
                sku: "P-1".into(),
                deleted: 0
            }
        );
        let gone = soft_query!(Deleted<Product>, "SELECT * FROM products");
        assert_eq!(gone.fetch_one(pool).await.unwrap().sku, "P-2");
    })
    .await;
}

#[tokio::test]
async fn a_marker_and_a_key_of_other_kinds() {
    with_contacts(async |pool| {
        let live = soft_query!(Active<Paper>, "SELECT * FROM documents");
        let live = live.fetch_one(pool).await.unwrap();
        assert_eq!(
            (live.id, live.title.as_str()),
            (Uuid::from_u128(seed::PLAN), "Plan")
        );
        assert_eq!(live.gone, None);
        let gone = soft_query!(
            Deleted<Paper>,
            "SELECT id, title, removed_on FROM documents"
        );
        assert_eq!(
            gone.fetch_one(pool).await.unwrap().id,
            Uuid::from_u128(seed::DRAFT)
        );
    })
    .await;
}

#[tokio::test]
async fn live_may_be_more_than_an_unset_marker() {
    with_contacts(async |pool| {
        let title = |row: &Article| row.title.clone();
        let live = soft_query!(Active<Article>, "SELECT * FROM articles ORDER BY id");
        let live = live
            .map(move |row| title(&row))
            .fetch_all(pool)
            .await
            .unwrap();
        assert_eq!(live, ["News"]);
        let gone = soft_query!(Deleted<Article>, "SELECT * FROM articles ORDER BY id");
        let gone = gone
            .map(move |row| title(&row))
            .fetch_all(pool)
            .await
            .unwrap();
        assert_eq!(gone, ["Old", "Gone"]);
        let all = soft_query!(WithDeleted<Article>, "SELECT * FROM articles ORDER BY id");
        let states = all
            .map(|row| row.is_active())
            .fetch_all(pool)
            .await
            .unwrap();
        assert_eq!(states, [true, false, false]);
    })
    .await;
}

#[tokio::test]
async fn a_word_scopes_every_kind() {
    with_contacts(async |pool| {
        let count: (i64, i64, i64, i64) = soft_query!(
            active as (i64, i64, i64, i64),
            "SELECT (SELECT count(*) FROM tasks), (SELECT count(*) FROM products), \
             (SELECT count(*) FROM documents), (SELECT count(*) FROM articles)"
        )
        .fetch_one(pool)
        .await
        .unwrap();
        assert_eq!(count, (1, 1, 1, 1));
    })
    .await;
}
