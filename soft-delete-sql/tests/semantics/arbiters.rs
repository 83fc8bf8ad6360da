//! §3: which keys an upsert can mean, and what it may do with them.

use crate::setup::{
    Active, Ask, Code, Deleted, Mysql, On, Postgres, Sqlite, WithDeleted, on, on_more, scope,
    with_schema,
};

/// Keys of live rows, over a column, an expression and a pair.
fn users() -> On {
    on_more(
        Postgres,
        "CREATE TABLE users (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, email TEXT, handle TEXT, name TEXT, deleted_at TIMESTAMP NULL);
         CREATE UNIQUE INDEX users_email ON users (email) WHERE deleted_at IS NULL;
         CREATE UNIQUE INDEX users_lower ON users (lower(handle)) WHERE deleted_at IS NULL;
         CREATE UNIQUE INDEX users_pair ON users (handle, name) WHERE deleted_at IS NULL AND name <> '';",
    )
}

const HEAD: &str = "INSERT INTO users (email, handle) VALUES ('e', 'h') ON CONFLICT";
const GUARD: &str = "DO UPDATE SET name = 'x' WHERE users.deleted_at IS NULL";

#[test]
fn a_key_is_meant_by_all_of_its_parts_in_any_order() {
    for (target, predicate) in [
        ("(email)", " WHERE deleted_at IS NULL"),
        ("(email COLLATE \"C\")", " WHERE deleted_at IS NULL"),
        ("(lower(handle))", " WHERE deleted_at IS NULL"),
        ("((lower(handle)))", " WHERE deleted_at IS NULL"),
        ("(LOWER( handle ))", " WHERE deleted_at IS NULL"),
        ("(lower(\"handle\"))", " WHERE deleted_at IS NULL"),
        ("(name, handle)", " WHERE deleted_at IS NULL AND name <> ''"),
        // No key of the schema: the database will refuse it.
        ("(upper(handle))", ""),
        ("(handle)", ""),
        ("(handle, name, email)", ""),
        ("(email || handle)", ""),
    ] {
        users().becomes(
            &format!("{HEAD} {target} DO UPDATE SET name = 'x'"),
            &format!("{HEAD} {target}{predicate} {GUARD}"),
        );
    }
}

#[test]
fn an_arbiter_of_live_rows_is_proof_enough_where_no_scope_is_asked_for() {
    users().proves(&format!(
        "{HEAD} (email) WHERE deleted_at IS NULL DO UPDATE SET name = 'x'"
    ));
    for target in [
        "(email)",
        "(handle) WHERE deleted_at IS NULL",
        "(upper(handle)) WHERE deleted_at IS NULL",
    ] {
        users().proves_nothing(
            &format!("{HEAD} {target} DO UPDATE SET name = 'x'"),
            "users",
        );
    }
    // One clause of several that is not guarded spoils the proof.
    let sqlite = on_more(
        Sqlite,
        "CREATE UNIQUE INDEX contacts_email ON contacts (email) WHERE deleted_at IS NULL;
         CREATE UNIQUE INDEX contacts_name ON contacts (name) WHERE deleted_at IS NULL;",
    );
    let head = "INSERT INTO contacts (email) VALUES ('e') ON CONFLICT (email) WHERE deleted_at IS NULL DO UPDATE SET name = 'x'";
    sqlite.proves(&format!(
        "{head} ON CONFLICT (name) WHERE deleted_at IS NULL DO NOTHING"
    ));
    sqlite.proves_nothing(
        &format!("{head} ON CONFLICT (org_id) DO UPDATE SET name = 'y'"),
        "contacts",
    );
}

#[test]
fn the_scope_of_an_upsert_is_active_or_said_for_its_target() {
    let sql = format!("{HEAD} (email) DO UPDATE SET name = 'x'");
    let asked = |scope| Ask {
        scopes: match scope {
            WithDeleted => &[("users", WithDeleted)],
            _ => &[("users", Deleted)],
        },
        ..Ask::default()
    };
    users().gives(&asked(WithDeleted), &sql, &sql);
    users().refuses_as(&asked(Deleted), &sql, Code::CannotScope, "users");
}

#[test]
fn a_constraint_is_a_key_by_name() {
    let sql = format!("{HEAD} ON CONSTRAINT users_pkey DO NOTHING");
    users().becomes(&sql, &sql);
    for (head, name, parts) in [
        (
            "INSERT INTO users (id) VALUES (1) ON CONFLICT",
            "users_pkey",
            "(id)",
        ),
        (HEAD, "nobody", "(nobody)"),
        (HEAD, "users_email", "(email)"),
    ] {
        let sql = format!("{head} ON CONSTRAINT {name} DO NOTHING");
        let checked = users().check(&scope(Active), &sql);
        assert_eq!(checked.errors[0].code, Code::ConflictCountsTombstones);
        let message = &checked.errors[0].message;
        assert!(message.contains(parts), "{message}");
    }
}

