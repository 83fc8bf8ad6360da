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

/// Keys that count tombstones, accepted by name, and one of live rows beside one of them.
fn accepted(dialect: crate::setup::Dialect) -> On {
    let (id, partial) = match dialect {
        Mysql => ("id bigint AUTO_INCREMENT PRIMARY KEY", ""),
        _ => (
            "id INTEGER PRIMARY KEY",
            "CREATE UNIQUE INDEX live ON users (email) WHERE deleted_at IS NULL;",
        ),
    };
    let ddl = format!(
        "CREATE TABLE users ({id}, email VARCHAR(50), handle VARCHAR(50), name TEXT, status TEXT,
            deleted_at TIMESTAMP NULL, CONSTRAINT handles UNIQUE (handle));
         CREATE UNIQUE INDEX emails ON users (email); {partial}"
    );
    with_schema(
        dialect,
        &ddl,
        "[tables.users]\naccept = [\"upsert_counts_tombstones\"]",
    )
}

#[test]
fn a_key_that_is_accepted_lets_the_clause_through_and_proves_nothing() {
    for dialect in [Postgres, Sqlite] {
        for clause in ["ON CONFLICT DO NOTHING", "ON CONFLICT (email) DO NOTHING"] {
            let sql = format!("INSERT INTO users (email) VALUES ('e') {clause}");
            accepted(dialect).becomes(&sql, &sql);
        }
        // The full key may decide as well: the row that is met may be deleted.
        let sql = "INSERT INTO users (email) VALUES ('e') ON CONFLICT (email) WHERE deleted_at IS NULL DO UPDATE SET name = 'x', status = 'y'";
        accepted(dialect).proves_nothing(sql, "users");
        accepted(dialect).becomes(sql, &format!("{sql} WHERE users.deleted_at IS NULL"));
    }
    let sql =
        "INSERT INTO users (handle) VALUES ('h') ON CONFLICT ON CONSTRAINT handles DO NOTHING";
    accepted(Postgres).becomes(sql, sql);
}

#[test]
fn the_guards_of_mysql_name_the_column_alone() {
    accepted(Mysql).becomes(
        "INSERT INTO users (email) VALUES ('e') ON DUPLICATE KEY UPDATE users.name = 'x'",
        "INSERT INTO users (email) VALUES ('e') ON DUPLICATE KEY UPDATE users.name = IF(users.deleted_at IS NULL, 'x', name)",
    );
    let head = "INSERT INTO users (email) VALUES ('e') ON DUPLICATE KEY UPDATE";
    accepted(Mysql).proves(&format!(
        "{head} users.name = IF(users.deleted_at IS NULL, 'x', name)"
    ));
    // The condition goes on behind f, or the call has another form.
    for value in [
        "IF(users.deleted_at IS NULL OR 1 = 1, 'x', name)",
        "IF(users.deleted_at IS NULL, 'x', 'y', name)",
        "IF(users.deleted_at IS NULL, 'x', name) + IF(1, 2, name)",
    ] {
        accepted(Mysql).proves_nothing(&format!("{head} name = {value}"), "users");
    }
}

#[test]
fn a_column_of_the_condition_is_assigned_last() {
    let ddl = |key: &str| {
        format!(
            "CREATE TABLE posts (id bigint AUTO_INCREMENT PRIMARY KEY, slug VARCHAR(50) {key}, status TEXT, deleted_at TIMESTAMP NULL);"
        )
    };
    let config = "[tables.posts]\nactive = \"deleted_at IS NULL AND status <> 'archived'\"\naccept = [\"upsert_counts_tombstones\"]";
    let sql = "INSERT INTO posts (slug) VALUES ('s') ON DUPLICATE KEY UPDATE posts.status = 'x', slug = 't'";
    with_schema(Mysql, &ddl("UNIQUE"), config).refuses_as(
        &scope(Active),
        sql,
        Code::CannotScope,
        "posts.status = 'x'",
    );
    // No row is met that is not live.
    with_schema(Mysql, &ddl(""), config).proves(sql);
}

