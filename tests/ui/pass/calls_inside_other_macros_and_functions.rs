//! The call is an expression like any other.

use soft_delete::{Active, SoftDeletable, soft_query as query};

#[derive(sqlx::FromRow, SoftDeletable)]
struct Contact {
    id: i64,
    email: String,
    name: String,
    deleted_at: Option<String>,
}

macro_rules! by {
    ($sql:literal, $($value:expr),*) => {
        query!(Active<Contact>, $sql, $($value),*)
    };
}

macro_rules! count {
    ($scope:ident, $sql:literal) => {
        query!($scope as scalar, $sql)
    };
}

macro_rules! of {
    ($row:ty) => {
        query!($row, "SELECT * FROM contacts")
    };
}

struct Filter<'a> {
    names: &'a [&'a str],
}

impl<'a> Filter<'a> {
    fn first(&self) -> Result<soft_delete::ScopedQuery<sqlx::Sqlite, Active<Contact>>, String> {
        Ok(by!(
            "SELECT * FROM contacts WHERE name = ? AND email <> ?",
            self.names.first().ok_or("none")?,
            {
                let domain = "example.org";
                format!("@{domain}")
            }
        ))
    }
}

fn assert_send<T: Send + 'static>(value: T) -> T {
    value
}

fn main() {
    let filter = Filter { names: &["Ada"] };
    let sql = filter.first().map(|query| query.sql()).unwrap();
    assert_eq!(
        sql,
        "SELECT * FROM contacts WHERE contacts.deleted_at IS NULL AND (name = ? AND email <> ?)"
    );
    assert!(Filter { names: &[] }.first().is_err());
    let n: soft_delete::ScopedQuery<_, i64> = count!(deleted, "SELECT count(*) FROM contacts");
    assert_eq!(
        n.sql(),
        "SELECT count(*) FROM contacts WHERE contacts.deleted_at IS NOT NULL"
    );
    let _ = assert_send(of!(Active<Contact>));

    // Values that cannot be copied, temporaries, closures and names like ours.
    let (a0, scope, query) = (String::from("x"), 1_i64, Some(2_i64));
    let _ = assert_send(query!(
        active,
        "UPDATE contacts SET name = ?, email = ? WHERE id = ? OR id = ? OR id = ?",
        a0,
        [1, 2]
            .iter()
            .map(|a: &i32| a.to_string())
            .collect::<Vec<_>>()
            .join(","),
        scope,
        query,
        (|| 3_i64)() as i64,
    ));
    drop(a0);
}
