//! `soft-delete expand --jsonl`: the stable batch interface.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    process::{Command, Stdio},
};

use crate::{fixture, soft_delete};

/// The verdicts on some lines.
fn answers(lines: &[&str]) -> Vec<String> {
    let ran = soft_delete(&["expand", "--jsonl"], lines.join("\n").as_bytes());
    assert_eq!((ran.err.as_str(), ran.status), ("", Some(0)));
    ran.out.lines().map(str::to_owned).collect()
}

#[test]
fn a_request_gives_the_scoped_sql_and_every_reference_by_byte() {
    let sql = "SELECT 'é', c.name FROM orders o JOIN contacts AS c ON c.id = o.contact_id";
    let (orders, contacts) = (sql.find("orders"), sql.find("contacts"));
    let (orders, contacts) = (orders.expect("there"), contacts.expect("there"));
    let request = format!(r#"{{"id": "x", "sql": "{sql}", "scope": "active"}}"#);
    assert_eq!(
        answers(&[&request]),
        [format!(
            r#"{{"id":"x","ok":true,"sql":"{sql} WHERE c.deleted_at IS NULL","references":[{{"table":"orders","alias":"o","start":{orders},"end":{},"soft_deletable":false,"scope":null,"proven":false}},{{"table":"contacts","alias":"c","start":{contacts},"end":{},"soft_deletable":true,"scope":"active","proven":false}}],"errors":[],"warnings":[]}}"#,
            orders + 6,
            contacts + 8
        )]
    );
}

#[test]
fn without_a_scope_the_sql_must_prove_itself() {
    let proven = r#"{"sql": "SELECT id FROM contacts WHERE deleted_at IS NULL", "scope": null}"#;
    let open = r#"{"sql": "SELECT id FROM contacts"}"#;
    let answers = answers(&[proven, open]);
    assert_eq!(
        answers[0],
        r#"{"id":null,"ok":true,"sql":"SELECT id FROM contacts WHERE deleted_at IS NULL","references":[{"table":"contacts","alias":null,"start":15,"end":23,"soft_deletable":true,"scope":"active","proven":true}],"errors":[],"warnings":[]}"#
    );
    assert!(
        answers[1].starts_with(
            r#"{"id":null,"ok":false,"sql":null,"references":[{"table":"contacts","alias":null,"start":15,"end":23,"soft_deletable":true,"scope":null,"proven":false}],"errors":[{"code":"SD001","message":""#
        ),
        "{}",
        answers[1]
    );
    assert!(
        answers[1].contains(r#","start":15,"end":23,"help":""#),
        "{}",
        answers[1]
    );
}

#[test]
fn any_id_comes_back_as_it_was() {
    for id in [
        "1",
        "-1.50e3",
        "123456789012345678901234567890",
        r#""a\u00e9""#,
        "true",
        "null",
        r#"[1, {"b":2}]"#,
    ] {
        let request = format!(r#"{{"id": {id}, "sql": "SELECT 1"}}"#);
        let answer = answers(&[&request]).remove(0);
        assert_eq!(
            answer,
            format!(
                r#"{{"id":{id},"ok":true,"sql":"SELECT 1","references":[],"errors":[],"warnings":[]}}"#
            )
        );
    }
}

#[test]
fn scopes_are_said_by_reference() {
    let request = r#"{"sql": "SELECT c.id FROM contacts c, contacts d WHERE c.id = d.id", "scope": "active", "scopes": {"d": "deleted"}}"#;
    let answer = answers(&[request]).remove(0);
    assert!(
        answer.starts_with(
            r#"{"id":null,"ok":true,"sql":"SELECT c.id FROM contacts c, contacts d WHERE c.deleted_at IS NULL AND d.deleted_at IS NOT NULL AND (c.id = d.id)""#
        ),
        "{answer}"
    );
}

#[test]
fn a_line_may_be_in_another_dialect() {
    let sql = "SELECT id FROM contacts FOR UPDATE";
    let lines = ["postgres", "sqlite", "mariadb"]
        .map(|dialect| format!(r#"{{"sql": "{sql}", "scope": "active", "dialect": "{dialect}"}}"#));
    let answers = answers(&lines.each_ref().map(String::as_str));
    let scoped = "SELECT id FROM contacts WHERE contacts.deleted_at IS NULL FOR UPDATE";
    assert!(answers[0].contains(scoped), "{}", answers[0]);
    assert!(answers[1].contains(r#""ok":false"#), "{}", answers[1]);
    assert!(answers[2].contains(scoped), "{}", answers[2]);
}

#[test]
fn a_bad_line_costs_no_other() {
    let good = r#"{"id": 9, "sql": "SELECT 1"}"#;
    let bad = [
        ("SELECT 1", "null"),
        ("", "null"),
        ("[1, 2]", "null"),
        (r#"{"id": 3}"#, "3"),
        (r#"{"id": 4, "sql": 7}"#, "4"),
        (r#"{"id": 5, "sql": "SELECT 1", "scope": 1}"#, "5"),
        (r#"{"id": 6, "sql": "SELECT 1", "scopes": ["c"]}"#, "6"),
        (r#"{"id": 7, "sql": "SELECT 1", "dialect": "oracle"}"#, "7"),
        (
            r#"{"id": 8, "sql": "SELECT 1", "scopes": {"c": "live"}}"#,
            "8",
        ),
    ];
    let mut lines = Vec::new();
    for (line, _) in bad {
        lines.extend([line, good]);
    }
    let answers = answers(&lines);
    assert_eq!(answers.len(), lines.len());
    for (at, (line, id)) in bad.into_iter().enumerate() {
        let start = format!(
            r#"{{"id":{id},"ok":false,"sql":null,"references":[],"errors":[{{"code":"SD027","message":""#
        );
        let answer = &answers[2 * at];
        assert!(answer.starts_with(&start), "{line}: {answer}");
        assert!(
            answer.contains(r#","start":null,"end":null,"help":""#),
            "{line}: {answer}"
        );
        assert!(answers[2 * at + 1].starts_with(r#"{"id":9,"ok":true,"#));
    }
}

#[test]
fn a_slip_in_a_scope_names_the_nearest_word() {
    let answer = answers(&[r#"{"sql": "SELECT id FROM contacts", "scope": "actve"}"#]).remove(0);
    assert_eq!(
        answer,
        r#"{"id":null,"ok":false,"sql":null,"references":[],"errors":[{"code":"SD027","message":"unknown scope `actve`; expected `active`, `deleted` or `with_deleted`","start":null,"end":null,"help":"did you mean `active`?"}],"warnings":[]}"#
    );
}

#[test]
fn bytes_that_are_no_text_are_a_bad_line() {
    let ran = soft_delete(
        &["expand", "--jsonl"],
        b"{\"id\": \xff}\n{\"id\": 2, \"sql\": \"SELECT 1\"}\n",
    );
    assert_eq!(ran.out.lines().count(), 2);
    assert!(ran.out.contains("the line is not UTF-8"), "{}", ran.out);
    assert_eq!(ran.status, Some(0));
}

#[test]
fn a_schema_that_cannot_be_read_is_said_once_and_every_line_is_answered() {
    let ran = soft_delete(
        &[
            "expand",
            "--jsonl",
            "--schema",
            "nowhere",
            "--dialect",
            "sqlite",
        ],
        b"{\"id\": 1, \"sql\": \"SELECT 1\"}\n{\"id\": 2, \"sql\": \"SELECT 1\"}\n",
    );
    assert_eq!(ran.err.matches("[SD031]").count(), 1, "{}", ran.err);
    let lines: Vec<&str> = ran.out.lines().collect();
    assert_eq!(lines.len(), 2);
    for (at, line) in lines.iter().enumerate() {
        let start = format!(
            r#"{{"id":{},"ok":false,"sql":null,"references":[],"errors":[{{"code":"SD031""#,
            at + 1
        );
        assert!(line.starts_with(&start), "{line}");
    }
    assert_eq!(ran.status, Some(1));
}

#[test]
fn each_verdict_is_written_before_the_next_request_is_read() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_soft-delete"))
        .args(["expand", "--jsonl"])
        .current_dir(fixture())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut requests = child.stdin.take().expect("a pipe");
    let mut verdicts = BufReader::new(child.stdout.take().expect("a pipe"));
    for id in 0..3 {
        writeln!(requests, r#"{{"id": {id}, "sql": "SELECT 1"}}"#).expect("it listens");
        let mut line = String::new();
        verdicts.read_line(&mut line).expect("it answers");
        assert!(
            line.starts_with(&format!(r#"{{"id":{id},"ok":true"#)),
            "{line}"
        );
    }
    drop(requests);
    assert!(child.wait().expect("it ends").success());
}
