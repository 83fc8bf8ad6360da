use soft_delete::soft_query;

fn main() {
    let _ = soft_query!(
        active as (i64, String),
        d: with_deleted,
        "SELECT o.id, c.name FROM orders o JOIN contacts c ON c.id = o.contact_id"
    );
}
