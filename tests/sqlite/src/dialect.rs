//! What only this dialect writes, and its placeholders.

use chrono::{DateTime, TimeZone, Utc};
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
            "SELECT name FROM contacts WHERE id = ?2 AND email LIKE ?1",
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
async fn an_upsert_meets_the_live_row_and_never_the_tombstone() {
    with_contacts(async |pool| {
        let upsert = async |id: i64, email: &str, name: &str| {
            soft_query!(
                active,
                "INSERT INTO contacts (id, email, name) VALUES (?, ?, ?) \
                 ON CONFLICT (email) WHERE deleted_at IS NULL DO UPDATE SET name = excluded.name",
                id,
                email,
                name
            )
            .execute(pool)
            .await
            .unwrap()
            .rows_affected()
        };
        assert_eq!(upsert(5, "ada@example.org", "Ada L.").await, 1);
        assert_eq!(upsert(6, "bob@example.org", "Bob II").await, 1);
        let rows: Vec<(i64, String)> = soft_query!(
            with_deleted as (i64, String),
            "SELECT id, name FROM contacts ORDER BY id"
        )
        .fetch_all(pool)
        .await
        .unwrap();
        let expected = [
            (1, "Ada L."),
            (2, "Bob"),
            (3, "Cyd"),
            (4, "Dan"),
            (6, "Bob II"),
        ];
        assert_eq!(rows, expected.map(|(id, name)| (id, name.to_owned())));
    })
    .await;
}

#[tokio::test]
async fn returning_yields_rows() {
    with_contacts(async |pool| {
        let row: Active<Contact> = soft_query!(
            Active<Contact>,
            "UPDATE contacts SET name = 'X' WHERE id <= 2 RETURNING *"
        )
        .fetch_one(pool)
        .await
        .unwrap();
        assert_eq!((row.id, row.name.as_str()), (1, "X"));

        let name: String = soft_query!(
            as scalar,
            "INSERT INTO countries (code, name) VALUES (?, 'Belgium') RETURNING name",
            "BE"
        )
        .fetch_one(pool)
        .await
        .unwrap();
        assert_eq!(name, "Belgium");
    })
    .await;
}

#[tokio::test]
async fn update_from_reads_under_the_scope() {
    with_contacts(async |pool| {
        let update = soft_query!(
            active,
            "UPDATE orders SET total = 0 FROM contacts c WHERE c.id = orders.contact_id"
        );
        assert_eq!(update.execute(pool).await.unwrap().rows_affected(), 2);
    })
    .await;
}

#[tokio::test]
async fn a_soft_delete_writes_the_time_as_sqlx_does() {
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

        // A comparison with a bound time is one of texts.
        let later = Utc.with_ymd_and_hms(2026, 6, 1, 0, 0, 0).unwrap();
        let n: i64 = soft_query!(
            deleted as scalar,
            "SELECT count(*) FROM contacts WHERE deleted_at > ?",
            later
        )
        .fetch_one(pool)
        .await
        .unwrap();
        assert_eq!(n, 1);
    })
    .await;
}

/// Bob's address is that of a deleted user.
pub(crate) async fn upsert_bob(pool: &sqlx::Pool<crate::Db>) -> u64 {
    let upsert = soft_query!(
        active,
        "INSERT INTO users (id, email, name) VALUES (9, 'bob@x', 'Bob2') \
         ON CONFLICT (email) WHERE deleted_at IS NULL DO UPDATE SET name = excluded.name"
    );
    upsert.execute(pool).await.unwrap().rows_affected()
}
