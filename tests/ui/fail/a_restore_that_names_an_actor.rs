use soft_delete::{Deleted, SoftDeletable, soft_query};

#[derive(sqlx::FromRow, SoftDeletable)]
struct Account {
    id: i64,
    deleted_at: Option<String>,
}

async fn restore(pool: &sqlx::SqlitePool, gone: Deleted<Account>) -> soft_delete::Result<()> {
    gone.restore().by(7).execute(pool).await?;
    Account::purge_by_key(1).because("old").execute(pool).await?;
    soft_query!(restore, "UPDATE accounts SET deleted_at = NULL").by(7).execute(pool).await?;
    Ok(())
}

fn main() {}
