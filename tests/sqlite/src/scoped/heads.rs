//! The scope is the row type, a word, or proven.

use soft_delete::{Active, Deleted, ScopedQuery, WithDeleted, soft_query};

use super::model::{Contact, Order, Summary, names};
use crate::{Db, database::with_contacts};

#[tokio::test]
async fn the_scope_is_the_row_type() {
    with_contacts(async |pool| {
        let people: Vec<Active<Contact>> =
            soft_query!(Active<Contact>, "SELECT * FROM contacts ORDER BY name")
                .fetch_all(pool)
                .await
                .unwrap();
        assert_eq!(names(&people), ["Ada", "Cyd"]);
        assert_eq!(
            (people[0].id, people[0].email.as_str()),
            (1, "ada@example.org")
        );

        let trash: Vec<Deleted<Contact>> =
            soft_query!(Deleted<Contact>, "SELECT * FROM contacts ORDER BY name")
                .fetch_all(pool)
                .await
                .unwrap();
        assert_eq!(names(&trash), ["Bob", "Dan"]);

        let everyone: Vec<WithDeleted<Contact>> =
            soft_query!(WithDeleted<Contact>, "SELECT * FROM contacts ORDER BY name")
                .fetch_all(pool)
                .await
                .unwrap();
        assert_eq!(names(&everyone), ["Ada", "Bob", "Cyd", "Dan"]);
        assert!(everyone[1].is_deleted() && everyone[1].deleted_at.is_some());
    })
    .await;
}

#[tokio::test]
async fn the_filter_joins_a_condition_and_does_not_drown_in_its_or() {
    with_contacts(async |pool| {
        let query = soft_query!(
            Active<Contact>,
            "SELECT * FROM contacts WHERE name = 'Bob' OR name = 'Cyd'"
        );
        let rows = query.fetch_all(pool).await.unwrap();
        assert_eq!(names(&rows), ["Cyd"]);
    })
    .await;
}

#[tokio::test]
async fn a_select_list_may_name_its_columns_and_a_join_its_table() {
    with_contacts(async |pool| {
        let rows = soft_query!(
            Active<Order>,
            "SELECT o.* FROM orders o JOIN contacts c ON c.id = o.contact_id ORDER BY o.id"
        )
        .fetch_all(pool)
        .await
        .unwrap();
        let totals: Vec<(i64, i64)> = rows.iter().map(|order| (order.id, order.total)).collect();
        assert_eq!(totals, [(10, 100), (13, 30)]);

        let row = soft_query!(
            Active<Order>,
            "SELECT o.id, o.total, o.deleted_at FROM orders AS o WHERE o.id = 10"
        );
        assert_eq!(row.fetch_one(pool).await.unwrap().deleted_at, None);
    })
    .await;
}

#[tokio::test]
async fn a_word_comes_with_a_row_type() {
    with_contacts(async |pool| {
        let ada = Summary {
            id: 1,
            name: "Ada".into(),
        };
        let bob = Summary {
            id: 2,
            name: "Bob".into(),
        };
        let live = soft_query!(
            active as Summary,
            "SELECT id, name FROM contacts ORDER BY id"
        );
        assert_eq!(live.fetch_optional(pool).await.unwrap(), Some(ada));
        let gone = soft_query!(
            deleted as Summary,
            "SELECT id, name FROM contacts ORDER BY id"
        );
        assert_eq!(gone.fetch_one(pool).await.unwrap(), bob);
        let all = soft_query!(
            with_deleted as (i64, String),
            reason = "an export holds everything",
            "SELECT id, name FROM contacts ORDER BY id DESC"
        );
        assert_eq!(all.fetch_one(pool).await.unwrap(), (4, "Dan".to_owned()));
    })
    .await;
}

#[tokio::test]
async fn a_word_comes_with_a_scalar() {
    with_contacts(async |pool| {
        let n: i64 = soft_query!(active as scalar, "SELECT count(*) FROM contacts")
            .fetch_one(pool)
            .await
            .unwrap();
        assert_eq!(n, 2);
        let oldest: Option<String> =
            soft_query!(deleted as scalar, "SELECT name FROM contacts ORDER BY id")
                .fetch_optional(pool)
                .await
                .unwrap();
        assert_eq!(oldest.as_deref(), Some("Bob"));
        let n: i64 = soft_query!(with_deleted as scalar, "SELECT count(*) FROM contacts")
            .fetch_one(pool)
            .await
            .unwrap();
        assert_eq!(n, 4);
    })
    .await;
}

#[tokio::test]
async fn a_word_alone_executes() {
    with_contacts(async |pool| {
        let result = soft_query!(active, "UPDATE contacts SET name = 'X'")
            .execute(pool)
            .await
            .unwrap();
        assert_eq!(result.rows_affected(), 2);
        let rows = soft_query!(WithDeleted<Contact>, "SELECT * FROM contacts ORDER BY id");
        assert_eq!(
            names(&rows.fetch_all(pool).await.unwrap()),
            ["X", "Bob", "X", "Dan"]
        );

        let result = soft_query!(
            deleted,
            "UPDATE contacts SET name = 'Y' WHERE id = 1 OR id = 2"
        )
        .execute(pool)
        .await
        .unwrap();
        assert_eq!(result.rows_affected(), 1);
        let result = soft_query!(with_deleted, "UPDATE contacts SET name = 'Z'");
        assert_eq!(result.execute(pool).await.unwrap().rows_affected(), 4);
    })
    .await;
}

#[tokio::test]
async fn sql_that_proves_its_scope_needs_no_word_and_stays_as_it_is() {
    with_contacts(async |pool| {
        let query = soft_query!(
            as Summary,
            "SELECT id, name FROM contacts WHERE deleted_at IS NULL AND id > 1"
        );
        assert_eq!(
            query.sql(),
            "SELECT id, name FROM contacts WHERE deleted_at IS NULL AND id > 1"
        );
        let cyd = Summary {
            id: 3,
            name: "Cyd".into(),
        };
        assert_eq!(query.fetch_all(pool).await.unwrap(), [cyd]);

        let n: i64 = soft_query!(
            as scalar,
            "SELECT count(*) FROM contacts WHERE deleted_at IS NOT NULL"
        )
        .fetch_one(pool)
        .await
        .unwrap();
        assert_eq!(n, 2);

        let query = soft_query!("UPDATE contacts SET name = 'X' WHERE deleted_at IS NULL");
        assert_eq!(query.execute(pool).await.unwrap().rows_affected(), 2);
    })
    .await;
}

#[tokio::test]
async fn a_statement_on_other_tables_needs_no_word() {
    with_contacts(async |pool| {
        let names: Vec<String> = soft_query!(as scalar, "SELECT name FROM countries ORDER BY code")
            .fetch_all(pool)
            .await
            .unwrap();
        assert_eq!(names, ["Netherlands", "Norway"]);
        let query = soft_query!("DELETE FROM countries WHERE code = 'NO'");
        assert_eq!(query.execute(pool).await.unwrap().rows_affected(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_query_can_be_named_and_returned() {
    fn people() -> ScopedQuery<Db, Active<Contact>> {
        soft_query!(Active<Contact>, "SELECT * FROM contacts ORDER BY name")
    }

    with_contacts(async |pool| {
        let pool = pool.clone();
        let task = tokio::spawn(async move {
            let mut transaction = pool.begin().await?;
            people().fetch_all(&mut transaction).await
        });
        assert_eq!(names(&task.await.unwrap().unwrap()), ["Ada", "Cyd"]);
    })
    .await;
}
