#![allow(dead_code)]

use soft_delete::{Visibility, soft_query};

#[derive(sqlx::FromRow)]
struct Summary {
    id: i64,
    name: String,
}

fn main() {
    let visibility = Visibility::Active;
    let _ = soft_query!(
        as Summary in visibility,
        "SELECT id, name FROM contacts WHERE deleted_at IS NULL"
    );
}
