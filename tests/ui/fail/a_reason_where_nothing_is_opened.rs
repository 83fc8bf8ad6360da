use soft_delete::soft_query;

fn main() {
    let _ = soft_query!(active, reason = "because", "UPDATE contacts SET name = 'x'");
}
