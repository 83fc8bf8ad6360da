use soft_delete::{Active, Deleted, SoftDeletable};

#[derive(sqlx::FromRow, SoftDeletable)]
struct Contact {
    name: String,
    deleted_at: Option<String>,
}

fn change(contact: Active<Contact>, gone: Deleted<Contact>) {
    let _ = contact.soft_delete();
    let _ = gone.restore();
    let _ = Contact::purge_by_key(1);
}

fn main() {}
