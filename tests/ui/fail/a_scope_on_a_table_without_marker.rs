use soft_delete::soft_query;

fn main() {
    let _ = soft_query!(
        active as scalar,
        "SELECT line FROM audit_log WHERE id = ?",
        1
    ) as soft_delete::ScopedQuery<_, String>;
}
