//! The migrations that facts print, run by the databases: each is taken, loses no row, and what was
//! wrong is right afterwards.

use std::path::Path;

use soft_delete_sql::{
    Dialect, fact,
    schema::{self, Config, Found},
};
use test_cases::{
    case::Outcome,
    database::{Runner, left_out},
};

/// A fact, and what the database does before and after its migration.
struct Cure {
    codes: &'static [&'static str],
    table: &'static str,
    ddl: &'static str,
    toml: &'static str,
    /// Rows, and what else is there, that the analyser need not see.
    rows: &'static str,
    statement: &'static str,
    probe: &'static str,
    before: Given,
    after: Given,
    dialects: &'static [Dialect],
}

enum Given {
    Error,
    Rows(&'static [&'static str]),
}

impl Given {
    fn agrees(&self, outcome: &Outcome) -> bool {
        match (self, outcome) {
            (Self::Error, Outcome::Error(_)) => true,
            (Self::Rows(expected), Outcome::Rows(rows)) => rows == expected,
            _ => false,
        }
    }
}

const USERS: &str =
    "INSERT INTO users VALUES (1, 'live@x', NULL, NULL), (2, 'gone@x', '2026-01-01 00:00:00', 1);
    INSERT INTO posts VALUES (1, 1), (2, 2);";

