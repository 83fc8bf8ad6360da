//! §3: upserts, and which keys count tombstones.

use crate::setup::{Active, Code, Mysql, On, Postgres, Sqlite, on_more, scope, with_schema};

/// A table with a generated key, a key that counts live rows only and, where asked, others.
fn users(dialect: crate::setup::Dialect, more: &str) -> On {
    let id = match dialect {
        Postgres => "id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
        Sqlite => "id INTEGER PRIMARY KEY",
        Mysql => "id bigint AUTO_INCREMENT PRIMARY KEY",
    };
    let partial = match dialect {
        Mysql => "",
        _ => "CREATE UNIQUE INDEX users_email ON users (email) WHERE deleted_at IS NULL;",
    };
    on_more(
        dialect,
        &format!(
            "CREATE TABLE users ({id}, email TEXT, handle TEXT, name TEXT, deleted_at TIMESTAMP NULL);
             {partial} {more}"
        ),
    )
}

const FULL: &str = "CREATE UNIQUE INDEX users_handle ON users (handle);";

#[track_caller]
fn counts_tombstones(on: &On, sql: &str) {
    let checked = on.check(&scope(Active), sql);
    let codes: Vec<Code> = checked.errors.iter().map(|error| error.code).collect();
    assert_eq!(
        codes,
        [Code::ConflictCountsTombstones],
        "{sql}: {:?}",
        checked.scoped
    );
}

#[test]
fn a_partial_index_lends_its_predicate_and_the_update_is_guarded() {
    // §3: "the index's own predicate becomes the conflict WHERE; the guard is ANDed, always".
    for dialect in [Postgres, Sqlite] {
        users(dialect, "").becomes(
            "INSERT INTO users (email, name) VALUES ('e', 'n') ON CONFLICT (email) DO UPDATE SET name = excluded.name",
            "INSERT INTO users (email, name) VALUES ('e', 'n') ON CONFLICT (email) WHERE deleted_at IS NULL DO UPDATE SET name = excluded.name WHERE users.deleted_at IS NULL",
        );
        users(dialect, "").becomes(
            "INSERT INTO users AS u (email, name) VALUES ('e', 'n') ON CONFLICT (email) WHERE deleted_at IS NULL DO UPDATE SET name = excluded.name WHERE u.name = 'a' OR u.name = 'b' RETURNING id",
            "INSERT INTO users AS u (email, name) VALUES ('e', 'n') ON CONFLICT (email) WHERE deleted_at IS NULL DO UPDATE SET name = excluded.name WHERE u.deleted_at IS NULL AND (u.name = 'a' OR u.name = 'b') RETURNING id",
        );
        users(dialect, "").becomes(
            "INSERT INTO users (email) VALUES ('e') ON CONFLICT (email) DO NOTHING",
            "INSERT INTO users (email) VALUES ('e') ON CONFLICT (email) WHERE deleted_at IS NULL DO NOTHING",
        );
    }
}

#[test]
fn an_arbiter_that_counts_tombstones_is_refused() {
    // §3: the insert would silently do nothing, or land on the tombstone.
    for dialect in [Postgres, Sqlite] {
        for sql in [
            "INSERT INTO users (handle) VALUES ('h') ON CONFLICT (handle) DO UPDATE SET name = 'n'",
            "INSERT INTO users (handle) VALUES ('h') ON CONFLICT (handle) DO NOTHING",
        ] {
            counts_tombstones(&users(dialect, FULL), sql);
        }
    }
}

#[test]
fn postgres_infers_the_full_index_even_when_where_names_the_partial_one() {
    // §3.
    counts_tombstones(
        &users(
            Postgres,
            "CREATE UNIQUE INDEX users_email_full ON users (email);",
        ),
        "INSERT INTO users (email) VALUES ('e') ON CONFLICT (email) WHERE deleted_at IS NULL DO UPDATE SET name = 'n'",
    );
}

