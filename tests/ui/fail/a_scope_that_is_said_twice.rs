use soft_delete::soft_query;

fn main() {
    let _ = soft_query!(
        active as (i64,),
        c: with_deleted,
        c: deleted,
        "SELECT o.id FROM orders o JOIN contacts c ON c.id = o.contact_id"
    );
}
