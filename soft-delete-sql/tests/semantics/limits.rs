//! §4, and the traps of lexing and structure that DESIGN §3 lists.

use crate::setup::{
    ALL, Active, Ask, Code, Mysql, Postgres, Sqlite, on, on_more, scope, with_schema,
};

#[test]
fn functions_that_run_sql_given_as_text_are_refused() {
    // §4: query_to_xml and its kin, dblink, ts_stat, crosstab.
    for call in [
        "query_to_xml('SELECT * FROM contacts', true, false, '')",
        "table_to_xml('contacts', true, false, '')",
        "schema_to_xml('public', true, false, '')",
        "database_to_xml(true, false, '')",
        "dblink('dbname=x', 'SELECT 1')",
        "ts_stat('SELECT v FROM contacts')",
        "crosstab('SELECT 1')",
    ] {
        let name = call.split('(').next().unwrap();
        for sql in [
            format!("SELECT {call}"),
            format!("SELECT 1 FROM {call} AS x"),
        ] {
            on(Postgres).refuses(&sql, Code::OpaqueFunction, name);
        }
    }
}

#[test]
fn a_function_whose_body_names_a_soft_deletable_table_is_opaque() {
    // DESIGN §4: "opaque until declared".
    let ddl = "CREATE FUNCTION live(integer) RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM contacts';
        CREATE FUNCTION harmless(integer) RETURNS bigint LANGUAGE sql AS 'SELECT 1';";
    on_more(Postgres, ddl).refuses("SELECT live(1)", Code::OpaqueFunction, "live");
    on_more(Postgres, ddl).refuses(
        "SELECT line FROM audit WHERE public.live(id) > 0",
        Code::OpaqueFunction,
        "public.live",
    );
    on_more(Postgres, ddl).proves("SELECT harmless(1)");
    let declared = "[functions.live]\nreads = \"active\"";
    let tables = "CREATE TABLE contacts (id integer, deleted_at timestamptz);";
    with_schema(Postgres, &format!("{tables}{ddl}"), declared).proves("SELECT live(1)");
}

#[test]
fn a_materialized_view_needs_a_scope_of_its_own() {
    // §4: it keeps old rows, whatever its body says.
    let ddl =
        "CREATE MATERIALIZED VIEW snapshot AS SELECT id FROM contacts WHERE deleted_at IS NULL;";
    let sql = "SELECT id FROM snapshot";
    on_more(Postgres, ddl).refuses(sql, Code::LeakyView, "snapshot");
    let tables = "CREATE TABLE contacts (id integer, deleted_at timestamptz);";
    with_schema(
        Postgres,
        &format!("{tables}{ddl}"),
        "[views.snapshot]\nscope = \"active\"",
    )
    .proves(sql);
}

#[test]
fn nesting_that_is_too_deep_is_an_error_and_no_overflow() {
    // DESIGN §3 Beware: "deep nesting (an error, never a stack overflow)".
    for &dialect in ALL {
        for (open, middle, close) in [
            ("(", "1", ")"),
            ("(SELECT ", "1", ")"),
            ("CASE WHEN 1 = 1 THEN ", "1", " END"),
            ("NOT ", "1", ""),
            ("- ", "1", ""),
        ] {
            let depth = 50_000;
            let sql = format!(
                "SELECT {}{middle}{} FROM contacts",
                open.repeat(depth),
                close.repeat(depth)
            );
            let checked = on(dialect).check(&Ask::default(), &sql);
            assert!(checked.scoped.is_none(), "{dialect}: {open}");
            let code = checked.errors[0].code;
            assert!(
                matches!(code, Code::TooDeep | Code::Unscoped),
                "{dialect}: {open} {code}"
            );
        }
        let sql = format!(
            "SELECT 1 FROM {}contacts{}",
            "(".repeat(50_000),
            ")".repeat(50_000)
        );
        let checked = on(dialect).check(&Ask::default(), &sql);
        assert_eq!(checked.errors[0].code, Code::TooDeep, "{dialect}");
    }
}

#[test]
fn what_mysql_executes_is_no_comment() {
    // DESIGN §3 Beware: `/*! … */` and `/*M! … */`.
    for comment in [
        "/*! , contacts */",
        "/*M! , contacts */",
        "/*!50000 , contacts */",
    ] {
        let sql = format!("SELECT 1 FROM audit {comment}");
        let checked = on(Mysql).check(&Ask::default(), &sql);
        assert_eq!(checked.errors[0].code, Code::Syntax, "{sql}");
        on(Postgres).proves(&sql);
    }
    on(Mysql).proves("SELECT /*+ MAX_EXECUTION_TIME(1) */ 1 FROM audit");
}

#[test]
fn a_nested_comment_ends_where_the_dialect_ends_it() {
    // DESIGN §3 Beware: nested `/* */` is PostgreSQL's alone.
    let sql = "SELECT 1 FROM audit /* /* */ , contacts -- */";
    on(Postgres).proves(sql);
    for dialect in [Sqlite, Mysql] {
        on(dialect).refuses(sql, Code::Unscoped, "contacts");
    }
}

