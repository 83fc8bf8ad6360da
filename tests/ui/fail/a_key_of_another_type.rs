use soft_delete::{SoftDeletable, Tombstones};

#[derive(sqlx::FromRow, SoftDeletable)]
struct Contact {
    id: i64,
    deleted_at: Option<String>,
}

fn keys(ids: &[i64]) {
    let _ = Contact::soft_delete_by_key("1");
    let _ = Contact::restore_by_key((1, 2));
    let _ = Contact::soft_delete_by_keys(ids);
    let _ = Contact::purge_all(Tombstones::of_keys(["1"]));
}

fn main() {}
