use soft_delete::soft_query;

async fn list(pool: &sqlx::SqlitePool, pattern: &str) -> sqlx::Result<()> {
    for contact in soft_query!("SELECT * FROM contacts WHERE name LIKE ?", pattern)
        .fetch_all(pool)
        .await?
    {
        println!("{}", contact.name);
    }
    Ok(())
}

fn main() {}
