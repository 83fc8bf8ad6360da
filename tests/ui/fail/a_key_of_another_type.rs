use soft_delete::SoftDeletable;

#[derive(sqlx::FromRow, SoftDeletable)]
struct Contact {
    id: i64,
    deleted_at: Option<String>,
}

fn main() {
    let _ = Contact::soft_delete_by_key("1");
    let _ = Contact::restore_by_key((1, 2));
}
