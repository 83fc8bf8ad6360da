use super::strip_overrides;
use crate::Dialect::{Mysql, Postgres, Sqlite};

#[test]
fn overrides_are_taken_out_of_aliases() {
    for (dialect, sql, expected) in [
        (
            Postgres,
            r#"SELECT count(*) AS "n!", a "b?", c AS "d: i64", e AS "f!: Vec<u8>", g AS "h?: _" FROM t"#,
            r#"SELECT count(*) AS "n", a "b", c AS "d", e AS "f", g AS "h" FROM t"#,
        ),
        (
            Mysql,
            "SELECT a AS `b!: i64`, c AS 'd?', ? FROM t",
            "SELECT a AS `b`, c AS 'd', ? FROM t",
        ),
        (
            Sqlite,
            r#"INSERT INTO t (a) VALUES (?) RETURNING id AS "id!""#,
            r#"INSERT INTO t (a) VALUES (?) RETURNING id AS "id""#,
        ),
        // A reference to the alias goes with it.
        (
            Postgres,
            r#"SELECT x."n!" FROM (SELECT count(*) AS "n!" FROM t) x ORDER BY "n!""#,
            r#"SELECT x."n" FROM (SELECT count(*) AS "n" FROM t) x ORDER BY "n""#,
        ),
    ] {
        assert_eq!(strip_overrides(dialect, sql), expected);
    }
}

#[test]
fn what_is_no_override_stays_as_it_is() {
    for sql in [
        r#"SELECT "n!" FROM t"#,
        r#"SELECT a AS "really, really?" FROM t"#,
        r#"SELECT a AS "n!x", b AS "!", c AS "d:" FROM t"#,
        "SELECT 'n!' AS n, a::text FROM t",
        r#"SELECT a AS "n!" FROM"#,
        "not SQL: at all!",
    ] {
        assert_eq!(strip_overrides(Postgres, sql), sql);
    }
    let sql = "SELECT 'a!' AS 'b' FROM t";
    assert_eq!(strip_overrides(Sqlite, sql), sql);
}
