#![allow(dead_code)]

use soft_delete::soft_query;

#[derive(sqlx::FromRow)]
struct Summary {
    id: i64,
    name: String,
}

fn main() {
    let _ = soft_query!(active as Summary, "SELECT id, name FROM contact");
}
