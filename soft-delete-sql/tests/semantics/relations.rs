//! What a relation is found to be, and what statements on whole tables are told.

use crate::setup::{ALL, Active, Ask, Code, Postgres, Sqlite, on, on_more, scope, with_schema};

#[test]
fn a_nullable_boolean_marker_is_told_wherever_its_table_is_named() {
    let ddl = "CREATE TABLE flags (id INTEGER PRIMARY KEY, is_deleted BOOLEAN);
        CREATE TABLE sure (id INTEGER PRIMARY KEY, is_deleted BOOLEAN NOT NULL);";
    for &dialect in ALL {
        let on = with_schema(dialect, ddl, "");
        for ask in [Ask::default(), scope(Active)] {
            for sql in [
                "SELECT id FROM flags",
                "SELECT id FROM flags WHERE is_deleted = FALSE",
            ] {
                on.refuses_as(&ask, sql, Code::NullableBooleanMarker, "flags");
                let fault = on.check(&ask, sql).errors.remove(0);
                assert!(fault.why.contains("IS NOT TRUE"), "{}", fault.why);
                assert!(fault.help.contains("NOT NULL"), "{}", fault.help);
            }
        }
        on.proves("SELECT id FROM sure WHERE is_deleted = FALSE");
    }
    let accepted = "[tables.flags]\naccept = [\"upsert_counts_tombstones\"]";
    with_schema(Postgres, ddl, accepted).refuses(
        "SELECT id FROM flags",
        Code::NullableBooleanMarker,
        "flags",
    );
}

#[test]
fn statements_on_whole_tables_are_told_of_each_that_is_soft_deletable() {
    let told = |sql: &str| {
        let checked = on(Postgres).check(&Ask::default(), sql);
        checked
            .errors
            .iter()
            .map(|error| {
                assert_eq!(error.code, Code::Wholesale);
                (
                    sql[error.span.clone().unwrap()].to_owned(),
                    error.help.clone(),
                )
            })
            .collect::<Vec<_>>()
    };
    let erase = |name: &str| {
        let help = format!("soft_query!(erase, \"DELETE FROM {name}\")");
        (name.to_owned(), help)
    };
    assert_eq!(told("TRUNCATE contacts"), [erase("contacts")]);
    assert_eq!(told("TRUNCATE contact_names"), [erase("contact_names")]);
    assert_eq!(
        told("TRUNCATE audit, orders, contacts CASCADE"),
        [erase("orders"), erase("contacts")]
    );
    let copy = String::from("COPY (SELECT * FROM contacts) TO …");
    assert_eq!(
        told("COPY contacts TO STDOUT"),
        [(String::from("contacts"), copy)]
    );
    // What references it goes as well.
    assert_eq!(
        told("TRUNCATE audit, audit CASCADE"),
        [(String::from("audit"), String::new())]
    );
    assert_eq!(told("TRUNCATE audit"), []);
    assert_eq!(told("COPY audit TO STDOUT"), []);
    let none = with_schema(Postgres, "CREATE TABLE audit (id INTEGER PRIMARY KEY);", "");
    none.proves("TRUNCATE audit CASCADE");
}

#[test]
fn only_a_parent_of_soft_deletable_children_is_leaky() {
    let on = on_more(
        Postgres,
        "CREATE TABLE base (id INTEGER PRIMARY KEY);
         CREATE TABLE child (deleted_at TIMESTAMP) INHERITS (base);
         CREATE TABLE other (id INTEGER PRIMARY KEY);
         CREATE TABLE other_child (x INTEGER) INHERITS (other);",
    );
    on.proves("SELECT id FROM other");
    on.refuses("TRUNCATE base", Code::Wholesale, "base");
    on.refuses("SELECT id FROM base", Code::LeakyView, "base");
}

