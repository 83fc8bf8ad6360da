use soft_delete::soft_query;

fn main() {
    let _ = soft_query!(
        active,
        "UPDATE contacts SET name = :name WHERE id = :id",
        "Ada",
        1
    );
}
