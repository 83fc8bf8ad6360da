//! The statements of an erasure, and what is refused, in every dialect.

use std::path::Path;

use crate::{
    Diagnostic, Dialect, Schema,
    lifecycle::{Effect, Stage, plan},
    schema::{self, Config},
};

const PEOPLE: &str = "CREATE TABLE people (id BIGINT PRIMARY KEY, name VARCHAR(9) NOT NULL, deleted_at TIMESTAMP NULL, erased_at TIMESTAMP NULL, deleted_operation CHAR(36));";
const BILLS: &str = "CREATE TABLE bills (id BIGINT PRIMARY KEY, person_id BIGINT, payer VARCHAR(9), FOREIGN KEY (person_id) REFERENCES people (id));";
const PARCELS: &str = "CREATE TABLE parcels (id BIGINT PRIMARY KEY, bill_id BIGINT, sender BIGINT, recipient VARCHAR(9), \
     FOREIGN KEY (bill_id) REFERENCES bills (id), FOREIGN KEY (sender) REFERENCES people (id));";
const SAID: &str = "[tables.people]\nerase = \"overwrite\"\npersonal = { name = \"'erased'\" }\n\
     [tables.people.references]\nbills = \"keep\"\n[tables.bills]\npersonal = { payer = \"NULL\" }\nperson = [\"person_id\"]\n";

fn read(dialect: Dialect, sql: &[&str], toml: &str) -> Result<Schema, Vec<Diagnostic>> {
    let config = Config::parse(toml, Path::new("soft-delete.toml"))?;
    schema::from_sql(dialect, &sql.concat(), &config)
}

/// The statements of the first table's erasure that overwrite.
fn overwrites(dialect: Dialect, sql: &[&str], toml: &str) -> Vec<String> {
    let schema = read(dialect, sql, toml).expect("a schema");
    let plan = plan(&schema, 0).expect("a plan");
    let once = plan
        .erase
        .stages
        .into_iter()
        .filter_map(|stage| match stage {
            Stage::Once(step) => Some(step),
            Stage::Repeat(_) | Stage::Collect(_) => None,
        });
    once.filter(|step| matches!(step.effect, Effect::OverwriteErased | Effect::OverwriteKept))
        .map(|step| step.text.sql)
        .collect()
}

#[test]
fn the_way_to_the_person_is_joined() {
    let of = |dialect| overwrites(dialect, &[PEOPLE, BILLS], SAID);
    assert_eq!(
        of(Dialect::Postgres),
        [
            "UPDATE bills AS c SET payer = NULL FROM people AS p0 WHERE c.person_id = p0.id AND p0.deleted_operation = $1",
            "UPDATE people AS c SET deleted_at = CASE WHEN c.deleted_at IS NULL THEN CURRENT_TIMESTAMP ELSE c.deleted_at END, \
             erased_at = COALESCE(c.erased_at, CURRENT_TIMESTAMP), name = 'erased' WHERE c.deleted_operation = $1",
        ]
    );
    assert_eq!(
        of(Dialect::Mysql)[0],
        "UPDATE bills AS c JOIN people AS p0 ON c.person_id = p0.id SET c.payer = NULL WHERE p0.deleted_operation = ?"
    );
    assert_eq!(of(Dialect::Sqlite).len(), 2);
}

#[test]
fn a_row_that_two_ways_lead_to_is_overwritten_once() {
    let toml = format!(
        "{SAID}[tables.parcels]\npersonal = {{ recipient = \"'erased-' || id\" }}\nperson = [\"bill_id\", \"sender\"]\n"
    );
    let found = overwrites(Dialect::Sqlite, &[PEOPLE, BILLS, PARCELS], &toml);
    assert_eq!(
        found[1..3],
        [
            "UPDATE parcels AS c SET recipient = 'erased-' || c.id FROM bills AS p0 JOIN people AS p1 ON p0.person_id = p1.id \
             WHERE c.bill_id = p0.id AND p1.deleted_operation = ?1",
            "UPDATE parcels AS c SET recipient = 'erased-' || c.id FROM people AS p0 WHERE c.sender = p0.id AND p0.deleted_operation = ?1 \
             AND NOT EXISTS (SELECT 1 FROM bills AS q0 JOIN people AS q1 ON q0.person_id = q1.id WHERE c.bill_id = q0.id AND q1.deleted_operation = ?1)",
        ]
    );
}

#[test]
fn a_purge_and_an_erasure_of_others_overwrite_nothing() {
    let schema = read(Dialect::Sqlite, &[PEOPLE, BILLS], SAID).expect("a schema");
    let plan = plan(&schema, 0).expect("a plan");
    let stages = format!("{:?}{:?}", plan.purge, plan.soft_delete);
    assert!(
        !stages.contains("Overwrite") && !stages.contains("payer"),
        "{stages}"
    );
}

/// What is refused, with the code, on every dialect alike.
fn refused(sql: &[&str], toml: &str) -> Vec<String> {
    let told = Dialect::ALL.map(|dialect| {
        let faults = read(dialect, sql, toml).map(drop).unwrap_err();
        let line = |fault: &Diagnostic| format!("{} {}", fault.code, fault.message);
        faults.iter().map(line).collect::<Vec<_>>()
    });
    let [first, second, third] = told;
    assert_eq!(first, second);
    assert_eq!(first, third);
    first
}

