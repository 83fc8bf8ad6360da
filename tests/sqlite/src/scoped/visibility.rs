//! The scope is a run-time value.

use soft_delete::{Visibility, WithDeleted, soft_query};

use super::model::{Contact, Summary, names};
use crate::database::with_contacts;

#[tokio::test]
async fn a_row_type_is_shown_by_visibility() {
    with_contacts(async |pool| {
        for (word, expected) in [
            ("active", &["Ada", "Cyd"][..]),
            ("deleted", &["Bob", "Dan"]),
            ("with_deleted", &["Ada", "Bob", "Cyd", "Dan"]),
        ] {
            let visibility: Visibility = word.parse().unwrap();
            let rows: Vec<WithDeleted<Contact>> = soft_query!(
                WithDeleted<Contact> in visibility,
                "SELECT * FROM contacts ORDER BY name"
            )
            .fetch_all(pool)
            .await
            .unwrap();
            assert_eq!(names(&rows), expected, "{word}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_projection_is_shown_by_visibility() {
    with_contacts(async |pool| {
        let count = async |include_deleted| {
            let rows: Vec<Summary> = soft_query!(
                as Summary in Visibility::from_include_deleted(include_deleted),
                "SELECT id, name FROM contacts"
            )
            .fetch_all(pool)
            .await
            .unwrap();
            rows.len()
        };
        assert_eq!(count(false).await, 2);
        assert_eq!(count(true).await, 4);
    })
    .await;
}

#[tokio::test]
async fn each_visibility_is_a_static_statement() {
    let sql = |visibility| {
        soft_query!(as scalar in visibility, "SELECT count(*) FROM contacts")
            .map(|n: i64| n)
            .sql()
    };
    assert_eq!(
        sql(Visibility::WithDeleted),
        "SELECT count(*) FROM contacts"
    );
    assert_eq!(
        sql(Visibility::Active),
        "SELECT count(*) FROM contacts WHERE contacts.deleted_at IS NULL"
    );
    assert_eq!(
        sql(Visibility::Deleted),
        "SELECT count(*) FROM contacts WHERE contacts.deleted_at IS NOT NULL"
    );
}

#[tokio::test]
async fn the_other_table_keeps_its_own_scope() {
    with_contacts(async |pool| {
        let ids = async |visibility: Visibility| -> Vec<i64> {
            soft_query!(
                as scalar in visibility,
                c: active,
                "SELECT o.id FROM orders o JOIN contacts c ON c.id = o.contact_id ORDER BY o.id"
            )
            .fetch_all(pool)
            .await
            .unwrap()
        };
        assert_eq!(ids(Visibility::Active).await, [10, 13]);
        assert_eq!(ids(Visibility::Deleted).await, [11]);
        assert_eq!(ids(Visibility::WithDeleted).await, [10, 11, 13]);
    })
    .await;
}
