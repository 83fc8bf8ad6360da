use soft_delete::soft_query;

fn main() {
    let _ = soft_query!(
        active as (i64,),
        "SELECT id FROM contacts WHERE name = $1 OR id = $2 OR name = $1",
        "Ada",
        2,
        "Ada"
    );
}
