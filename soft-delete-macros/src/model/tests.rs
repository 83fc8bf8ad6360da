//! What a model is told, and what it expands to.

use proc_macro2::TokenStream;
use soft_delete_sql::{
    Dialect, Schema,
    schema::{Config, from_sql},
};
use syn::DeriveInput;

use super::{ast::Model, expand, fallback, valid};
use crate::fault::Faults;

const TABLES: &str = "
    CREATE TABLE contacts (id bigint PRIMARY KEY, name text NOT NULL, deleted_at timestamptz);
    CREATE TABLE notes (id bigint PRIMARY KEY, is_deleted boolean NOT NULL);
    CREATE TABLE tokens (id bigint PRIMARY KEY, is_deleted smallint NOT NULL DEFAULT 0);
    CREATE TABLE \"Ticket\" (id bigint PRIMARY KEY, \"deletedAt\" timestamptz);
    CREATE TABLE person (id bigint PRIMARY KEY, deleted_at timestamptz);
    CREATE TABLE people (id bigint PRIMARY KEY, deleted_at timestamptz);
    CREATE SCHEMA crm;
    CREATE TABLE crm.leads (id bigint PRIMARY KEY, deleted_at timestamptz);
    CREATE TABLE crm.deals (id bigint PRIMARY KEY, deleted_at timestamptz);
    CREATE SCHEMA shop;
    CREATE TABLE shop.deals (id bigint PRIMARY KEY, deleted_at timestamptz);
    CREATE TABLE plain (id bigint PRIMARY KEY);
    CREATE TABLE flags (id bigint PRIMARY KEY, is_deleted boolean);
    CREATE TABLE phones (id bigint PRIMARY KEY, number text, kind text, deleted_at timestamptz);
    CREATE VIEW names AS SELECT name FROM contacts WHERE deleted_at IS NULL;
";

