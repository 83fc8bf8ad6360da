use soft_delete::{Active, SoftDeletable, assert_active, soft_query};

#[derive(sqlx::FromRow, SoftDeletable)]
struct Contact {
    id: i64,
    deleted_at: Option<String>,
}

async fn count(pool: &sqlx::PgPool) -> sqlx::Result<i64> {
    soft_query!(active as scalar, "SELECT count(*) FROM contacts")
        .fetch_one(pool)
        .await
}

async fn delete(pool: &sqlx::PgPool, contact: Active<Contact>) -> soft_delete::Result<()> {
    contact.soft_delete().execute(pool).await?;
    Contact::restore_by_key(1).dry_run(pool).await?;
    Contact::soft_delete_by_keys([1]).execute(pool).await?;
    soft_query!(soft_delete, "DELETE FROM contacts").execute(pool).await?;
    assert_active!(Contact, 1, pool);
    Ok(())
}

fn main() {}
