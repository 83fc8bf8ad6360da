//! §4: functions, operators and casts that read a table behind the statement.

use crate::setup::{Ask, Code, Mysql, On, Postgres, Sqlite, on, on_more, with_schema};

const OPAQUE: &str = "LANGUAGE sql AS 'SELECT count(*) FROM contacts';";
const PLAIN: &str = "LANGUAGE sql AS 'SELECT 1';";

#[track_caller]
fn is_opaque(on: &On, sql: &str, at: &str) {
    on.refuses(sql, Code::OpaqueFunction, at);
    let codes: Vec<Code> = on
        .check(&Ask::default(), sql)
        .errors
        .iter()
        .map(|error| error.code)
        .collect();
    assert_eq!(codes, [Code::OpaqueFunction], "{sql}");
}

#[track_caller]
fn tells(on: &On, sql: &str, message: &str) {
    let fault = on.check(&Ask::default(), sql).errors.remove(0);
    assert!(fault.message.contains(message), "{}", fault.message);
}

#[test]
fn where_nothing_is_soft_deletable_no_function_reads_it() {
    let on = with_schema(Postgres, "CREATE TABLE lines (id integer);", "");
    on.proves("SELECT dblink('a', 'b') FROM lines");
}

#[test]
fn a_function_of_the_schema_is_judged_by_its_body_whatever_it_is_called() {
    let ddl = format!("CREATE FUNCTION crosstab_lines() RETURNS bigint {PLAIN}");
    on_more(Postgres, &ddl).proves("SELECT crosstab_lines()");
    is_opaque(&on(Postgres), "SELECT crosstab_lines()", "crosstab_lines");
    // That of another schema is not known.
    is_opaque(
        &on_more(Postgres, &ddl),
        "SELECT far.crosstab_lines()",
        "far.crosstab_lines",
    );
}

#[test]
fn each_schema_has_functions_of_its_own() {
    let ddl = format!(
        "CREATE FUNCTION crm.friends() RETURNS bigint {OPAQUE}
         CREATE FUNCTION public.friends() RETURNS bigint {PLAIN}
         CREATE FUNCTION crm.alone() RETURNS bigint {OPAQUE}"
    );
    let on = on_more(Postgres, &ddl);
    is_opaque(&on, "SELECT crm.friends()", "crm.friends");
    is_opaque(&on, "SELECT 1, crm.friends()", "crm.friends");
    is_opaque(&on, "SELECT friends()", "friends");
    on.proves("SELECT public.friends()");
    on.proves("SELECT far.alone()");
    // What stands in front of the dot is no schema.
    is_opaque(&on, "SELECT (a).friends(1) FROM audit a", "friends");
    let ddl =
        "CREATE FUNCTION app.friends() RETURNS INTEGER RETURN (SELECT count(*) FROM contacts);
        CREATE FUNCTION crm.friends() RETURNS INTEGER RETURN 1;";
    let on = on_more(Mysql, ddl);
    is_opaque(&on, "SELECT app.friends()", "app.friends");
    is_opaque(&on, "SELECT far.friends()", "far.friends");
    on.proves("SELECT crm.friends()");
}

#[test]
fn one_opaque_function_of_a_name_is_enough() {
    for (first, second) in [(OPAQUE, PLAIN), (PLAIN, OPAQUE)] {
        let ddl = format!(
            "CREATE FUNCTION friends(integer) RETURNS bigint {first}
             CREATE FUNCTION friends(text) RETURNS bigint {second}"
        );
        is_opaque(&on_more(Postgres, &ddl), "SELECT friends(1)", "friends");
    }
}

#[test]
fn a_table_may_have_the_name_of_a_function() {
    let ddl = format!(
        "CREATE TABLE friends (id INTEGER PRIMARY KEY);
         CREATE TABLE crosstab (id INTEGER PRIMARY KEY);
         CREATE FUNCTION friends() RETURNS bigint {OPAQUE}"
    );
    let on = on_more(Postgres, &ddl);
    on.proves("INSERT INTO friends (id) VALUES (1)");
    on.proves("INSERT INTO public.friends (id) VALUES (1)");
    on.proves("SELECT id FROM public.friends");
    on.proves("INSERT INTO crosstab (id) VALUES (1)");
    is_opaque(
        &on,
        "INSERT INTO friends (id) VALUES (friends())",
        "friends",
    );
    is_opaque(&on, "SELECT 1 FROM friends() f", "friends");
    let ddl = "CREATE TABLE dblink (id INTEGER PRIMARY KEY);";
    on_more(Sqlite, ddl).proves("INSERT INTO dblink (id) VALUES (1)");
}

#[test]
fn a_column_is_no_attribute_that_is_called() {
    let ddl = format!(
        "CREATE TABLE pairs (id INTEGER PRIMARY KEY, friends INTEGER);
         CREATE FUNCTION line(audit) RETURNS bigint {OPAQUE}
         CREATE FUNCTION friends(audit) RETURNS bigint {OPAQUE}"
    );
    let on = on_more(Postgres, &ddl);
    for sql in [
        "SELECT id, line FROM audit",
        "SELECT a.line, 1 FROM audit a",
        "SELECT 1, a.line, 1 FROM audit a",
        "SELECT 1, 1, 1, 1, a.line, 1 FROM pairs p, audit a",
    ] {
        on.proves(sql);
    }
    for (sql, at) in [
        ("SELECT a.friends FROM audit a, pairs p", "friends"),
        ("SELECT (a).line FROM audit a", "line"),
        // An alias may be any text.
        ("SELECT (a).line FROM audit a, audit \")\"", "line"),
    ] {
        is_opaque(&on, sql, at);
    }
    // Other databases have no such calls.
    let ddl = "CREATE TABLE contacts (id INTEGER PRIMARY KEY, deleted_at TIMESTAMP NULL);
        CREATE FUNCTION friends() RETURNS INTEGER RETURN (SELECT count(*) FROM contacts);";
    with_schema(Mysql, ddl, "external = [\"ext\"]").proves("SELECT e.friends FROM ext e");
}

#[test]
fn an_operator_or_cast_names_the_opaque_function_behind_it() {
    let ddl = format!(
        "CREATE FUNCTION plain(integer, integer) RETURNS bigint {PLAIN}
         CREATE FUNCTION other(integer, integer) RETURNS bigint {OPAQUE}
         CREATE OPERATOR @@@ (leftarg = integer, rightarg = integer, function = other);
         CREATE FUNCTION friends(integer, integer) RETURNS bigint {OPAQUE}
         CREATE OPERATOR ## (leftarg = integer, rightarg = integer, function = friends,
             restrict = plain, commutator = @@@);"
    );
    let on = |more: &str| on_more(Postgres, &format!("{ddl}{more}"));
    is_opaque(&on(""), "SELECT id ## (1) FROM audit", "##");
    tells(
        &on(""),
        "SELECT id ## 1 FROM audit",
        "the operator `##` calls `friends`",
    );
    let cast = "CREATE CAST (integer AS audit) WITH FUNCTION friends(integer, integer);";
    tells(
        &on(cast),
        "SELECT id FROM audit",
        "the cast (integer AS audit) calls `friends`",
    );
    // A function is called by its name only.
    let quoted = format!("CREATE FUNCTION \"+\"(integer, integer) RETURNS bigint {OPAQUE}");
    on(&quoted).proves("SELECT id + 1 FROM audit");
}