#[test]
fn a_predicate_that_does_not_imply_the_whole_condition_counts_tombstones() {
    // §3: `deleted_at IS NULL` does not cover a custom `status <> 'archived'`.
    let ddl = "CREATE TABLE posts (id INTEGER PRIMARY KEY, slug TEXT, status TEXT, deleted_at TIMESTAMP NULL);";
    let config = "[tables.posts]\nactive = \"deleted_at IS NULL AND status <> 'archived'\"";
    let sql = "INSERT INTO posts (slug) VALUES ('s') ON CONFLICT (slug) DO NOTHING";
    let narrow = format!("{ddl} CREATE UNIQUE INDEX s ON posts (slug) WHERE deleted_at IS NULL;");
    counts_tombstones(&with_schema(Sqlite, &narrow, config), sql);
    let exact = format!(
        "{ddl} CREATE UNIQUE INDEX s ON posts (slug) WHERE deleted_at IS NULL AND status <> 'archived';"
    );
    with_schema(Sqlite, &exact, config).becomes(
        sql,
        "INSERT INTO posts (slug) VALUES ('s') ON CONFLICT (slug) WHERE deleted_at IS NULL AND status <> 'archived' DO NOTHING",
    );
}

#[test]
fn the_primary_key_is_an_arbiter_only_when_generated_and_absent() {
    // §3.
    for dialect in [Postgres, Sqlite] {
        users(dialect, "").becomes(
            "INSERT INTO users (email) VALUES ('e') ON CONFLICT (id) DO UPDATE SET name = 'n'",
            "INSERT INTO users (email) VALUES ('e') ON CONFLICT (id) DO UPDATE SET name = 'n' WHERE users.deleted_at IS NULL",
        );
        counts_tombstones(
            &users(dialect, ""),
            "INSERT INTO users (id, email) VALUES (1, 'e') ON CONFLICT (id) DO UPDATE SET name = 'n'",
        );
        counts_tombstones(
            &users(dialect, ""),
            "INSERT INTO users VALUES (1, 'e', 'h', 'n', NULL) ON CONFLICT (id) DO NOTHING",
        );
    }
}

#[test]
fn without_a_target_every_key_is_an_arbiter() {
    // §3: DO NOTHING, OR IGNORE, INSERT IGNORE.
    for dialect in [Postgres, Sqlite] {
        let sql = "INSERT INTO users (email, handle) VALUES ('e', 'h') ON CONFLICT DO NOTHING";
        users(dialect, "").becomes(sql, sql);
        counts_tombstones(&users(dialect, FULL), sql);
        counts_tombstones(
            &users(dialect, ""),
            "INSERT INTO users (id, email) VALUES (1, 'e') ON CONFLICT DO NOTHING",
        );
    }
    let sql = "INSERT OR IGNORE INTO users (email, handle) VALUES ('e', 'h')";
    users(Sqlite, "").becomes(sql, sql);
    counts_tombstones(&users(Sqlite, FULL), sql);
    let sql = "INSERT IGNORE INTO users (email, handle) VALUES ('e', 'h')";
    users(Mysql, "").becomes(sql, sql);
    counts_tombstones(&users(Mysql, FULL), sql);
}

#[test]
fn a_unique_constraint_is_never_partial() {
    // §3: ON CONSTRAINT.
    let constraint = "ALTER TABLE users ADD CONSTRAINT users_handle UNIQUE (handle);";
    counts_tombstones(
        &users(Postgres, constraint),
        "INSERT INTO users (handle) VALUES ('h') ON CONFLICT ON CONSTRAINT users_handle DO UPDATE SET name = 'n'",
    );
}

#[test]
fn do_update_does_not_set_the_marker() {
    // §3.
    for dialect in [Postgres, Sqlite] {
        let checked = users(dialect, "").check(
            &scope(Active),
            "INSERT INTO users (email) VALUES ('e') ON CONFLICT (email) DO UPDATE SET deleted_at = NULL",
        );
        assert_eq!(checked.errors[0].code, Code::MarkerWritten);
    }
}

#[test]
fn a_test_of_the_excluded_row_proves_nothing() {
    // §3: the excluded row is the new one.
    let ddl = "CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT UNIQUE, name TEXT, deleted_at TIMESTAMP NULL);";
    let config = "[tables.users]\naccept = [\"upsert_counts_tombstones\"]";
    let sql = "INSERT INTO users (email) VALUES ('e') ON CONFLICT (email) DO UPDATE SET name = 'n' WHERE excluded.deleted_at IS NULL";
    for dialect in [Postgres, Sqlite] {
        let on = with_schema(dialect, ddl, config);
        on.proves_nothing(sql, "users");
        on.becomes(
            sql,
            "INSERT INTO users (email) VALUES ('e') ON CONFLICT (email) DO UPDATE SET name = 'n' WHERE users.deleted_at IS NULL AND (excluded.deleted_at IS NULL)",
        );
    }
}

