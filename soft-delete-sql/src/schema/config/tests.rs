use std::path::Path;

use super::{Config, Entry, Ignored, Reads, TableEntry, read};
use crate::{
    Dialect, Scope,
    schema::{Erasure, Policy, TableSettings},
};

fn parse(text: &str) -> Config {
    Config::parse(text, Path::new("soft-delete.toml")).unwrap()
}

fn faults(text: &str) -> String {
    let faults = Config::parse(text, Path::new("soft-delete.toml")).unwrap_err();
    let texts: Vec<String> = faults.iter().map(|fault| fault.render("")).collect();
    texts.join("\n")
}

#[test]
fn an_empty_file_says_the_defaults() {
    let config = parse("");
    assert_eq!(
        config,
        Config {
            file: "soft-delete.toml".into(),
            ..Config::default()
        }
    );
    assert_eq!(config.schema, Path::new("migrations"));
    assert_eq!(
        config.markers,
        [
            "deleted_at",
            "is_deleted",
            "deletion_date",
            "deletedAt",
            "isDeleted",
            "deletionDate"
        ]
    );
}

#[test]
fn every_key_is_read() {
    let config = parse(
        r#"
dialect = "mysql"
schema = "db/schema.sql"
markers = ["deletedAt"]
typecheck = true
require_actor = true
search_path = ["crm"]
external = ["cron.job"]
ignore = ["0003_x.sql:12"]
[tables."crm.contacts"]
soft_deletable = true
marker = "gone"
active = "gone IS NULL"
retention = "90 days"
hold = "legal_hold"
accept = ["nullable_marker"]
now = "now(6)"
columns = { id = "bigint not null", gone = "" }
require_actor = false
personal = { name = "'erased'" }
erase = "remove"
person = ["org_id"]
[tables."crm.contacts".references]
a = "cascade"
b = "restrict"
c = "keep"
d = "detach"
[views.v]
scope = "with_deleted"
[functions.f]
reads = "nothing"
[functions.g]
reads = "active"
"#,
    );
    let settings = TableSettings {
        retention: Some("90 days".into()),
        hold: Some("legal_hold".into()),
        references: [
            ("a".into(), Policy::Cascade),
            ("b".into(), Policy::Restrict),
            ("c".into(), Policy::Keep),
            ("d".into(), Policy::Detach),
        ]
        .into(),
        accept: [("nullable_marker".into(), String::new())].into(),
        now: Some("now(6)".into()),
        require_actor: Some(false),
        personal: Some([("name".into(), "'erased'".into())].into()),
        erase: Some(Erasure::Remove),
        person: Some(vec!["org_id".into()]),
    };
    let expected = Config {
        file: "soft-delete.toml".into(),
        dialect: Some(Dialect::Mysql),
        schema: "db/schema.sql".into(),
        markers: vec!["deletedAt".into()],
        typecheck: true,
        require_actor: true,
        search_path: vec!["crm".into()],
        external: vec!["cron.job".into()],
        ignore: vec![Ignored {
            file: "0003_x.sql".into(),
            statement: 12,
            line: 9,
        }],
        tables: vec![Entry {
            name: "crm.contacts".into(),
            line: 10,
            value: TableEntry {
                soft_deletable: Some(true),
                marker: Some("gone".into()),
                active: Some("gone IS NULL".into()),
                columns: Some(vec![
                    ("id".into(), "bigint not null".into()),
                    ("gone".into(), String::new()),
                ]),
                settings,
            },
        }],
        views: vec![Entry {
            name: "v".into(),
            line: 28,
            value: Scope::WithDeleted,
        }],
        functions: vec![
            Entry {
                name: "f".into(),
                line: 30,
                value: Reads::Nothing,
            },
            Entry {
                name: "g".into(),
                line: 32,
                value: Reads::Rows(Scope::Active),
            },
        ],
    };
    assert_eq!(config, expected);
}

