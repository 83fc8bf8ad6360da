use soft_delete::soft_query;

// The schema concerns every call and is told once.
fn main() {
    let _ = soft_query!(active as (i64,), "SELECT id FROM contacts");
    let _ = soft_query!(active, "UPDATE contacts SET name = ?", "Ada");
}
