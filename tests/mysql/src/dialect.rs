//! What only this dialect writes, and its placeholders.

use chrono::{DateTime, Utc};
use soft_delete::{Active, WithDeleted, soft_query};
use uuid::Uuid;

use crate::{database::with_contacts, seed};

#[derive(Debug, PartialEq, sqlx::FromRow, soft_delete::SoftDeletable)]
struct Contact {
    id: i64,
    name: String,
    deleted_at: Option<DateTime<Utc>>,
}

#[tokio::test]
async fn arguments_follow_the_text() {
    with_contacts(async |pool| {
        let (least, pattern) = (2, String::from("%d%"));
        let query = soft_query!(
            Active<Contact>,
            "SELECT * FROM contacts WHERE name LIKE ? AND id >= ? ORDER BY name",
            pattern,
            least
        );
        assert_eq!(query.fetch_one(pool).await.unwrap().id, 3);
        assert_eq!(pattern, "%d%", "arguments are borrowed");

        let name: String = soft_query!(
            active as scalar,
            "SELECT name FROM contacts WHERE email LIKE ? AND id = ?",
            "ada@%",
            1
        )
        .fetch_one(pool)
        .await
        .unwrap();
        assert_eq!(name, "Ada");
    })
    .await;
}

#[tokio::test]
async fn arguments_stand_in_every_visibility() {
    with_contacts(async |pool| {
        for (visibility, expected) in soft_delete::Visibility::ALL.into_iter().zip([1, 1, 2]) {
            let rows = soft_query!(
                WithDeleted<Contact> in visibility,
                "SELECT * FROM contacts WHERE id <= ?",
                2
            );
            assert_eq!(rows.fetch_all(pool).await.unwrap().len(), expected);
        }
    })
    .await;
}

#[tokio::test]
async fn arguments_of_an_operation_keep_their_placeholders() {
    with_contacts(async |pool| {
        let operation = soft_query!(
            soft_delete,
            "DELETE FROM contacts WHERE name = ? AND id = ?",
            "Cyd",
            3
        );
        let outcome = operation
            .by(9)
            .because("moved")
            .execute(pool)
            .await
            .unwrap();
        assert_eq!(outcome.rows_affected(), 1);
        let row: (String, i64, String) = soft_query!(
            deleted as (String, i64, String),
            "SELECT name, deleted_by, deleted_reason FROM contacts WHERE deleted_by IS NOT NULL"
        )
        .fetch_one(pool)
        .await
        .unwrap();
        assert_eq!(row, ("Cyd".into(), 9, "moved".into()));
    })
    .await;
}

#[tokio::test]
async fn a_uuid_is_an_argument() {
    with_contacts(async |pool| {
        let id = Uuid::from_u128(seed::PLAN);
        let title: String = soft_query!(
            active as scalar,
            "SELECT title FROM documents WHERE id = ?",
            id
        )
        .fetch_one(pool)
        .await
        .unwrap();
        assert_eq!(title, "Plan");
    })
    .await;
}

