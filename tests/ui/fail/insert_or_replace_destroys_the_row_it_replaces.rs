use soft_delete::soft_query;

fn main() {
    let _ = soft_query!(
        "INSERT OR REPLACE INTO contacts (id, email, name) VALUES (?, ?, ?)",
        1,
        "a",
        "b"
    );
}
