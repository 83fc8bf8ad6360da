#![deny(deprecated)]

use soft_delete::soft_query;

fn main() {
    let _ = soft_query!(
        active as (i64,),
        "SELECT o.total FROM contacts c NATURAL JOIN orders o"
    );
}
