use soft_delete::{Active, SoftDeletable, soft_query};

#[derive(sqlx::FromRow, SoftDeletable)]
struct Account {
    id: i64,
    deleted_at: Option<String>,
}

async fn delete(pool: &sqlx::SqlitePool, account: Active<Account>) -> soft_delete::Result<()> {
    account.soft_delete().by(7).by(8).execute(pool).await?;
    soft_query!(soft_delete, "DELETE FROM accounts").by(7).by(8).execute(pool).await?;
    Ok(())
}

fn main() {}
