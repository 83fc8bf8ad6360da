use super::finds;
use crate::{
    Dialect::{self, Mysql, Postgres, Sqlite},
    syntax::{ast::Statement, parse},
};

fn kind(dialect: Dialect, sql: &str) -> String {
    fn name(statement: &Statement) -> String {
        match statement {
            Statement::Query(_) => "query".to_owned(),
            Statement::Insert(_) => "insert".to_owned(),
            Statement::Update(_) => "update".to_owned(),
            Statement::Delete(_) => "delete".to_owned(),
            Statement::Merge(_) => "merge".to_owned(),
            Statement::Wrapped { inner, .. } => format!("wrapped {}", name(inner)),
            Statement::Wholesale { tables, .. } => format!("wholesale {}", tables.len()),
            Statement::Session { tables, .. } if tables.is_empty() => "session".to_owned(),
            Statement::Session { tables, .. } => format!("session {}", tables.len()),
        }
    }
    match parse(dialect, sql) {
        Ok(parsed) => name(&parsed.statement),
        Err(diagnostic) => format!("{} {}", diagnostic.code, diagnostic.message),
    }
}

fn kinds(cases: &[(Dialect, &str, &str)]) {
    for (dialect, sql, expected) in cases {
        assert_eq!(kind(*dialect, sql), *expected, "{dialect}: {sql}");
    }
}

#[test]
fn statements_around_others() {
    kinds(&[
        (Postgres, "EXPLAIN SELECT 1", "wrapped query"),
        (
            Postgres,
            "EXPLAIN (ANALYZE, FORMAT json) DELETE FROM t",
            "wrapped delete",
        ),
        (
            Postgres,
            "EXPLAIN ANALYZE VERBOSE UPDATE t SET a = 1",
            "wrapped update",
        ),
        (Postgres, "EXPLAIN (SELECT 1)", "wrapped query"),
        (
            Postgres,
            "COPY (SELECT * FROM t) TO STDOUT WITH (FORMAT csv)",
            "wrapped query",
        ),
        (
            Postgres,
            "COPY (INSERT INTO t VALUES (1) RETURNING a) TO STDOUT",
            "wrapped insert",
        ),
        (
            Postgres,
            "DECLARE c NO SCROLL CURSOR WITH HOLD FOR SELECT 1",
            "wrapped query",
        ),
        (Postgres, "PREPARE p (int) AS SELECT $1", "wrapped query"),
        (Sqlite, "EXPLAIN QUERY PLAN SELECT 1", "wrapped query"),
        (Sqlite, "EXPLAIN DELETE FROM t", "wrapped delete"),
        (Mysql, "EXPLAIN FORMAT=JSON SELECT 1", "wrapped query"),
        (Mysql, "DESC EXTENDED SELECT 1", "wrapped query"),
        (Mysql, "ANALYZE FORMAT=JSON DELETE FROM t", "wrapped delete"),
        (Mysql, "EXPLAIN t", "session"),
        (Mysql, "DESCRIBE t a", "session"),
    ]);
    finds(
        Postgres,
        &["EXPLAIN (ANALYZE) SELECT * FROM «t» WHERE a IN (SELECT b FROM «u»)"],
    );
}

#[test]
fn statements_on_whole_tables() {
    kinds(&[
        (Postgres, "TRUNCATE t", "wholesale 1"),
        (
            Postgres,
            "TRUNCATE TABLE ONLY a, b * RESTART IDENTITY CASCADE",
            "wholesale 2",
        ),
        (Postgres, "COPY t (a, b) FROM STDIN", "wholesale 1"),
        (Mysql, "TRUNCATE TABLE t", "wholesale 1"),
    ]);
    finds(
        Postgres,
        &["TRUNCATE ONLY «a», «s.b» CASCADE", "COPY «s.t» TO STDOUT"],
    );
}

#[test]
fn statements_of_the_session() {
    for sql in [
        "BEGIN",
        "COMMIT",
        "ROLLBACK TO SAVEPOINT a",
        "SAVEPOINT a",
        "RELEASE a",
        "ANALYZE",
    ] {
        for dialect in Dialect::ALL {
            kinds(&[(dialect, sql, "session")]);
        }
    }
    for sql in [
        "START TRANSACTION ISOLATION LEVEL SERIALIZABLE",
        "SET LOCAL search_path TO a, b",
        "SHOW TimeZone",
        "LISTEN c",
        "NOTIFY c, 'x'",
        "UNLISTEN *",
        "REINDEX TABLE t",
        "DISCARD ALL",
        "CHECKPOINT",
        "DEALLOCATE p",
        "RESET ALL",
        "ALTER SEQUENCE s RESTART WITH 1",
        "PREPARE TRANSACTION 'x'",
        "END",
        "ABORT",
    ] {
        kinds(&[(Postgres, sql, "session")]);
    }
    kinds(&[
        (Postgres, "VACUUM (ANALYZE) t", "session 1"),
        (Postgres, "ANALYZE VERBOSE t (a), s.u", "session 2"),
        (
            Postgres,
            "LOCK TABLE a, ONLY b IN EXCLUSIVE MODE",
            "session 2",
        ),
        (Sqlite, "PRAGMA foreign_keys = ON", "session"),
        (Sqlite, "VACUUM", "session"),
        (Sqlite, "BEGIN IMMEDIATE", "session"),
        (Mysql, "SET @a = 1, SESSION sql_mode = ''", "session"),
        (Mysql, "SHOW TABLES LIKE 'a%'", "session"),
        (Mysql, "LOCK TABLES t READ, u WRITE", "session"),
        (Mysql, "USE db", "session"),
        (
            Mysql,
            "SET @a = (SELECT count(*) FROM t)",
            "SD009 a query inside this kind of statement is not supported",
        ),
    ]);
}

#[test]
fn other_statements_are_refused_by_their_keyword() {
    kinds(&[
        (
            Postgres,
            "CREATE TABLE t (a int)",
            "SD009 CREATE changes the schema and takes no scope",
        ),
        (
            Postgres,
            "alter table t add b int",
            "SD009 ALTER changes the schema and takes no scope",
        ),
        (
            Sqlite,
            "DROP TABLE t",
            "SD009 DROP changes the schema and takes no scope",
        ),
        (
            Postgres,
            "DO $$ BEGIN END $$",
            "SD009 DO may read or write any table",
        ),
        (
            Postgres,
            "EXECUTE p",
            "SD009 EXECUTE may read or write any table",
        ),
        (Mysql, "CALL p()", "SD009 CALL may read or write any table"),
        (
            Mysql,
            "LOAD DATA INFILE 'x' INTO TABLE t",
            "SD009 LOAD may read or write any table",
        ),
        (
            Mysql,
            "HANDLER t OPEN",
            "SD009 HANDLER may read or write any table",
        ),
        (
            Mysql,
            "MERGE INTO t USING u ON a WHEN MATCHED THEN DELETE",
            "SD009 MERGE begins no statement that takes a scope",
        ),
        (
            Sqlite,
            "TRUNCATE t",
            "SD009 TRUNCATE begins no statement that takes a scope",
        ),
        (
            Postgres,
            "REPLACE INTO t VALUES (1)",
            "SD009 REPLACE begins no statement that takes a scope",
        ),
        (
            Postgres,
            "EXPLAIN CREATE TABLE t AS SELECT 1",
            "SD009 CREATE changes the schema and takes no scope",
        ),
        (
            Postgres,
            "SELEC 1",
            "SD009 SELEC begins no statement that takes a scope",
        ),
    ]);
}
