//! Every form of the grammar, on a database in memory.

use soft_delete::{
    Active, Deleted, ScopedQuery, SoftDeletable, Visibility, WithDeleted, soft_query,
};
use sqlx::{Connection, Sqlite, SqliteConnection};

#[derive(Debug, sqlx::FromRow, SoftDeletable)]
struct Contact {
    id: i64,
    email: String,
    name: String,
    deleted_at: Option<String>,
}

#[derive(Debug, PartialEq, sqlx::FromRow)]
struct Line {
    id: i64,
    name: String,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut db = SqliteConnection::connect("sqlite::memory:").await?;
    sqlx::raw_sql(
        "CREATE TABLE contacts (id INTEGER PRIMARY KEY, email TEXT NOT NULL, name TEXT NOT NULL, deleted_at TEXT);
         CREATE TABLE orders (id INTEGER PRIMARY KEY, contact_id INTEGER NOT NULL, total INTEGER NOT NULL, deleted_at TEXT);
         CREATE TABLE accounts (id INTEGER PRIMARY KEY, name TEXT NOT NULL, deleted_at TEXT, deleted_by INTEGER, deleted_reason TEXT, deleted_operation TEXT);
         INSERT INTO contacts VALUES (1, 'ada', 'Ada', NULL), (2, 'bob', 'Bob', '2026-01-01'), (3, 'cy', 'Cy', NULL);
         INSERT INTO orders VALUES (1, 1, 10, NULL), (2, 2, 20, NULL), (3, 1, 30, '2026-01-01');
         INSERT INTO accounts VALUES (1, 'one', NULL, NULL, NULL, NULL)",
    )
    .execute(&mut db)
    .await?;

    let pattern = String::from("%");
    let live: Vec<Active<Contact>> = soft_query!(
        Active<Contact>,
        "SELECT * FROM contacts WHERE name LIKE ? ORDER BY id",
        pattern
    )
    .fetch_all(&mut db)
    .await?;
    assert_eq!(ids(live.iter().map(|c| c.id)), "1 3");
    assert_eq!(pattern, "%", "binds are borrowed");
    let gone: Vec<Deleted<Contact>> =
        soft_query!(soft_delete::Deleted<Contact>, "SELECT * FROM contacts")
            .fetch_all(&mut db)
            .await?;
    assert_eq!(ids(gone.iter().map(|c| c.id)), "2");
    let all: Vec<WithDeleted<Contact>> = soft_query!(
        WithDeleted<Contact>,
        reason = "the test looks at all",
        "SELECT * FROM contacts " + r#"ORDER BY id"#,
    )
    .fetch_all(&mut db)
    .await?;
    assert_eq!(
        all.iter().map(WithDeleted::is_active).collect::<Vec<_>>(),
        [true, false, true]
    );

    let n: i64 = soft_query!(active as scalar, "SELECT count(*) FROM contacts")
        .fetch_one(&mut db)
        .await?;
    assert_eq!(n, 2);
    let lines: Vec<Line> = soft_query!(
        active as Line,
        c: with_deleted,
        "SELECT o.id, c.name FROM orders o JOIN contacts c ON c.id = o.contact_id ORDER BY o.id"
    )
    .fetch_all(&mut db)
    .await?;
    assert_eq!(
        lines,
        [
            Line {
                id: 1,
                name: "Ada".into()
            },
            Line {
                id: 2,
                name: "Bob".into()
            }
        ]
    );
    let proven =
        soft_query!(as (i64,), "SELECT id FROM contacts WHERE deleted_at IS NULL ORDER BY id");
    assert_eq!(
        proven.sql(),
        "SELECT id FROM contacts WHERE deleted_at IS NULL ORDER BY id"
    );
    assert_eq!(proven.fetch_all(&mut db).await?, [(1,), (3,)]);

    for (visibility, expected) in [
        (Visibility::Active, "1 3"),
        (Visibility::Deleted, "2"),
        (Visibility::WithDeleted, "1 2 3"),
    ] {
        let rows =
            soft_query!(WithDeleted<Contact> in visibility, "SELECT * FROM contacts ORDER BY id")
                .fetch_all(&mut db)
                .await?;
        assert_eq!(ids(rows.iter().map(|c| c.id)), expected);
        let names: Vec<i64> =
            soft_query!(as scalar in &visibility, "SELECT id FROM contacts ORDER BY id")
                .fetch_all(&mut db)
                .await?;
        assert_eq!(ids(names), expected);
    }

    let everything: i64 = soft_query!(
        unchecked as scalar,
        reason = "a test",
        "SELECT count(*) FROM contacts"
    )
    .fetch_one(&mut db)
    .await?;
    assert_eq!(everything, 3);
    let renamed = soft_query!(active, "UPDATE contacts SET name = ? WHERE id >= ?", "X", 2)
        .execute(&mut db)
        .await?;
    assert_eq!(renamed.rows_affected(), 1);
    let fresh = soft_query!("INSERT INTO contacts (email, name) VALUES (?, ?)", "d", "D")
        .execute(&mut db)
        .await?;
    assert_eq!(fresh.rows_affected(), 1);

    let taken = soft_query!(soft_delete, "DELETE FROM contacts WHERE id = ?", 1)
        .execute(&mut db)
        .await?;
    assert_eq!(taken.rows_affected(), 1);
    let taken = soft_query!(purge, "DELETE FROM contacts WHERE id <= ?", 3)
        .execute(&mut db)
        .await?;
    assert_eq!(taken.rows_affected(), 2);
    let taken = soft_query!(erase, reason = "asked for", "DELETE FROM contacts")
        .execute(&mut db)
        .await?;
    assert_eq!(taken.rows_affected(), 2);
    let outcome = soft_query!(
        soft_delete,
        "DELETE FROM accounts WHERE id = ? AND name = ?",
        1,
        "one"
    )
    .by(7)
    .because("closed")
    .execute(&mut db)
    .await?;
    let recorded: (i64, i64, String, String) = sqlx::query_as(
        "SELECT id, deleted_by, deleted_reason, deleted_operation FROM accounts WHERE deleted_at IS NOT NULL",
    )
    .fetch_one(&mut db)
    .await?;
    let operation = outcome.operation_id().unwrap().to_string();
    assert_eq!(recorded, (1, 7, "closed".into(), operation));
    Ok(())
}

/// The type has a name.
#[allow(dead_code)]
fn by_name(name: &str) -> ScopedQuery<Sqlite, Active<Contact>> {
    soft_query!(
        Active<Contact>,
        "SELECT * FROM contacts WHERE name = ?",
        name
    )
}

fn ids(rows: impl IntoIterator<Item = i64>) -> String {
    rows.into_iter()
        .map(|id| id.to_string())
        .collect::<Vec<_>>()
        .join(" ")
}
