use super::{LITE, MY, PG, config, read, shape};
use crate::{
    Dialect, Scope,
    schema::{AttachmentKind, Found, Schema, from_sql},
};

fn views(schema: &Schema) -> Vec<String> {
    let views = schema.views.iter().map(|view| {
        let kind = if view.materialized {
            "materialized "
        } else {
            ""
        };
        format!(
            "{kind}{} ({}) := {}",
            view.name,
            view.columns.join(", "),
            view.body
        )
    });
    views.collect()
}

fn functions(schema: &Schema) -> Vec<String> {
    let functions = schema.functions.iter();
    functions
        .map(|function| format!("{} := {}", function.name, function.body))
        .collect()
}

#[test]
fn views_have_their_bodies_without_what_is_the_views() {
    let schema = read(
        PG,
        r#"CREATE OR REPLACE TEMP VIEW gone AS SELECT 1;
           CREATE RECURSIVE VIEW r (n) AS VALUES (1);
           CREATE VIEW a ("X", y) WITH (security_barrier) AS SELECT 1, 2 WITH LOCAL CHECK OPTION;
           CREATE OR REPLACE VIEW a AS (SELECT 3);
           CREATE MATERIALIZED VIEW IF NOT EXISTS m USING heap AS SELECT 4 WITH NO DATA;
           CREATE MATERIALIZED VIEW IF NOT EXISTS m AS SELECT 5;
           CREATE VIEW b AS SELECT 6; ALTER VIEW b RENAME TO c; ALTER TABLE c RENAME TO d;
           CREATE VIEW e AS SELECT 7; DROP VIEW IF EXISTS e, nothing CASCADE;
           ALTER MATERIALIZED VIEW m SET SCHEMA s;"#,
    );
    assert_eq!(
        views(&schema),
        [
            "r (n) := VALUES (1)",
            "a () := (SELECT 3)",
            "materialized s.m () := SELECT 4",
            "d () := SELECT 6",
        ]
    );
    let schema = read(
        MY,
        "CREATE OR REPLACE ALGORITHM = MERGE DEFINER = `root`@`localhost` SQL SECURITY INVOKER VIEW `v` AS SELECT 1 WITH CASCADED CHECK OPTION;
         CREATE VIEW w AS SELECT 2; ALTER VIEW w (n) AS SELECT 3; RENAME TABLE w TO x;",
    );
    assert_eq!(views(&schema), ["v () := SELECT 1", "x (n) := SELECT 3"]);
    let schema = read(LITE, "CREATE VIEW IF NOT EXISTS v(a) AS SELECT 1 -- one\n;");
    assert_eq!(views(&schema), ["v (a) := SELECT 1"]);
}

#[test]
fn functions_have_their_bodies() {
    let schema = read(
        PG,
        "CREATE FUNCTION f(a int DEFAULT 1, b text = 'x; y') RETURNS TABLE (n int) LANGUAGE sql AS $x$ SELECT 1; SELECT ';' $x$;
           CREATE OR REPLACE FUNCTION f(a int, b text) RETURNS TABLE (n int) AS 'SELECT ''2''' LANGUAGE sql;
           CREATE FUNCTION f(a text) RETURNS int RETURN 3;
           CREATE FUNCTION crm.g() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT CASE WHEN true THEN 4 END; SELECT 5; END;
           CREATE FUNCTION c() RETURNS int AS 'lib.so', 'c' LANGUAGE C STRICT;
           CREATE PROCEDURE p() LANGUAGE plpgsql AS $$ BEGIN PERFORM 6; END $$;
           CREATE FUNCTION h() RETURNS int RETURN 7;
           ALTER FUNCTION h() RENAME TO i;
           CREATE FUNCTION j() RETURNS int RETURN 8; CREATE FUNCTION j(int) RETURNS int RETURN 9;
           DROP FUNCTION IF EXISTS j(int), nothing();
           DROP PROCEDURE p;",
    );
    assert_eq!(
        functions(&schema),
        [
            "f := SELECT '2'",
            "f := RETURN 3",
            "crm.g := BEGIN ATOMIC SELECT CASE WHEN true THEN 4 END; SELECT 5; END",
            "c := ",
            "i := RETURN 7",
            "j := RETURN 8",
        ]
    );
}

