use soft_delete::soft_query;

fn main() {
    let _ = soft_query!(active as (i64, String), "SELECT n, name FROM contact_names");
}
