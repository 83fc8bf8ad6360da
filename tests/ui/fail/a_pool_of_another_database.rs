use soft_delete::soft_query;

async fn count(pool: &sqlx::PgPool) -> sqlx::Result<i64> {
    soft_query!(active as scalar, "SELECT count(*) FROM contacts")
        .fetch_one(pool)
        .await
}

fn main() {}
