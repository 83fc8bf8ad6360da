use soft_delete::{Active, SoftDeletable};

#[derive(sqlx::FromRow, SoftDeletable)]
struct Visit {
    page: String,
    deleted_at: Option<String>,
}

async fn delete(pool: &sqlx::SqlitePool, visit: Active<Visit>) -> soft_delete::Result<()> {
    visit.soft_delete().execute(pool).await?;
    Visit::erase_by_key(1).execute(pool).await?;
    Ok(())
}

fn main() {}