#[tokio::test]
async fn a_multi_table_update_writes_under_the_scope() {
    with_contacts(async |pool| {
        let update = soft_query!(
            active,
            "UPDATE orders o JOIN contacts c ON c.id = o.contact_id SET o.total = ? \
             WHERE c.id < ?",
            1,
            3
        );
        assert_eq!(update.execute(pool).await.unwrap().rows_affected(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_multi_table_delete_becomes_an_update() {
    with_contacts(async |pool| {
        let operation = soft_query!(
            soft_delete,
            c: active,
            "DELETE o FROM orders o JOIN contacts c ON c.id = o.contact_id WHERE c.name = ?",
            "Ada"
        );
        assert_eq!(operation.execute(pool).await.unwrap().rows_affected(), 1);
        let left: Vec<i64> = soft_query!(active as scalar, "SELECT id FROM orders ORDER BY id")
            .fetch_all(pool)
            .await
            .unwrap();
        assert_eq!(left, [12, 13]);
    })
    .await;
}

#[tokio::test]
async fn rows_are_locked_under_the_scope() {
    with_contacts(async |pool| {
        let mut transaction = pool.begin().await.unwrap();
        let rows = soft_query!(
            Active<Contact>,
            "SELECT * FROM `contacts` WHERE id <= ? FOR UPDATE",
            2
        );
        assert_eq!(rows.fetch_all(&mut transaction).await.unwrap().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn an_insert_that_ignores_a_key_it_does_not_write_is_accepted() {
    with_contacts(async |pool| {
        let insert = soft_query!(
            active,
            "INSERT IGNORE INTO orders (contact_id, total) SELECT id, 5 FROM contacts"
        );
        assert_eq!(insert.execute(pool).await.unwrap().rows_affected(), 2);
    })
    .await;
}

#[tokio::test]
async fn an_upsert_meets_live_rows_through_a_key_that_is_null_for_deleted_ones() {
    with_contacts(async |pool| {
        let upsert = async |name: &str| {
            soft_query!(
                "INSERT INTO accounts (email, name) VALUES ('a@x', ?) ON DUPLICATE KEY UPDATE name = VALUES(name)",
                name
            )
            .execute(pool)
            .await
            .unwrap();
        };
        let ignored = async || {
            soft_query!("INSERT IGNORE INTO accounts (email, name) VALUES ('a@x', 'again')")
                .execute(pool)
                .await
                .unwrap()
                .rows_affected()
        };
        upsert("first").await;
        soft_query!(soft_delete, "DELETE FROM accounts WHERE email = 'a@x'")
            .execute(pool)
            .await
            .unwrap();
        upsert("second").await;
        upsert("third").await;
        assert_eq!(ignored().await, 0);
        let rows: Vec<String> = soft_query!(
            with_deleted as scalar,
            "SELECT IF(deleted_at IS NULL, name, CONCAT(name, ', deleted')) AS `row!: String` FROM accounts ORDER BY id"
        )
        .fetch_all(pool)
        .await
        .unwrap();
        assert_eq!(rows, ["first, deleted", "third"]);
    })
    .await;
}

#[tokio::test]
async fn a_soft_delete_takes_the_time_of_the_server() {
    with_contacts(async |pool| {
        let before = Utc::now() - chrono::Duration::seconds(2);
        let operation = soft_query!(soft_delete, "DELETE FROM contacts WHERE id = 1");
        operation.execute(pool).await.unwrap();
        let at: DateTime<Utc> = soft_query!(
            deleted as scalar,
            "SELECT deleted_at FROM contacts WHERE id = 1"
        )
        .fetch_one(pool)
        .await
        .unwrap();
        assert!(at > before && at <= Utc::now(), "{at}");
    })
    .await;
}

#[derive(soft_delete::SoftDeletable)]
struct Word {
    deleted_at: Option<chrono::NaiveDateTime>,
}

#[tokio::test]
async fn a_purge_finds_rows_by_words_of_any_letters_and_of_a_collation_without_case() {
    for size in [1, 3, 1000] {
        with_contacts(async |pool| {
            let due = [
                "Abc", "zebra", "éclair", "Ω", "a\"b", "c\\d", "it's", "x y", "日本",
            ];
            for (word, days) in due.iter().map(|word| (*word, 3)).chain([("young", 0)]) {
                sqlx::query("INSERT INTO words VALUES (?, CURRENT_TIMESTAMP - INTERVAL ? DAY)")
                    .bind(word)
                    .bind(days)
                    .execute(pool)
                    .await
                    .unwrap();
            }
            let report = soft_delete::Purge::of::<Word>()
                .older_than(std::time::Duration::from_hours(24))
                .batch_size(size)
                .audit(soft_delete::Audit::Rows)
                .execute(pool)
                .await
                .unwrap();
            let left: Vec<String> = sqlx::query_scalar("SELECT word FROM words ORDER BY word")
                .fetch_all(pool)
                .await
                .unwrap();
            assert_eq!(left, ["young"], "batches of {size}: {report:?}");
            assert_eq!(report.purged(), 9, "batches of {size}");
            let keys: Vec<String> = sqlx::query_scalar("SELECT row_key FROM soft_delete_audit")
                .fetch_all(pool)
                .await
                .unwrap();
            let word = |key: &String| -> String {
                let key: serde_json::Value = serde_json::from_str(key).unwrap();
                key["word"].as_str().unwrap().to_owned()
            };
            let mut words: Vec<String> = keys.iter().map(word).collect();
            words.sort();
            let mut expected = due.to_vec();
            expected.sort_unstable();
            assert_eq!(words, expected);
        })
        .await;
    }
}

/// Bob's address is that of a deleted user.
pub(crate) async fn upsert_bob(pool: &sqlx::Pool<crate::Db>) -> u64 {
    let upsert = soft_query!(
        active,
        "INSERT INTO users (id, email, name) VALUES (9, 'bob@x', 'Bob2') \
         ON DUPLICATE KEY UPDATE name = IF(deleted_at IS NULL, VALUES(name), name)"
    );
    upsert.execute(pool).await.unwrap().rows_affected()
}
