use soft_delete::{Active, SoftDeletable, Visibility, WithDeleted, soft_query};

#[derive(sqlx::FromRow, SoftDeletable)]
struct Contact {
    id: i64,
    email: String,
    name: String,
    deleted_at: Option<String>,
}

#[derive(sqlx::FromRow)]
struct Line {
    id: i64,
    name: Option<String>,
}

fn main() {
    let name = String::from("Ada");
    let _ = soft_query!(
        Active<Contact>,
        "SELECT * FROM contacts WHERE name = ?",
        name
    );
    let _ = soft_query!(active as (i64,), "SELECT count(*) FROM contacts");
    let _ = soft_query!(
        active,
        "UPDATE contacts SET name = ? WHERE id = ?",
        name,
        1_i64
    );
    let n: soft_delete::ScopedQuery<_, i64> =
        soft_query!(as scalar, "SELECT count(*) FROM contacts WHERE deleted_at IS NULL");
    assert_eq!(
        n.sql(),
        "SELECT count(*) FROM contacts WHERE deleted_at IS NULL"
    );
    // Three statements.
    let _ = soft_query!(WithDeleted<Contact> in Visibility::Deleted, "SELECT * FROM contacts");
    let lines = soft_query!(
        active as Line,
        c: with_deleted,
        r#"SELECT o.id, c.name AS "name?" FROM orders o JOIN contacts c ON c.id = o.contact_id"#
    );
    assert_eq!(
        lines.sql(),
        r#"SELECT o.id, c.name AS "name" FROM orders o JOIN contacts c ON c.id = o.contact_id WHERE o.deleted_at IS NULL"#
    );
    // With the placeholders of the operation.
    let _ = soft_query!(soft_delete, "DELETE FROM accounts WHERE id = ?", 1_i64 as _).by(7);
    let _ = soft_query!(purge, "DELETE FROM accounts WHERE name = ?", name);
    // Nobody looks at it.
    let _ = soft_query!(
        unchecked as (i64,),
        reason = "a test",
        "SELECT nothing FROM nowhere"
    );
    drop(name);
}
