//! SD040: a unique key that also counts deleted rows.

use std::collections::BTreeSet;

use super::{Cure, Fact, Subject, fault, listed, migration, rebuild::rebuild, unique_subject};
use crate::{
    Code, Dialect, Scope,
    schema::{Column, KeyPart, MarkerKind, Table, Unique},
    scope::{implies, unique_counts_tombstones},
};

pub(super) const ACCEPT: &str = "counts_tombstones";

pub(super) fn fact(subject: &Subject<'_>) -> Option<Fact> {
    let table = subject.table;
    let uniques: Vec<&Unique> = table
        .uniques
        .iter()
        .filter(|unique| counts(subject, unique))
        .filter(|unique| !table.settings.accepts_of(ACCEPT, &unique_subject(unique)))
        .collect();
    if uniques.is_empty() {
        return None;
    }
    let names: BTreeSet<String> = uniques
        .iter()
        .map(|unique| unique_subject(unique))
        .collect();
    let keys = if names.len() == 1 { "key" } else { "keys" };
    let fault = fault(
        Code::CountsTombstones,
        format!(
            "the unique {keys} {} of `{}` also {} deleted rows",
            listed(&names),
            subject.name(),
            if names.len() == 1 { "counts" } else { "count" }
        ),
        if uniques.iter().any(|unique| holds_marker(subject, unique)) {
            "the marker is in it, so one deleted row can have a value and no second: deleting that row fails"
        } else {
            "a value that a deleted row has cannot be used again: whoever signs up anew is refused"
        },
    );
    let referenced: BTreeSet<String> = uniques
        .iter()
        .filter(|unique| is_referenced(subject, unique))
        .map(|unique| unique_subject(unique))
        .collect();
    let cure = if referenced.is_empty() {
        Cure::Migration(cure(subject, &uniques))
    } else {
        Cure::Words(format!(
            "a foreign key references {}, and a partial index cannot be referenced: reference the primary key instead",
            listed(&referenced)
        ))
    };
    Some(subject.about(ACCEPT, &names, fault, cure))
}

fn holds_marker(subject: &Subject<'_>, unique: &Unique) -> bool {
    let marker = subject.table.marker.as_ref();
    marker.is_some_and(|marker| unique.key.contains(&KeyPart::Column(marker.column.clone())))
}

/// The primary key is in it, or what the database makes up.
pub(super) fn is_never_used_again(table: &Table, unique: &Unique) -> bool {
    let holds = |name: &String| unique.key.contains(&KeyPart::Column(name.clone()));
    let holds_primary = !table.primary_key.is_empty() && table.primary_key.iter().all(holds);
    let made_up = |column: &&Column| column.generated && column.computed.is_none();
    let mut made_up = table.columns.iter().filter(made_up);
    holds_primary || made_up.any(|column| holds(&column.name))
}

fn counts(subject: &Subject<'_>, unique: &Unique) -> bool {
    let table = subject.table;
    // A key of a partition is the business of the table that it is a part of.
    let is_inherited = unique.name.is_none() && !table.parents.is_empty();
    if is_never_used_again(table, unique) || is_inherited || separates(subject, unique) {
        return false;
    }
    let only_deleted = unique
        .predicate
        .as_deref()
        .is_some_and(|text| implies(subject.schema, table, text, Scope::Deleted));
    !only_deleted && unique_counts_tombstones(subject.schema, table, unique)
}

/// The marker is in the key, and two deleted rows differ in it: a moment, or a value of the
/// application's own. Where live rows have NULL in it, [`super::nullable_marker_in_key`] tells.
fn separates(subject: &Subject<'_>, unique: &Unique) -> bool {
    let table = subject.table;
    let kind = table.marker.as_ref().map(|marker| marker.kind);
    let differs = kind == Some(MarkerKind::Timestamp)
        || kind == Some(MarkerKind::Integer) && table.settings.now.is_some();
    differs && holds_marker(subject, unique)
}

fn is_referenced(subject: &Subject<'_>, unique: &Unique) -> bool {
    let columns: BTreeSet<&String> = unique
        .key
        .iter()
        .filter_map(|part| match part {
            KeyPart::Column(name) => Some(name),
            KeyPart::Expression(_) => None,
        })
        .collect();
    subject.edges.iter().any(|edge| {
        let parent = &subject.schema.tables[edge.parent];
        parent.name == subject.table.name
            && edge.parent_columns.iter().collect::<BTreeSet<_>>() == columns
            && columns.len() == unique.key.len()
    })
}

