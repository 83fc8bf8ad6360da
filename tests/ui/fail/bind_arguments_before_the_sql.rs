use soft_delete::soft_query;

fn main() {
    let _ = soft_query!(active, 1, "UPDATE contacts SET name = 'x' WHERE id = ?");
}
