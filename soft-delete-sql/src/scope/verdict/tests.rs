//! The second proof, given edits that the rewriter never makes.

use super::*;
use crate::{
    Dialect,
    schema::{Config, from_sql},
};

const TABLES: &str =
    "CREATE TABLE contacts (id INTEGER PRIMARY KEY, email TEXT, deleted_at TIMESTAMP NULL);
    CREATE TABLE orders (id INTEGER PRIMARY KEY, deleted_at TIMESTAMP NULL);
    CREATE UNIQUE INDEX e ON contacts (email) WHERE deleted_at IS NULL;";

/// The verdict on `sql` with `text` put in place of `old` in it, under `active`.
fn edited(sql: &str, changes: &[(&str, &str)]) -> Result<String, String> {
    let schema = from_sql(Dialect::Sqlite, TABLES, &Config::default()).unwrap();
    let parsed = syntax::parse(Dialect::Sqlite, sql).unwrap();
    let views = Rc::new(Views::default());
    let resolution = resolve(&schema, &parsed, &views);
    let request = Request {
        sql,
        scope: Some(Scope::Active),
        ..Request::default()
    };
    let grants = grant(&request, &resolution, &mut Vec::new());
    let edits = changes
        .iter()
        .map(|(old, text)| {
            let start = sql.find(old).unwrap();
            Edit {
                span: start..start + old.len(),
                text: (*text).to_owned(),
            }
        })
        .collect();
    scoped(&resolution, &grants, &views, edits, None)
        .map(|scoped| scoped.sql)
        .map_err(|fault| {
            assert_eq!(fault.code, Code::NotReproven);
            fault.why
        })
}

#[track_caller]
fn fails(sql: &str, changes: &[(&str, &str)], why: &str) {
    let fault = edited(sql, changes).unwrap_err();
    assert!(fault.contains(why), "{fault}");
}

const SELECT: &str = "SELECT id FROM contacts WHERE id = 1";

#[test]
fn the_filter_that_was_asked_for_holds() {
    let live = "deleted_at IS NULL AND id = 1";
    assert!(edited(SELECT, &[("id = 1", live)]).is_ok());
    for wrong in [
        "/* all */ id = 1",
        "deleted_at IS NULL OR id = 1",
        "deleted_at IS NOT NULL AND id = 1",
    ] {
        fails(SELECT, &[("id = 1", wrong)], "the scope of `contacts`");
    }
}

#[test]
fn the_same_tables_are_read() {
    for wrong in [
        "deleted_at IS NULL AND EXISTS (SELECT 1 FROM orders o WHERE o.deleted_at IS NULL)",
        "deleted_at IS NULL AND 1 IN contacts",
    ] {
        fails(SELECT, &[("id = 1", wrong)], "other tables");
    }
    let other = "orders WHERE orders.deleted_at IS NULL AND";
    fails(SELECT, &[("contacts WHERE", other)], "other tables");
    fails(
        SELECT,
        &[("SELECT", "WITH contacts AS (SELECT 1) SELECT")],
        "other tables",
    );
    let two = "SELECT c.id FROM orders o, contacts c WHERE o.deleted_at IS NULL AND c.id = 1";
    fails(two, &[("contacts c", "orders c")], "other tables");
    let cte = "WITH x AS (SELECT 1 AS id) SELECT x.id FROM contacts, x WHERE contacts.id = 1";
    let live = (
        "contacts.id = 1",
        "contacts.deleted_at IS NULL AND contacts.id = 1",
    );
    assert!(edited(cte, &[live]).is_ok());
}

#[test]
fn the_edited_text_is_a_statement() {
    fails(SELECT, &[("id = 1", "((")], "does not parse");
}

#[test]
fn edits_that_overlap_or_do_not_come_off_are_refused() {
    fails(
        SELECT,
        &[("id = 1", "deleted_at IS NULL"), ("WHERE", "WHERE")],
        "overlap",
    );
}

#[test]
fn what_is_proven_stays_as_it_is() {
    let sql = "SELECT id FROM contacts WHERE deleted_at IS NULL";
    assert_eq!(edited(sql, &[]).as_deref(), Ok(sql));
}

#[test]
fn a_conflict_clause_reaches_live_rows_only() {
    let upsert =
        "INSERT INTO contacts (email) VALUES ('e') ON CONFLICT (email) DO UPDATE SET id = 2";
    let guarded = "SET id = 2 WHERE contacts.deleted_at IS NULL";
    assert!(edited(upsert, &[("SET id = 2", guarded)]).is_ok());
    fails(upsert, &[("SET id = 2", "SET id = 3")], "conflict clause");
    // A target that is only written needs no proof.
    let insert = "INSERT INTO contacts (id) SELECT id FROM orders WHERE id = 1";
    let live = "deleted_at IS NULL AND id = 1";
    assert!(edited(insert, &[("id = 1", live)]).is_ok());
    fails(insert, &[("id = 1", "id = 2")], "the scope of `orders`");
}
