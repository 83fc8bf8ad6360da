//! INSERT, and what UPDATE reads.

use soft_delete::{Active, soft_query};

use super::model::{Contact, names};
use crate::database::with_contacts;

#[tokio::test]
async fn a_plain_insert_needs_no_scope_and_accepts_active() {
    with_contacts(async |pool| {
        let insert = soft_query!(
            "INSERT INTO contacts (id, email, name) VALUES (5, 'eve@example.org', 'Eve')"
        );
        assert_eq!(insert.execute(pool).await.unwrap().rows_affected(), 1);
        let insert = soft_query!(
            active,
            "INSERT INTO contacts (id, email, name) VALUES (6, 'fay@example.org', 'Fay')"
        );
        assert_eq!(insert.execute(pool).await.unwrap().rows_affected(), 1);
        let rows = soft_query!(Active<Contact>, "SELECT * FROM contacts ORDER BY id");
        let rows = rows.fetch_all(pool).await.unwrap();
        assert_eq!(names(&rows), ["Ada", "Cyd", "Eve", "Fay"]);
    })
    .await;
}

#[tokio::test]
async fn an_insert_reads_under_the_scope() {
    with_contacts(async |pool| {
        let insert = soft_query!(
            active,
            "INSERT INTO countries (code, name) SELECT 'XX', name FROM contacts WHERE id < 3"
        );
        assert_eq!(insert.execute(pool).await.unwrap().rows_affected(), 1);
    })
    .await;
}

#[tokio::test]
async fn an_update_reads_under_the_scope() {
    with_contacts(async |pool| {
        let update = soft_query!(
            active,
            "UPDATE orders SET total = total + 1 \
             WHERE contact_id IN (SELECT id FROM contacts)"
        );
        assert_eq!(update.execute(pool).await.unwrap().rows_affected(), 2);
        let totals: Vec<(i64, i64)> = soft_query!(
            with_deleted as (i64, i64),
            "SELECT id, total FROM orders ORDER BY id"
        )
        .fetch_all(pool)
        .await
        .unwrap();
        assert_eq!(totals, [(10, 101), (11, 50), (12, 70), (13, 31), (14, 20)]);
    })
    .await;
}