const CURES: &[Cure] = &[
    Cure {
        codes: &["SD033"],
        table: "flags",
        ddl: "CREATE TABLE flags (id BIGINT PRIMARY KEY, is_deleted BOOLEAN);",
        toml: "",
        rows: "INSERT INTO flags VALUES (1, NULL), (2, TRUE), (3, FALSE);",
        statement: "INSERT INTO flags (id) VALUES (4)",
        probe: "SELECT id FROM flags WHERE NOT is_deleted ORDER BY id",
        before: Given::Rows(&["3"]),
        after: Given::Rows(&["1", "3", "4"]),
        dialects: &Dialect::ALL,
    },
    // A table that others reference, that references itself and that a view reads: nothing of it is
    // lost where the table is made anew.
    Cure {
        codes: &["SD040"],
        table: "users",
        ddl: "CREATE TABLE users (id BIGINT PRIMARY KEY, email VARCHAR(99) NOT NULL UNIQUE, deleted_at TIMESTAMP NULL, \
              invited_by BIGINT, FOREIGN KEY (invited_by) REFERENCES users (id));
              CREATE TABLE posts (id BIGINT PRIMARY KEY, user_id BIGINT, FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE);
              CREATE VIEW names AS SELECT id, email FROM users WHERE deleted_at IS NULL;",
        toml: "[tables.users.references]\nposts = \"keep\"\nusers = \"keep\"",
        rows: USERS,
        statement: "INSERT INTO users (id, email) VALUES (3, 'gone@x')",
        probe: "SELECT (SELECT count(*) FROM users), (SELECT count(*) FROM posts), (SELECT count(*) FROM names)",
        before: Given::Error,
        after: Given::Rows(&["3|2|2"]),
        dialects: &Dialect::ALL,
    },
    Cure {
        codes: &["SD040"],
        table: "users",
        ddl: "CREATE TABLE users (id BIGINT PRIMARY KEY, email VARCHAR(99) NOT NULL, deleted_at TIMESTAMP NULL, invited_by BIGINT);
              CREATE TABLE posts (id BIGINT PRIMARY KEY, user_id BIGINT);
              CREATE UNIQUE INDEX users_email ON users (email);",
        toml: "",
        rows: USERS,
        statement: "INSERT INTO users (id, email) VALUES (3, 'gone@x')",
        probe: "SELECT count(*) FROM users",
        before: Given::Error,
        after: Given::Rows(&["3"]),
        dialects: &Dialect::ALL,
    },
    // Two live rows still differ.
    Cure {
        codes: &["SD041"],
        table: "users",
        ddl: "CREATE TABLE users (id BIGINT PRIMARY KEY, email VARCHAR(99) NOT NULL, deleted_at TIMESTAMP NULL, invited_by BIGINT, \
              CONSTRAINT users_email UNIQUE (email, deleted_at));
              CREATE TABLE posts (id BIGINT PRIMARY KEY, user_id BIGINT);",
        toml: "",
        rows: USERS,
        statement: "INSERT INTO users (id, email) VALUES (3, 'live@x')",
        probe: "SELECT count(*) FROM users",
        before: Given::Rows(&["3"]),
        after: Given::Error,
        dialects: &Dialect::ALL,
    },
    Cure {
        codes: &["SD043", "SD043"],
        table: "customers",
        ddl: "CREATE TABLE customers (id BIGINT PRIMARY KEY, deleted_at TIMESTAMP NULL);
              CREATE TABLE orders (id BIGINT PRIMARY KEY, customer_id BIGINT, FOREIGN KEY (customer_id) REFERENCES customers (id));",
        toml: "[tables.customers.references]\norders = \"cascade\"",
        rows: "INSERT INTO customers (id) VALUES (1); INSERT INTO orders (id, customer_id) VALUES (1, 1);",
        statement: "UPDATE orders SET deleted_at = CURRENT_TIMESTAMP, deleted_operation = NULL",
        probe: "SELECT count(*) FROM orders WHERE deleted_at IS NOT NULL",
        before: Given::Error,
        after: Given::Rows(&["1"]),
        dialects: &Dialect::ALL,
    },
    Cure {
        codes: &["SD043"],
        table: "customers",
        ddl: "CREATE TABLE customers (id BIGINT PRIMARY KEY, deleted_at TIMESTAMP NULL, deleted_by BIGINT, deleted_operation CHAR(36));
              CREATE TABLE orders (id BIGINT PRIMARY KEY, deleted_at TIMESTAMP NULL, deleted_by VARCHAR(20), deleted_operation CHAR(36), \
              customer_id BIGINT, FOREIGN KEY (customer_id) REFERENCES customers (id));",
        toml: "[tables.customers.references]\norders = \"cascade\"",
        rows: "INSERT INTO orders (id, deleted_by) VALUES (1, '7'), (2, '10');",
        statement: "SELECT deleted_by FROM orders ORDER BY deleted_by",
        probe: "",
        // As text, 10 comes before 7.
        before: Given::Rows(&["10", "7"]),
        after: Given::Rows(&["7", "10"]),
        dialects: &Dialect::ALL,
    },
    Cure {
        codes: &["SD044"],
        table: "customers",
        ddl: "CREATE TABLE customers (id BIGINT PRIMARY KEY, deleted_at TIMESTAMP NULL, deleted_operation CHAR(36));
              CREATE TABLE leads (id BIGINT PRIMARY KEY, customer_id BIGINT NOT NULL, FOREIGN KEY (customer_id) REFERENCES customers (id));",
        toml: "[tables.customers.references]\nleads = \"detach\"",
        rows: "INSERT INTO customers (id) VALUES (1); INSERT INTO leads (id, customer_id) VALUES (1, 1);",
        statement: "UPDATE leads SET detached_customer_id = customer_id, customer_id = NULL, detached_customer_id_operation = NULL",
        probe: "SELECT id FROM leads WHERE customer_id IS NULL",
        before: Given::Error,
        after: Given::Rows(&["1"]),
        dialects: &Dialect::ALL,
    },
    Cure {
        codes: &["SD045"],
        table: "docs",
        ddl: "CREATE TABLE owners (id BIGINT PRIMARY KEY);
              CREATE TABLE docs (id BIGINT PRIMARY KEY, owner_id BIGINT, deleted_at TIMESTAMP NULL, \
              FOREIGN KEY (owner_id) REFERENCES owners (id) ON DELETE CASCADE);",
        toml: "",
        rows: "INSERT INTO owners VALUES (1); INSERT INTO docs VALUES (1, 1, NULL);",
        statement: "DELETE FROM owners",
        probe: "SELECT count(*) FROM docs",
        before: Given::Rows(&["0"]),
        after: Given::Error,
        dialects: &Dialect::ALL,
    },
    Cure {
        codes: &["SD046"],
        table: "kid",
        ddl: "CREATE TABLE kid (id BIGINT PRIMARY KEY, deleted_at TIMESTAMP);
              CREATE FUNCTION soft() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
              CREATE TRIGGER kid_delete BEFORE DELETE ON kid FOR EACH ROW EXECUTE FUNCTION soft();
              CREATE RULE kid_rule AS ON DELETE TO kid WHERE OLD.id > 1 DO INSTEAD NOTHING;",
        toml: "",
        rows: "INSERT INTO kid VALUES (1, NULL), (2, NULL);",
        statement: "DELETE FROM kid",
        probe: "SELECT count(*) FROM kid",
        before: Given::Rows(&["2"]),
        after: Given::Rows(&["0"]),
        dialects: &[Dialect::Postgres],
    },
    Cure {
        codes: &["SD046"],
        table: "kid",
        ddl: "CREATE TABLE kid (id BIGINT PRIMARY KEY, deleted_at TIMESTAMP);
              CREATE TRIGGER kid_delete BEFORE DELETE ON kid BEGIN SELECT RAISE(IGNORE); END;",
        toml: "",
        rows: "INSERT INTO kid VALUES (1, NULL), (2, NULL);",
        statement: "DELETE FROM kid",
        probe: "SELECT count(*) FROM kid",
        before: Given::Rows(&["2"]),
        after: Given::Rows(&["0"]),
        dialects: &[Dialect::Sqlite],
    },
    Cure {
        codes: &["SD047"],
        table: "notes",
        ddl: "CREATE TABLE notes (id BIGINT PRIMARY KEY, author TEXT, deleted_at TIMESTAMP);
              ALTER TABLE notes ENABLE ROW LEVEL SECURITY; ALTER TABLE notes FORCE ROW LEVEL SECURITY;
              CREATE POLICY own ON notes USING (author = 'me' AND deleted_at IS NULL);",
        toml: "",
        rows: POLICY_ROWS,
        statement: AS_OTHER_UPDATE,
        probe: "RESET ROLE; SELECT count(*) FROM notes WHERE deleted_at IS NOT NULL",
        before: Given::Error,
        after: Given::Rows(&["1"]),
        dialects: &[Dialect::Postgres],
    },
    // The role owns the table, and sees what the policy hides until it is forced.
    Cure {
        codes: &["SD048"],
        table: "notes",
        ddl: "CREATE TABLE notes (id BIGINT PRIMARY KEY, author TEXT, deleted_at TIMESTAMP);
              ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
              CREATE POLICY own ON notes USING (author = 'me' AND deleted_at IS NULL);",
        toml: "[tables.notes.accept]\nrow_security_refuses = \"another role deletes\"",
        rows: POLICY_ROWS,
        statement: "SET LOCAL ROLE soft_delete_cure; SELECT id FROM notes ORDER BY id",
        probe: "",
        before: Given::Rows(&["1", "2"]),
        after: Given::Rows(&["1"]),
        dialects: &[Dialect::Postgres],
    },
];

