use soft_delete::{Purge, PurgeError, SoftDeletable};

#[derive(sqlx::FromRow, SoftDeletable)]
struct Contact {
    id: i64,
    deleted_at: Option<String>,
}

async fn purge(pool: &sqlx::SqlitePool) -> Result<(), PurgeError> {
    Purge::of::<Contact>().execute(pool).await?;
    Ok(())
}

fn main() {}
