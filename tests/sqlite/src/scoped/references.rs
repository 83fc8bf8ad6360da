//! Every reference has its scope: that of the word, or its own.

use soft_delete::{Active, Deleted, soft_query};

use super::model::{Contact, Line, Order, line, names};
use crate::database::with_contacts;

#[tokio::test]
async fn active_stands_for_every_table() {
    with_contacts(async |pool| {
        let lines = soft_query!(
            active as Line,
            "SELECT o.id, c.name FROM orders o JOIN contacts c ON c.id = o.contact_id ORDER BY o.id"
        );
        assert_eq!(
            lines.fetch_all(pool).await.unwrap(),
            [line(10, Some("Ada")), line(13, Some("Cyd"))]
        );
    })
    .await;
}

#[tokio::test]
async fn one_table_differs_by_its_alias() {
    with_contacts(async |pool| {
        let lines = soft_query!(
            active as Line,
            c: with_deleted,
            "SELECT o.id, c.name FROM orders o JOIN contacts c ON c.id = o.contact_id ORDER BY o.id"
        );
        assert_eq!(
            lines.fetch_all(pool).await.unwrap(),
            [
                line(10, Some("Ada")),
                line(12, Some("Bob")),
                line(13, Some("Cyd"))
            ]
        );
    })
    .await;
}

#[tokio::test]
async fn one_table_differs_by_its_name() {
    with_contacts(async |pool| {
        let orphans: Vec<i64> = soft_query!(
            active as scalar,
            contacts: deleted,
            "SELECT orders.id FROM orders JOIN contacts ON contacts.id = orders.contact_id"
        )
        .fetch_all(pool)
        .await
        .unwrap();
        assert_eq!(orphans, [12]);
    })
    .await;
}

#[tokio::test]
async fn every_table_may_say_its_own() {
    with_contacts(async |pool| {
        let n: i64 = soft_query!(
            as scalar,
            o: deleted,
            c: active,
            "SELECT count(*) FROM orders o JOIN contacts c ON c.id = o.contact_id"
        )
        .fetch_one(pool)
        .await
        .unwrap();
        assert_eq!(n, 1);
    })
    .await;
}

#[tokio::test]
async fn the_row_type_applies_to_its_table_and_the_other_says_its_own() {
    with_contacts(async |pool| {
        let orders = soft_query!(
            Deleted<Order>,
            c: with_deleted,
            "SELECT o.* FROM orders o JOIN contacts c ON c.id = o.contact_id ORDER BY o.id"
        );
        let ids: Vec<i64> = orders.map(|o| o.id).fetch_all(pool).await.unwrap();
        assert_eq!(ids, [11, 14]);
    })
    .await;
}

#[tokio::test]
async fn a_self_join_tells_its_two_sides_apart() {
    with_contacts(async |pool| {
        let pairs: Vec<(String, String)> = soft_query!(
            active as (String, String),
            b: deleted,
            "SELECT a.name, b.name FROM contacts a JOIN contacts b ON b.id = a.id + 1 ORDER BY a.id"
        )
        .fetch_all(pool)
        .await
        .unwrap();
        let expected = [("Ada", "Bob"), ("Cyd", "Dan")];
        assert_eq!(pairs, expected.map(|(a, b)| (a.to_owned(), b.to_owned())));
    })
    .await;
}

#[tokio::test]
async fn a_left_join_keeps_the_rows_of_its_left_side() {
    with_contacts(async |pool| {
        let lines = soft_query!(
            active as Line,
            "SELECT o.id, c.name FROM orders o LEFT JOIN contacts c ON c.id = o.contact_id \
             ORDER BY o.id"
        );
        assert_eq!(
            lines.fetch_all(pool).await.unwrap(),
            [line(10, Some("Ada")), line(12, None), line(13, Some("Cyd"))]
        );
    })
    .await;
}

#[tokio::test]
async fn a_table_that_is_not_soft_deletable_joins_freely() {
    with_contacts(async |pool| {
        let people = soft_query!(
            Active<Contact>,
            "SELECT c.* FROM contacts c CROSS JOIN countries n WHERE n.code = 'NL' ORDER BY c.id"
        );
        assert_eq!(
            names(&people.fetch_all(pool).await.unwrap()),
            ["Ada", "Cyd"]
        );
    })
    .await;
}
