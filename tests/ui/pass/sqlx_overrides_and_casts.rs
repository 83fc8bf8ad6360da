//! The column overrides of sqlx's macros are taken out of what runs, and `as _` is no cast.

use soft_delete::soft_query;

fn main() {
    let id = "1";
    let query = soft_query!(
        active as (i64, Option<String>),
        r#"SELECT id AS "id!", name AS "name?: String" FROM contacts WHERE id = ?"#,
        id as _
    );
    assert_eq!(
        query.sql(),
        r#"SELECT id AS "id", name AS "name" FROM contacts WHERE contacts.deleted_at IS NULL AND (id = ?)"#
    );
}