#[test]
fn a_computed_column_keeps_no_row_from_colliding() {
    // MariaDB 10.11, SQLite 3.40 and PostgreSQL 15 find the deleted row by its computed value.
    let column = "lowered VARCHAR(50) GENERATED ALWAYS AS (lower(email)) STORED UNIQUE";
    let ddl = |dialect| {
        let id = match dialect {
            Mysql => "id bigint AUTO_INCREMENT PRIMARY KEY",
            Postgres => "id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
            Sqlite => "id INTEGER PRIMARY KEY",
        };
        format!(
            "CREATE TABLE users ({id}, email VARCHAR(50), {column}, deleted_at TIMESTAMP NULL);"
        )
    };
    for (dialect, clause) in [
        (Mysql, "ON DUPLICATE KEY UPDATE email = 'x'"),
        (Postgres, "ON CONFLICT DO NOTHING"),
        (Postgres, "ON CONFLICT (lowered) DO UPDATE SET email = 'x'"),
        (Sqlite, "ON CONFLICT DO NOTHING"),
    ] {
        for ask in [Ask::default(), scope(Active)] {
            let sql = format!("INSERT INTO users (email) VALUES ('e') {clause}");
            let checked = on_more(dialect, &ddl(dialect)).check(&ask, &sql);
            let codes: Vec<Code> = checked.errors.iter().map(|error| error.code).collect();
            assert_eq!(codes, [Code::ConflictCountsTombstones], "{dialect}: {sql}");
        }
    }
    let short = ddl(Sqlite).replace("GENERATED ALWAYS AS", "AS");
    let sql = "INSERT INTO users (email) VALUES ('e') ON CONFLICT DO NOTHING";
    on_more(Sqlite, &short).refuses(
        sql,
        Code::ConflictCountsTombstones,
        "ON CONFLICT DO NOTHING",
    );
    // A column that counts is filled anew.
    let plain = ddl(Postgres).replace("GENERATED ALWAYS AS (lower(email)) STORED UNIQUE", "");
    on_more(Postgres, &plain).proves(sql);
    let dropped = format!(
        "{} ALTER TABLE users ALTER COLUMN lowered DROP EXPRESSION;
         ALTER TABLE users ALTER COLUMN lowered ADD GENERATED BY DEFAULT AS IDENTITY;",
        ddl(Postgres)
    );
    on_more(Postgres, &dropped).proves(sql);
}

/// A table of MySQL with one key, over `live` or what stands for it.
fn live_key(live: &str, key: &str) -> String {
    format!(
        "CREATE TABLE users (id bigint AUTO_INCREMENT PRIMARY KEY, email VARCHAR(50), name VARCHAR(50){live}, deleted_at TIMESTAMP NULL, UNIQUE KEY emails ({key}));"
    )
}

#[test]
fn a_key_with_a_part_that_is_null_for_tombstones_holds_live_rows_only() {
    for expression in [
        "IF(deleted_at IS NULL, email, NULL)",
        "if((`deleted_at` is null),`email`,NULL)",
        "(CASE WHEN deleted_at IS NULL THEN email END)",
        "case when deleted_at is null then (CASE WHEN name = 'a' THEN 'b' END) else null end",
        "CASE WHEN email <> '' AND deleted_at IS NULL THEN IF(id > 1, email, 'x') END",
    ] {
        let column = format!(", live VARCHAR(50) GENERATED ALWAYS AS ({expression}) VIRTUAL");
        for ddl in [
            live_key(&column, "live"),
            live_key(&column, "name, live"),
            live_key(&column.replace("GENERATED ALWAYS ", ""), "live"),
            live_key("", &format!("({expression})")),
            format!(
                "{} ALTER TABLE users CHANGE live alive VARCHAR(50) AS ({expression});",
                live_key(&column, "live")
            ),
        ] {
            let on = on_more(Mysql, &ddl);
            for sql in [
                "INSERT INTO users (email) VALUES ('e') ON DUPLICATE KEY UPDATE name = 'x'",
                "INSERT IGNORE INTO users (email) VALUES ('e')",
            ] {
                on.proves(sql);
                on.becomes(sql, sql);
            }
        }
    }
}