#[test]
fn mysql_routines_run_to_their_end_with_and_without_a_delimiter() {
    let schema = read(
        MY,
        "CREATE FUNCTION f(n int) RETURNS int DETERMINISTIC RETURN n * 2;
         CREATE DEFINER=`root`@`%` PROCEDURE p(OUT n int)
         BEGIN
             DECLARE x int DEFAULT 0;
             IF x = 0 THEN SET x = IF(1, 2, 3); ELSEIF x THEN SET x = 1; END IF;
             CASE x WHEN 1 THEN SET x = 2; ELSE BEGIN END; END CASE;
             lbl: LOOP LEAVE lbl; END LOOP lbl;
             WHILE x < 3 DO SET x = x + 1; END WHILE;
             REPEAT SET x = REPEAT('a', 3); UNTIL 1 END REPEAT;
             SELECT CASE WHEN x THEN 1 END INTO n;
         END;
         CREATE TABLE after_it (id int);
DELIMITER ;;
CREATE PROCEDURE q() BEGIN SELECT 1; SELECT 2; END ;;
CREATE TRIGGER tr BEFORE INSERT ON after_it FOR EACH ROW IF NEW.id THEN SET NEW.id = 1; END IF;;
DELIMITER ;
         CREATE TRIGGER bare AFTER INSERT ON after_it FOR EACH ROW IF NEW.id THEN SET @a = 1; SET @b = 2; END IF;
         CREATE TABLE last (id int);",
    );
    assert_eq!(
        shape(&schema),
        "after_it\n  id: int\n  Trigger tr\n  Trigger bare\nlast\n  id: int\n"
    );
    let names: Vec<String> = schema
        .functions
        .iter()
        .map(|f| f.name.to_string())
        .collect();
    assert_eq!(names, ["f", "p", "q"]);
}

#[test]
fn triggers_rules_and_policies_are_kept_as_text() {
    let schema = read(
        PG,
        "CREATE TABLE t (a int);
         CREATE CONSTRAINT TRIGGER one AFTER UPDATE OF a, b OR DELETE ON t DEFERRABLE FOR EACH ROW EXECUTE FUNCTION f('on x');
         CREATE RULE two AS ON DELETE TO t DO INSTEAD (UPDATE t SET a = 1; SELECT 2);
         CREATE POLICY three ON t USING (a > 0);
         CREATE POLICY four ON t; DROP POLICY IF EXISTS four ON t;
         CREATE TRIGGER five BEFORE DELETE ON t EXECUTE FUNCTION f(); DROP TRIGGER five ON t;
         CREATE EVENT TRIGGER six ON ddl_command_start EXECUTE FUNCTION f();",
    );
    let found: Vec<_> = schema.tables[0]
        .attachments
        .iter()
        .map(|known| {
            (
                known.kind,
                known.name.as_str(),
                known.location.line,
                known.sql.as_str(),
            )
        })
        .collect();
    assert_eq!(
        found,
        [
            (
                AttachmentKind::Trigger,
                "one",
                2,
                "CREATE CONSTRAINT TRIGGER one AFTER UPDATE OF a, b OR DELETE ON t DEFERRABLE FOR EACH ROW EXECUTE FUNCTION f('on x')"
            ),
            (
                AttachmentKind::Rule,
                "two",
                3,
                "CREATE RULE two AS ON DELETE TO t DO INSTEAD (UPDATE t SET a = 1; SELECT 2)"
            ),
            (
                AttachmentKind::Policy,
                "three",
                4,
                "CREATE POLICY three ON t USING (a > 0)"
            ),
        ]
    );
}

#[test]
fn a_sqlite_trigger_ends_at_its_own_end() {
    let schema = read(
        LITE,
        "CREATE TABLE t (a INT, begin_at TEXT);
         CREATE TRIGGER IF NOT EXISTS tr INSTEAD OF UPDATE OF a ON t WHEN CASE NEW.a WHEN 1 THEN 0 END
         BEGIN UPDATE t SET a = CASE WHEN 1 THEN 2 END; DELETE FROM t WHERE NEW.end = 1; END;
         BEGIN TRANSACTION; CREATE TABLE u (a INT); COMMIT; END;",
    );
    assert_eq!(
        shape(&schema),
        "t\n  a: int\n  begin_at: text\n  Trigger tr\nu\n  a: int\n"
    );
}

