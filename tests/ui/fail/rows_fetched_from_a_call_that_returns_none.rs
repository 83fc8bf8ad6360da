use soft_delete::soft_query;

async fn list(pool: &sqlx::SqlitePool) -> sqlx::Result<()> {
    soft_query!(active, "SELECT id FROM contacts")
        .fetch_all(pool)
        .await?;
    Ok(())
}

fn main() {}