fn personal(columns: &str) -> String {
    format!("[tables.people]\nerase = \"overwrite\"\npersonal = {{ {columns} }}\n")
}

#[test]
fn a_value_that_would_keep_what_was_there_is_refused() {
    for (value, why) in [
        ("name", "its new value is made of `name`"),
        ("c.name", "a column of `c.name` stands behind a dot"),
        (
            "(SELECT 'x')",
            "`(SELECT 'x')`: a subquery would read other rows than the one that is judged",
        ),
        (
            "'a', id = 0",
            "`'a', id = 0`: it has more than one expression",
        ),
        ("null", "it is NOT NULL"),
    ] {
        let toml = personal(&format!("name = \"{value}\""));
        assert_eq!(
            refused(&[PEOPLE], &toml),
            [format!(
                "SD049 soft-delete.toml:1: an erasure cannot overwrite `people.name`: {why}"
            )]
        );
    }
}

#[test]
fn columns_that_hold_a_row_together_are_refused() {
    for column in ["id", "deleted_at", "deleted_operation", "erased_at", "nmae"] {
        let told = refused(&[PEOPLE], &personal(&format!("{column} = \"'x'\"")));
        assert_eq!(told.len(), 1, "{told:?}");
        let start =
            format!("SD049 soft-delete.toml:1: an erasure cannot overwrite `people.{column}`");
        assert!(told[0].starts_with(&start), "{told:?}");
    }
    let toml = format!("{SAID}[tables.parcels]\npersonal = {{ sender = \"NULL\" }}\nperson = []");
    let told = refused(&[PEOPLE, BILLS, PARCELS], &toml);
    assert!(told[0].ends_with("it is part of a foreign key"), "{told:?}");
    let others = "CREATE TABLE cards (id BIGINT PRIMARY KEY, holder VARCHAR(9), FOREIGN KEY (holder) REFERENCES people (name));";
    let people = PEOPLE.replace("NOT NULL", "NOT NULL UNIQUE");
    let toml = personal("name = \"'x'\"") + "[tables.people.references]\ncards = \"keep\"";
    let told = refused(&[&people, others], &toml);
    assert!(told[0].ends_with("`cards` references it"), "{told:?}");
}

#[test]
fn a_unique_key_asks_for_the_whole_primary_key() {
    let people = "CREATE TABLE people (a BIGINT, b BIGINT, name VARCHAR(9), deleted_at TIMESTAMP NULL, erased_at TIMESTAMP NULL, deleted_operation CHAR(36), \
         PRIMARY KEY (a, b));\nCREATE UNIQUE INDEX names ON people (name);";
    let collides = "SD049 soft-delete.toml:1: an erasure cannot overwrite `people.name`: `names` is unique, and the new value is \
         the same in every row";
    assert_eq!(
        refused(&[people], &personal("name = \"concat('x', a)\"")),
        [collides]
    );
    for dialect in Dialect::ALL {
        for fits in ["concat('x', a, '-', b)", "NULL"] {
            read(dialect, &[people], &personal(&format!("name = \"{fits}\""))).expect("it fits");
        }
    }
    let faults = read(Dialect::Mysql, &[people], &personal("name = \"'x'\"")).unwrap_err();
    assert!(
        faults[0]
            .help
            .ends_with("name = \"CONCAT('erased-', a, '-', b)\""),
        "{}",
        faults[0].help
    );
    let computed = PEOPLE.replace(
        "deleted_at",
        "live VARCHAR(9) AS (IF(deleted_at IS NULL, name, NULL)), UNIQUE KEY lives (live), deleted_at",
    );
    let faults = read(Dialect::Mysql, &[&computed], &personal("name = \"'x'\"")).unwrap_err();
    assert!(
        faults[0].message.contains("`lives` is unique"),
        "{}",
        faults[0].message
    );
}

#[test]
fn whose_data_they_are_is_said_on_the_whole_way() {
    let toml = format!("{SAID}[tables.parcels]\npersonal = {{ recipient = \"NULL\" }}\n");
    let told = refused(&[PEOPLE, BILLS, PARCELS], &toml);
    assert_eq!(
        told,
        [
            "SD051 soft-delete.toml:9: `parcels` has personal columns, and does not say whose data they are"
        ]
    );

    let unsaid = SAID.replace(
        "personal = { payer = \"NULL\" }\nperson = [\"person_id\"]\n",
        "",
    );
    let toml = format!(
        "{unsaid}[tables.parcels]\npersonal = {{ recipient = \"NULL\" }}\nperson = [\"bill_id\"]"
    );
    let told = refused(&[PEOPLE, BILLS, PARCELS], &toml);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(
        told[0].contains("`bills` on the way to the person does not say where it goes on"),
        "{told:?}"
    );

    let toml = SAID.replace("[\"person_id\"]", "[\"persn_id\"]");
    let told = refused(&[PEOPLE, BILLS], &toml);
    assert_eq!(
        told,
        ["SD051 soft-delete.toml:6: `person` of `bills`: no foreign key begins with `persn_id`"]
    );
}

