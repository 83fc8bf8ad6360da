use super::{MY, PG, leaves, refused};

#[test]
fn a_straight_block_is_read_like_a_script() {
    leaves(
        PG,
        "CREATE TABLE t (a int);
         DO LANGUAGE plpgsql $body$
         DECLARE n int; m text := 'x';
         BEGIN
             CREATE TABLE u (a int);
             ALTER TABLE t ADD COLUMN deleted_at timestamptz;
             PERFORM 1;
             EXECUTE 'ALTER TABLE u RENAME TO v';
             RAISE NOTICE 'done';
         END $body$;",
        "
t marked by deleted_at Timestamp
  a: int
  deleted_at: timestamptz
v
  a: int
",
    );
}

#[test]
fn what_a_condition_would_not_change_passes() {
    leaves(
        PG,
        "CREATE TABLE t (a int);
         DO $$ BEGIN
             IF NOT EXISTS (SELECT FROM pg_constraint) THEN
                 ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0);
                 ALTER TABLE t ADD CONSTRAINT f FOREIGN KEY (a) REFERENCES t (a);
                 CREATE TABLE IF NOT EXISTS t (b int);
                 ALTER TABLE t ADD COLUMN IF NOT EXISTS a int;
             END IF;
         END $$;",
        "
t
  a: int
  foreign f (a) -> t (a) NoAction
",
    );
}

