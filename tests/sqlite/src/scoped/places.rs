//! The places where a table can be read.

use soft_delete::soft_query;

use super::model::{Line, line};
use crate::database::with_contacts;

#[tokio::test]
async fn exists_and_not_exists() {
    with_contacts(async |pool| {
        let with_orders: Vec<String> = soft_query!(
            active as scalar,
            "SELECT name FROM contacts c \
             WHERE EXISTS (SELECT 1 FROM orders o WHERE o.contact_id = c.id AND o.total < 60)"
        )
        .fetch_all(pool)
        .await
        .unwrap();
        // Ada's order of 50 is deleted.
        assert_eq!(with_orders, ["Cyd"]);

        let without: Vec<String> = soft_query!(
            active as scalar,
            "SELECT name FROM contacts c \
             WHERE NOT EXISTS (SELECT 1 FROM orders o WHERE o.contact_id = c.id AND o.total < 60)"
        )
        .fetch_all(pool)
        .await
        .unwrap();
        assert_eq!(without, ["Ada"]);
    })
    .await;
}

#[tokio::test]
async fn in_and_scalar_subqueries() {
    with_contacts(async |pool| {
        let ids: Vec<i64> = soft_query!(
            active as scalar,
            "SELECT id FROM orders WHERE contact_id IN (SELECT id FROM contacts) ORDER BY id"
        )
        .fetch_all(pool)
        .await
        .unwrap();
        assert_eq!(ids, [10, 13]);

        let rows: Vec<(String, i64)> = soft_query!(
            active as (String, i64),
            "SELECT c.name, (SELECT count(*) FROM orders o WHERE o.contact_id = c.id) \
             FROM contacts c ORDER BY c.id"
        )
        .fetch_all(pool)
        .await
        .unwrap();
        assert_eq!(rows, [("Ada".to_owned(), 1), ("Cyd".to_owned(), 1)]);
    })
    .await;
}

#[tokio::test]
async fn derived_tables_and_common_table_expressions() {
    with_contacts(async |pool| {
        let lines = soft_query!(
            active as Line,
            "SELECT d.id, d.name FROM (SELECT id, name FROM contacts) AS d ORDER BY d.id"
        );
        let expected = [line(1, Some("Ada")), line(3, Some("Cyd"))];
        assert_eq!(lines.fetch_all(pool).await.unwrap(), expected);

        let lines = soft_query!(
            active as Line,
            "WITH people AS (SELECT id, name FROM contacts) SELECT id, name FROM people ORDER BY id"
        );
        assert_eq!(lines.fetch_all(pool).await.unwrap(), expected);
    })
    .await;
}

#[tokio::test]
async fn recursion() {
    with_contacts(async |pool| {
        let ids: Vec<i64> = soft_query!(
            active as scalar,
            "WITH RECURSIVE next (id) AS ( \
                 SELECT id FROM contacts WHERE id = 1 \
                 UNION ALL \
                 SELECT c.id FROM contacts c JOIN next n ON c.id = n.id + 1 \
             ) SELECT id FROM next"
        )
        .fetch_all(pool)
        .await
        .unwrap();
        // Two is deleted, so three is not reached.
        assert_eq!(ids, [1]);
    })
    .await;
}

#[tokio::test]
async fn set_operations_and_grouping() {
    with_contacts(async |pool| {
        let names: Vec<String> = soft_query!(
            active as scalar,
            "SELECT name FROM contacts UNION ALL SELECT name FROM countries ORDER BY name"
        )
        .fetch_all(pool)
        .await
        .unwrap();
        assert_eq!(names, ["Ada", "Cyd", "Netherlands", "Norway"]);

        let counts: Vec<(i64, i64)> = soft_query!(
            active as (i64, i64),
            "SELECT contact_id, count(*) FROM orders GROUP BY contact_id \
             HAVING count(*) > 0 ORDER BY contact_id LIMIT 10"
        )
        .fetch_all(pool)
        .await
        .unwrap();
        assert_eq!(counts, [(1, 1), (2, 1), (3, 1)]);
    })
    .await;
}