#[test]
fn an_accepted_key_still_guards_every_assignment_of_mysql() {
    // §3 †: "with every assignment `c = IF(f, expr, c)`".
    let ddl = "CREATE TABLE users (id INTEGER PRIMARY KEY, email VARCHAR(50) UNIQUE, name TEXT, org INTEGER, deleted_at TIMESTAMP NULL);";
    let config = "[tables.users]\naccept = [\"upsert_counts_tombstones\"]";
    let on = with_schema(Mysql, ddl, config);
    on.becomes(
        "INSERT INTO users (id, email) VALUES (1, 'e') ON DUPLICATE KEY UPDATE name = 'n', org = org + 1",
        "INSERT INTO users (id, email) VALUES (1, 'e') ON DUPLICATE KEY UPDATE name = IF(users.deleted_at IS NULL, 'n', name), org = IF(users.deleted_at IS NULL, org + 1, org)",
    );
    on.becomes(
        "INSERT INTO users (id, email) VALUES (1, 'e') ON DUPLICATE KEY UPDATE name = COALESCE(VALUES(name), name)",
        "INSERT INTO users (id, email) VALUES (1, 'e') ON DUPLICATE KEY UPDATE name = IF(users.deleted_at IS NULL, COALESCE(VALUES(name), name), name)",
    );
}

#[test]
fn each_conflict_clause_is_judged() {
    // §3: several ON CONFLICT clauses (SQLite).
    counts_tombstones(
        &users(Sqlite, FULL),
        "INSERT INTO users (email, handle) VALUES ('e', 'h') ON CONFLICT (email) DO UPDATE SET name = 'n' ON CONFLICT (handle) DO UPDATE SET name = 'm'",
    );
    users(Sqlite, "CREATE UNIQUE INDEX h ON users (handle) WHERE deleted_at IS NULL;").becomes(
        "INSERT INTO users (email, handle) VALUES ('e', 'h') ON CONFLICT (email) DO UPDATE SET name = 'n' ON CONFLICT (handle) DO NOTHING",
        "INSERT INTO users (email, handle) VALUES ('e', 'h') ON CONFLICT (email) WHERE deleted_at IS NULL DO UPDATE SET name = 'n' WHERE users.deleted_at IS NULL ON CONFLICT (handle) WHERE deleted_at IS NULL DO NOTHING",
    );
}

#[test]
fn on_duplicate_key_update_with_a_key_that_counts_tombstones_is_refused() {
    // §3 †.
    counts_tombstones(
        &users(Mysql, FULL),
        "INSERT INTO users (handle) VALUES ('h') ON DUPLICATE KEY UPDATE name = 'n'",
    );
    counts_tombstones(
        &users(Mysql, ""),
        "INSERT INTO users (id, handle) VALUES (1, 'h') ON DUPLICATE KEY UPDATE name = 'n'",
    );
}

#[test]
fn an_upsert_through_a_view_is_refused() {
    // §3.
    let view =
        "CREATE VIEW live_users AS SELECT id, email, name FROM users WHERE deleted_at IS NULL;";
    for dialect in [Postgres, Sqlite] {
        let sql = "INSERT INTO live_users (email) VALUES ('e') ON CONFLICT (email) DO UPDATE SET name = 'n'";
        users(dialect, view).refuses(sql, Code::ConflictCountsTombstones, "live_users");
    }
}

#[test]
fn subqueries_of_an_upsert_are_filtered() {
    // §3: subqueries in SET, VALUES, conflict WHERE and RETURNING recurse.
    for dialect in [Postgres, Sqlite] {
        users(dialect, "").becomes(
            "INSERT INTO users (email) VALUES ((SELECT max(email) FROM contacts)) ON CONFLICT (email) DO UPDATE SET name = (SELECT max(name) FROM contacts) WHERE EXISTS (SELECT 1 FROM orders) RETURNING (SELECT count(*) FROM notes)",
            "INSERT INTO users (email) VALUES ((SELECT max(email) FROM contacts WHERE contacts.deleted_at IS NULL)) ON CONFLICT (email) WHERE deleted_at IS NULL DO UPDATE SET name = (SELECT max(name) FROM contacts WHERE contacts.deleted_at IS NULL) WHERE users.deleted_at IS NULL AND (EXISTS (SELECT 1 FROM orders WHERE orders.deleted_at IS NULL)) RETURNING (SELECT count(*) FROM notes WHERE NOT notes.is_deleted)",
        );
    }
}

