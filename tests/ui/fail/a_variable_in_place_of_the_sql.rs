use soft_delete::soft_query;

fn main() {
    let sql = String::from("SELECT id FROM contacts");
    let _ = soft_query!(active as (i64,), &sql);
    let _ = soft_query!(active as (i64,), concat!("SELECT id ", "FROM contacts"));
}