#[test]
fn a_key_with_a_part_that_tombstones_may_share_counts_them() {
    let refused = |ddl: &str| {
        on_more(Mysql, ddl).refuses_as(
            &scope(Active),
            "INSERT INTO users (email) VALUES ('e') ON DUPLICATE KEY UPDATE name = 'x'",
            Code::ConflictCountsTombstones,
            "users",
        );
    };
    for expression in [
        "IF(deleted_at IS NULL, email, '')",
        "IF(deleted_at IS NULL, NULL, email)",
        "IF(deleted_at IS NOT NULL, email, NULL)",
        "IF(deleted_at IS NULL OR id > 1, email, NULL)",
        "IF(name IS NULL, email, NULL)",
        "IF(deleted_at IS NULL, email, NULL + 1)",
        "IF(deleted_at IS NULL, email, NULL) <=> email",
        "coalesce(IF(deleted_at IS NULL, email, NULL), email)",
        "ifnull(deleted_at IS NULL, NULL)",
        "CASE WHEN deleted_at IS NULL THEN email ELSE name END",
        "CASE WHEN deleted_at IS NULL THEN email WHEN name IS NULL THEN 'x' END",
        "CASE WHEN name IS NULL THEN email END",
        "CASE WHEN name IS NULL THEN CASE WHEN deleted_at IS NULL THEN email END END",
        "CASE deleted_at IS NULL WHEN false THEN email END",
        "CASE WHEN deleted_at IS NULL THEN email ELSE NULL END IS NULL",
        "coalesce(deleted_at IS NULL, email, NULL)",
        "CASE 0 WHEN 1 AND deleted_at IS NULL THEN email END",
        "CASE WHEN deleted_at IS NULL THEN email END IS NULL",
        "CASE WHEN deleted_at IS NULL THEN email ELSE NULL IS NULL END",
        "(CASE WHEN deleted_at IS NULL THEN 1 END) <=> (CASE WHEN deleted_at IS NULL THEN 1 END)",
        "lower(email)",
        "email",
        // No database takes these.
        "IF",
        "IF(deleted_at IS NULL)",
        "IF(, email, NULL)",
        "IF NOT deleted_at IS NULL, email, NULL END",
        "CASE",
        "CASE WHEN",
        "CASE WHEN THEN email END",
        "CASE NOT deleted_at IS NULL THEN email WHEN 1 END",
        "CASE WHEN deleted_at IS NULL END",
        "NOT WHEN deleted_at IS NULL THEN email END",
        "",
    ] {
        let column = format!(", live VARCHAR(50) AS ({expression})");
        refused(&live_key(&column, "live"));
        if expression != "email" {
            refused(&live_key("", &format!("({expression})")));
        }
    }
    // Another key counts, or the marker goes by another name now.
    let live = ", live VARCHAR(50) AS (IF(deleted_at IS NULL, email, NULL))";
    refused(&format!(
        "{} CREATE UNIQUE INDEX names ON users (name);",
        live_key(live, "live")
    ));
    let column =
        live_key(live, "live").replace("name VARCHAR(50)", "name VARCHAR(50), gone TIMESTAMP NULL");
    refused(&format!(
        "{column} ALTER TABLE users RENAME COLUMN deleted_at TO away, RENAME COLUMN gone TO deleted_at;"
    ));
    // No primary key holds NULL.
    refused(
        &live_key(live, "name")
            .replace(" PRIMARY KEY", "")
            .replace("UNIQUE KEY emails (name)", "PRIMARY KEY (live)"),
    );
    // MySQL's own: these have partial keys, and PostgreSQL may hold NULLs equal.
    for dialect in [Postgres, Sqlite] {
        let ddl = "CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT, name TEXT, deleted_at TIMESTAMP);
             CREATE UNIQUE INDEX emails ON users ((CASE WHEN deleted_at IS NULL THEN email END));";
        on_more(dialect, ddl).refuses_as(
            &scope(Active),
            "INSERT INTO users (email) VALUES ('e') ON CONFLICT DO NOTHING",
            Code::ConflictCountsTombstones,
            "ON CONFLICT DO NOTHING",
        );
    }
}

