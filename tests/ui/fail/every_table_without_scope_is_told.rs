use soft_delete::soft_query;

fn main() {
    let _ =
        soft_query!("UPDATE orders SET total = 0 WHERE contact_id IN (SELECT id FROM contacts)");
}