#[test]
fn strings_end_where_the_dialect_ends_them() {
    // DESIGN §3 Beware: backslashes, `E''`, `$tag$`, doubled quotes.
    let backslash = "SELECT '\\' , id FROM contacts WHERE '' = ' '";
    on(Postgres).refuses(backslash, Code::Unscoped, "contacts");
    on(Sqlite).refuses(backslash, Code::Unscoped, "contacts");
    on(Postgres).proves("SELECT $a$ FROM contacts $b$ $a$ FROM audit");
    on(Postgres).refuses(
        "SELECT $a$ x $a$ FROM contacts WHERE $b$ y $b$ = 'z'",
        Code::Unscoped,
        "contacts",
    );
    on(Postgres).proves("SELECT E'\\' FROM contacts ' FROM audit");
    for &dialect in ALL {
        on(dialect).proves("SELECT 'it''s FROM contacts' FROM audit");
    }
    on(Mysql).proves("SELECT \"FROM contacts\" FROM audit");
}

#[test]
fn multi_byte_text_keeps_every_edit_at_its_byte() {
    // DESIGN §3 Beware: multi-byte UTF-8.
    for &dialect in ALL {
        on(dialect).becomes(
            "SELECT 'žluťoučký 🐎' AS x FROM contacts WHERE name = 'ß' OR name = '日本'",
            "SELECT 'žluťoučký 🐎' AS x FROM contacts WHERE contacts.deleted_at IS NULL AND (name = 'ß' OR name = '日本')",
        );
    }
}

#[test]
fn the_from_of_a_function_is_no_from_clause() {
    // DESIGN §3 Beware: `EXTRACT(… FROM …)`, `IS DISTINCT FROM`.
    on(Postgres).proves(
        "SELECT EXTRACT(year FROM line::date), trim(both 'x' FROM line), substring(line FROM 2), overlay(line PLACING 'x' FROM 1) FROM audit WHERE line IS DISTINCT FROM 'contacts'",
    );
    on(Postgres).refuses(
        "SELECT EXTRACT(year FROM c.deleted_at) FROM contacts c",
        Code::Unscoped,
        "contacts",
    );
}

#[test]
fn an_unclosed_construct_is_an_error() {
    // DESIGN §3 guard 1.
    for &dialect in ALL {
        for sql in [
            "SELECT (1 FROM contacts WHERE deleted_at IS NULL",
            "SELECT 'a FROM contacts WHERE deleted_at IS NULL",
            "SELECT 1 /* FROM contacts WHERE deleted_at IS NULL",
            "SELECT id FROM contacts WHERE deleted_at IS NULL)",
            "SELECT CASE WHEN 1 = 1 THEN 2 FROM contacts WHERE deleted_at IS NULL",
            "FOLD contacts WHERE deleted_at IS NULL",
            "",
            ";",
        ] {
            let checked = on(dialect).check(&Ask::default(), sql);
            assert!(checked.scoped.is_none(), "{dialect}: {sql}");
            assert_eq!(checked.errors[0].code, Code::Syntax, "{dialect}: {sql}");
        }
    }
}

#[test]
fn a_statement_that_reads_no_rows_passes() {
    for &dialect in ALL {
        on(dialect).proves("COMMIT");
        on(dialect).proves("SAVEPOINT a");
    }
    on(Postgres).proves("SET LOCAL search_path TO crm");
    on(Sqlite).proves("PRAGMA foreign_keys = ON");
}

#[test]
fn a_test_of_a_null_row_is_vacuous() {
    // The test in ON has already done it.
    for &dialect in ALL {
        let sql = "SELECT o.id FROM orders o LEFT JOIN contacts c ON c.id = o.contact_id AND c.deleted_at IS NULL WHERE o.deleted_at IS NULL AND c.deleted_at IS NULL";
        assert_eq!(
            on(dialect).warnings(&Ask::default(), sql),
            [Code::VacuousTest],
            "{dialect}"
        );
    }
}

#[test]
fn a_child_of_a_soft_deletable_parent_warns() {
    // §4: foreign keys see tombstones.
    let ddl = "CREATE TABLE calls (id INTEGER PRIMARY KEY, contact_id INTEGER NOT NULL REFERENCES contacts (id));";
    for dialect in [Postgres, Sqlite] {
        let on = on_more(dialect, ddl);
        assert_eq!(
            on.warnings(&Ask::default(), "SELECT id FROM calls WHERE id = 1"),
            [Code::ChildReadAlone],
            "{dialect}"
        );
        assert_eq!(
            on.warnings(&Ask::default(), "INSERT INTO calls (contact_id) VALUES (1)"),
            [Code::ParentMayBeDeleted],
            "{dialect}"
        );
        let joined = "SELECT k.id FROM calls k JOIN contacts c ON c.id = k.contact_id";
        assert_eq!(on.warnings(&scope(Active), joined), [], "{dialect}");
    }
}