#[test]
fn what_runs_under_a_condition_is_refused() {
    let table = "CREATE TABLE t (a int);\n";
    assert_eq!(
        refused(
            PG,
            &format!(
                "{table}DO $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM information_schema.columns) THEN
        ALTER TABLE t ADD COLUMN deleted_at timestamptz;
    END IF;
END $$;"
            ),
            "",
        ),
        "line 2: this statement changes tables and cannot be understood: it runs under a condition (line 5) [SD030]

   why: a marker or a key could be missed
        DO $$ …
  help: declare all columns by hand in soft-delete.toml:
        [tables.t]
        columns = { a = \"int\" }
        or, when the statement changes no column or key, pass over it:
        ignore = [\"schema.sql:2\"]"
    );
    for body in [
        "BEGIN FOR r IN SELECT 1 LOOP ALTER TABLE t ADD b int; END LOOP; END",
        "BEGIN CASE 1 WHEN 1 THEN DROP TABLE t; END CASE; END",
        "BEGIN ALTER TABLE t ADD b int; EXCEPTION WHEN duplicate_column THEN NULL; END",
        "BEGIN RETURN; DROP TABLE t; END",
        "BEGIN IF a THEN CREATE UNIQUE INDEX i ON t (a); END IF; END",
    ] {
        let text = refused(PG, &format!("{table}DO $$ {body} $$;"), "");
        assert!(text.contains("it runs under a condition"), "{body}\n{text}");
    }
}

#[test]
fn sql_put_together_at_run_time_is_refused() {
    for body in [
        "BEGIN EXECUTE format('ALTER TABLE %I ADD deleted_at int', x); END",
        "DECLARE q text := 'DROP TABLE t'; BEGIN EXECUTE q; END",
        "DECLARE q text; BEGIN q := 'ALTER ' || 'TABLE t ADD b int'; q := 'CREATE TABLE x'; EXECUTE q; END",
    ] {
        let text = refused(PG, &format!("CREATE TABLE t (a int); DO $$ {body} $$;"), "");
        assert!(
            text.contains("it runs SQL that is put together at run time"),
            "{body}\n{text}"
        );
    }
    for sql in [
        "SET @q = IF(1, 'ALTER TABLE t ADD deleted_at int', 'SELECT 1')",
        "PREPARE q FROM 'DROP TABLE t'",
        "EXECUTE IMMEDIATE 'RENAME TABLE t TO u'",
    ] {
        let text = refused(MY, sql, "");
        assert!(
            text.contains("it runs SQL that is put together at run time"),
            "{sql}\n{text}"
        );
    }
}

#[test]
fn a_call_of_what_changes_tables_is_refused() {
    let text = refused(
        PG,
        "CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN EXECUTE 'ALTER TABLE t ADD deleted_at int'; END $$;
         SELECT f();",
        "",
    );
    assert!(text.contains("line 2: this statement changes tables and cannot be understood: it calls `f`, whose body changes tables"), "{text}");
    let text = refused(
        MY,
        "CREATE PROCEDURE p() BEGIN IF 1 THEN ALTER TABLE t ADD a int; END IF; END; CALL p;",
        "",
    );
    assert!(
        text.contains("it calls `p`, whose body changes tables"),
        "{text}"
    );
}

#[test]
fn a_call_that_formats_its_arguments_is_run() {
    leaves(
        PG,
        r#"CREATE TABLE users (id int); CREATE TABLE "view" (id int);
         CREATE PROCEDURE stamp(tablename regclass) LANGUAGE plpgsql AS $$
         BEGIN
             EXECUTE format('ALTER TABLE %s ADD COLUMN IF NOT EXISTS made int NOT NULL, ADD deleted_at timestamptz;', tablename);
         END;
         $$;
         CREATE FUNCTION sync(p_schema text, p_table text) RETURNS void LANGUAGE plpgsql AS $$
         DECLARE
             qualified text := format('%I.%I', p_schema, p_table);
         BEGIN
             EXECUTE format('ALTER TABLE %s REPLICA IDENTITY FULL', qualified);
             EXECUTE format('ALTER PUBLICATION %I ADD TABLE %s', 'p', qualified);
         END;
         $$;
         CALL stamp('users'); CALL stamp('"view"'::regclass); SELECT sync('public', 'users');"#,
        "
users marked by deleted_at Timestamp
  id: int
  made: int not null
  deleted_at: timestamptz
view marked by deleted_at Timestamp
  id: int
  made: int not null
  deleted_at: timestamptz
",
    );
}

#[test]
fn a_call_is_not_run_where_something_is_uncertain() {
    let body = "BEGIN EXECUTE format('ALTER TABLE %s ADD deleted_at int', t); END";
    for (body, call) in [
        (body, "SELECT f(name) FROM names"),
        (body, "SELECT f('a' || 'b')"),
        (body, "SELECT f('a'), 1"),
        (body, "SELECT f('a') FROM names"),
        (
            "BEGIN IF true THEN EXECUTE format('ALTER TABLE %s ADD b int', t); END IF; END",
            "SELECT f('a')",
        ),
        (
            "BEGIN EXECUTE format('ALTER TABLE %s ADD b int', u); END",
            "SELECT f('a')",
        ),
        (
            "BEGIN EXECUTE format('ALTER TABLE %I ADD b int', t); END",
            "SELECT f('A')",
        ),
        (
            "BEGIN EXECUTE 'ALTER TABLE ' || t || ' ADD b int'; END",
            "SELECT f('a')",
        ),
        (
            "BEGIN EXECUTE format('ALTER TABLE %1$s ADD b int', t); END",
            "SELECT f('a')",
        ),
    ] {
        let sql = format!(
            "CREATE TABLE a (id int); CREATE FUNCTION f(t text) RETURNS void LANGUAGE plpgsql AS $$ {body} $$; {call};"
        );
        let text = refused(PG, &sql, "");
        assert!(
            text.contains("it calls `f`, whose body changes tables"),
            "{sql}\n{text}"
        );
    }
}

#[test]
fn partitions_made_at_run_time_pass() {
    leaves(
        PG,
        "CREATE TABLE t (a int) PARTITION BY LIST (a);
         CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN EXECUTE format('CREATE TABLE IF NOT EXISTS %I PARTITION OF t DEFAULT', 'x'); END $$;
         SELECT f();",
        "
t
  a: int
",
    );
}
