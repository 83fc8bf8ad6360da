use soft_delete::{Active, Result, SoftDeletable, soft_query};

#[derive(sqlx::FromRow, SoftDeletable)]
struct Employee {
    id: i64,
    deleted_at: Option<String>,
    deleted_by: Option<i64>,
}

async fn leave(pool: &sqlx::SqlitePool, employee: Active<Employee>) -> Result<()> {
    employee.soft_delete().execute(pool).await?;
    Employee::soft_delete_by_key(1).execute(pool).await?;
    Employee::soft_delete_by_keys([1]).execute(pool).await?;
    soft_query!(soft_delete, "DELETE FROM employees").execute(pool).await?;
    Ok(())
}

fn main() {}
