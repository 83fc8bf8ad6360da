//! DESIGN §2: what a DELETE becomes under `soft_delete`, `purge` and `erase`.

use soft_delete_sql::scope::OperationBind;

use crate::setup::{
    ALL, Active, Ask, Code, Mysql, Postgres, Sqlite, Verb, on, on_more, scope, verb, with_schema,
};

pub(crate) const RECORDED: &str = "CREATE TABLE contacts (id INTEGER PRIMARY KEY, name TEXT,
    deleted_at TIMESTAMP NULL, deleted_by TEXT, deleted_reason TEXT, deleted_operation TEXT);";

#[test]
fn an_alias_and_the_clauses_behind_where_stay() {
    on(Postgres).gives(
        &verb(Verb::SoftDelete),
        "DELETE FROM ONLY contacts AS c WHERE c.id = $1 OR c.id = $2",
        "UPDATE ONLY contacts AS c SET deleted_at = CURRENT_TIMESTAMP WHERE c.deleted_at IS NULL AND (c.id = $1 OR c.id = $2)",
    );
    on(Mysql).gives(
        &verb(Verb::SoftDelete),
        "DELETE FROM contacts WHERE org_id = ? ORDER BY id LIMIT 10",
        "UPDATE contacts SET deleted_at = CURRENT_TIMESTAMP WHERE contacts.deleted_at IS NULL AND (org_id = ?) ORDER BY id LIMIT 10",
    );
    for &dialect in ALL {
        on(dialect).gives(
            &verb(Verb::Purge),
            "DELETE FROM contacts",
            "DELETE FROM contacts WHERE contacts.deleted_at IS NOT NULL",
        );
    }
}

#[test]
fn each_marker_is_set_to_its_deleted_value() {
    for &dialect in ALL {
        on(dialect).gives(
            &verb(Verb::SoftDelete),
            "DELETE FROM notes WHERE id = 1",
            "UPDATE notes SET is_deleted = TRUE WHERE NOT notes.is_deleted AND (id = 1)",
        );
        on(dialect).gives(
            &verb(Verb::SoftDelete),
            "DELETE FROM files WHERE id = 1",
            "UPDATE files SET is_deleted = 1 WHERE files.is_deleted = 0 AND (id = 1)",
        );
    }
}

#[test]
fn what_else_is_read_needs_its_own_scope() {
    let sql = "DELETE FROM contacts WHERE id IN (SELECT contact_id FROM orders)";
    for &dialect in ALL {
        on(dialect).refuses_as(&verb(Verb::Purge), sql, Code::Unscoped, "orders");
        let ask = Ask {
            verb: Some(Verb::Purge),
            scopes: &[("orders", Active)],
            ..Ask::default()
        };
        on(dialect).gives(
            &ask,
            sql,
            "DELETE FROM contacts WHERE contacts.deleted_at IS NOT NULL AND (id IN (SELECT contact_id FROM orders WHERE orders.deleted_at IS NULL))",
        );
    }
}

#[test]
fn rows_on_hold_are_not_purged() {
    // DESIGN §2: `purge` adds "is deleted", and "not on hold".
    let ddl = "CREATE TABLE contacts (id INTEGER PRIMARY KEY, legal_hold BOOLEAN, deleted_at TIMESTAMP NULL);";
    let config = "[tables.contacts]\nhold = \"legal_hold\"";
    for &dialect in ALL {
        let on = with_schema(dialect, ddl, config);
        let checked = on.check(&verb(Verb::Purge), "DELETE FROM contacts WHERE id = 1");
        let sql = checked.scoped.unwrap().sql;
        assert_eq!(
            sql,
            "DELETE FROM contacts WHERE (contacts.legal_hold) IS NOT TRUE AND contacts.deleted_at IS NOT NULL AND (id = 1)",
            "{dialect}"
        );
    }
}

