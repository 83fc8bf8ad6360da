#![deny(deprecated)]

use soft_delete::soft_query;

fn main() {
    let _ = soft_query!(
        active as (i64,),
        "SELECT o.id FROM orders o LEFT JOIN contacts c ON c.id = o.contact_id AND c.deleted_at IS NULL "
            + "WHERE c.deleted_at IS NULL"
    );
}
