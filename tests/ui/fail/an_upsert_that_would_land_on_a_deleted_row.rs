use soft_delete::soft_query;

fn main() {
    let _ = soft_query!(
        active,
        "INSERT INTO users (email, name) VALUES (?, ?) ON CONFLICT (email) DO UPDATE SET name = excluded.name",
        "ada@example.org",
        "Ada"
    );
}
