use soft_delete::soft_query;

fn main() {
    let _ = soft_query!(
        as (i64,),
        "SELECT c.id FROM contacts c JOIN orders o ON o.contact_id = c.id WHERE deleted_at IS NULL"
    );
}