/// Each key anew, over the live rows only.
fn cure(subject: &Subject<'_>, uniques: &[&Unique]) -> String {
    let (dialect, table) = (subject.schema.dialect, subject.table);
    if dialect == Dialect::Mysql {
        let keys = uniques.iter().map(|unique| (*unique).clone()).collect();
        return migration::narrow_in_mysql(subject, keys);
    }
    let partial = |unique: &Unique| Unique {
        constraint: false,
        name: Some(index_name(unique, &table.name.name)),
        predicate: Some(migration::narrowed(unique, &subject.live)),
        ..unique.clone()
    };
    if dialect == Dialect::Sqlite && uniques.iter().any(|unique| unique.constraint) {
        let mut new = table.clone();
        for unique in &mut new.uniques {
            if uniques.contains(&&*unique) {
                *unique = partial(unique);
            }
        }
        return rebuild(subject.schema, table, &new);
    }
    let steps = uniques.iter().map(|unique| {
        let drop = migration::drop_unique(dialect, table, unique);
        let new = partial(unique);
        let create = if migration::is_exclusion(unique) {
            format!(
                "ALTER TABLE {} ADD CONSTRAINT {} {} WHERE ({});",
                migration::name(dialect, &table.name),
                dialect.quote(&unique_subject(unique)),
                unique.written,
                new.predicate.as_deref().unwrap_or_default()
            )
        } else {
            migration::unique_index(dialect, table, &new)
        };
        format!("{drop}\n{create}")
    });
    steps.collect::<Vec<_>>().join("\n")
}

fn index_name(unique: &Unique, table: &str) -> String {
    let own = unique_subject(unique);
    let is_plain = own.chars().all(|c| c.is_alphanumeric() || c == '_');
    match &unique.name {
        Some(name) => name.clone(),
        // Where columns stand for a name, and SQLite's indexes share one room.
        None if is_plain => format!("{table}_{own}"),
        None => format!("{table}_key"),
    }
}

#[cfg(test)]
mod tests {
    use crate::{
        Dialect,
        fact::tests::{assert_cured, codes, of, schema},
    };

    const CONSTRAINT: &str = "CREATE TABLE users (id BIGINT PRIMARY KEY, email VARCHAR(99) NOT NULL UNIQUE, deleted_at TIMESTAMP NULL);";
    const INDEX: &str = "CREATE TABLE users (id BIGINT PRIMARY KEY, email VARCHAR(99) NOT NULL, deleted_at TIMESTAMP NULL);\
         CREATE UNIQUE INDEX users_email ON users (email);";

    #[test]
    fn a_unique_constraint_is_told_and_cured_on_every_database() {
        let printed = Dialect::ALL.map(|dialect| assert_cured(dialect, CONSTRAINT, "", "users"));
        assert_eq!(
            printed[0],
            "ALTER TABLE users DROP CONSTRAINT users_email_key;\n\
             CREATE UNIQUE INDEX users_email_key ON users (email) WHERE deleted_at IS NULL;"
        );
        assert_eq!(
            printed[1],
            "-- no-transaction
-- SQLite alters no constraint, so the table is made anew. Carry over what it also has:
-- CHECK, COLLATE, AUTOINCREMENT, ON UPDATE, DEFERRABLE, STRICT, WITHOUT ROWID.
PRAGMA foreign_keys = OFF;
PRAGMA legacy_alter_table = ON;
BEGIN;
CREATE TABLE users_new (
    id BIGINT PRIMARY KEY,
    email VARCHAR(99) NOT NULL,
    deleted_at TIMESTAMP
);
INSERT INTO users_new (id, email, deleted_at) SELECT id, email, deleted_at FROM users;
DROP TABLE users;
ALTER TABLE users_new RENAME TO users;
CREATE UNIQUE INDEX users_email ON users (email) WHERE deleted_at IS NULL;
COMMIT;
PRAGMA legacy_alter_table = OFF;
PRAGMA foreign_keys = ON;"
        );
    }

    #[test]
    fn an_index_is_made_anew_over_the_live_rows() {
        let printed = Dialect::ALL.map(|dialect| assert_cured(dialect, INDEX, "", "users"));
        let partial = "DROP INDEX users_email;\n\
             CREATE UNIQUE INDEX users_email ON users (email) WHERE deleted_at IS NULL;";
        assert_eq!(printed[0], partial);
        assert_eq!(printed[1], partial);
        assert_eq!(
            printed[2],
            "ALTER TABLE users
    ADD COLUMN live TINYINT AS (IF(deleted_at IS NULL, 1, NULL)),
    DROP INDEX users_email,
    ADD UNIQUE KEY users_email (email, live);"
        );
    }

