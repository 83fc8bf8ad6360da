use super::{count, of};
use crate::{
    Dialect::{self, Mysql, Postgres, Sqlite},
    syntax::parse,
};

/// The values the placeholders take, in source order; those sqlx cannot bind in brackets.
fn values(dialect: Dialect, sql: &str) -> String {
    let found = of(dialect, sql).unwrap();
    let list: Vec<String> = found
        .list
        .iter()
        .map(|param| {
            if param.bindable {
                param.number.to_string()
            } else {
                format!("[{}]", &sql[param.span.clone()])
            }
        })
        .collect();
    format!("{} of {}", list.join(" "), found.highest)
}

#[test]
fn values_are_counted_as_sqlx_binds_them() {
    for (dialect, sql, expected) in [
        (Postgres, "SELECT $2, $1, $2", "2 1 2 of 2"),
        (Postgres, "SELECT a ? 'b', '$1', $$ $2 $$, $3", "3 of 3"),
        (Mysql, "SELECT ?, '?', `?`, ? -- ?", "1 2 of 2"),
        (Sqlite, "SELECT ?, ?, '?'", "1 2 of 2"),
        (Sqlite, "SELECT ?2, ?1, ?2", "2 1 2 of 2"),
        (Sqlite, "SELECT $1, $2, $1", "1 2 1 of 2"),
        // An index of its own does not make a later `?` count on.
        (Sqlite, "SELECT ?1, ?", "1 1 of 1"),
        (Sqlite, "SELECT $2, ?", "2 1 of 2"),
        (Sqlite, "SELECT ?3, ?", "3 3 of 3"),
        // `$2` takes index 1, and `?1` then means the same index.
        (Sqlite, "SELECT $2, ?1", "2 2 of 2"),
        (Sqlite, "SELECT :a, @b, :a, $c", "[:a] [@b] [:a] [$c] of 3"),
        (Sqlite, "SELECT 1", " of 0"),
    ] {
        assert_eq!(values(dialect, sql), expected, "{sql}");
    }
}

#[test]
fn a_number_beyond_the_limit_is_no_loop() {
    let found = of(Sqlite, "SELECT ?99999999999, ?").unwrap();
    assert!(!found.list[0].bindable);
    assert_eq!(found.list[1].number, 1);
}

#[test]
fn a_parsed_statement_knows_its_number_of_values() {
    let parsed = parse(Postgres, "SELECT * FROM t WHERE a = $1 AND b = $3").unwrap();
    assert_eq!(count(&parsed), 3);
}
