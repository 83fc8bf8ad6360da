use super::{Keys, Param, TablePurge, purge, retention_plan};
use crate::{
    Dialect, Schema,
    schema::{Config, from_sql},
};

const TABLES: &str = "
    CREATE TABLE contacts (id INTEGER PRIMARY KEY, legal_hold BOOLEAN NOT NULL, deleted_at TIMESTAMP NULL);
    CREATE TABLE orders (id INTEGER PRIMARY KEY, contact_id INTEGER REFERENCES contacts (id), deleted_at TIMESTAMP NULL);
    CREATE TABLE notes (id INTEGER PRIMARY KEY, is_deleted BOOLEAN NOT NULL);
    CREATE TABLE lines (contact_id INTEGER, deleted_at TIMESTAMP NULL);
    CREATE TABLE visits (id INTEGER PRIMARY KEY, deleted_at BIGINT);
    CREATE TABLE nodes (id INTEGER PRIMARY KEY, parent INTEGER, deleted_at TIMESTAMP NULL, FOREIGN KEY (parent) REFERENCES nodes (id));
";

const CONTACTS: &str = "[tables.contacts]\nretention = \"90 days\"\nhold = \"legal_hold\"\n";

fn schema(dialect: Dialect, more: &str, toml: &str) -> Schema {
    let config = Config::parse(toml, std::path::Path::new("soft-delete.toml"));
    let config = config.expect("a configuration");
    from_sql(dialect, &format!("{TABLES}{more}"), &config).expect("a schema")
}

fn statements(schema: &Schema, name: &str) -> TablePurge {
    let named = |table: &crate::schema::Table| table.name.name == name;
    let at = schema.tables.iter().position(named).expect("the table");
    purge(schema, at).expect("a table that can be purged")
}

#[track_caller]
fn is_refused(dialect: Dialect, more: &str, toml: &str, expected: &str) {
    let faults = retention_plan(&schema(dialect, more, toml)).expect_err("no plan");
    let texts: Vec<String> = faults.iter().map(|fault| fault.render("")).collect();
    assert_eq!(texts.join("\n"), expected);
}

/// The tests for rows that reference the purged one, in their order.
fn referencing(purge: &TablePurge) -> Vec<&str> {
    let tests = purge
        .pick
        .sql
        .split(" AND NOT EXISTS (SELECT 1 FROM ")
        .skip(1);
    tests
        .map(|test| test.split(')').next().unwrap_or_default())
        .collect()
}

#[test]
fn postgres_finds_locked_rows_by_their_place() {
    let schema = schema(Dialect::Postgres, "", CONTACTS);
    let purge = statements(&schema, "contacts");
    assert_eq!(
        purge.cutoff.expect("a retention").sql,
        "SELECT CAST(CAST(CURRENT_TIMESTAMP - INTERVAL '90 days' AS timestamp) AS text)"
    );
    assert_eq!(
        purge.pick.sql,
        "SELECT CAST(t.ctid AS text) FROM contacts AS t WHERE \
         t.ctid >= CAST(COALESCE(CAST($1 AS text), '(0,0)') AS tid) AND t.deleted_at IS NOT NULL \
         AND t.deleted_at < CAST(CAST($2 AS text) AS timestamp) AND NOT ((t.legal_hold) IS TRUE) \
         AND NOT EXISTS (SELECT 1 FROM orders AS c WHERE c.contact_id = t.id) \
         LIMIT CAST($3 AS bigint) FOR UPDATE OF t SKIP LOCKED"
    );
    assert_eq!(
        purge.pick.params,
        [Param::From, Param::Cutoff, Param::Limit]
    );
    assert_eq!(
        purge.plain[0].sql,
        "DELETE FROM contacts AS t WHERE t.ctid = ANY (CAST(CAST($1 AS text) AS tid[])) \
         AND t.deleted_at IS NOT NULL AND t.deleted_at < CAST(CAST($2 AS text) AS timestamp) \
         AND NOT ((t.legal_hold) IS TRUE) \
         AND NOT EXISTS (SELECT 1 FROM orders AS c WHERE c.contact_id = t.id)"
    );
    assert_eq!((purge.keys, purge.recheck), (Keys::Array, None));
    assert_eq!(purge.blockers, ["orders"]);
    assert!(
        purge.audited.is_none() && purge.snapshot.is_none(),
        "no table for them"
    );
}

