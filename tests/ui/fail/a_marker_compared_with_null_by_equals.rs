use soft_delete::soft_query;

fn main() {
    let _ = soft_query!(as (i64,), "SELECT id FROM contacts WHERE deleted_at = NULL");
}
