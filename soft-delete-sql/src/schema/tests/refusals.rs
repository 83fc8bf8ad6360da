use proptest::prelude::*;

use super::{LITE, MY, PG, config, leaves, read, refused, shape};
use crate::{
    Dialect,
    schema::{Config, from_sql},
};

#[test]
fn a_statement_that_is_not_understood_names_its_place_and_what_to_write() {
    assert_eq!(
        refused(
            PG,
            "CREATE TABLE a (id int);\n\nCREATE TABLE b (\n  id int,\n  name\n);\nALTER TABLE b ADD x int;\nALTER TABLE b ADD y int;",
            "",
        ),
        "line 3: this statement changes tables and cannot be understood: expected a type, found the end (line 5) [SD030]

   why: a marker or a key could be missed
        CREATE TABLE b ( …
  help: declare all columns by hand in soft-delete.toml:
        [tables.b]
        columns = { id = \"bigint not null\", … }
        or, when the statement changes no column or key, pass over it:
        ignore = [\"schema.sql:3\"]"
    );
}

#[test]
fn names_of_mysql_that_differ_in_case_only_are_refused() {
    // They are two tables where lower_case_table_names is 0, as it is on Linux.
    for (first, second) in [
        (
            "TABLE Users (id int, deleted_at datetime)",
            "TABLE users (id int)",
        ),
        (
            "TABLE users (id int)",
            "TABLE IF NOT EXISTS `Users` (id int, deleted_at datetime)",
        ),
        ("TABLE users (id int)", "VIEW Users AS SELECT 1"),
    ] {
        let sql = format!("CREATE {first}; CREATE {second}");
        let text = refused(MY, &sql, "");
        assert!(text.contains("differ in case only"), "{text}");
        assert!(text.contains("[SD030]"), "{text}");
    }
    let renamed = "CREATE TABLE Users (id int); DROP TABLE Users; CREATE TABLE users (id int)";
    assert_eq!(shape(&read(MY, renamed)), "users\n  id: int\n");
    let twice = "CREATE TABLE users (id int); CREATE TABLE IF NOT EXISTS `users` (id int)";
    assert_eq!(shape(&read(MY, twice)), "users\n  id: int\n");
}

#[test]
fn every_statement_that_changes_tables_in_an_unknown_way_is_refused() {
    for (dialect, sql, reason) in [
        (PG, "CREATE TABLE t", "expected the columns, found the end"),
        (PG, "CREATE TABLE t (id int", "`(` is never closed"),
        (PG, "CREATE TABLE t (id int))", "`)` closes nothing"),
        (
            PG,
            "CREATE SPECIAL TABLE t (id int)",
            "expected a kind of object, found `SPECIAL`",
        ),
        (
            PG,
            "CREATE TABLE t (id int); ALTER TABLE t FROB x",
            "expected an action of ALTER TABLE, found `FROB`",
        ),
        (
            PG,
            "CREATE TABLE t (id int); ALTER TABLE t ALTER id FROB",
            "expected an action of ALTER COLUMN, found `FROB`",
        ),
        (
            PG,
            "CREATE TABLE t (id int); ALTER TABLE t ALTER x DROP NOT NULL",
            "the table has no column `x`",
        ),
        (
            PG,
            "ALTER TABLE nothing ADD x int",
            "no migration creates `nothing`",
        ),
        (
            PG,
            "CREATE UNIQUE INDEX u ON nothing (x)",
            "no migration creates `nothing`",
        ),
        (
            PG,
            "CREATE TABLE c (LIKE nothing)",
            "no migration creates `nothing`",
        ),
        (
            PG,
            "CREATE TABLE c PARTITION OF nothing DEFAULT",
            "no migration creates `nothing`",
        ),
        (PG, "CREATE VIEW v", "expected `AS`, found the end"),
        (
            LITE,
            "UPDATE sqlite_master SET sql = 'x'",
            "it writes the schema table",
        ),
        (
            MY,
            "CREATE TABLE t (id int, KEY)",
            "expected `(`, found the end",
        ),
    ] {
        let text = refused(dialect, sql, "");
        assert!(
            text.contains(&format!("cannot be understood: {reason}")),
            "{sql}\n{text}"
        );
    }
}

#[test]
fn text_that_cannot_be_split_into_tokens_names_its_line() {
    assert_eq!(
        refused(
            LITE,
            "CREATE TABLE t (id int);\nINSERT INTO t VALUES ('x",
            ""
        ),
        "line 2: unterminated string [SD030]

   why: nothing of this file could be read"
    );
}

#[test]
fn a_table_declared_by_hand_takes_the_place_of_what_is_not_understood() {
    let toml = "[tables.b]\ncolumns = { id = \"bigint generated always as identity primary key\", deleted_at = \"timestamptz\", a = \"int not null references a (id) on delete cascade\" }";
    let sql = "CREATE TABLE a (id int); CREATE TABLE b (id); ALTER TABLE b ADD COLUMN x int; CREATE UNIQUE INDEX u ON b (a);";
    let schema = from_sql(PG, sql, &config(toml)).unwrap();
    assert_eq!(
        shape(&schema),
        "a
  id: int
b marked by deleted_at Timestamp
  id: bigint not null generated
  deleted_at: timestamptz
  a: int not null
  primary b_pkey (id)
  foreign b_a_fkey (a) -> a (id) Cascade
"
    );
    // Where the migrations are understood, the columns alone are the file's.
    let schema = from_sql(
        PG,
        "CREATE TABLE b (id int PRIMARY KEY, x text UNIQUE)",
        &config(
            "[tables.b]\ncolumns = { id = \"int not null\", x = \"text unique\", y = \"int\" }",
        ),
    )
    .unwrap();
    assert_eq!(
        shape(&schema),
        "b\n  id: int not null\n  x: text\n  y: int\n  primary b_pkey (id)\n  unique constraint b_x_key (x)\n"
    );
    // Several columns that are the primary key are one key.
    let schema = from_sql(
        LITE,
        "",
        &config("[tables.b]\ncolumns = { x = \"INTEGER PRIMARY KEY\", y = \"TEXT PRIMARY KEY\", z = \"\" }"),
    )
    .unwrap();
    assert_eq!(
        shape(&schema),
        "b\n  x: integer\n  y: text\n  z:\n  primary - (x, y)\n"
    );
    assert_eq!(
        refused(PG, "", "\n[tables.b]\ncolumns = { x = \"\", y = \"int 'z\" }"),
        "soft-delete.toml:2: the column `x` of `b` cannot be understood: expected a type, found the end [SD032]
soft-delete.toml:2: the column `y` of `b` cannot be understood: unterminated string [SD032]"
    );
}

#[test]
fn columns_that_cannot_be_told_are_refused_where_a_marker_may_hide() {
    let sql = "CREATE TABLE a (id int); CREATE TABLE c (id int, deleted_at int);\nCREATE TABLE b AS SELECT * FROM a JOIN c USING (id);";
    assert_eq!(
        refused(PG, sql, ""),
        "line 2: the columns of `b` cannot be told from the query that makes it [SD030]

   why: a marker may be among them
  help: declare them by hand in soft-delete.toml, or say that none of them marks a row:
        [tables.b]
        columns = { id = \"bigint not null\", … }
        soft_deletable = false"
    );
    from_sql(PG, sql, &config("[tables.b]\nsoft_deletable = false")).unwrap();
    from_sql(PG, sql, &config("[tables.b]\ncolumns = { id = \"int\" }")).unwrap();
}

#[test]
fn a_view_over_what_is_renamed_must_be_made_anew_or_vouched_for() {
    let sql = "CREATE TABLE a (id int, deleted_at int); CREATE VIEW v AS SELECT id FROM a;\nALTER TABLE a RENAME TO b;";
    assert_eq!(
        refused(PG, sql, ""),
        "line 2: the view `v` reads what is renamed here, and its text still has the old name [SD030]

   why: the database follows the rename inside the view; its text cannot be judged any more
  help: create the view anew in a migration, or vouch for the rows it shows in soft-delete.toml:
        [views.v]
        scope = \"active\"  # or \"with_deleted\""
    );
    from_sql(PG, sql, &config("[views.v]\nscope = \"active\"")).unwrap();
    read(
        PG,
        &format!("{sql} CREATE OR REPLACE VIEW v AS SELECT id FROM b;"),
    );
    read(PG, &format!("{sql} DROP VIEW v;"));
    read(MY, sql);
}

#[test]
fn what_is_dropped_and_was_never_there_is_no_fault() {
    leaves(
        PG,
        "DROP TABLE a; DROP VIEW b; DROP INDEX c; DROP FUNCTION d(int); DROP SCHEMA e; DROP TRIGGER f ON g; ALTER TABLE h RENAME TO i;
         ALTER TABLE IF EXISTS j ADD x int; ALTER TABLE k_id_seq OWNER TO bob; CREATE INDEX l ON m (n);",
        "",
    );
}

#[test]
fn faults_of_all_statements_are_told_at_once() {
    let text = refused(
        PG,
        "CREATE TABLE a (id);\nCREATE TABLE b (id);\nCREATE TABLE c (id int);",
        "ignore = [\"x.sql:1\"]",
    );
    let codes: Vec<&str> = text
        .lines()
        .filter(|line| line.ends_with(']') && line.contains(" [SD"))
        .collect();
    assert_eq!(
        codes,
        [
            "line 1: this statement changes tables and cannot be understood: expected a type, found the end [SD030]",
            "line 2: this statement changes tables and cannot be understood: expected a type, found the end [SD030]",
            "soft-delete.toml:1: no statement begins at x.sql:1 [SD032]",
        ]
    );
}

/// Words that make statements nearly right.
fn sql() -> impl Strategy<Value = String> {
    const WORDS: &str = "CREATE ALTER DROP RENAME TABLE INDEX VIEW FUNCTION TRIGGER SCHEMA DO BEGIN END IF NOT EXISTS \
        UNIQUE PRIMARY KEY FOREIGN REFERENCES ON DELETE CASCADE SET NULL DEFAULT AS SELECT FROM INTO PARTITION OF ATTACH \
        COLUMN ADD TO LIKE INHERITS CONSTRAINT USING WHERE a b t \"T\" `t` [t] 't' $$ $$BEGIN ( ) ( ) , , ; ; . * = 1 :: int text \
        deleted_at EXECUTE CHANGE MODIFY FIRST AFTER DELIMITER // \\restrict COPY stdin";
    let word = prop::sample::select(WORDS.split_whitespace().collect::<Vec<_>>());
    prop::collection::vec(word, 0..60).prop_map(|words| words.join(" "))
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in any::<String>()) {
        for dialect in Dialect::ALL {
            let _ = from_sql(dialect, &text, &Config::default());
        }
        let _ = Config::parse(&text, std::path::Path::new("x"));
    }

    #[test]
    fn no_statement_makes_it_panic(text in sql()) {
        for dialect in Dialect::ALL {
            let _ = from_sql(dialect, &text, &Config::default());
        }
    }
}
