use soft_delete::{Active, SoftDeletable};

#[derive(sqlx::FromRow, SoftDeletable)]
struct Account {
    id: i64,
    deleted_at: Option<String>,
}

fn delete(account: Active<Account>) {
    let _ = account.soft_delete().by("ada");
}

fn main() {}
