#![allow(dead_code)]

use soft_delete::{Active, soft_query};

#[derive(sqlx::FromRow)]
struct Summary {
    id: i64,
    name: String,
}

fn main() {
    let _ = soft_query!(Active<Summary>, "SELECT * FROM contacts");
}
