use soft_delete::soft_query;

fn main() {
    let _ = soft_query!(unchecked as scalar, "SELECT count(*) FROM contacts")
        as soft_delete::ScopedQuery<_, i64>;
}