#[test]
fn a_way_that_leads_round_in_a_circle_is_refused() {
    let sql = "CREATE TABLE a (id BIGINT PRIMARY KEY, b_id BIGINT, x VARCHAR(9), deleted_at TIMESTAMP NULL, deleted_operation CHAR(36));\
         CREATE TABLE b (id BIGINT PRIMARY KEY, a_id BIGINT, deleted_at TIMESTAMP NULL, deleted_operation CHAR(36), \
         FOREIGN KEY (a_id) REFERENCES a (id));\nALTER TABLE a ADD FOREIGN KEY (b_id) REFERENCES b (id);";
    let toml = "[tables.a]\nerase = \"remove\"\npersonal = { x = \"NULL\" }\nperson = [\"b_id\"]\nreferences = { b = \"keep\" }\n\
         [tables.b]\nperson = [\"a_id\"]\nreferences = { a = \"keep\" }";
    for dialect in [Dialect::Postgres, Dialect::Mysql] {
        let faults = read(dialect, &[sql], toml).unwrap_err();
        assert_eq!(
            faults[0].message,
            "soft-delete.toml:1: the way from `a` to the person leads round in a circle, by `b.a_id`"
        );
    }
}

/// What the help says is a migration, and what the schema then says.
#[test]
fn a_row_that_stays_tells_that_it_was_erased() {
    let without = PEOPLE.replace("erased_at TIMESTAMP NULL, ", "");
    for dialect in Dialect::ALL {
        let faults = read(dialect, &[&without], &personal("name = \"'erased'\"")).unwrap_err();
        let [fault] = faults.as_slice() else {
            panic!("{faults:?}");
        };
        assert_eq!(
            fault.message,
            "soft-delete.toml:1: an erasure leaves the rows of `people`, and `people` has no column `erased_at`"
        );
        let migration = fault.help.strip_prefix("add it in a migration:\n");
        let migration = migration.expect("a migration");
        assert!(migration.ends_with("CHECK (erased_at IS NULL OR deleted_at IS NOT NULL);"));
        read(
            dialect,
            &[&without, migration],
            &personal("name = \"'erased'\""),
        )
        .expect("it fits");
    }
    for (column, lacks) in [
        (
            "erased_at BOOLEAN NULL, ",
            "has an `erased_at` that takes no moment",
        ),
        (
            "erased_at TIMESTAMP NOT NULL, ",
            "has an `erased_at` that is NOT NULL",
        ),
    ] {
        let people = PEOPLE.replace("erased_at TIMESTAMP NULL, ", column);
        let told = refused(&[&people], &personal("name = \"'erased'\""));
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(
            told[0].starts_with("SD051 ") && told[0].ends_with(lacks),
            "{told:?}"
        );
    }
}

#[test]
fn no_restore_brings_back_an_erased_row() {
    let schema = read(Dialect::Sqlite, &[PEOPLE, BILLS], SAID).expect("a schema");
    let restore = plan(&schema, 0).expect("a plan").restore.change;
    for (which, text) in restore.roots.iter().chain(&restore.keys) {
        assert!(
            text.sql
                .contains("c.deleted_at IS NOT NULL AND NOT (c.erased_at IS NOT NULL)"),
            "{which:?}: {}",
            text.sql
        );
    }
    let held = PEOPLE.replace("erased_at", "hold BOOLEAN NOT NULL, erased_at");
    let toml = SAID.replace("erase =", "hold = \"hold\"\nerase =");
    let schema = read(Dialect::Sqlite, &[&held, BILLS], &toml).expect("a schema");
    let plan = plan(&schema, 0).expect("a plan");
    assert_eq!(
        plan.state.sql,
        "SELECT CASE WHEN c.deleted_at IS NULL THEN 'active' \
         WHEN c.erased_at IS NOT NULL AND (c.hold) THEN 'erased held' \
         WHEN c.erased_at IS NOT NULL THEN 'erased' WHEN c.hold THEN 'held' ELSE 'deleted' END FROM people AS c WHERE c.id = ?1"
    );
    let schema = read(
        Dialect::Sqlite,
        &[PEOPLE, BILLS],
        &SAID.replace("overwrite", "remove"),
    )
    .expect("a schema");
    let plan = super::super::plan(&schema, 0).expect("a plan");
    assert!(
        !format!("{:?}", plan.restore).contains("erased_at"),
        "the column is the application's own"
    );
}

#[test]
fn the_erasure_of_a_row_that_no_way_leads_to_overwrites_nothing() {
    let notes = "CREATE TABLE notes (id BIGINT PRIMARY KEY, deleted_at TIMESTAMP NULL, deleted_operation CHAR(36));";
    for dialect in [Dialect::Postgres, Dialect::Sqlite, Dialect::Mysql] {
        let own = overwrites(dialect, &[notes, PEOPLE, BILLS], SAID);
        assert!(own.is_empty(), "{own:?}");
    }
}