#[test]
fn the_operation_records_who_why_and_which() {
    // Numbered behind the user's placeholders, or before them where SET precedes WHERE.
    for (dialect, sql, expected) in [
        (
            Postgres,
            "DELETE FROM contacts WHERE id = $1",
            "UPDATE contacts SET deleted_at = CURRENT_TIMESTAMP, deleted_by = $2, deleted_reason = $3, deleted_operation = $4 WHERE contacts.deleted_at IS NULL AND (id = $1)",
        ),
        (
            Mysql,
            "DELETE FROM contacts WHERE id = ?",
            "UPDATE contacts SET deleted_at = CURRENT_TIMESTAMP, deleted_by = ?, deleted_reason = ?, deleted_operation = ? WHERE contacts.deleted_at IS NULL AND (id = ?)",
        ),
    ] {
        let on = with_schema(dialect, RECORDED, "");
        on.gives(&verb(Verb::SoftDelete), sql, expected);
        let scoped = on.check(&verb(Verb::SoftDelete), sql).scoped.unwrap();
        let operation = scoped.operation.unwrap();
        assert_eq!(
            operation.binds,
            [
                OperationBind::Actor,
                OperationBind::Reason,
                OperationBind::OperationId
            ]
        );
        assert!(!scoped.returns_rows);
    }
    let on = with_schema(Sqlite, RECORDED, "");
    let sql = on
        .check(
            &verb(Verb::SoftDelete),
            "DELETE FROM contacts WHERE id = ? AND name = ?",
        )
        .scoped
        .unwrap()
        .sql;
    assert!(
        sql.contains("deleted_by = ?3, deleted_reason = ?4, deleted_operation = ?5"),
        "{sql}"
    );
}

#[test]
fn what_records_the_operation_is_write_protected() {
    for dialect in [Postgres, Sqlite] {
        let on = with_schema(dialect, RECORDED, "");
        for column in ["deleted_by", "deleted_reason", "deleted_operation"] {
            on.refuses_as(
                &scope(Active),
                &format!("UPDATE contacts SET {column} = 'x' WHERE id = 1"),
                Code::MarkerWritten,
                column,
            );
        }
    }
}

#[test]
fn a_verb_returns_no_rows_and_takes_no_cursor() {
    for dialect in [Postgres, Sqlite] {
        let checked = on(dialect).check(
            &verb(Verb::Purge),
            "DELETE FROM contacts WHERE id = 1 RETURNING id",
        );
        assert_eq!(checked.errors[0].code, Code::VerbMisused, "{dialect}");
    }
    let checked = on(Postgres).check(
        &verb(Verb::Purge),
        "DELETE FROM contacts WHERE CURRENT OF cur",
    );
    assert!(checked.scoped.is_none());
}

#[test]
fn a_policy_that_no_column_remembers_is_refused() {
    let ddl = "CREATE TABLE contacts (id INTEGER PRIMARY KEY, deleted_at TIMESTAMP NULL);
        CREATE TABLE orders (id INTEGER PRIMARY KEY, contact_id INTEGER REFERENCES contacts (id), deleted_at TIMESTAMP NULL);";
    for policy in ["cascade", "restrict", "detach"] {
        let config = format!("[tables.contacts.references]\norders = \"{policy}\"");
        with_schema(Postgres, ddl, &config).refuses_as(
            &verb(Verb::SoftDelete),
            "DELETE FROM contacts WHERE id = 1",
            Code::PolicyNotSupported,
            "contacts",
        );
    }
    let config = "[tables.contacts.references]\norders = \"keep\"";
    with_schema(Postgres, ddl, config).gives(
        &verb(Verb::SoftDelete),
        "DELETE FROM contacts WHERE id = 1",
        "UPDATE contacts SET deleted_at = CURRENT_TIMESTAMP WHERE contacts.deleted_at IS NULL AND (id = 1)",
    );
}

#[test]
fn placeholders_of_the_operation_come_behind_those_of_the_user() {
    let ddl = RECORDED.replace("contacts", "logged");
    let ddl = &format!("{ddl} CREATE TABLE audit (id INTEGER PRIMARY KEY);");
    for (dialect, sql, expected) in [
        // In SQLite SET stands in front: each `?` gets the number that sqlx binds it by.
        (
            Sqlite,
            "DELETE FROM logged WHERE id = ? AND name = ?",
            "UPDATE logged SET deleted_at = strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now'), deleted_by = ?3, deleted_reason = ?4, deleted_operation = ?5 WHERE logged.deleted_at IS NULL AND (id = ?1 AND name = ?2)",
        ),
        (
            Sqlite,
            "DELETE FROM logged WHERE id = ?2 AND name = ?1",
            "UPDATE logged SET deleted_at = strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now'), deleted_by = ?3, deleted_reason = ?4, deleted_operation = ?5 WHERE logged.deleted_at IS NULL AND (id = ?2 AND name = ?1)",
        ),
        (
            Postgres,
            "DELETE FROM logged USING audit a WHERE logged.id = a.id AND a.id = $1",
            "UPDATE logged SET deleted_at = CURRENT_TIMESTAMP, deleted_by = $2, deleted_reason = $3, deleted_operation = $4 FROM audit a WHERE logged.deleted_at IS NULL AND (logged.id = a.id AND a.id = $1)",
        ),
        (
            Mysql,
            "DELETE l FROM logged l JOIN audit a ON a.id = l.id",
            "UPDATE logged l JOIN audit a ON a.id = l.id SET l.deleted_at = CURRENT_TIMESTAMP, l.deleted_by = ?, l.deleted_reason = ?, l.deleted_operation = ? WHERE l.deleted_at IS NULL",
        ),
    ] {
        with_schema(dialect, ddl, "").gives(&verb(Verb::SoftDelete), sql, expected);
    }
    // Nothing of ours is bound: the user's stay as they are.
    on(Sqlite).gives(
        &verb(Verb::SoftDelete),
        "DELETE FROM contacts WHERE id = ?",
        "UPDATE contacts SET deleted_at = strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now') WHERE contacts.deleted_at IS NULL AND (id = ?)",
    );
}

