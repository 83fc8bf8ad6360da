use soft_delete::soft_query;

fn main() {
    let _ = soft_query!(
        purge as (i64,),
        "DELETE FROM contacts WHERE id = ? RETURNING id",
        1
    );
}
