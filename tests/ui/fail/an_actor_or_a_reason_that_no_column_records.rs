use soft_delete::{Active, SoftDeletable, Tombstones};

#[derive(sqlx::FromRow, SoftDeletable)]
struct Contact {
    id: i64,
    deleted_at: Option<String>,
}

fn delete(contact: Active<Contact>, other: Active<Contact>) {
    let _ = contact.soft_delete().by(7);
    let _ = other.soft_delete().because("moved");
    let _ = Contact::soft_delete_by_keys([1]).because("moved");
    let _ = Tombstones::<Contact>::deleted_by(7);
}

fn main() {}
