#![allow(dead_code)]

use soft_delete::{
    Active, Deleted, Purge, SoftDeletable, Tombstones, assert_soft_deleted, soft_query,
};

#[derive(sqlx::FromRow, SoftDeletable)]
struct Contact {
    id: i64,
    nmae: String,
    deleted_at: Option<String>,
}

async fn list(pool: &sqlx::SqlitePool) -> sqlx::Result<Vec<Active<Contact>>> {
    soft_query!(Active<Contact>, "SELECT * FROM contacts")
        .fetch_all(pool)
        .await
}

async fn operate(
    pool: &sqlx::SqlitePool,
    contact: Active<Contact>,
    gone: Deleted<Contact>,
) -> Result<(), Box<dyn std::error::Error>> {
    let contact: Deleted<Contact> = contact.soft_delete().by(7).because("x").execute(pool).await?;
    contact.restore().leave_conflicts().execute(pool).await?;
    gone.purge().dry_run(pool).await?;
    Contact::erase_by_key(1).execute(pool).await?;
    let outcome = Contact::soft_delete_by_keys([1, 2]).by("ada").execute(pool).await?;
    if let Some(id) = outcome.operation_id() {
        Contact::restore_all(Tombstones::of_operation(id)).execute(pool).await?;
    }
    Contact::purge_all(Tombstones::deleted_by(7)).execute(pool).await?;
    Contact::lock_active_by_key(1, &mut *pool.acquire().await?).await?;
    Purge::of::<Contact>().execute(pool).await?;
    assert_soft_deleted!(Contact, 1, pool);
    Ok(())
}

fn main() {}
