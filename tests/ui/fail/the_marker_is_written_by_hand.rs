use soft_delete::soft_query;

fn main() {
    let _ = soft_query!(
        active,
        "UPDATE contacts SET deleted_at = CURRENT_TIMESTAMP WHERE id = ?",
        1
    );
}
