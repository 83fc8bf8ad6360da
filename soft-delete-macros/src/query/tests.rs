//! What calls are read as, and what is said about those that are not.

use std::path::Path;

use proptest::prelude::*;

use super::{
    call::{Call, Head, Output},
    compact::compact,
    parse::parse,
    rules,
};
use crate::fault::Faults;

fn read(text: &str) -> (Call, Vec<String>) {
    let tokens = text.parse().expect("the text is made of tokens");
    let mut faults = Faults::default();
    let call = parse(tokens, Path::new(env!("CARGO_MANIFEST_DIR")), &mut faults);
    rules::check(&call, &mut faults);
    (
        call,
        faults.iter().map(|fault| fault.text().to_owned()).collect(),
    )
}

/// A call in one line.
fn line(call: &Call) -> String {
    let output = |output: &Output| match output {
        Output::Rows(ty) => format!("as {}", compact(ty)),
        Output::Scalar => "as scalar".to_owned(),
    };
    let mut parts = vec![match &call.head {
        Head::Absent => "-".to_owned(),
        Head::Row(row) => format!(
            "{} {} of {}",
            row.scope,
            compact(&row.ty),
            compact(&row.model)
        ),
        Head::Word(word, _, None) => word.spelling().to_owned(),
        Head::Word(word, _, Some(rows)) => format!("{} {}", word.spelling(), output(rows)),
        Head::Output(rows, _) => output(rows),
    }];
    parts.extend(
        call.head
            .visibility()
            .map(|value| format!("in {}", compact(value))),
    );
    parts.extend(
        call.scopes
            .iter()
            .map(|said| format!("{}={}", said.name, said.scope)),
    );
    parts.extend(
        call.reason
            .iter()
            .map(|reason| format!("because {:?}", reason.value())),
    );
    parts.extend(call.sql.iter().map(|sql| format!("{:?}", sql.text)));
    parts.extend(call.binds.iter().flatten().map(compact));
    parts.join(" | ")
}

#[track_caller]
fn reads_as(text: &str, expected: &str) {
    let (call, faults) = read(text);
    assert_eq!(faults, [""; 0], "{text}");
    assert_eq!(line(&call), expected, "{text}");
}

#[track_caller]
fn fails_with(text: &str, expected: &[&str]) {
    assert_eq!(read(text).1, expected, "{text}");
}