#[test]
fn a_row_at_a_cursor_is_no_operations() {
    for wanted in [Verb::SoftDelete, Verb::Purge, Verb::Erase] {
        on(Postgres).refuses_as(
            &verb(wanted),
            "DELETE FROM contacts WHERE CURRENT OF cur",
            Code::CannotScope,
            "contacts",
        );
    }
}

#[test]
fn only_the_delete_of_the_statement_itself_becomes_the_operation() {
    on(Postgres).gives(
        &verb(Verb::SoftDelete),
        "WITH x AS (DELETE FROM audit RETURNING id) DELETE FROM contacts WHERE id IN (SELECT id FROM x)",
        "WITH x AS (DELETE FROM audit RETURNING id) UPDATE contacts SET deleted_at = CURRENT_TIMESTAMP WHERE contacts.deleted_at IS NULL AND (id IN (SELECT id FROM x))",
    );
}

#[test]
fn a_hold_keeps_rows_from_the_purge_alone() {
    let ddl = "CREATE TABLE held (id INTEGER PRIMARY KEY, legal_hold BOOLEAN, deleted_at TIMESTAMP NULL);";
    let config = "[tables.held]\nhold = \"legal_hold\"";
    for &dialect in ALL {
        let on = with_schema(dialect, ddl, config);
        on.gives(
            &verb(Verb::Purge),
            "DELETE FROM held",
            "DELETE FROM held WHERE (held.legal_hold) IS NOT TRUE AND held.deleted_at IS NOT NULL",
        );
        on.gives(&verb(Verb::Erase), "DELETE FROM held", "DELETE FROM held");
    }
    with_schema(Postgres, ddl, config).gives(
        &verb(Verb::SoftDelete),
        "DELETE FROM held",
        "UPDATE held SET deleted_at = CURRENT_TIMESTAMP WHERE held.deleted_at IS NULL",
    );
}

#[test]
fn a_number_that_no_argument_has_leaves_none_for_the_operation() {
    let ddl = RECORDED.replace("contacts", "logged");
    for (dialect, number) in [
        (Postgres, "$0"),
        (Postgres, "$99999999999999999999"),
        (Sqlite, "?0"),
        (Sqlite, "?99999999999999999999"),
    ] {
        on_more(dialect, &ddl).refuses_as(
            &verb(Verb::SoftDelete),
            &format!("DELETE FROM logged WHERE id = {number}"),
            Code::BindCount,
            number,
        );
    }
}

#[test]
fn a_named_placeholder_keeps_its_name() {
    let ddl = RECORDED.replace("contacts", "logged");
    with_schema(Sqlite, &ddl, "").gives(
        &verb(Verb::SoftDelete),
        "DELETE FROM logged WHERE id = :id",
        "UPDATE logged SET deleted_at = strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now'), deleted_by = ?2, deleted_reason = ?3, deleted_operation = ?4 WHERE logged.deleted_at IS NULL AND (id = :id)",
    );
}

