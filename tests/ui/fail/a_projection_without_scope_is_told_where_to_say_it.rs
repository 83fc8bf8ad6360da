#![allow(dead_code)]

use soft_delete::soft_query;

#[derive(sqlx::FromRow)]
struct Summary {
    id: i64,
    name: String,
}

async fn list(pool: &sqlx::SqlitePool) -> sqlx::Result<()> {
    let rows = soft_query!(as Summary, "SELECT id, name FROM contacts")
        .fetch_all(pool)
        .await?;
    println!("{}", rows[0].name);
    Ok(())
}

fn main() {}
