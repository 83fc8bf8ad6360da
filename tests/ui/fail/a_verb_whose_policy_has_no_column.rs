use soft_delete::soft_query;

fn main() {
    let _ = soft_query!(soft_delete, "DELETE FROM shelves WHERE id = ?", 1);
}