#[test]
fn a_marker_is_set_in_the_form_of_its_type() {
    let rfc3339 = "strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now')";
    for (dialect, sql_type, now) in [
        (Postgres, "TIMESTAMPTZ", "CURRENT_TIMESTAMP"),
        (Postgres, "DATE", "CURRENT_TIMESTAMP"),
        (Mysql, "DATETIME", "CURRENT_TIMESTAMP"),
        (Mysql, "TIMESTAMP(3) NULL", "CURRENT_TIMESTAMP(3)"),
        (Mysql, "DATETIME(6)", "CURRENT_TIMESTAMP(6)"),
        (Mysql, "DATE", "CURRENT_TIMESTAMP"),
        (Sqlite, "TEXT", rfc3339),
        (Sqlite, "VARCHAR(30)", rfc3339),
        (Sqlite, "DATETIME", rfc3339),
        (Sqlite, "DATE", rfc3339),
    ] {
        let ddl = format!("CREATE TABLE stamped (id INTEGER PRIMARY KEY, deleted_at {sql_type});");
        with_schema(dialect, &ddl, "").gives(
            &verb(Verb::SoftDelete),
            "DELETE FROM stamped",
            &format!("UPDATE stamped SET deleted_at = {now} WHERE stamped.deleted_at IS NULL"),
        );
    }
    // What a soft delete writes into another type is the application's to say.
    for (dialect, sql_type) in [
        (Postgres, "TEXT"),
        (Mysql, "VARCHAR(6)"),
        (Mysql, "DECIMAL(3)"),
        (Sqlite, "NUMERIC"),
    ] {
        let ddl = format!("CREATE TABLE stamped (id INTEGER PRIMARY KEY, state {sql_type});");
        let config = "[tables.stamped]\nmarker = \"state\"\nactive = \"state = 'live'\"";
        with_schema(dialect, &ddl, config).refuses_as(
            &verb(Verb::SoftDelete),
            "DELETE FROM stamped",
            Code::MarkerType,
            "stamped",
        );
    }
}

#[test]
fn the_operation_id_is_converted_to_the_type_of_its_column() {
    let cases = [
        (Postgres, "UUID", "CAST($2 AS uuid)"),
        (Postgres, "TEXT", "$2"),
        (Sqlite, "BLOB", "unhex(replace(?2, '-', ''))"),
        (Sqlite, "TEXT", "?2"),
        (Mysql, "BINARY(16)", "UNHEX(REPLACE(?, '-', ''))"),
        (Mysql, "CHAR(36)", "?"),
    ];
    for (dialect, sql_type, value) in cases {
        let ddl = format!(
            "CREATE TABLE logged (id INTEGER PRIMARY KEY, is_deleted BOOLEAN NOT NULL DEFAULT FALSE, deleted_by {sql_type}, deleted_operation {sql_type});"
        );
        let bare = match dialect {
            Postgres => "$1",
            Sqlite => "?1",
            Mysql => "?",
        };
        with_schema(dialect, &ddl, "").gives(
            &verb(Verb::SoftDelete),
            "DELETE FROM logged",
            &format!("UPDATE logged SET is_deleted = TRUE, deleted_by = {bare}, deleted_operation = {value} WHERE NOT logged.is_deleted"),
        );
    }
}

#[test]
fn a_target_beside_outer_joins_becomes_the_operation() {
    let ask = Ask {
        scope: Some(Active),
        ..verb(Verb::SoftDelete)
    };
    on(Mysql).gives(
        &ask,
        "DELETE c FROM contacts AS c, audit AS a LEFT JOIN orders AS o ON a.id = o.id WHERE c.id = a.id",
        "UPDATE contacts AS c, audit AS a LEFT JOIN orders AS o ON o.deleted_at IS NULL AND (a.id = o.id) SET c.deleted_at = CURRENT_TIMESTAMP WHERE c.deleted_at IS NULL AND (c.id = a.id)",
    );
    // What is written at the end of the tables stands in front of SET.
    on(Mysql).gives(
        &ask,
        "DELETE c FROM contacts AS c LEFT JOIN orders AS o ON c.id = o.id",
        "UPDATE contacts AS c LEFT JOIN orders AS o ON o.deleted_at IS NULL AND (c.id = o.id) SET c.deleted_at = CURRENT_TIMESTAMP WHERE c.deleted_at IS NULL",
    );
    on(Mysql).gives(
        &ask,
        "DELETE c FROM contacts AS c, audit AS a NATURAL LEFT JOIN orders",
        "UPDATE contacts AS c, audit AS a NATURAL LEFT JOIN (SELECT * FROM orders WHERE orders.deleted_at IS NULL) AS orders SET c.deleted_at = CURRENT_TIMESTAMP WHERE c.deleted_at IS NULL",
    );
}

