//! What the unique keys of live rows compare.

use super::{is_null_for_tombstones, live_keys};
use crate::{
    Dialect, Schema,
    schema::{Config, from_sql},
};

fn read(dialect: Dialect, sql: &str) -> Schema {
    from_sql(dialect, sql, &Config::default()).expect("a schema")
}

/// The names of the keys, their parts and their predicates.
fn found(dialect: Dialect, sql: &str) -> Vec<(String, Vec<String>, String)> {
    let schema = read(dialect, sql);
    live_keys(&schema, &schema.tables[0])
        .into_iter()
        .map(|key| {
            let [name, predicate] = [key.name, key.predicate].map(Option::unwrap_or_default);
            (name, key.parts, predicate)
        })
        .collect()
}

fn key(name: &str, parts: &[&str], predicate: &str) -> (String, Vec<String>, String) {
    let parts = parts.iter().map(|part| (*part).to_owned()).collect();
    (name.to_owned(), parts, predicate.to_owned())
}

#[test]
fn a_key_of_live_rows_keeps_its_parts_and_its_predicate() {
    let sql = "CREATE TABLE users (id bigint PRIMARY KEY, email text UNIQUE, handle text, \"order\" text, deleted_at timestamp);
        CREATE UNIQUE INDEX a ON users (email, lower(handle), \"order\") WHERE deleted_at IS NULL;
        CREATE UNIQUE INDEX b ON users (handle) WHERE deleted_at IS NOT NULL;
        CREATE UNIQUE INDEX c ON users (handle) WHERE deleted_at IS NULL AND handle <> '';";
    assert_eq!(
        found(Dialect::Postgres, sql),
        [
            key(
                "a",
                &["email", "lower(handle)", "\"order\""],
                "deleted_at IS NULL"
            ),
            key("c", &["handle"], "deleted_at IS NULL AND handle <> ''"),
        ]
    );
}

const COMPUTED: &str = "CREATE TABLE users (id BIGINT PRIMARY KEY, email VARCHAR(9), deleted_at DATETIME NULL,
    other VARCHAR(9) AS (IF(email = 'x', email, NULL)),
    own VARCHAR(9) AS (IF(deleted_at IS NULL, email, NULL)),
    next_id BIGINT AS (CASE WHEN deleted_at IS NULL THEN 1 + id END),
    one TINYINT AS ((CASE WHEN deleted_at IS NULL THEN 12 ELSE NULL END)),
    UNIQUE KEY a (own), UNIQUE KEY b (email, next_id), UNIQUE KEY c (email, one), UNIQUE KEY d (email, other));";

#[test]
fn a_part_that_is_null_for_tombstones_compares_what_it_is_for_live_rows() {
    assert_eq!(
        found(Dialect::Mysql, COMPUTED),
        [
            key("a", &["(email)"], ""),
            key("b", &["email", "(1 + id)"], ""),
            key("c", &["email"], ""),
        ]
    );
}

#[test]
fn a_column_is_null_for_tombstones_by_its_own_expression() {
    let schema = read(Dialect::Mysql, COMPUTED);
    let answers = ["id", "email", "other", "own", "next_id", "one", "nobody"]
        .map(|column| is_null_for_tombstones(&schema, &schema.tables[0], column));
    assert_eq!(answers, [false, false, false, true, true, true, false]);
}