#[test]
fn postgres_walks_only_where_a_referencing_row_makes_it_refuse() {
    let more = "
        CREATE TABLE tags (id BIGINT PRIMARY KEY, visit_id INTEGER REFERENCES visits (id) ON DELETE CASCADE);
        CREATE TABLE crates (id BIGINT PRIMARY KEY, deleted_at TIMESTAMPTZ);
        CREATE TABLE pins (id BIGINT PRIMARY KEY, crate_id BIGINT REFERENCES crates (id) ON DELETE SET NULL);
        CREATE TABLE notices (board_id BIGINT REFERENCES boards (id) ON DELETE RESTRICT);
        CREATE TABLE boards (id BIGINT PRIMARY KEY, deleted_at TIMESTAMPTZ);";
    let toml = "[tables.visits]\nnow = \"extract(epoch from now())::bigint\"";
    let schema = schema(Dialect::Postgres, more, toml);
    let contacts = statements(&schema, "contacts");
    assert!(contacts.may_stay);
    let walk = contacts.walk.expect("orders refuse");
    assert_eq!(
        walk.plain.sql,
        "WITH claim AS MATERIALIZED (SELECT set_config('lock_timeout', '20ms', true), \
         pg_try_advisory_xact_lock(hashtext('soft_delete ' \
         || CAST(CAST('contacts' AS regclass) AS oid)), CAST(CAST($1 AS bigint) AS integer)) AS ok) \
         DELETE FROM contacts AS t WHERE (SELECT ok FROM claim) \
         AND t.ctid >= CAST(CAST($2 AS text) AS tid) AND t.ctid < CAST(CAST($3 AS text) AS tid) \
         AND t.deleted_at IS NOT NULL AND t.deleted_at < CAST(CAST($4 AS text) AS timestamp) \
         AND NOT EXISTS (SELECT 1 FROM orders AS c WHERE c.contact_id = t.id)"
    );
    let params = [Param::Part, Param::From, Param::To, Param::Cutoff];
    assert_eq!(walk.plain.params, params);
    assert!(
        statements(&schema, "orders").walk.is_some(),
        "nothing references it"
    );
    assert!(
        statements(&schema, "boards").walk.is_some(),
        "notices refuse"
    );
    for cascading in ["visits", "crates"] {
        assert!(statements(&schema, cascading).walk.is_none(), "{cascading}");
    }
}

#[test]
fn postgres_finds_rows_of_partitions_by_their_key() {
    let parts = "
        CREATE TABLE logs (id BIGINT, day DATE, deleted_at TIMESTAMPTZ, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);
        CREATE TABLE logs_1 PARTITION OF logs FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');";
    let purge = statements(&schema(Dialect::Postgres, parts, ""), "logs");
    assert!(!purge.pick.sql.contains("ctid"), "{}", purge.pick.sql);
    assert!(
        purge.plain[0].sql.starts_with(
            "DELETE FROM logs AS t USING jsonb_array_elements(CAST(CAST($1 AS text) AS jsonb)) AS k (v) \
             WHERE t.id = CAST(k.v ->> 0 AS bigint) AND t.day = CAST(k.v ->> 1 AS date) AND "
        ),
        "{}",
        purge.plain[0].sql
    );
}

#[test]
fn sqlite_takes_a_range_of_rows() {
    let purge = statements(&schema(Dialect::Sqlite, "", CONTACTS), "contacts");
    assert_eq!(
        purge.plain[0].sql,
        "DELETE FROM contacts AS t WHERE \
         t.rowid >= CAST(COALESCE(?1, '-9223372036854775808') AS INTEGER) AND t.rowid <= CAST(?2 AS INTEGER) \
         AND t.deleted_at IS NOT NULL AND julianday(t.deleted_at) < julianday(?3) \
         AND NOT ((t.legal_hold) IS TRUE) \
         AND NOT EXISTS (SELECT 1 FROM orders AS c WHERE c.contact_id = t.id)"
    );
    assert_eq!(
        purge.plain[0].params,
        [Param::From, Param::To, Param::Cutoff]
    );
}