#[test]
fn an_index_over_expressions_is_found_by_its_expressions() {
    // §3: the arbiter is inferred as the database infers it.
    for dialect in [Postgres, Sqlite] {
        let lower = "CREATE UNIQUE INDEX l ON users (lower(handle)) WHERE (deleted_at IS NULL);";
        users(dialect, lower).becomes(
            "INSERT INTO users (handle) VALUES ('h') ON CONFLICT (lower(handle)) DO NOTHING",
            "INSERT INTO users (handle) VALUES ('h') ON CONFLICT (lower(handle)) WHERE deleted_at IS NULL DO NOTHING",
        );
        counts_tombstones(
            &users(dialect, "CREATE UNIQUE INDEX l ON users (lower(handle));"),
            "INSERT INTO users (handle) VALUES ('h') ON CONFLICT (lower(handle)) DO NOTHING",
        );
    }
}

#[test]
fn a_predicate_that_asks_for_more_than_a_live_row_counts_no_tombstones() {
    // §3: "unless its own predicate implies all of f".
    for dialect in [Postgres, Sqlite] {
        let narrower =
            "CREATE UNIQUE INDEX h ON users (handle) WHERE deleted_at IS NULL AND name <> 'x';";
        users(dialect, narrower).becomes(
            "INSERT INTO users (handle) VALUES ('h') ON CONFLICT (handle) DO NOTHING",
            "INSERT INTO users (handle) VALUES ('h') ON CONFLICT (handle) WHERE deleted_at IS NULL AND name <> 'x' DO NOTHING",
        );
        for wider in [
            "name <> 'x'",
            "deleted_at IS NULL OR name = 'x'",
            "deleted_at IS NOT NULL",
        ] {
            counts_tombstones(
                &users(
                    dialect,
                    &format!("CREATE UNIQUE INDEX h ON users (handle) WHERE {wider};"),
                ),
                "INSERT INTO users (handle) VALUES ('h') ON CONFLICT (handle) DO NOTHING",
            );
        }
    }
}

#[test]
fn which_of_several_partial_keys_decides_is_not_guessed() {
    // §3: "the index's own predicate becomes the conflict WHERE" needs exactly one.
    let more = "CREATE UNIQUE INDEX users_named ON users (email) WHERE deleted_at IS NULL AND name IS NOT NULL;";
    for dialect in [Postgres, Sqlite] {
        counts_tombstones(
            &users(dialect, more),
            "INSERT INTO users (email) VALUES ('e') ON CONFLICT (email) DO NOTHING",
        );
        let sql = "INSERT INTO users (email) VALUES ('e') ON CONFLICT (email) WHERE deleted_at IS NULL DO NOTHING";
        users(dialect, more).becomes(sql, sql);
    }
}

#[test]
fn a_test_of_the_excluded_row_is_none_of_the_marker() {
    // It is not told as `marker = NULL`, which would hide that the scope is missing.
    let ddl = "CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT UNIQUE, deleted_at TIMESTAMP NULL);";
    let config = "[tables.users]\naccept = [\"upsert_counts_tombstones\"]";
    let sql = "INSERT INTO users (email) VALUES ('e') ON CONFLICT (email) DO UPDATE SET email = 'n' WHERE excluded.deleted_at = NULL";
    for dialect in [Postgres, Sqlite] {
        with_schema(dialect, ddl, config).proves_nothing(sql, "users");
    }
}

#[test]
fn an_insert_that_updates_nothing_is_only_written() {
    for dialect in [Postgres, Sqlite] {
        for (action, plain) in [
            ("NOTHING", true),
            (
                "UPDATE SET name = 'n' WHERE users.deleted_at IS NULL",
                false,
            ),
        ] {
            let sql = format!(
                "INSERT INTO users (email) VALUES ('e') ON CONFLICT (email) WHERE deleted_at IS NULL DO {action}"
            );
            let checked = users(dialect, "").check(&scope(Active), &sql);
            assert_eq!(checked.references[0].insert_target, plain, "{sql}");
        }
    }
}