#[test]
fn keys_of_one_predicate_are_one_choice() {
    let more = "CREATE UNIQUE INDEX again ON users (email) WHERE (deleted_at IS  NULL);";
    let on = |more: &str| {
        on_more(
            Postgres,
            &format!(
                "CREATE TABLE users (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, email TEXT, handle TEXT, deleted_at TIMESTAMP NULL);
                 CREATE UNIQUE INDEX users_email ON users (email) WHERE deleted_at IS NULL; {more}"
            ),
        )
    };
    on(more).becomes(
        "INSERT INTO users (email) VALUES ('e') ON CONFLICT (email) DO NOTHING",
        "INSERT INTO users (email) VALUES ('e') ON CONFLICT (email) WHERE deleted_at IS NULL DO NOTHING",
    );
    // Parentheses in front of an operator belong to the expression, those around it do not.
    let pair = "CREATE UNIQUE INDEX pair ON users (((email) || handle)) WHERE deleted_at IS NULL;";
    for target in ["((email) || handle)", "(((email) || handle))"] {
        on(pair).becomes(
            &format!("INSERT INTO users (email) VALUES ('e') ON CONFLICT {target} DO NOTHING"),
            &format!(
                "INSERT INTO users (email) VALUES ('e') ON CONFLICT {target} WHERE deleted_at IS NULL DO NOTHING"
            ),
        );
    }
}

#[test]
fn a_refused_conflict_says_what_would_make_its_key_right() {
    let told = |on: On, sql: &str| on.check(&scope(Active), sql).errors.remove(0);
    let ddl = "CREATE TABLE users (id bigint, part bigint, handle VARCHAR(50), deleted_at TIMESTAMP NULL, PRIMARY KEY (id, part));
        CREATE UNIQUE INDEX handles ON users (handle);
        CREATE UNIQUE INDEX ids ON users (id);";
    for (target, help) in [
        ("(id, part)", "if its values are never used again"),
        (
            "(handle)",
            "CREATE UNIQUE INDEX … ON users (handle) WHERE deleted_at IS NULL",
        ),
        // Half of a primary key is none.
        (
            "(id)",
            "CREATE UNIQUE INDEX … ON users (id) WHERE deleted_at IS NULL",
        ),
    ] {
        let sql = format!(
            "INSERT INTO users (id, part, handle) VALUES (1, 2, 'h') ON CONFLICT {target} DO NOTHING"
        );
        let fault = told(on_more(Postgres, ddl), &sql);
        assert!(fault.help.contains(help), "{}", fault.help);
        assert!(
            fault.help.contains("[tables.users] accept"),
            "{}",
            fault.help
        );
    }
    // Followed, the help is enough.
    let sql = "INSERT INTO users (handle) VALUES ('h') ON DUPLICATE KEY UPDATE part = 3";
    let heap = "CREATE TABLE users (part bigint, handle VARCHAR(50), deleted_at TIMESTAMP NULL, UNIQUE (handle, part));";
    let written = told(on_more(Mysql, heap), sql).help;
    let cure = "ALTER TABLE users ADD COLUMN live TINYINT AS (IF(deleted_at IS NULL, 1, NULL)),\n    DROP KEY handle, ADD UNIQUE KEY (handle, part, live)";
    assert!(written.contains(cure), "{written}");
    assert!(written.contains("[tables.users] accept"), "{written}");
    on_more(Mysql, &format!("{heap} {cure};")).proves(sql);
    // The constraint of another name is none of the keys.
    let sql =
        "INSERT INTO users (handle) VALUES ('h') ON CONFLICT ON CONSTRAINT users_pkey DO NOTHING";
    let heap = "CREATE TABLE users (handle TEXT, deleted_at TIMESTAMP NULL, CONSTRAINT handles UNIQUE (handle));";
    let fault = told(on_more(Postgres, heap), sql);
    assert!(fault.message.contains("(users_pkey)"), "{}", fault.message);
}

#[test]
fn a_row_that_is_replaced_is_told_and_nothing_more_of_it() {
    let told = |dialect, sql: &str| {
        let errors = on(dialect).check(&scope(Active), sql).errors;
        assert_eq!(errors.len(), 1, "{errors:?}");
        assert_eq!(errors[0].code, Code::Replace);
        errors[0].help.clone()
    };
    let sql = "INSERT OR REPLACE INTO contacts (id) VALUES (1) ON CONFLICT (id) DO NOTHING";
    assert!(told(Sqlite, sql).contains("ON CONFLICT (…) DO UPDATE"));
    let sql = "REPLACE INTO contacts (id) VALUES (1)";
    assert!(told(Mysql, sql).contains("ON DUPLICATE KEY UPDATE"));
}
