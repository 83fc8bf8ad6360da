use soft_delete::soft_query;

fn main() {
    let _ = soft_query!(
        actve as (i64,),
        c: delted,
        "SELECT o.id FROM orders o JOIN contacts c ON c.id = o.contact_id WHERE o.id = ? AND c.id = ?",
        1
    );
}