/// A role that owns the table; it is rolled back with all the rest.
const POLICY_ROWS: &str = "INSERT INTO notes VALUES (1, 'me', NULL), (2, 'you', NULL);
    CREATE ROLE soft_delete_cure;
    DO $$ BEGIN EXECUTE format('GRANT ALL ON SCHEMA %I TO soft_delete_cure', current_schema()); END $$;
    ALTER TABLE notes OWNER TO soft_delete_cure;";

const AS_OTHER_UPDATE: &str =
    "SET LOCAL ROLE soft_delete_cure; UPDATE notes SET deleted_at = now() WHERE deleted_at IS NULL";

#[test]
fn printed_migrations_do_on_sqlite_what_they_are_printed_for() {
    cures(Dialect::Sqlite);
}

#[test]
fn printed_migrations_do_on_postgres_what_they_are_printed_for() {
    cures(Dialect::Postgres);
}

#[test]
fn printed_migrations_do_on_mariadb_what_they_are_printed_for() {
    cures(Dialect::Mysql);
}

fn cures(dialect: Dialect) {
    if left_out(dialect) {
        return;
    }
    let runner = Runner::new(dialect);
    let mut faults = Vec::new();
    let mut ran = 0;
    for cure in CURES.iter().filter(|cure| cure.dialects.contains(&dialect)) {
        ran += 1;
        let migration = migration(dialect, cure);
        let probe = Some(cure.probe).filter(|probe| !probe.is_empty());
        let script = format!("{}\n{}", cure.ddl, cure.rows);
        let migrated = format!("{script}\n{migration}");
        for (script, expected) in [(&script, &cure.before), (&migrated, &cure.after)] {
            match runner.run(script, cure.statement, probe) {
                Ok(outcome) if expected.agrees(&outcome) => {}
                Ok(outcome) => {
                    faults.push(format!("{:?}: gives {outcome:?}\n{script}", cure.codes));
                }
                Err(error) => faults.push(format!("{:?}: {error}\n{script}", cure.codes)),
            }
        }
    }
    assert!(ran >= 8, "only {ran} ran");
    assert!(faults.is_empty(), "{dialect}\n{}", faults.join("\n\n"));
}

/// What the facts that stand against the table print.
fn migration(dialect: Dialect, cure: &Cure) -> String {
    let config = Config::parse(cure.toml, Path::new("soft-delete.toml")).expect("a configuration");
    let schema = schema::from_sql(dialect, cure.ddl, &config).expect("a schema");
    let Found::Table(table) = schema.find(&[cure.table.to_owned()]) else {
        panic!("no table `{}`", cure.table);
    };
    let facts = fact::facts(&schema, table);
    let codes: Vec<&str> = facts
        .iter()
        .map(|fact| fact.diagnostic.code.as_str())
        .collect();
    assert_eq!(codes, cure.codes, "{dialect}: {}", cure.ddl);
    let migrations: Vec<String> = facts.into_iter().map(|fact| fact.migration).collect();
    migrations.join("\n")
}
