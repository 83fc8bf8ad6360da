use soft_delete::soft_query;

fn main() {
    let _ = soft_query!(
        restore,
        "UPDATE contacts SET deleted_at = NULL, name = ? WHERE id = ?",
        "Ada",
        1
    );
}