#[test]
fn a_name_of_the_row_number_that_is_a_column_is_not_used() {
    let more = "CREATE TABLE odd (\"RowId\" TEXT PRIMARY KEY, deleted_at TEXT);
        CREATE TABLE odder (k TEXT PRIMARY KEY, ROWID TEXT, \"_RowId_\" TEXT, deleted_at TEXT);
        CREATE TABLE oddest (k TEXT PRIMARY KEY, rowid TEXT, _rowid_ TEXT, oid TEXT, deleted_at TEXT);
        CREATE TABLE none (k BLOB PRIMARY KEY, deleted_at TEXT) WITHOUT ROWID;";
    let schema = schema(Dialect::Sqlite, more, "");
    for (table, name) in [("odd", "_rowid_"), ("odder", "oid")] {
        let sql = statements(&schema, table).plain[0].sql.clone();
        let condition = format!("t.{name} <= CAST(?2 AS INTEGER)");
        assert!(sql.contains(&condition), "{sql}");
    }
    let oddest = statements(&schema, "oddest").plain[0].sql.clone();
    assert!(
        oddest.contains("(t.k) IN (SELECT t.k FROM oddest AS t WHERE"),
        "{oddest}"
    );
    let none = statements(&schema, "none").plain[0].sql.clone();
    assert!(
        none.contains("(t.k) IN (SELECT t.k FROM none AS t WHERE"),
        "{none}"
    );
}

#[test]
fn mysql_looks_again_under_the_lock_for_rows_that_reference_the_picked_ones() {
    let schema = schema(Dialect::Mysql, "", CONTACTS);
    let purge = statements(&schema, "contacts");
    assert_eq!(
        purge.pick.sql,
        "SELECT CAST(JSON_ARRAY(t.id) AS CHAR CHARACTER SET utf8mb4), CAST(t.id AS CHAR CHARACTER SET utf8mb4) \
         FROM contacts AS t FORCE INDEX (PRIMARY) WHERE (? IS NULL OR t.id >= ?) \
         AND t.deleted_at IS NOT NULL AND t.deleted_at < CAST(? AS DATETIME(6)) \
         AND NOT ((t.legal_hold) IS TRUE) \
         AND NOT EXISTS (SELECT 1 FROM orders AS c WHERE c.contact_id = t.id) \
         ORDER BY t.id LIMIT ? FOR UPDATE SKIP LOCKED"
    );
    let params = [Param::From, Param::From, Param::Cutoff, Param::Limit];
    assert_eq!(purge.pick.params, params);
    let recheck = purge.recheck.expect("orders may have come").sql;
    assert!(recheck.ends_with("NOT EXISTS (SELECT 1 FROM orders AS c WHERE c.contact_id = t.id)"));
    assert!(
        !recheck.contains("FOR UPDATE"),
        "a plain read sees what is committed: {recheck}"
    );
    assert!(
        !purge.plain[0].sql.contains("EXISTS"),
        "{}",
        purge.plain[0].sql
    );
}

#[test]
fn a_row_that_references_itself_does_not_keep_itself() {
    let schema = schema(Dialect::Sqlite, "", "");
    let purge = statements(&schema, "nodes");
    assert!(purge.is_tree);
    let test = "NOT EXISTS (SELECT 1 FROM nodes AS c WHERE c.parent = t.id AND NOT (c.id = t.id))";
    assert!(purge.pick.sql.contains(test), "{}", purge.pick.sql);

    // InnoDB refuses to delete it.
    let purge = statements(&self::schema(Dialect::Mysql, "", ""), "nodes");
    let recheck = purge.recheck.expect("it may have come to that").sql;
    let test = "NOT EXISTS (SELECT 1 FROM nodes AS c WHERE c.parent = t.id)";
    assert!(recheck.contains(test), "{recheck}");
}

#[test]
fn what_happens_to_a_row_that_references_itself_depends_on_the_database_and_its_foreign_key() {
    const KEEPS_ITSELF: &str = "pages AS c WHERE c.parent = t.id";
    const GOES: &str = "pages AS c WHERE c.parent = t.id AND NOT (c.id = t.id";
    for (dialect, action, expected) in [
        (Dialect::Mysql, "RESTRICT", KEEPS_ITSELF),
        (Dialect::Mysql, "NO ACTION", KEEPS_ITSELF),
        (Dialect::Mysql, "CASCADE", GOES),
        (Dialect::Postgres, "RESTRICT", GOES),
    ] {
        let more = format!(
            "CREATE TABLE pages (id INTEGER PRIMARY KEY, parent INTEGER, deleted_at TIMESTAMP NULL, \
             FOREIGN KEY (parent) REFERENCES pages (id) ON DELETE {action});"
        );
        let purge = statements(&schema(dialect, &more, ""), "pages");
        assert_eq!(referencing(&purge), [expected], "{dialect:?}: {action}");
    }
}

#[test]
fn a_plan_takes_children_before_parents() {
    let toml = format!("{CONTACTS}[tables.orders]\nretention = \"1 day\"");
    let plan = retention_plan(&schema(Dialect::Sqlite, "", &toml)).expect("a plan");
    let tables: Vec<&str> = plan.tables.iter().map(|own| own.table.as_str()).collect();
    assert_eq!(
        (tables.as_slice(), plan.is_cyclic),
        (["orders", "contacts"].as_slice(), false)
    );

    let circle = "
        CREATE TABLE a (id INTEGER PRIMARY KEY, b INTEGER REFERENCES b (id), deleted_at TEXT);
        CREATE TABLE b (id INTEGER PRIMARY KEY, a INTEGER REFERENCES a (id), deleted_at TEXT);";
    let toml = "[tables.a]\nretention = \"1 day\"\n[tables.b]\nretention = \"1 day\"";
    let plan = retention_plan(&schema(Dialect::Sqlite, circle, toml)).expect("a plan");
    assert!(plan.is_cyclic);
}

#[test]
fn the_cutoff_is_of_the_clock_that_the_soft_delete_reads() {
    let toml = "[tables.visits]\nretention = \"1 week\"\nnow = \"unixepoch() * 1000\"\n\
                [tables.orders]\nnow = \"datetime('now', 'localtime')\"\nretention = \"2 hours\"";
    let schema = schema(Dialect::Sqlite, "", toml);
    let cutoff = |table| statements(&schema, table).cutoff.expect("a retention").sql;
    assert_eq!(
        cutoff("visits"),
        "SELECT CAST((CAST(strftime('%s', 'now', '-7 days') AS INTEGER) * 1000) AS TEXT)"
    );
    assert_eq!(
        cutoff("orders"),
        "SELECT CAST(strftime('%Y-%m-%dT%H:%M:%f+00:00', (datetime('now', 'localtime')), '-2 hours') AS TEXT)"
    );
}

#[test]
fn a_foreign_key_of_a_family_of_tables_is_looked_at_once() {
    let more = "CREATE TABLE people (id INTEGER PRIMARY KEY, deleted_at TIMESTAMP NULL);
        CREATE TABLE staff (PRIMARY KEY (id)) INHERITS (people);
        CREATE TABLE memos (person_id INTEGER REFERENCES people (id), other_id INTEGER, year INTEGER) PARTITION BY LIST (year);
        CREATE TABLE memos_1 PARTITION OF memos FOR VALUES IN (1) PARTITION BY LIST (other_id);
        CREATE TABLE memos_11 PARTITION OF memos_1 FOR VALUES IN (1);
        CREATE TABLE memos_2 (person_id INTEGER REFERENCES people (id), other_id INTEGER REFERENCES contacts (id), year INTEGER);
        ALTER TABLE memos ATTACH PARTITION memos_2 FOR VALUES IN (2);
        ALTER TABLE memos ADD FOREIGN KEY (other_id) REFERENCES contacts (id);
        ALTER TABLE memos_1 ADD FOREIGN KEY (other_id) REFERENCES people (id);
        ALTER TABLE memos_11 ADD FOREIGN KEY (person_id) REFERENCES staff (id);";
    let schema = schema(Dialect::Postgres, more, "");
    for table in ["people", "staff"] {
        assert_eq!(
            referencing(&statements(&schema, table)),
            [
                "memos AS c WHERE c.person_id = t.id",
                "memos_1 AS c WHERE c.other_id = t.id",
                "memos_11 AS c WHERE c.person_id = t.id",
            ],
            "{table}"
        );
    }
    assert_eq!(
        referencing(&statements(&schema, "contacts")),
        [
            "orders AS c WHERE c.contact_id = t.id",
            "memos AS c WHERE c.other_id = t.id",
        ]
    );
}

#[test]
fn a_run_knows_where_rows_may_stay_and_where_some_free_others() {
    let more = "CREATE TABLE files (id INTEGER PRIMARY KEY, legal_hold BOOLEAN NOT NULL, deleted_at TIMESTAMP NULL);
        CREATE TABLE plain (id INTEGER PRIMARY KEY, deleted_at TIMESTAMP NULL);";
    let toml = "[tables.files]\nretention = \"1 day\"\nhold = \"legal_hold\"\n";
    let schema = schema(Dialect::Postgres, more, toml);
    for (table, may_stay, is_tree) in [
        ("plain", false, false),
        ("files", true, false),
        ("contacts", true, false),
        ("nodes", true, true),
    ] {
        let purge = statements(&schema, table);
        assert_eq!(
            (purge.may_stay, purge.is_tree),
            (may_stay, is_tree),
            "{table}"
        );
    }
}

#[test]
fn what_has_no_age_or_no_key_is_refused() {
    is_refused(
        Dialect::Postgres,
        "",
        "[tables.notes]\nretention = \"1 day\"",
        "the age of a deleted row of `notes` is not known [SD060]\n\n   \
         why: its marker `is_deleted` is a flag, so that nothing tells when the row was deleted\n  \
         help: give the table a timestamp as its marker, or leave `retention` out and purge by hand",
    );
    is_refused(
        Dialect::Sqlite,
        "",
        "[tables.visits]\nretention = \"1 day\"",
        "the age of a deleted row of `visits` is not known [SD060]\n\n   \
         why: its marker `deleted_at` (bigint) does not say in which unit it counts time, so that \
         nothing tells when the row was deleted\n  \
         help: say in soft-delete.toml what a soft delete writes, when that is seconds or \
         milliseconds since 1970:\n        [tables.visits]\n        now = \"unixepoch()\"",
    );
    is_refused(
        Dialect::Mysql,
        "",
        "[tables.lines]\nretention = \"1 day\"",
        "`lines` has no primary key, by which an operation finds its rows [SD061]\n\n   \
         why: without a key nothing says that the row that is deleted, restored or purged is the one \
         that was meant\n  \
         help: write a migration:\n        \
         ALTER TABLE `lines` ADD COLUMN id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY;",
    );
    is_refused(
        Dialect::Mysql,
        "",
        "",
        "no table has a retention [SD063]\n\n  help: say in soft-delete.toml how long deleted rows \
         stay:\n        [tables.contacts]\n        retention = \"90 days\"",
    );
}

#[test]
fn the_audit_table_has_every_column_that_is_written() {
    for dialect in Dialect::ALL {
        let migration = crate::lifecycle::audit::migration(dialect);
        let schema = schema(dialect, migration, CONTACTS);
        let purge = statements(&schema, "contacts");
        assert!(
            purge.audited.is_some() && purge.snapshot.is_some(),
            "{dialect}"
        );
    }
    let poor = "CREATE TABLE soft_delete_audit (id INTEGER PRIMARY KEY, operation TEXT);";
    let faults = retention_plan(&schema(Dialect::Sqlite, poor, CONTACTS)).expect_err("no plan");
    assert!(
        faults[0]
            .render("")
            .starts_with("the audit table `soft_delete_audit` has no column `run_id` [SD062]"),
        "{}",
        faults[0].render("")
    );
}
