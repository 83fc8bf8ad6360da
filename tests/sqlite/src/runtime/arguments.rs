//! Arguments are encoded when the query is made; what fails there surfaces when it runs.

use soft_delete::Active;
use sqlx::{Database, Encode, Type, encode::IsNull, error::BoxDynError};

use super::contact::{Contact, active};
use crate::{
    Db,
    database::with_contacts,
    expansion::{Binder, NoActor, NoReason, OperationBinder},
    sql,
};

/// Fails to encode.
struct Unencodable;

impl Type<Db> for Unencodable {
    fn type_info() -> <Db as Database>::TypeInfo {
        <String as Type<Db>>::type_info()
    }
}

impl Encode<'_, Db> for Unencodable {
    fn encode_by_ref(
        &self,
        _: &mut <Db as Database>::ArgumentBuffer,
    ) -> Result<IsNull, BoxDynError> {
        Err("it cannot be written down".into())
    }
}

const MESSAGE: &str = "error occurred while encoding a value: \
                       Encoding argument $2 failed: it cannot be written down";

#[tokio::test]
async fn an_argument_that_does_not_encode_fails_the_query() {
    with_contacts(async |pool| {
        let query = || {
            Binder::<Db>::new()
                .bind(&"Ada")
                .bind(&Unencodable)
                .bind(&1_i64)
                .rows::<Active<Contact>>(sql::ACTIVE_BY_NAME)
        };
        let error = query().fetch_all(pool).await.unwrap_err();
        assert!(matches!(error, sqlx::Error::Encode(_)), "{error:?}");
        assert_eq!(error.to_string(), MESSAGE);
        let error = query().fetch_optional(pool).await.unwrap_err();
        assert_eq!(error.to_string(), MESSAGE);
    })
    .await;
}

#[tokio::test]
async fn an_argument_that_does_not_encode_fails_the_operation() {
    with_contacts(async |pool| {
        let error = OperationBinder::<Db>::new()
            .bind(&1_i64)
            .bind(&Unencodable)
            .operation::<NoActor, NoReason>("DELETE FROM contacts", false)
            .execute(pool)
            .await
            .unwrap_err();
        assert_eq!(error.to_string(), MESSAGE);
        assert_eq!(active().fetch_all(pool).await.unwrap().len(), 2);
    })
    .await;
}

#[tokio::test]
async fn an_argument_is_bound_by_reference_and_may_be_null() {
    with_contacts(async |pool| {
        let name: Option<&str> = None;
        let query = Binder::<Db>::new().bind(&name);
        let rows = query.rows::<Active<Contact>>(sql::ACTIVE_BY_NAME);
        assert_eq!(rows.fetch_all(pool).await.unwrap(), []);

        let name = String::from("Ada");
        let query = Binder::<Db>::new().bind(&name);
        let rows = query.rows::<Active<Contact>>(sql::ACTIVE_BY_NAME);
        assert_eq!(rows.fetch_one(pool).await.unwrap().name, name);
    })
    .await;
}

#[tokio::test]
async fn a_query_that_is_not_persistent_is_not_cached() {
    with_contacts(async |pool| {
        let mut connection = pool.acquire().await.unwrap();
        let cached =
            |connection: &crate::DbConnection| sqlx::Connection::cached_statements_size(connection);
        let before = cached(&connection);
        active()
            .persistent(false)
            .fetch_all(&mut *connection)
            .await
            .unwrap();
        assert_eq!(cached(&connection), before);
        active().fetch_all(&mut *connection).await.unwrap();
        assert_eq!(cached(&connection), before + 1);
    })
    .await;
}

#[test]
fn debug_shows_the_text_and_no_values() {
    let query = Binder::<Db>::new()
        .bind(&"ada@example.org")
        .rows::<Active<Contact>>("SELECT 1");
    assert_eq!(
        format!("{query:?}"),
        r#"ScopedQuery(Statement { sql: "SELECT 1", arguments: 1, persistent: true })"#
    );
}
