//! `soft-delete expand` of one statement.

use std::fs;

use crate::{fixture, soft_delete};

#[test]
fn a_statement_on_standard_input_is_scoped() {
    let ran = soft_delete(
        &["expand", "--scope", "active"],
        b"SELECT name FROM contacts WHERE name = ? OR email = ?",
    );
    assert_eq!(
        ran.out,
        "SELECT name FROM contacts WHERE contacts.deleted_at IS NULL AND (name = ? OR email = ?)\n"
    );
    assert_eq!((ran.err.as_str(), ran.status), ("", Some(0)));
}

#[test]
fn a_proven_statement_in_a_file_comes_back_byte_for_byte() {
    let file = tempfile(
        "proven.sql",
        "select *\n  from contacts -- all\n where deleted_at is null\n",
    );
    let ran = soft_delete(&["expand", &file], b"");
    assert_eq!(
        ran.out,
        "select *\n  from contacts -- all\n where deleted_at is null\n"
    );
    assert_eq!((ran.err.as_str(), ran.status), ("", Some(0)));
}

#[test]
fn a_statement_without_scope_is_drawn_and_fails() {
    let ran = soft_delete(&["expand"], b"SELECT name FROM contacts");
    assert_eq!(ran.out, "");
    assert!(ran.err.starts_with("error: "), "{}", ran.err);
    assert!(ran.err.contains("[SD001]"), "{}", ran.err);
    assert!(
        ran.err
            .contains("SELECT name FROM contacts\n                          ^^^^^^^^"),
        "{}",
        ran.err
    );
    assert_eq!(ran.status, Some(1));
}

#[test]
fn references_have_scopes_of_their_own() {
    let sql = b"SELECT a.id, b.id FROM contacts a JOIN contacts b ON a.email = b.email";
    let ran = soft_delete(
        &[
            "expand",
            "--scope-of",
            "a=active",
            "--scope-of",
            "b=with_deleted",
        ],
        sql,
    );
    assert_eq!(
        ran.out,
        "SELECT a.id, b.id FROM contacts a JOIN contacts b ON a.email = b.email WHERE a.deleted_at IS NULL\n"
    );
    assert_eq!(ran.status, Some(0), "{}", ran.err);
}

#[test]
fn the_schema_and_the_dialect_may_be_said_without_a_config() {
    let dump = tempfile(
        "dump.sql",
        "CREATE TABLE public.people (id bigint PRIMARY KEY, deleted_at timestamp);",
    );
    let sql = b"SELECT id FROM people";
    let ran = soft_delete(
        &[
            "expand",
            "--schema",
            &dump,
            "--dialect",
            "postgres",
            "--scope",
            "deleted",
        ],
        sql,
    );
    assert_eq!(
        ran.out,
        "SELECT id FROM people WHERE people.deleted_at IS NOT NULL\n"
    );

    let undecided = soft_delete(&["expand", "--schema", &dump, "--scope", "active"], sql);
    assert!(undecided.err.contains("[SD034]"), "{}", undecided.err);
    assert_eq!((undecided.out.as_str(), undecided.status), ("", Some(1)));
}

#[test]
fn a_config_elsewhere_names_its_schema_relative_to_itself() {
    let directory = fixture().join("../fixture");
    let config = directory.join("soft-delete.toml");
    let ran = soft_delete(
        &[
            "expand",
            "--config",
            config.to_str().expect("UTF-8"),
            "--scope",
            "active",
        ],
        b"DELETE FROM orders WHERE id = 1",
    );
    assert!(ran.err.contains("[SD004]"), "{}", ran.err);
    assert_eq!(ran.status, Some(1));
}

#[test]
fn a_missing_schema_is_an_error_that_says_where_it_looked() {
    let ran = soft_delete(
        &["expand", "--schema", "nowhere", "--dialect", "sqlite"],
        b"SELECT 1",
    );
    assert!(
        ran.err.contains("nowhere") && ran.err.contains("[SD031]"),
        "{}",
        ran.err
    );
    assert_eq!(ran.status, Some(1));
}

#[test]
fn an_unknown_scope_or_dialect_is_refused_with_the_words_that_exist() {
    for args in [
        ["expand", "--scope", "actve"],
        ["expand", "--scope-of", "c=actve"],
    ] {
        let ran = soft_delete(&args, b"SELECT 1");
        assert!(
            ran.err
                .contains("expected `active`, `deleted` or `with_deleted`"),
            "{}",
            ran.err
        );
        assert_eq!(ran.status, Some(2));
    }
    let ran = soft_delete(&["expand", "--dialect", "oracle"], b"SELECT 1");
    assert!(
        ran.err.contains("expected `postgres`, `sqlite` or `mysql`"),
        "{}",
        ran.err
    );
    assert_eq!(ran.status, Some(2));
}

#[test]
fn bytes_that_are_no_text_are_an_error() {
    let ran = soft_delete(&["expand", "--scope", "active"], b"SELECT '\xff'");
    assert_eq!(ran.err, "error: standard input is not UTF-8\n");
    assert_eq!(ran.status, Some(1));
}

/// A file of this test run.
fn tempfile(name: &str, text: &str) -> String {
    let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::write(&path, text).expect("the file is written");
    path.to_str().expect("UTF-8").to_owned()
}
