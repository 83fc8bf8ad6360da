use soft_delete::{OperationId, SoftDeletable, Tombstones};

#[derive(sqlx::FromRow, SoftDeletable)]
struct Contact {
    id: i64,
    deleted_at: Option<String>,
}

#[derive(sqlx::FromRow, SoftDeletable)]
struct Note {
    id: i64,
    is_deleted: bool,
}

fn undo(id: OperationId) {
    let _ = Tombstones::<Contact>::of_operation(id);
    let _ = Tombstones::<Note>::deleted_between("2026-01-01", "2026-02-01");
}

fn main() {}