    #[test]
    fn what_the_index_says_besides_is_kept() {
        let sql = "CREATE TABLE users (id BIGINT PRIMARY KEY, email TEXT, org INT, is_deleted BOOLEAN NOT NULL DEFAULT FALSE);\
             CREATE UNIQUE INDEX \"Mail\" ON users (lower(email) text_pattern_ops, org DESC) INCLUDE (id) NULLS NOT DISTINCT WHERE org > 1;";
        assert_eq!(
            assert_cured(Dialect::Postgres, sql, "", "users"),
            "DROP INDEX \"Mail\";\n\
             CREATE UNIQUE INDEX \"Mail\" ON users (lower(email) text_pattern_ops, org DESC) INCLUDE (id) NULLS NOT DISTINCT WHERE (org > 1) AND NOT is_deleted;"
        );
        let sql = "CREATE TABLE rooms (id BIGINT PRIMARY KEY, during tstzrange, deleted_at TIMESTAMPTZ, \
             CONSTRAINT free EXCLUDE USING gist (during WITH &&));";
        assert_eq!(
            assert_cured(Dialect::Postgres, sql, "", "rooms"),
            "ALTER TABLE rooms DROP CONSTRAINT free;\n\
             ALTER TABLE rooms ADD CONSTRAINT free EXCLUDE USING gist (during WITH &&) WHERE (deleted_at IS NULL);"
        );
    }

    #[test]
    fn several_keys_are_one_fact_and_each_can_be_accepted() {
        let sql = "CREATE TABLE users (id BIGINT PRIMARY KEY, email VARCHAR(9) UNIQUE, handle VARCHAR(9) UNIQUE, deleted_at TIMESTAMP NULL);";
        for dialect in Dialect::ALL {
            assert_cured(dialect, sql, "", "users");
            let found = of(&schema(dialect, sql, ""), "users");
            assert_eq!(found.len(), 1, "{dialect}");
        }
        let accept =
            "[tables.users.accept]\ncounts_tombstones.users_email_key = \"never used again\"";
        let found = of(&schema(Dialect::Postgres, sql, accept), "users");
        assert_eq!(
            found[0].diagnostic.message,
            "the unique key `users_handle_key` of `users` also counts deleted rows"
        );
        let accept = "[tables.users]\naccept = { counts_tombstones = \"never used again\" }";
        assert!(codes(Dialect::Postgres, sql, accept, "users").is_empty());
    }

    #[test]
    fn a_key_that_never_meets_a_deleted_row_is_none() {
        for sql in [
            "CREATE TABLE t (id BIGINT PRIMARY KEY, a INT, deleted_at TIMESTAMP, UNIQUE (id, a));",
            "CREATE TABLE t (id BIGINT PRIMARY KEY, n BIGINT GENERATED ALWAYS AS IDENTITY UNIQUE, deleted_at TIMESTAMP);",
            "CREATE TABLE t (id BIGINT PRIMARY KEY, a INT, deleted_at TIMESTAMP); CREATE UNIQUE INDEX u ON t (a) WHERE deleted_at IS NULL;",
            "CREATE TABLE t (id BIGINT PRIMARY KEY, a INT, deleted_at TIMESTAMP); CREATE UNIQUE INDEX u ON t (a) WHERE deleted_at IS NOT NULL;",
            "CREATE TABLE t (id BIGINT PRIMARY KEY, a INT, deleted_at TIMESTAMP, UNIQUE NULLS NOT DISTINCT (a, deleted_at));",
        ] {
            let found = codes(Dialect::Postgres, sql, "", "t");
            assert!(found.is_empty(), "{sql}\n{found:?}");
        }
    }

    #[test]
    fn a_flag_in_the_key_lets_one_deleted_row_in() {
        let sql = "CREATE TABLE t (id BIGINT PRIMARY KEY, a INT, is_deleted BOOLEAN NOT NULL DEFAULT FALSE, UNIQUE (a, is_deleted));";
        assert_eq!(codes(Dialect::Postgres, sql, "", "t"), ["SD040"]);
        let sql = "CREATE TABLE t (id BIGINT PRIMARY KEY, a INT, deleted INT NOT NULL DEFAULT 0, UNIQUE (a, deleted));";
        let toml = "markers = [\"deleted\"]";
        assert_eq!(codes(Dialect::Postgres, sql, toml, "t"), ["SD040"]);
        let toml = "markers = [\"deleted\"]\n[tables.t]\nnow = \"id\"";
        assert!(codes(Dialect::Postgres, sql, toml, "t").is_empty());
    }

    #[test]
    fn a_key_that_is_referenced_has_no_partial_index_in_its_place() {
        let sql = "CREATE TABLE users (id BIGINT PRIMARY KEY, email TEXT UNIQUE, deleted_at TIMESTAMP);\
             CREATE TABLE mails (email TEXT REFERENCES users (email));";
        let toml = "[tables.users.references]\nmails = \"keep\"";
        let found = of(&schema(Dialect::Postgres, sql, toml), "users");
        assert!(found[0].migration.is_empty());
        assert!(
            found[0]
                .diagnostic
                .help
                .starts_with("a foreign key references `users_email_key`"),
            "{}",
            found[0].diagnostic.help
        );
    }
}
