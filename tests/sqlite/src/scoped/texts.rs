//! Where the SQL comes from.

use soft_delete::{Active, soft_query};

use super::model::{Contact, Line, line, names};
use crate::database::with_contacts;

#[tokio::test]
async fn literals_are_joined() {
    with_contacts(async |pool| {
        let query = soft_query!(
            Active<Contact>,
            "SELECT * FROM contacts " + r#"WHERE name <> 'Ada' "# + "ORDER BY id"
        );
        assert_eq!(names(&query.fetch_all(pool).await.unwrap()), ["Cyd"]);
    })
    .await;
}

#[tokio::test]
async fn a_file_holds_the_statement() {
    with_contacts(async |pool| {
        let query = soft_query!(
            active as Line,
            c: with_deleted,
            file = "../sqlite/queries/lines.sql"
        );
        assert_eq!(
            query.fetch_all(pool).await.unwrap(),
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
async fn an_unchecked_statement_runs_as_it_is_written() {
    with_contacts(async |pool| {
        let query = soft_query!(
            unchecked as scalar,
            reason = "the dashboard counts every row ever made",
            "SELECT count(*) FROM contacts"
        );
        assert_eq!(query.sql(), "SELECT count(*) FROM contacts");
        let n: i64 = query.fetch_one(pool).await.unwrap();
        assert_eq!(n, 4);

        let query = soft_query!(
            unchecked,
            reason = "the fixture starts empty",
            "DELETE FROM orders"
        );
        assert_eq!(query.execute(pool).await.unwrap().rows_affected(), 5);
    })
    .await;
}
