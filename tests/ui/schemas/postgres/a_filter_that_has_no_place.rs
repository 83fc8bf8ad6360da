use soft_delete::soft_query;

fn main() {
    let _ = soft_query!(
        active as (String,),
        "SELECT a.line, c.ctid FROM audit_log a LEFT JOIN contacts c USING (id)"
    );
}
