use soft_delete::soft_query;

fn main() {
    let _ = soft_query!(
        as (i64,),
        "SELECT o.id FROM orders o "
            + "JOIN contacts c ON c.id = o.contact_id "
            + "WHERE o.deleted_at IS NULL"
    );
}