const CONFIG: &str = "
    dialect = \"postgres\"
    markers = [\"deleted_at\", \"is_deleted\", \"deletedAt\"]
    [tables.flags]
    accept = [\"nullable_marker\"]
    [tables.phones.accept]
    nullable_column.kind = \"old rows were filled\"
";

fn schema() -> Schema {
    let config =
        Config::parse(CONFIG, std::path::Path::new("soft-delete.toml")).expect("a configuration");
    from_sql(Dialect::Postgres, TABLES, &config).expect("a schema")
}

/// The expansion, and what is told.
fn derive(text: &str) -> (String, Vec<String>) {
    let input: DeriveInput = syn::parse_str(text).expect("an item");
    let mut faults = Faults::default();
    let model = Model::read(&input, &mut faults);
    let resolved = valid::resolve(&schema(), &model, &mut faults);
    let tokens = match &resolved {
        Some(resolved) if faults.is_empty() => {
            expand::derive(&model, resolved, &TokenStream::new())
        }
        _ => fallback::stub(&model, None, &faults, &TokenStream::new()),
    };
    // Whatever was written, the expansion is items.
    let file: syn::File = syn::parse2(tokens).expect("items");
    let item = file.items.last().map(quote::ToTokens::to_token_stream);
    let told = faults.iter().map(|fault| fault.text().to_owned()).collect();
    (item.unwrap_or_default().to_string(), told)
}

#[track_caller]
fn is_model_of(text: &str, table: &str, marker: &str, body: &str) {
    let (item, told) = derive(text);
    assert_eq!(told, [""; 0], "{text}");
    let names = format!(
        "= \"{table}\" ; const MARKER : & 'static :: core :: primitive :: str = \"{marker}\" ;"
    );
    assert!(item.contains(&names), "{item}");
    assert!(
        item.ends_with(&format!(":: core :: primitive :: bool {{ {body} }} }}")),
        "{item}"
    );
}

#[track_caller]
fn is_told(text: &str, expected: &[&str]) {
    let (item, told) = derive(text);
    assert_eq!(told, expected, "{text}");
    assert!(
        item.contains("TABLE : & 'static :: core :: primitive :: str = \"\" ;"),
        "a stand-in: {item}"
    );
}

#[test]
fn the_table_is_found_by_the_name_of_the_struct() {
    let null = ":: core :: option :: Option :: is_none (& self . deleted_at)";
    is_model_of(
        "struct Contact { deleted_at: Option<T> }",
        "contacts",
        "deleted_at",
        null,
    );
    is_model_of(
        "struct Contacts { deleted_at: Option<T> }",
        "contacts",
        "deleted_at",
        null,
    );
    is_model_of(
        "struct Lead { deleted_at: Option<T> }",
        "crm.leads",
        "deleted_at",
        null,
    );
    is_model_of(
        "#[sqlx(rename_all = \"camelCase\")] struct Ticket { deleted_at: Option<T> }",
        "Ticket",
        "deletedAt",
        null,
    );
}

#[test]
fn the_table_may_be_named() {
    for (table, found) in [
        ("people", "people"),
        ("shop.deals", "shop.deals"),
        ("PERSON", "person"),
        ("Ticket", "Ticket"),
    ] {
        let text = format!(
            "#[soft_delete(table = \"{table}\")] struct X {{ #[sqlx(rename = \"{}\")] gone: Option<T> }}",
            if found == "Ticket" {
                "deletedAt"
            } else {
                "deleted_at"
            }
        );
        let marker = if found == "Ticket" {
            "deletedAt"
        } else {
            "deleted_at"
        };
        is_model_of(
            &text,
            found,
            marker,
            ":: core :: option :: Option :: is_none (& self . gone)",
        );
    }
}

#[test]
fn the_marker_is_tested_by_its_kind() {
    is_model_of(
        "struct Note { is_deleted: bool }",
        "notes",
        "is_deleted",
        "! self . is_deleted",
    );
    is_model_of(
        "struct Note { is_deleted: Option<bool> }",
        "notes",
        "is_deleted",
        "! :: core :: matches ! (self . is_deleted , :: core :: option :: Option :: Some (true))",
    );
    is_model_of(
        "struct Token { is_deleted: i16 }",
        "tokens",
        "is_deleted",
        "self . is_deleted == 0",
    );
    is_model_of(
        "#[soft_delete(is_active = \"Contact::is_live\")] struct Contact { id: i64 }",
        "contacts",
        "deleted_at",
        "(Contact :: is_live) (self)",
    );
}

#[test]
fn generics_and_the_path_of_the_crate_are_kept() {
    let (item, told) = derive(
        "#[soft_delete(crate = \"a::b\")] struct Contact<'a, T: Clone = u8, const N: usize = 1> where T: Send { deleted_at: Option<&'a T> }",
    );
    assert_eq!(told, [""; 0]);
    assert!(
        item.contains("impl < 'a , T : Clone , const N : usize > a :: b :: SoftDeletable for Contact < 'a , T , N > where T : Send {"),
        "{item}"
    );
}

#[test]
fn two_tables_of_one_name_must_be_told_apart() {
    is_told(
        "struct Person { deleted_at: Option<T> }",
        &[
            "`Person` may be a row of `people` or of `person` [SD036]\n\n  help: say which: `#[soft_delete(table = \"people\")]`",
        ],
    );
    is_told(
        "struct Deal { deleted_at: Option<T> }",
        &[
            "several schemas have a table `deals` [SD036]\n\n  help: name the schema: `#[soft_delete(table = \"crm.contacts\")]`",
        ],
    );
}

#[test]
fn a_table_that_does_not_fit_is_told() {
    is_told(
        "struct Contcat { deleted_at: Option<T> }",
        &[
            "no migration creates a table `contcats` for `Contcat` [SD036]\n\n  help: did you mean `#[soft_delete(table = \"contacts\")]`?",
        ],
    );
    is_told(
        "#[soft_delete(table = \"names\")] struct Name { name: String }",
        &[
            "`names` is a view, and a model is a row of a table [SD036]\n\n  help: query the view with a plain row type: `active as Name`",
        ],
    );
    is_told(
        "#[soft_delete(table = \"plain\")] struct Plain { id: i64 }",
        &[
            "`plain` is not soft-deletable [SD036]\n\n   why: no column of it is a marker: `id`\n  help: its rows need no scope: drop the derive and query with `as Plain`\n        to make it soft-deletable, add the marker in a migration, or name it in `markers` of soft-delete.toml",
        ],
    );
}

#[test]
fn fields_that_no_row_fills_are_left_alone() {
    is_model_of(
        "struct Contact { #[sqlx(skip)] a: u8, #[sqlx(default)] b: u8, #[sqlx(flatten)] c: C, #[sqlx(rename = \"name\")] title: String, r#id: i64, deleted_at: Stamp }",
        "contacts",
        "deleted_at",
        ":: core :: option :: Option :: is_none (& self . deleted_at)",
    );
}

#[test]
fn a_type_that_has_no_null_needs_a_column_that_has_none() {
    is_told(
        "struct Phone { id: i64, number: String, kind: String, deleted_at: Option<DateTime<Utc>> }",
        &[
            "`String` has no NULL, and the column `number` of `phones` may be NULL [SD035]\n\n   why: the first row that holds NULL there cannot be decoded, and the query fails with all its rows\n  help: write `Option<String>`, or forbid NULL in a migration:\n        ALTER TABLE phones ALTER COLUMN number SET NOT NULL;\n        or accept it, with the reason, in soft-delete.toml:\n        [tables.phones.accept]\n        nullable_column.number = \"…\"",
        ],
    );
    // What a type of another name does with NULL is its own affair.
    for field in [
        "number: Option<String>",
        "number: Number",
        "number: T",
        "#[sqlx(default)] number: String",
        "#[sqlx(try_from = \"Option<String>\")] number: String",
        "#[sqlx(json)] number: Vec<u8>",
    ] {
        let text = format!("struct Phone<T> {{ {field}, deleted_at: Option<DateTime<Utc>> }}");
        let (_, told) = derive(&text);
        assert_eq!(told, [""; 0], "{text}");
    }
}

#[test]
fn all_faults_of_the_fields_are_told() {
    is_told(
        "struct Contact { nmae: String, x: u8, deleted_at: DateTime<Utc> }",
        &[
            "`contacts` has no column `nmae` [SD035]\n\n  help: did you mean `name`? Name it so, or write `#[sqlx(rename = \"name\")]`",
            "`contacts` has no column `x` [SD035]\n\n  help: if no column holds it: `#[sqlx(skip)]`; if only some queries return it: `#[sqlx(default)]`",
            "`DateTime<Utc>` does not fit `deleted_at`, the marker of `contacts`, which is NULL on live rows [SD035]\n\n  help: write `deleted_at: Option<DateTime<Utc>>`",
        ],
    );
    is_told(
        "struct Note { is_deleted: i64 }",
        &[
            "`i64` does not fit `is_deleted`, the marker of `notes`, which is a boolean [SD035]\n\n  help: write `is_deleted: bool`",
        ],
    );
    is_told(
        "struct Flag { is_deleted: bool }",
        &[
            "`bool` does not fit `is_deleted`, the marker of `flags`, which is a boolean that may be NULL [SD035]\n\n  help: write `is_deleted: Option<bool>`",
        ],
    );
    is_told(
        "struct Contact { #[sqlx(flatten)] base: Base }",
        &[
            "no field holds `deleted_at`, the marker of `contacts` [SD035]\n\n   why: a row is checked to be live or deleted when it is decoded\n  help: where a flattened field holds it, name a `fn(&Contact) -> bool`: `#[soft_delete(is_active = \"…\")]`",
        ],
    );
}

#[test]
fn attributes_that_mean_nothing_are_told() {
    is_told(
        "#[soft_delete(tabel = \"contacts\", table = \"notes\", table = \"notes\")] struct Note { #[soft_delete(marker)] is_deleted: bool }",
        &[
            "`tabel` is no attribute of `soft_delete` [SD027]\n\n  help: did you mean `table`?",
            "`table` is said twice [SD027]\n\n  help: keep one of the two",
            "on a field stands `#[soft_delete(personal)]` and nothing else [SD027]\n\n  help: the other attributes stand on the struct; the field of the marker is found by its column, and `#[sqlx(rename = \"…\")]` names it",
        ],
    );
    is_told(
        "#[soft_delete] struct Note { is_deleted: bool }",
        &[
            "`#[soft_delete(…)]` cannot be read: expected attribute arguments in parentheses: #[soft_delete(...)] [SD027]\n\n  help: write `#[soft_delete(table = \"contacts\")]`",
        ],
    );
}

#[test]
fn what_has_no_named_fields_is_no_model() {
    for (text, what) in [
        (
            "#[soft_delete(table = \"contacts\")] enum E { A }",
            "this is an enum",
        ),
        (
            "#[soft_delete(table = \"contacts\")] struct S(u8);",
            "this struct has none",
        ),
        (
            "#[soft_delete(table = \"contacts\")] struct S;",
            "this struct has none",
        ),
        (
            "#[soft_delete(table = \"contacts\")] union U { a: u8 }",
            "this is a union",
        ),
    ] {
        is_told(
            text,
            &[&format!(
                "a model is a struct with named fields, and {what} [SD035]\n\n  help: write one field for each column: `struct Contact {{ id: i64, … }}`"
            )],
        );
    }
}