pub(crate) const FAMILY: &str = "
    CREATE TABLE teams (id INTEGER PRIMARY KEY, deleted_at TIMESTAMP NULL, deleted_by TEXT, deleted_operation TEXT);
    CREATE TABLE members (id INTEGER PRIMARY KEY, team_id INTEGER NOT NULL, boss_id INTEGER, deleted_at TIMESTAMP NULL,
        deleted_by TEXT, deleted_operation TEXT, FOREIGN KEY (team_id) REFERENCES teams (id),
        FOREIGN KEY (boss_id) REFERENCES members (id));
    CREATE TABLE bills (id INTEGER PRIMARY KEY, team_id INTEGER NOT NULL, FOREIGN KEY (team_id) REFERENCES teams (id));";
pub(crate) const POLICIES: &str = "
    [tables.teams.references]
    members = \"cascade\"
    bills = \"restrict\"
    [tables.members.references]
    members = \"cascade\"";

/// What follows the statement, one line for each.
fn stages(dialect: soft_delete_sql::Dialect, verb_asked: Verb, sql: &str) -> Vec<String> {
    use soft_delete_sql::lifecycle::Stage;
    let checked = with_schema(dialect, FAMILY, POLICIES).check(&verb(verb_asked), sql);
    let operation = checked
        .scoped
        .expect("a verdict")
        .operation
        .expect("a verb");
    let line = |stage: &Stage| match stage {
        Stage::Once(step) => format!("{:?} {}", step.effect, step.text.sql),
        Stage::Repeat(steps) => {
            let steps = steps.iter().map(|step| step.text.sql.clone());
            format!("Repeat {}", steps.collect::<Vec<_>>().join("; "))
        }
        Stage::Collect(tables) => format!("Collect {}", tables.len()),
    };
    operation.stages.iter().map(line).collect()
}

#[test]
fn dependents_follow_by_the_operation_of_their_parent() {
    let guard = |table: &str| {
        format!(
            "SELECT count(*) FILTER (WHERE current_setting('transaction_isolation') = 'repeatable read') \
             FROM (SELECT 1 FROM {table} AS c WHERE c.deleted_operation = $1 FOR UPDATE) AS locked"
        )
    };
    assert_eq!(
        stages(
            Postgres,
            Verb::SoftDelete,
            "DELETE FROM teams WHERE id = $1"
        ),
        [
            &*format!("Guard {}", guard("teams")),
            "Change UPDATE members AS c SET deleted_at = p.deleted_at, deleted_by = $1, deleted_operation = $2 FROM teams AS p WHERE c.team_id = p.id AND p.deleted_operation = $2 AND c.deleted_at IS NULL",
            &*format!("Guard {}", guard("members")),
            &*format!(
                "Repeat UPDATE members AS c SET deleted_at = p.deleted_at, deleted_by = $1, deleted_operation = $2 FROM members AS p WHERE c.boss_id = p.id AND p.deleted_operation = $2 AND c.deleted_at IS NULL; {}",
                guard("members")
            ),
            "Restricted SELECT count(*) FROM bills AS c JOIN teams AS p ON c.team_id = p.id WHERE p.deleted_operation = $1 AND 1 = 1",
            "Collect 1",
        ]
    );
    // MySQL writes no table that a subquery reads.
    let mysql = stages(Mysql, Verb::SoftDelete, "DELETE FROM teams WHERE id = ?");
    assert_eq!(
        mysql[0],
        "Change UPDATE members AS c JOIN teams AS p ON c.team_id = p.id SET c.deleted_at = p.deleted_at, c.deleted_by = ?, c.deleted_operation = ? WHERE p.deleted_operation = ? AND c.deleted_at IS NULL"
    );
}

#[test]
fn a_purge_marks_its_rows_and_removes_children_first() {
    with_schema(Sqlite, FAMILY, POLICIES).gives(
        &verb(Verb::Purge),
        "DELETE FROM teams WHERE id = ?",
        "UPDATE teams SET deleted_operation = ?2 WHERE teams.deleted_at IS NOT NULL AND (id = ?1)",
    );
    let removed: Vec<String> = stages(Sqlite, Verb::Purge, "DELETE FROM teams WHERE id = ?")
        .into_iter()
        .filter(|line| line.contains("DELETE"))
        .collect();
    assert_eq!(
        removed,
        [
            "Change DELETE FROM members AS c WHERE c.deleted_operation = ?1",
            "Change DELETE FROM teams AS c WHERE c.deleted_operation = ?1",
        ]
    );
}

