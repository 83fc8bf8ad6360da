use soft_delete::{Active, Deleted, SoftDeletable, assert_active};

#[derive(sqlx::FromRow, SoftDeletable)]
struct Contact {
    name: String,
    deleted_at: Option<String>,
}

type Db = sqlx::SqlitePool;

async fn rows(db: &Db, contact: Active<Contact>, gone: Deleted<Contact>) -> soft_delete::Result<()> {
    contact.soft_delete().execute(db).await?;
    gone.restore().execute(db).await?;
    Ok(())
}

async fn keys(db: &Db) -> soft_delete::Result<()> {
    Contact::purge_by_key(1).execute(db).await?;
    Contact::soft_delete_by_keys([1]).execute(db).await?;
    assert_active!(Contact, 1, db);
    Ok(())
}

fn main() {}
