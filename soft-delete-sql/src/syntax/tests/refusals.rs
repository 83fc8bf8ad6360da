use crate::{
    Dialect::{self, Mysql, Postgres, Sqlite},
    syntax::parse,
};

/// Code, marked bytes and title of the refusal.
fn refusal(dialect: Dialect, sql: &str) -> String {
    match parse(dialect, sql) {
        Ok(parsed) => format!("{:?}", parsed.statement),
        Err(diagnostic) => {
            let span = diagnostic.span.clone().unwrap();
            format!("{} {span:?} {}", diagnostic.code, diagnostic.message)
        }
    }
}

fn refuses(cases: &[(Dialect, &str, &str)]) {
    for (dialect, sql, expected) in cases {
        assert_eq!(refusal(*dialect, sql), *expected, "{dialect}: {sql}");
    }
}

#[test]
fn what_cannot_be_understood_is_refused_at_its_place() {
    refuses(&[
        (Postgres, "", "SD009 0..0 no statement"),
        (Postgres, " ;", "SD009 1..2 no statement"),
        (Postgres, "-- only a comment", "SD009 17..17 no statement"),
        (
            Postgres,
            "SELECT (1",
            "SD009 7..8 this is opened and never closed",
        ),
        (Postgres, "SELECT 1)", "SD009 8..9 this closes nothing"),
        (Postgres, "SELECT (1]", "SD009 9..10 this closes nothing"),
        (
            Postgres,
            "SELECT 1; SELECT 2",
            "SD010 10..16 several statements in one string",
        ),
        (
            Postgres,
            "DELETE FROM t;;DROP TABLE t",
            "SD010 15..19 several statements in one string",
        ),
        (
            Postgres,
            "SELECT * FROM",
            "SD009 13..13 expected a table, found the end",
        ),
        (
            Postgres,
            "SELECT * FROM t WHERE",
            "SD009 21..21 expected an expression, found the end",
        ),
        (
            Postgres,
            "SELECT * FROM t, WHERE a",
            "SD009 17..22 expected a table, found `WHERE`",
        ),
        (
            Postgres,
            "SELECT a FROM t JOIN u",
            "SD009 16..20 a join without a condition",
        ),
        (
            Postgres,
            "SELECT a, FROM t",
            "SD009 10..14 expected an expression, found `FROM`",
        ),
        (
            Sqlite,
            "SELECT FROM t",
            "SD009 7..11 expected an expression, found `FROM`",
        ),
    ]);
}

#[test]
fn a_query_or_clause_at_a_wrong_place_is_refused() {
    refuses(&[
        (
            Postgres,
            "SELECT a FROM t WHERE b SELECT c FROM u",
            "SD009 24..30 a query where an expression goes on",
        ),
        (
            Postgres,
            "SELECT f(a, SELECT b FROM u)",
            "SD009 12..18 a query where an expression goes on",
        ),
        (
            Postgres,
            "SELECT (a UNION TABLE u)",
            "SD009 16..21 a query where an expression goes on",
        ),
        (
            Postgres,
            "SELECT CASE WHEN a THEN b FROM t",
            "SD009 26..30 expected the END of CASE, found `FROM`",
        ),
        (
            Postgres,
            "SELECT (CASE WHEN a THEN b) FROM t",
            "SD009 26..27 expected the END of CASE, found `)`",
        ),
        (
            Postgres,
            "SELECT a FROM t JOIN u ON x ON y",
            "SD009 28..30 expected the end of the statement, found `ON`",
        ),
        (
            Postgres,
            "SELECT a FROM (SELECT 1 FROM t u v) d",
            "SD009 33..34 expected `)`, found `v`",
        ),
        (
            Postgres,
            "SELECT a FROM select",
            "SD009 14..20 expected a table, found `select`",
        ),
        (
            Postgres,
            "SELECT * FROM GRAPH_TABLE (g MATCH (a))",
            "SD009 14..25 GRAPH_TABLE is not supported",
        ),
        (
            Postgres,
            "UPDATE t SET a",
            "SD009 14..14 expected `=`, found the end",
        ),
        (
            Postgres,
            "UPDATE t, u SET a = 1",
            "SD009 8..9 expected `SET`, found `,`",
        ),
        (
            Postgres,
            "INSERT t VALUES (1)",
            "SD009 7..8 expected `INTO`, found `t`",
        ),
        (
            Postgres,
            "INSERT INTO t",
            "SD009 13..13 expected a query, found the end",
        ),
        (
            Postgres,
            "INSERT INTO t VALUES (1) ON CONFLICT",
            "SD009 36..36 expected `(`, found the end",
        ),
        (
            Postgres,
            "WITH c AS (CREATE TABLE t ()) SELECT 1",
            "SD009 11..17 expected a query, found `CREATE`",
        ),
        (
            Postgres,
            "WITH c AS (SELECT 1) CREATE",
            "SD009 21..27 expected a query, found `CREATE`",
        ),
        (
            Postgres,
            "42",
            "SD009 0..2 expected a statement, found `42`",
        ),
    ]);
}

#[test]
fn what_only_mysql_reads_otherwise_is_refused_there() {
    refuses(&[
        (
            Mysql,
            "SELECT * FROM @t",
            "SD009 14..16 expected a table, found `@t`",
        ),
        (
            Mysql,
            "SELECT /*!50000 a */ 1",
            "SD009 7..10 executable comment: the server runs its text",
        ),
        (
            Mysql,
            "INSERT INTO t SELECT 1 ON CONFLICT DO NOTHING",
            "SD009 26..34 expected `DUPLICATE KEY UPDATE`, found `CONFLICT`",
        ),
    ]);
}

#[test]
fn a_refused_statement_kind_says_what_to_do_instead() {
    let diagnostic = parse(Postgres, "CREATE TABLE t (a int)").unwrap_err();
    assert_eq!(
        diagnostic.render("CREATE TABLE t (a int)"),
        "CREATE changes the schema and takes no scope [SD009]\n\n         CREATE TABLE t (a int)\n         ^^^^^^ not a query, INSERT, UPDATE or DELETE\n\n  help: put it in a migration, or run it with `sqlx::query`"
    );
}