#[test]
fn only_what_is_over_a_soft_deletable_table_is_judged() {
    for dialect in [Postgres, Sqlite] {
        on(dialect).proves("INSERT INTO audit (id) VALUES (1) ON CONFLICT DO NOTHING");
        on(dialect).refuses_as(
            &scope(Active),
            "INSERT INTO contact_states (id) VALUES (1) ON CONFLICT DO NOTHING",
            Code::ConflictCountsTombstones,
            "contact_states",
        );
        let sql = "INSERT INTO contact_states (id) VALUES (1)";
        on(dialect).becomes(sql, sql);
    }
    for sql in [
        "REPLACE INTO audit (id) VALUES (1)",
        "INSERT OR REPLACE INTO audit (id) VALUES (1)",
    ] {
        on(Sqlite).proves(sql);
        on(Sqlite).refuses(&sql.replace("audit", "contacts"), Code::Replace, "contacts");
    }
}

#[test]
fn on_duplicate_key_update_that_can_meet_live_rows_only_is_proven() {
    let ddl = "CREATE TABLE users (id bigint AUTO_INCREMENT PRIMARY KEY, handle VARCHAR(9), name TEXT, deleted_at TIMESTAMP NULL);";
    let sql = "INSERT INTO users (handle) VALUES ('h') ON DUPLICATE KEY UPDATE name = 'x'";
    on_more(Mysql, ddl).proves(sql);
    // The key is given, or no list leaves it out.
    for source in ["users (id) VALUES (1)", "users VALUES (1, 'h', 'n', NULL)"] {
        let sql = format!("INSERT INTO {source} ON DUPLICATE KEY UPDATE name = 'x'");
        let checked = on_more(Mysql, ddl).check(&Ask::default(), &sql);
        assert!(checked.scoped.is_none(), "{sql}");
    }
}

#[test]
fn a_guarded_assignment_is_one_whole_call() {
    let on = with_schema(
        Mysql,
        "CREATE TABLE users (id bigint PRIMARY KEY, name TEXT, n INTEGER, deleted_at TIMESTAMP NULL);",
        "[tables.users]\naccept = [\"upsert_counts_tombstones\"]",
    );
    let head = "INSERT INTO users (id) VALUES (1) ON DUPLICATE KEY UPDATE";
    let guarded = "name = IF(users.deleted_at IS NULL, 'x', name)";
    on.proves(&format!("{head} {guarded}"));
    on.proves(&format!(
        "{head} {guarded}, n = IF(users.deleted_at IS NULL, (n + 1), n)"
    ));
    for assignments in [
        format!("{guarded}, n = 1"),
        String::from("name = IF(users.deleted_at IS NOT NULL, 'x', name)"),
        String::from("name = IF(users.deleted_at IS NULL, name, 'x')"),
        String::from("name = IF(users.deleted_at IS NULL, 'x', n)"),
        String::from("name = COALESCE(users.deleted_at IS NULL, 'x', name)"),
    ] {
        on.proves_nothing(&format!("{head} {assignments}"), "users");
    }
}

#[test]
fn a_key_cannot_collide_where_the_database_makes_one_of_its_columns() {
    let ddl = "CREATE TABLE users (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, handle TEXT, name TEXT, deleted_at TIMESTAMP NULL);";
    let sql = "INSERT INTO users (handle) VALUES ('h') ON CONFLICT DO NOTHING";
    for index in ["", "CREATE UNIQUE INDEX users_both ON users (id, handle);"] {
        on_more(Postgres, &format!("{ddl}{index}")).becomes(sql, sql);
    }
    let sql = "INSERT INTO heap (email) VALUES ('e') ON CONFLICT DO NOTHING";
    let heap = "CREATE TABLE heap (email TEXT, deleted_at TIMESTAMP NULL);";
    on_more(Postgres, heap).becomes(sql, sql);
    // Left out is not enough.
    let full = format!("{ddl}CREATE UNIQUE INDEX users_handle ON users (handle);");
    for sql in [
        "INSERT INTO users (name) VALUES ('n') ON CONFLICT DO NOTHING",
        "INSERT INTO users (name) VALUES ('n') ON CONFLICT (handle) DO NOTHING",
        "INSERT INTO orders (total) VALUES (1) ON CONFLICT (id) DO NOTHING",
    ] {
        let checked = on_more(Postgres, &full).check(&scope(Active), sql);
        assert_eq!(checked.errors[0].code, Code::ConflictCountsTombstones);
    }
}

#[test]
fn a_key_belongs_to_the_table_of_its_schema() {
    on_more(
        Postgres,
        "CREATE TABLE crm.users (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, email TEXT, deleted_at TIMESTAMP NULL);
         CREATE TABLE users (id bigint, email TEXT);
         CREATE UNIQUE INDEX users_email ON crm.users (email) WHERE deleted_at IS NULL;",
    )
    .becomes(
        "INSERT INTO crm.users (email) VALUES ('e') ON CONFLICT (email) DO UPDATE SET email = 'x'",
        "INSERT INTO crm.users (email) VALUES ('e') ON CONFLICT (email) WHERE deleted_at IS NULL DO UPDATE SET email = 'x' WHERE users.deleted_at IS NULL",
    );
}