#[test]
fn all_faults_of_a_file_are_told_at_once_with_their_lines() {
    assert_eq!(
        faults(
            r#"dialect = "sqllite"
tyepcheck = true
markers = "deleted_at"
frobnicate = 1

[tables.customers]
retension = "90 days"
retention = "soon"
soft_deletable = "no"
accept = ["a", 1]

[tables.customers.references]
orders = "cascades"

[tables.crm.contacts]
marker = "gone"

[views.v]
scope = "live"

[functions.f]
reads = "nothin"
"#
        ),
        "soft-delete.toml:1: unknown dialect `sqllite` [SD032]

  help: did you mean `sqlite`?
soft-delete.toml:2: unknown key `tyepcheck` at the top level [SD032]

  help: did you mean `typecheck`?
soft-delete.toml:3: `markers` must be a list of strings, not a string [SD032]
soft-delete.toml:4: unknown key `frobnicate` at the top level [SD032]

  help: expected one of `dialect`, `schema`, `markers`, `typecheck`, `require_actor`, `search_path`, `external`, `ignore`, `tables`, `views`, `functions`
soft-delete.toml:7: unknown key `retension` in `[tables.customers]` [SD032]

  help: did you mean `retention`?
soft-delete.toml:8: `soon` is no retention [SD032]

  help: write a number and a unit: \"90 days\"
soft-delete.toml:9: `soft_deletable` must be `true` or `false`, not a string [SD032]
soft-delete.toml:10: `accept` must be a string, not an integer [SD032]
soft-delete.toml:10: there is nothing to accept under the name `a` [SD032]

  help: expected one of `conflict_clause`, `leaky`, `nullable_marker`, `unaudited`, `upsert_counts_tombstones`
soft-delete.toml:13: unknown policy `cascades` [SD032]

  help: did you mean `cascade`?
soft-delete.toml:15: unknown key `contacts` in `[tables.crm]` [SD032]

  help: a qualified name needs quotes: [tables.\"crm.contacts\"]
soft-delete.toml:19: unknown scope `live` [SD032]

  help: expected one of `active`, `deleted`, `with_deleted`
soft-delete.toml:22: unknown value `nothin` of `reads` [SD032]

  help: did you mean `nothing`?"
    );
}

#[test]
fn a_fact_is_accepted_with_a_reason_for_the_table_or_for_one_constraint() {
    let config = parse(
        "[tables.t.accept]
nullable_marker = \"NULL means live\"
counts_tombstones.t_email = \"never used again\"
\"marker_in_key.a b\" = \"on purpose\"",
    );
    let settings = &config.tables[0].value.settings;
    assert!(settings.accepts("nullable_marker"));
    assert!(!settings.accepts("counts_tombstones"));
    assert!(settings.accepts_of("counts_tombstones", "t_email"));
    assert!(!settings.accepts_of("counts_tombstones", "t_name"));
    assert!(settings.accepts_of("marker_in_key", "a b"));
}

#[test]
fn what_is_accepted_needs_a_known_name_and_a_reason() {
    assert_eq!(
        faults(
            "[tables.a.accept]
count_tombstones = \"never used again\"
counts_tombstones = \"…\"
[tables.b]
accept = [\"counts_tombstones\", \"nulable_marker\"]
"
        ),
        "soft-delete.toml:2: there is nothing to accept under the name `count_tombstones` [SD032]

  help: did you mean `counts_tombstones`?
soft-delete.toml:3: `counts_tombstones` is accepted without a reason [SD032]

  help: write in the string why it may stay as it is
soft-delete.toml:5: `counts_tombstones` is accepted without a reason [SD032]

  help: write a table instead of the list:
        accept = { counts_tombstones = \"…\" }
soft-delete.toml:5: there is nothing to accept under the name `nulable_marker` [SD032]

  help: did you mean `nullable_marker`?"
    );
}

#[test]
fn what_is_no_toml_is_told_with_its_line() {
    let text = faults("dialect = \"sqlite\"\nmarkers = [\n");
    assert!(
        text.starts_with("soft-delete.toml:") && text.contains("[SD032]"),
        "{text}"
    );
}

#[test]
fn an_ignored_statement_needs_its_line() {
    assert_eq!(
        faults("ignore = [\"0003_x.sql\"]"),
        "soft-delete.toml:1: `0003_x.sql` names no statement [SD032]

  help: write the file and the line: \"0003_x.sql:12\""
    );
}

#[test]
fn the_reference_file_is_read_and_holds_every_key() {
    let text = include_str!("../../../../docs/soft-delete.toml");
    parse(text);
    for key in [read::TOP, read::TABLE, read::VIEW, read::FUNCTION].concat() {
        let said = text.lines().any(|line| {
            line.starts_with(&format!("{key} = "))
                || line.starts_with(&format!("[{key}."))
                || line.starts_with("[tables.") && line.ends_with(&format!(".{key}]"))
        });
        assert!(said, "docs/soft-delete.toml lacks `{key}`");
    }
}