#[test]
fn what_changes_no_table_passes() {
    let schema = read(
        PG,
        r#"BEGIN; SET LOCAL lock_timeout = '1s'; LOCK TABLE x; SAVEPOINT a;
           CREATE TYPE mood AS ENUM ('create table x (id int);'); ALTER TYPE mood ADD VALUE 'new';
           CREATE TYPE pair AS (a int, b int); CREATE EXTENSION IF NOT EXISTS "uuid-ossp" WITH SCHEMA public;
           CREATE SEQUENCE s OWNED BY x.id; ALTER SEQUENCE s RESTART; DROP SEQUENCE s; DROP TYPE mood;
           CREATE ROLE r; GRANT SELECT ON ALL TABLES IN SCHEMA public TO r; REVOKE ALL ON TABLE x FROM r;
           ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO r;
           CREATE PUBLICATION p FOR TABLE x; CREATE STATISTICS st ON a, b FROM x; CREATE CAST (a AS b) WITHOUT FUNCTION;
           CREATE AGGREGATE agg (int) (sfunc = f, stype = int); CREATE OPERATOR + (procedure = f);
           CREATE FOREIGN DATA WRAPPER w; CREATE SERVER srv FOREIGN DATA WRAPPER w;
           COMMENT ON TABLE x IS 'alter table x add y int;'; ANALYZE x; VACUUM x; REINDEX TABLE x; REFRESH MATERIALIZED VIEW m;
           INSERT INTO x VALUES ('drop table y'); UPDATE x SET a = 1; DELETE FROM x; TRUNCATE TABLE x;
           WITH d AS (DELETE FROM x RETURNING *) INSERT INTO y SELECT * FROM d;
           SELECT setval('s', 1); COPY x FROM '/f'; ALTER SYSTEM SET a = 1; ALTER INDEX i SET (fillfactor = 70);
           DO $$ BEGIN CREATE TYPE t AS ENUM ('a'); EXCEPTION WHEN duplicate_object THEN NULL; END $$;
           COMMIT;"#,
    );
    assert_eq!(shape(&schema), "");
    let schema = read(
        MY,
        "SET NAMES utf8mb4; SET @x = 1; USE db; LOCK TABLES x WRITE; INSERT INTO x VALUES ('create table y (a int)'); UNLOCK TABLES;
         CREATE DATABASE IF NOT EXISTS db; CREATE USER bob; CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO DELETE FROM x; ANALYZE TABLE x;",
    );
    assert_eq!(shape(&schema), "");
    let schema = read(
        LITE,
        "PRAGMA foreign_keys = ON; VACUUM; ANALYZE; REINDEX; REPLACE INTO x VALUES (1);",
    );
    assert_eq!(shape(&schema), "");
}

#[test]
fn the_rows_that_dump_writes_into_sqlites_schema_table_are_statements() {
    let schema = read(
        LITE,
        "PRAGMA writable_schema=ON;
         INSERT INTO sqlite_schema(type,name,tbl_name,rootpage,sql)VALUES('table','s','s',0,'CREATE VIRTUAL TABLE s USING fts5(a, ''b'')');
         PRAGMA writable_schema=OFF;",
    );
    assert_eq!(shape(&schema), "s and more virtual\n  a:\n  b:\n");
}

#[test]
fn views_and_functions_take_what_the_file_vouches_for() {
    let schema = from_sql(
        PG,
        "CREATE SCHEMA crm; CREATE VIEW crm.v AS SELECT 1; CREATE FUNCTION f() RETURNS int RETURN 1;
         CREATE FUNCTION f(int) RETURNS int RETURN 2; CREATE FUNCTION g() RETURNS int RETURN 3;",
        &config(
            "[views.\"crm.v\"]\nscope = \"with_deleted\"\n[functions.f]\nreads = \"active\"\n[functions.g]\nreads = \"nothing\"",
        ),
    )
    .unwrap();
    assert_eq!(schema.views[0].declared, Some(Scope::WithDeleted));
    let found: Vec<_> = schema
        .functions
        .iter()
        .map(|f| (f.declared, f.reads_nothing))
        .collect();
    assert_eq!(
        found,
        [
            (Some(Scope::Active), false),
            (Some(Scope::Active), false),
            (None, true)
        ]
    );
}

#[test]
fn external_relations_and_the_search_path_come_from_the_file() {
    let schema = from_sql(
        PG,
        "CREATE SCHEMA crm; CREATE TABLE contacts (id int);",
        &config(
            "search_path = [\"crm\", \"public\"]\nexternal = [\"cron.job\", \"public.spatial\"]",
        ),
    )
    .unwrap();
    assert_eq!(schema.tables[0].name.to_string(), "crm.contacts");
    assert_eq!(schema.search_path, ["crm", "public"]);
    let is_external = |parts: &[&str]| {
        let parts: Vec<String> = parts.iter().map(ToString::to_string).collect();
        matches!(schema.find(&parts), Found::External)
    };
    assert!(is_external(&["cron", "job"]));
    assert!(is_external(&["spatial"]));
    assert!(!is_external(&["job"]));
}

#[test]
fn the_table_of_sqlx_s_own_migrator_is_known() {
    for dialect in [PG, Dialect::Sqlite, Dialect::Mysql] {
        let schema = read(dialect, "CREATE TABLE contacts (id int);");
        let found = schema.find(&["_sqlx_migrations".to_owned()]);
        assert!(matches!(found, Found::External), "{dialect}: {found:?}");
    }
}

#[test]
fn sequences_are_relations_that_hide_nothing() {
    let schema = read(
        PG,
        "CREATE SEQUENCE numbers; CREATE TABLE events (id bigserial, deleted_at timestamptz);
         ALTER TABLE events ADD COLUMN n int GENERATED ALWAYS AS IDENTITY;",
    );
    for name in ["numbers", "events_id_seq", "events_n_seq"] {
        let found = schema.find(&[name.to_owned()]);
        assert!(matches!(found, Found::External), "{name}: {found:?}");
    }
    let found = schema.find(&["events_deleted_at_seq".to_owned()]);
    assert!(matches!(found, Found::Unknown), "{found:?}");
}
