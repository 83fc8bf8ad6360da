#![allow(dead_code)]

use soft_delete::soft_query;

#[derive(sqlx::FromRow)]
struct Summary {
    id: i64,
    title: String,
}

fn main() {
    let _ = soft_query!(active as Summary, "SELECT id, name FROM contacts");
}