#[test]
fn a_policy_names_the_tables_that_lack_the_operation_and_the_migration() {
    let types = [(Postgres, "uuid"), (Sqlite, "TEXT"), (Mysql, "CHAR(36)")];
    let cases = [
        // Which tables have the column, the policy, which are named.
        ("", "cascade", &["contacts", "orders"][..]),
        ("contacts", "cascade", &["orders"]),
        ("orders", "cascade", &["contacts"]),
        ("orders", "detach", &["contacts"]),
        ("", "restrict", &["contacts"]),
    ];
    for (dialect, sql_type) in types {
        for (has, policy, named) in cases {
            let operation = |table: &str| match table {
                table if table == has => ", deleted_operation TEXT",
                _ => "",
            };
            let ddl = format!(
                "CREATE TABLE contacts (id INTEGER PRIMARY KEY, deleted_at TIMESTAMP NULL{});
                CREATE TABLE orders (id INTEGER PRIMARY KEY, contact_id INTEGER, deleted_at TIMESTAMP NULL{},
                    FOREIGN KEY (contact_id) REFERENCES contacts (id));",
                operation("contacts"),
                operation("orders"),
            );
            let config = format!("[tables.contacts.references]\norders = \"{policy}\"");
            let checked = with_schema(dialect, &ddl, &config)
                .check(&verb(Verb::SoftDelete), "DELETE FROM contacts");
            let fault = &checked.errors[0];
            let names: Vec<String> = named.iter().map(|name| format!("`{name}`")).collect();
            let lacking = format!("{} has no column `deleted_operation`", names.join(" and "));
            assert!(
                fault.message.ends_with(&lacking),
                "{has} {policy}: {}",
                fault.message
            );
            let migration: Vec<String> = named
                .iter()
                .map(|name| format!("ALTER TABLE {name} ADD COLUMN deleted_operation {sql_type};"))
                .collect();
            let help = format!("write a migration:\n{}", migration.join("\n"));
            assert_eq!(fault.help, help, "{dialect}: {has} {policy}");
        }
    }
    // A table that references itself is named once.
    let ddl = "CREATE TABLE parts (id INTEGER PRIMARY KEY, whole_id INTEGER REFERENCES parts (id), deleted_at TIMESTAMP NULL);";
    let config = "[tables.parts.references]\nparts = \"cascade\"";
    let checked =
        with_schema(Sqlite, ddl, config).check(&verb(Verb::SoftDelete), "DELETE FROM parts");
    assert_eq!(
        checked.errors[0].help,
        "write a migration:\nALTER TABLE parts ADD COLUMN deleted_operation TEXT;"
    );
}

#[test]
fn an_erasure_that_overwrites_removes_nothing_where_nothing_hangs_on_its_rows() {
    let ddl = "CREATE TABLE people (id BIGINT PRIMARY KEY, name VARCHAR(9), deleted_at TIMESTAMP NULL, erased_at TIMESTAMP NULL, \
         deleted_operation CHAR(36))";
    let toml = |erase: &str| {
        format!(
            "[tables.people]\nerase = \"{erase}\"\npersonal = {{ name = \"NULL\" }}\nperson = []"
        )
    };
    let sql = "DELETE FROM people WHERE id = 1";
    for (dialect, hole) in [(Postgres, "$1"), (Sqlite, "?1"), (Mysql, "?")] {
        with_schema(dialect, ddl, &toml("overwrite")).gives(
            &verb(Verb::Erase),
            sql,
            &format!("UPDATE people SET deleted_operation = {hole} WHERE id = 1"),
        );
        with_schema(dialect, ddl, &toml("remove")).gives(&verb(Verb::Erase), sql, sql);
    }
}

#[test]
fn a_foreign_key_that_would_remove_or_change_rows_is_no_plain_delete() {
    let ddl = |action: &str| {
        format!(
            "CREATE TABLE cards (id BIGINT PRIMARY KEY, deleted_at TIMESTAMP NULL);
             CREATE TABLE notes (id BIGINT PRIMARY KEY, card_id BIGINT,
                 FOREIGN KEY (card_id) REFERENCES cards (id){action});"
        )
    };
    let sql = "DELETE FROM cards WHERE id = 1";
    let keep = "[tables.cards.references]\nnotes = \"keep\"";
    for &dialect in ALL {
        for action in ["", " ON DELETE NO ACTION", " ON DELETE RESTRICT"] {
            with_schema(dialect, &ddl(action), keep).gives(&verb(Verb::Erase), sql, sql);
        }
        for action in [" ON DELETE CASCADE", " ON DELETE SET NULL"] {
            with_schema(dialect, &ddl(action), keep).refuses_as(
                &verb(Verb::Erase),
                sql,
                Code::PolicyNotSupported,
                "cards",
            );
        }
    }
}
