use std::time::Duration;

use soft_delete::{Active, SoftDeletable, Tombstones, soft_query};

#[derive(sqlx::FromRow, SoftDeletable)]
struct Account {
    id: i64,
    deleted_at: Option<String>,
}

async fn delete(pool: &sqlx::SqlitePool, account: Active<Account>) -> soft_delete::Result<()> {
    account.soft_delete().by("ada").execute(pool).await?;
    Account::restore_all(Tombstones::deleted_by("ada")).execute(pool).await?;
    soft_query!(soft_delete, "DELETE FROM accounts").by(Duration::ZERO).execute(pool).await?;
    Ok(())
}

fn main() {}
