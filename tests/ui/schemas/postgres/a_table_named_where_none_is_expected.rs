use soft_delete::soft_query;

fn main() {
    let _ = soft_query!(as (i64,), "SELECT pg_total_relation_size(contacts) FROM audit_log");
}
