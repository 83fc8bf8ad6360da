use soft_delete::soft_query;

fn main() {
    let _ = soft_query!(active, "UPDATE contacts SET nme = ? WHERE id = ?", "Ada", 1);
}