#[test]
fn what_records_a_deletion_is_protected_in_a_soft_deletable_table_only() {
    let ddl =
        "CREATE TABLE logged (id INTEGER PRIMARY KEY, deleted_by INTEGER, deleted_reason TEXT,
            deleted_operation TEXT, deleted_at TIMESTAMP NULL);
        CREATE TABLE plain (id INTEGER PRIMARY KEY, deleted_by INTEGER);";
    for &dialect in ALL {
        let on = on_more(dialect, ddl);
        for column in ["deleted_by", "deleted_reason", "deleted_operation"] {
            on.refuses_as(
                &scope(Active),
                &format!("UPDATE logged SET {column} = 1"),
                Code::MarkerWritten,
                column,
            );
            on.refuses_as(
                &scope(Active),
                &format!("INSERT INTO logged ({column}) VALUES (1)"),
                Code::MarkerWritten,
                "1",
            );
        }
        on.proves("UPDATE plain SET deleted_by = 1");
        on.proves("INSERT INTO plain (deleted_by) VALUES (1)");
    }
}

#[test]
fn a_relation_that_is_not_known_is_told_by_its_name() {
    for (sql, at, help) in [
        ("SELECT id FROM contactz", "contactz", "`contacts`"),
        ("SELECT id FROM crm.contactz", "crm.contactz", "`contacts`"),
        ("SELECT id FROM elsewhere", "elsewhere", "[\"elsewhere\"]"),
        (
            "SELECT id FROM live_contact",
            "live_contact",
            "`live_contacts`",
        ),
    ] {
        on(Postgres).refuses(sql, Code::UnknownRelation, at);
        let fault = on(Postgres).check(&Ask::default(), sql).errors.remove(0);
        assert!(fault.help.contains(help), "{}", fault.help);
        assert!(fault.why.contains("not in the schema"), "{}", fault.why);
    }
}

#[test]
fn a_modifier_is_looked_into_and_names_no_table() {
    on(Postgres).becomes(
        "SELECT id FROM audit TABLESAMPLE SYSTEM ((SELECT count(*) FROM contacts))",
        "SELECT id FROM audit TABLESAMPLE SYSTEM ((SELECT count(*) FROM contacts WHERE contacts.deleted_at IS NULL))",
    );
    on(Sqlite).proves("SELECT id FROM audit INDEXED BY contacts");
}

#[test]
fn a_view_is_shown_with_its_columns_and_its_own_name() {
    for &dialect in ALL {
        on(dialect)
            .proves("SELECT 1 FROM (SELECT * FROM contact_states) x WHERE x.deleted_at IS NULL");
    }
    let checked = on(Postgres).check(&scope(Active), "SELECT id FROM public.contact_states");
    assert_eq!(checked.references[0].table, "contact_states");
}

#[test]
fn a_table_whose_columns_are_not_known_may_have_any() {
    let places = "CREATE VIRTUAL TABLE places USING rtree(id, x, y);";
    on_more(Sqlite, places).proves_nothing(
        "SELECT 1 FROM contacts, places WHERE deleted_at IS NULL",
        "contacts",
    );
}

#[test]
fn a_sample_by_the_time_it_takes_is_no_past_version() {
    on(Postgres).becomes(
        "SELECT id FROM contacts TABLESAMPLE system_time (1000)",
        "SELECT id FROM contacts TABLESAMPLE system_time (1000) WHERE contacts.deleted_at IS NULL",
    );
}

#[test]
fn what_shows_a_soft_deletable_table_is_written_as_such() {
    let on = on_more(
        Postgres,
        "CREATE FOREIGN TABLE far (id integer) SERVER s OPTIONS (table_name 'contacts');
         CREATE FOREIGN TABLE marked (id integer, deleted_at timestamp) SERVER s OPTIONS (table_name 'contacts');",
    );
    let sql = "INSERT INTO far (id) VALUES (1)";
    on.becomes(sql, sql);
    // A marker of its own is filtered there.
    on.becomes(
        "SELECT id FROM marked",
        "SELECT id FROM marked WHERE marked.deleted_at IS NULL",
    );
}

#[test]
fn the_first_of_several_tables_is_told_of_those_behind_them() {
    let on = on_more(Postgres, "CREATE TABLE lines (id INTEGER PRIMARY KEY);");
    on.refuses("TRUNCATE lines, audit CASCADE", Code::Wholesale, "lines");
    let fault = on
        .check(&Ask::default(), "TRUNCATE contacts")
        .errors
        .remove(0);
    assert!(
        fault.why.contains("no scope can be written"),
        "{}",
        fault.why
    );
}