#[test]
fn every_form_of_the_grammar_is_read() {
    reads_as(r#""SELECT 1""#, r#"- | "SELECT 1""#);
    reads_as(
        r#"Active<Contact>, "SELECT * FROM contacts WHERE name LIKE ?", pattern"#,
        r#"active Active<Contact> of Contact | "SELECT * FROM contacts WHERE name LIKE ?" | pattern"#,
    );
    reads_as(
        r#"soft_delete::Deleted<crm::Contact<'a>>, "S""#,
        r#"deleted soft_delete::Deleted<crm::Contact<'a>> of crm::Contact<'a> | "S""#,
    );
    reads_as(
        r#"WithDeleted<Contact> in filter.visibility(), "S", 1"#,
        r#"with_deleted WithDeleted<Contact> of Contact | in filter.visibility() | "S" | 1"#,
    );
    reads_as(r#"active as scalar, "S""#, r#"active as scalar | "S""#);
    reads_as(
        r#"deleted as (i64, String), "S","#,
        r#"deleted as (i64, String) | "S""#,
    );
    reads_as(
        r#"with_deleted as Summary, "S""#,
        r#"with_deleted as Summary | "S""#,
    );
    reads_as(r#"as Summary, "S""#, r#"as Summary | "S""#);
    reads_as(r#"as scalar in v, "S""#, r#"as scalar | in v | "S""#);
    reads_as(r#"as Summary in v, "S""#, r#"as Summary | in v | "S""#);
    reads_as(
        r#"active as Line, c: with_deleted, crm.notes: deleted, "Old Names": active, "S""#,
        r#"active as Line | c=with_deleted | crm.notes=deleted | Old Names=active | "S""#,
    );
    reads_as(
        r#"c: active, r#type: deleted, "S""#,
        r#"- | c=active | type=deleted | "S""#,
    );
    reads_as(
        r#"unchecked as Row, reason = "a report", "S", a, b"#,
        r#"unchecked as Row | because "a report" | "S" | a | b"#,
    );
    reads_as(r#"soft_delete, "S""#, r#"soft_delete | "S""#);
    reads_as(
        r#"purge, reason = "r", "S""#,
        r#"purge | because "r" | "S""#,
    );
    reads_as(r#"erase, "S""#, r#"erase | "S""#);
}

#[test]
fn a_leading_bracket_is_the_path_of_the_facade() {
    let (call, faults) = read(r#"[renamed] active, "S""#);
    assert_eq!(faults, [""; 0]);
    assert_eq!(call.krate.to_string(), "renamed");
}

#[test]
#[allow(
    clippy::needless_raw_string_hashes,
    reason = "the text holds a raw string"
)]
fn literals_are_joined_and_may_be_raw() {
    reads_as(
        r##"active, "SELECT 1 " + r#"AS "one""# + "\n", x"##,
        r#"active | "SELECT 1 AS \"one\"\n" | x"#,
    );
}

#[test]
fn binds_are_expressions_of_any_kind() {
    reads_as(
        r#"active, "S", f::<A, B>(x, y), |a, b| a, id as _, &*name, { let z = 1; z }, a.b?,"#,
        r#"active | "S" | f::<A, B>(x, y) | |a, b | a | id as _ | &*name | { let z = 1; z } | a.b?"#,
    );
}

#[test]
fn a_file_is_read_relative_to_the_manifest() {
    let (call, faults) = read(r#"active, file = "Cargo.toml", id"#);
    assert_eq!(faults, [""; 0]);
    assert!(
        call.sql
            .is_some_and(|sql| sql.text.starts_with("[package]") && sql.tracked().is_some())
    );

    let gone = "No such file or directory (os error 2) [SD039]\n\n  help:";
    fails_with(
        r#"active, file = "queries/none.sql""#,
        &[&format!(
            "the SQL file `queries/none.sql` cannot be read: {gone} the path is relative to the directory of Cargo.toml"
        )],
    );
    fails_with(
        r#"active, file = "Crago.toml""#,
        &[&format!(
            "the SQL file `Crago.toml` cannot be read: {gone} there is a file `Cargo.toml` beside it"
        )],
    );
}

#[test]
fn a_slip_in_a_word_names_the_word_that_was_meant() {
    fails_with(
        r#"actve as Summary, "S""#,
        &["`actve` is no word of `soft_query!` [SD027]\n\n  help: did you mean `active`?"],
    );
    fails_with(
        r#"with_trashed, "S""#,
        &[
            "`with_trashed` is no word of `soft_query!` [SD027]\n\n  help: did you mean `with_deleted`?",
        ],
    );
    fails_with(
        r#"c: delted, "S""#,
        &["`delted` is no scope [SD027]\n\n  help: did you mean `c: deleted`?"],
    );
    fails_with(
        r#"zebra, "S""#,
        &[
            "`zebra` is no word of `soft_query!` [SD027]\n\n  help: write `active`, `deleted`, `with_deleted`, `unchecked`, `soft_delete`, `purge`, `erase` or `restore`, or a row type such as `Active<T>`",
        ],
    );
}

#[test]
fn a_model_in_place_of_a_row_type_names_the_row_types() {
    fails_with(
        r#"Contact, "S""#,
        &[
            "`Contact` does not say which rows it may hold [SD025]\n\n  help: a model of a soft-deletable table: `Active<Contact>`, `Deleted<Contact>` or `WithDeleted<Contact>`\n        any other row type: `active as Contact`",
        ],
    );
    fails_with(
        r#"active<Contact>, "S""#,
        &["`active<Contact>` is no row type [SD027]\n\n  help: write `Active<Contact>`"],
    );
    fails_with(
        r#"Active, "S""#,
        &[
            "`Active` needs one model [SD027]\n\n  help: write `Active<T>`, where `T` derives `SoftDeletable`",
        ],
    );
}

#[test]
fn a_missing_as_or_type_or_comma_is_told() {
    fails_with(
        r#"active Summary, "S""#,
        &[
            "`as` is missing between `active` and `Summary` [SD027]\n\n  help: write `active as Summary`",
        ],
    );
    fails_with(
        r#"active as, "S""#,
        &[
            "`active as` names no type [SD027]\n\n  help: write `active as Summary`, where `Summary` derives `sqlx::FromRow`, or `active as scalar`",
        ],
    );
    fails_with(
        r#"active "S""#,
        &[
            "a comma is missing before this [SD027]\n\n  help: the head of the call ends with a comma: `active, \"SELECT …\"`",
        ],
    );
    fails_with(
        r#"active, c: deleted "S""#,
        &[
            "a comma is missing before this [SD027]\n\n  help: write `c: with_deleted, \"SELECT …\"`",
        ],
    );
    fails_with(
        r#"active, "S" id"#,
        &[
            "`id` is not expected behind the SQL [SD027]\n\n  help: write a comma, then the bind arguments",
        ],
    );
    fails_with(
        r#"active, "S" "T""#,
        &[
            "two literals stand side by side [SD027]\n\n  help: join them with `+`: `\"SELECT … \" + \"FROM …\"`",
        ],
    );
}

#[test]
fn sql_that_is_no_literal_says_what_to_write() {
    let why =
        "\n\n   why: the statement is checked while compiling, before any value exists\n  help: ";
    for (text, found, help) in [
        (
            r"active, SQL, id",
            "SQL",
            "write it as a string literal, as literals joined with `+`, or as `file = \"queries/x.sql\"`",
        ),
        (
            r#"active, concat!("a", "b")"#,
            r#"concat!("a", "b")"#,
            "join literals with `+`: `\"SELECT … \" + \"FROM …\"`; `concat!` is not supported",
        ),
        (
            r#"include_str!("a.sql")"#,
            r#"include_str!("a.sql")"#,
            "name the file: `file = \"queries/x.sql\"`, relative to the directory of Cargo.toml",
        ),
        (
            r#"active, format!("{x}")"#,
            r#"format!("{x}")"#,
            "write the statement out and bind the values: `\"… WHERE id = ?\", id`",
        ),
        (
            r#"active, b"x""#,
            "b\"x\"",
            "write a plain string literal: `\"SELECT …\"`",
        ),
        (
            r"query, id",
            "query",
            "write it as a string literal, as literals joined with `+`, or as `file = \"queries/x.sql\"`",
        ),
        (
            r"&sql",
            "&sql",
            "write it as a string literal, as literals joined with `+`, or as `file = \"queries/x.sql\"`",
        ),
        (
            r"QUERY",
            "QUERY",
            "write it as a string literal, as literals joined with `+`, or as `file = \"queries/x.sql\"`",
        ),
    ] {
        fails_with(
            text,
            &[&format!(
                "the SQL must be a literal, and `{found}` is none [SD027]{why}{help}"
            )],
        );
    }
    fails_with(
        "",
        &[
            "the SQL is missing [SD027]\n\n  help: write `soft_query!(active, \"UPDATE contacts SET name = ? WHERE id = ?\", name, id)`",
        ],
    );
}

#[test]
fn the_order_of_the_call_is_told() {
    fails_with(
        r#"active, 1, "S""#,
        &[
            "the bind arguments stand before the SQL [SD027]\n\n  help: they follow it: `soft_query!(active, \"… WHERE id = ?\", id)`",
        ],
    );
    fails_with(
        r#"active, id, "S""#,
        &[
            "the bind arguments stand before the SQL [SD027]\n\n  help: they follow it: `soft_query!(active, \"… WHERE id = ?\", id)`",
        ],
    );
    for late in ["c: with_deleted", r#"reason = "x""#] {
        fails_with(
            &format!(r#"active, "S", {late}"#),
            &[&format!(
                "`{late}` stands behind the SQL [SD027]\n\n  help: scopes and the reason come first: `active, c: with_deleted, \"SELECT …\", id`"
            )],
        );
    }
}

#[test]
fn in_goes_with_with_deleted_and_with_as() {
    fails_with(
        r#"active as Summary in v, "S""#,
        &[
            "`in` takes the scope from a value, and `active` says it already [SD027]\n\n  help: write `as Summary in v`, or drop `in v`",
        ],
    );
    fails_with(
        r#"Active<Contact> in v, "S""#,
        &[
            "with `in v` the rows may be in either state, and `Active<Contact>` holds one of them [SD027]\n\n  help: write `WithDeleted<Contact> in v`",
        ],
    );
    fails_with(
        r#"as Summary in, "S""#,
        &[
            "`in` names no value [SD027]\n\n  help: write `in visibility`, where `visibility` is a `soft_delete::Visibility`",
        ],
    );
}

#[test]
fn a_row_type_behind_as_says_the_scope_twice() {
    fails_with(
        r#"active as Active<Contact>, "S""#,
        &[
            "`Active<Contact>` says the scope itself [SD027]\n\n  help: drop `active as`: `soft_query!(Active<Contact>, …)`",
        ],
    );
    fails_with(
        r#"as Active<Contact>, "S""#,
        &[
            "`Active<Contact>` says the scope itself [SD027]\n\n  help: drop `as`: `soft_query!(Active<Contact>, …)`",
        ],
    );
}

#[test]
fn a_verb_returns_an_operation() {
    fails_with(
        r#"purge as Summary, "S""#,
        &[
            "`purge` returns an operation, not rows [SD027]\n\n  help: drop `as`: `soft_query!(purge, …).execute(&pool)`; it says how many rows it took",
        ],
    );
}

#[test]
fn unchecked_takes_a_reason_and_others_only_where_it_means_something() {
    fails_with(
        r#"unchecked, "S""#,
        &[
            "`unchecked` needs a reason [SD028]\n\n   why: nothing is checked here, so the source must say why that is right\n  help: write `unchecked, reason = \"…\", \"SELECT …\"`",
        ],
    );
    fails_with(
        r#"unchecked, reason = " ", "S""#,
        &["the reason is empty [SD028]\n\n  help: say why, in words that a reviewer can judge"],
    );
    fails_with(
        r#"active, reason = "x", "S""#,
        &[
            "nothing in this call takes a reason [SD027]\n\n  help: `unchecked`, `with_deleted`, `deleted`, `purge` and `erase` do: drop it here",
        ],
    );
    fails_with(
        r#"unchecked, reason = WHY, "S""#,
        &[
            "the reason must be a literal, and `WHY` is none [SD027]\n\n  help: write `reason = \"why this is right\"`: reasons are listed from the source",
        ],
    );
    fails_with(
        r#"unchecked, c: active, reason = "x", "S""#,
        &[
            "`c: active` has no effect under `unchecked` [SD027]\n\n  help: drop it: an unchecked statement runs as written",
        ],
    );
    reads_as(
        r#"Deleted<T>, reason = "x", "S""#,
        r#"deleted Deleted<T> of T | because "x" | "S""#,
    );
    reads_as(
        r#"active, c: deleted, reason = "x", "S""#,
        r#"active | c=deleted | because "x" | "S""#,
    );
}

#[test]
fn all_faults_of_a_call_are_told() {
    let (_, faults) = read(r#"actve, c: delted, c: active, reason = 1, "S", 1 +, 2 3"#);
    let titles: Vec<&str> = faults
        .iter()
        .filter_map(|fault| fault.lines().next())
        .collect();
    assert_eq!(
        titles,
        [
            "`actve` is no word of `soft_query!` [SD027]",
            "`delted` is no scope [SD027]",
            "the scope of `c` is said twice [SD027]",
            "the reason must be a literal, and `1` is none [SD027]",
            "`1 +` is no expression to bind: expected an expression [SD027]",
            "`3` is not expected behind the SQL [SD027]",
        ]
    );
}

#[test]
fn deep_nesting_is_a_fault_and_no_overflow() {
    let told = [
        "the call is nested too deep to be read [SD027]\n\n  help: compute the value before the call and bind the variable",
    ];
    let deep = |open: &str, close: &str, times: usize| {
        format!(
            "active, \"S\", {}x{}",
            open.repeat(times),
            close.repeat(times)
        )
    };
    for (open, close) in [
        ("(", ")"),
        ("[", "]"),
        ("!", ""),
        ("f(&", ")"),
        ("return ", ""),
        ("|a| ", ""),
        ("a = ", ""),
    ] {
        fails_with(&deep(open, close, 400), &told);
        assert_eq!(read(&deep(open, close, 30)).1, [""; 0], "{open}");
    }
    fails_with(
        &format!("{}T{}, \"S\"", "Active<".repeat(400), ">".repeat(400)),
        &told,
    );
}

fn token() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => prop::sample::select(vec![
            "active", "deleted", "with_deleted", "unchecked", "soft_delete", "purge", "erase", "as",
            "in", "scalar", "file", "reason", "Active", "WithDeleted", "Contact", "c", "dyn", "impl",
            "fn", "for", "r#type", "_", "crate", "self", "if", "match", "let", "move", "async",
        ]).prop_map(str::to_owned),
        4 => prop::sample::select(vec![
            ",", ",", ",", ":", "::", "<", ">", "=", "==", "+", "!", "&", "|", "||", ".", "..", "..=",
            "?", "#", "$", "->", "=>", "*", "-", ";", "'a", "@", "~",
        ]).prop_map(str::to_owned),
        2 => prop::sample::select(vec![
            "\"SELECT 1\"", "\"\"", "r#\"x\"#", "b\"x\"", "c\"x\"", "'x'", "1", "1.5", "1u8", "\"x\"suffix",
        ]).prop_map(str::to_owned),
    ]
}

fn stream() -> impl Strategy<Value = String> {
    let leaf = prop::collection::vec(token(), 0..12).prop_map(|tokens| tokens.join(" "));
    leaf.prop_recursive(4, 60, 6, |inner| {
        (prop::collection::vec(inner, 0..5), 0..4_u8, token()).prop_map(
            |(parts, shape, between)| {
                let text = parts.join(&format!(" {between} "));
                match shape {
                    0 => format!("({text})"),
                    1 => format!("[{text}]"),
                    2 => format!("{{{text}}}"),
                    _ => text,
                }
            },
        )
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn no_token_stream_panics(text in stream()) {
        // `# \"x\"` and the like may be no tokens at all.
        if text.parse::<proc_macro2::TokenStream>().is_ok() {
            let (call, faults) = read(&text);
            // What is not understood is refused.
            prop_assert!(call.sql.is_some() || !faults.is_empty(), "{text}");
            prop_assert!(call.binds.is_some() || !faults.is_empty(), "{text}");
        }
    }
}
