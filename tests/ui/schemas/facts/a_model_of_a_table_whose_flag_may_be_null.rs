use soft_delete::SoftDeletable;

#[derive(sqlx::FromRow, SoftDeletable)]
struct Flag {
    id: i64,
    is_deleted: Option<bool>,
}

fn main() {}
