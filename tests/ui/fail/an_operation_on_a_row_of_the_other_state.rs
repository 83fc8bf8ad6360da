use soft_delete::{Active, Deleted, SoftDeletable};

#[derive(sqlx::FromRow, SoftDeletable)]
struct Contact {
    id: i64,
    deleted_at: Option<String>,
}

fn restore(live: Active<Contact>) {
    let _ = live.restore();
}

fn purge(live: Active<Contact>) {
    let _ = live.purge();
}

fn delete(gone: Deleted<Contact>) {
    let _ = gone.soft_delete();
}

fn main() {}
