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
            "SELECT * FROM contacts WHERE name LIKE $1 AND id >= $2 ORDER BY name",
            pattern,
            least
        );
        assert_eq!(query.fetch_one(pool).await.unwrap().id, 3);
        assert_eq!(pattern, "%d%", "arguments are borrowed");

        let name: String = soft_query!(
            active as scalar,
            "SELECT name FROM contacts WHERE id = $2 AND email LIKE $1",
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
                "SELECT * FROM contacts WHERE id <= $1",
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
            "DELETE FROM contacts WHERE name = $1 AND id = $2",
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
            "SELECT title FROM documents WHERE id = $1",
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
                "INSERT INTO contacts (id, email, name) VALUES ($1, $2, $3) \
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
            "INSERT INTO countries (code, name) VALUES ($1, 'Belgium') RETURNING name",
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
async fn lateral_distinct_on_and_casts() {
    with_contacts(async |pool| {
        let rows: Vec<(String, Option<i64>)> = soft_query!(
            active as (String, Option<i64>),
            "SELECT c.name, l.total FROM contacts c \
             LEFT JOIN LATERAL ( \
                 SELECT o.total FROM orders o WHERE o.contact_id = c.id \
                 ORDER BY o.id DESC LIMIT 1 \
             ) l ON true \
             WHERE c.id = ANY($1::bigint[]) ORDER BY c.id",
            [1_i64, 2, 3]
        )
        .fetch_all(pool)
        .await
        .unwrap();
        assert_eq!(rows, [("Ada".into(), Some(100)), ("Cyd".into(), Some(30))]);

        let ids: Vec<i64> = soft_query!(
            active as scalar,
            "SELECT DISTINCT ON (contact_id) id FROM ONLY orders ORDER BY contact_id, id DESC"
        )
        .fetch_all(pool)
        .await
        .unwrap();
        assert_eq!(ids, [10, 12, 13]);
    })
    .await;
}

#[tokio::test]
async fn rows_are_locked_under_the_scope() {
    with_contacts(async |pool| {
        let mut transaction = pool.begin().await.unwrap();
        let rows = soft_query!(
            Active<Contact>,
            "SELECT * FROM contacts WHERE id <= $1 FOR UPDATE SKIP LOCKED",
            2
        );
        assert_eq!(rows.fetch_all(&mut transaction).await.unwrap().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_data_modifying_cte_writes_under_the_scope() {
    with_contacts(async |pool| {
        let ids: Vec<i64> = soft_query!(
            active as scalar,
            "WITH renamed AS (UPDATE contacts SET name = 'X' WHERE id < $1 RETURNING id) \
             SELECT id FROM renamed",
            3
        )
        .fetch_all(pool)
        .await
        .unwrap();
        assert_eq!(ids, [1]);
    })
    .await;
}

#[tokio::test]
async fn delete_using_becomes_update_from() {
    with_contacts(async |pool| {
        let operation = soft_query!(
            soft_delete,
            c: active,
            "DELETE FROM orders USING contacts c WHERE c.id = orders.contact_id AND c.name = $1",
            "Ada"
        );
        assert_eq!(operation.execute(pool).await.unwrap().rows_affected(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_soft_delete_takes_the_time_of_its_transaction() {
    with_contacts(async |pool| {
        let mut transaction = pool.begin().await.unwrap();
        let operation = soft_query!(soft_delete, "DELETE FROM contacts WHERE id = 1");
        operation.execute(&mut transaction).await.unwrap();
        let (at, now): (DateTime<Utc>, DateTime<Utc>) = soft_query!(
            deleted as (DateTime<Utc>, DateTime<Utc>),
            "SELECT deleted_at, now() FROM contacts WHERE id = 1"
        )
        .fetch_one(&mut transaction)
        .await
        .unwrap();
        assert_eq!(at, now);
    })
    .await;
}

#[tokio::test]
async fn an_actor_of_a_narrower_type_is_recorded_after_an_operation_without_one() {
    with_contacts(async |pool| {
        let mut connection = pool.acquire().await.unwrap();
        for (id, actor) in [(1, None), (3, Some(7_i32))] {
            let operation = soft_query!(soft_delete, "DELETE FROM contacts WHERE id = $1", id);
            let outcome = match actor {
                Some(actor) => operation.by(actor).execute(&mut *connection).await,
                None => operation.execute(&mut *connection).await,
            };
            assert_eq!(outcome.unwrap().rows_affected(), 1);
        }
        let actors: Vec<Option<i64>> = soft_query!(
            deleted as scalar,
            "SELECT deleted_by FROM contacts WHERE id IN (1, 3) ORDER BY id"
        )
        .fetch_all(&mut *connection)
        .await
        .unwrap();
        assert_eq!(actors, [None, Some(7)]);
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
