use soft_delete::soft_query;

fn main() {
    let _ = soft_query!(active, "DELETE FROM contacts WHERE id = ?", 1);
}
