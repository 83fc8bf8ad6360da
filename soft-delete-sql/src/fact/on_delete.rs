//! SD045: a foreign key by which the physical delete of another row destroys rows of this table.

use std::collections::BTreeSet;

use super::{Cure, Fact, Subject, fault, key_subject, listed, migration, rebuild::rebuild};
use crate::{
    Code, Dialect,
    lifecycle::graph::is_shared,
    schema::{Action, ForeignKey},
};

pub(super) const ACCEPT: &str = "on_delete_cascade";

pub(super) fn fact(subject: &Subject<'_>) -> Option<Fact> {
    let table = subject.table;
    let keys: Vec<&ForeignKey> = table
        .foreign_keys
        .iter()
        .filter(|key| destroys(subject, key) && !is_shared(subject.schema, table, key))
        .filter(|key| !table.settings.accepts_of(ACCEPT, &key_subject(key)))
        .collect();
    if keys.is_empty() {
        return None;
    }
    let names: BTreeSet<String> = keys.iter().map(|key| key_subject(key)).collect();
    let parents: BTreeSet<String> = keys.iter().map(|key| key.references.to_string()).collect();
    let fault = fault(
        Code::DestroyedByParent,
        format!(
            "deleting a row of {} destroys the rows of `{}` that reference it",
            listed(&parents),
            subject.name()
        ),
        "a DELETE there takes live and soft-deleted rows here with it, past every purge, hold and audit",
    );
    let cure = Cure::Migration(cure(subject, &keys));
    Some(subject.about(ACCEPT, &names, fault, cure))
}

/// CASCADE; SET NULL and SET DEFAULT keep the row, unless what they set is its marker.
fn destroys(subject: &Subject<'_>, key: &ForeignKey) -> bool {
    let sets_marker = || {
        let marker = subject.table.marker.as_ref();
        marker.is_some_and(|marker| key.columns.contains(&marker.column))
    };
    match key.on_delete {
        Action::Cascade => true,
        Action::SetNull | Action::SetDefault => sets_marker(),
        Action::NoAction | Action::Restrict => false,
    }
}

/// The same foreign keys with ON DELETE RESTRICT.
fn cure(subject: &Subject<'_>, keys: &[&ForeignKey]) -> String {
    let (dialect, table) = (subject.schema.dialect, subject.table);
    let restricted = |key: &ForeignKey| ForeignKey {
        on_delete: Action::Restrict,
        ..key.clone()
    };
    if dialect == Dialect::Sqlite {
        let mut new = table.clone();
        for key in &mut new.foreign_keys {
            if keys.contains(&&*key) {
                *key = restricted(key);
            }
        }
        return rebuild(subject.schema, table, &new);
    }
    let own = migration::name(dialect, &table.name);
    let steps = keys.iter().map(|key| {
        let name = dialect.quote(&key_subject(key));
        let new = migration::foreign_key(dialect, &restricted(key));
        if dialect == Dialect::Mysql {
            format!(
                "ALTER TABLE {own} DROP FOREIGN KEY {name};\n\
                 ALTER TABLE {own} ADD CONSTRAINT {name} {new};"
            )
        } else {
            format!("ALTER TABLE {own} DROP CONSTRAINT {name}, ADD CONSTRAINT {name} {new};")
        }
    });
    steps.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use crate::{
        Dialect,
        fact::tests::{assert_cured, codes},
    };

    const DOCS: &str = "CREATE TABLE owners (id BIGINT PRIMARY KEY);\
         CREATE TABLE docs (id BIGINT PRIMARY KEY, owner_id BIGINT, deleted_at TIMESTAMP NULL, \
         FOREIGN KEY (owner_id) REFERENCES owners (id) ON DELETE CASCADE);";

    #[test]
    fn on_delete_cascade_is_told_at_the_child_and_cured_on_every_database() {
        let printed = Dialect::ALL.map(|dialect| assert_cured(dialect, DOCS, "", "docs"));
        assert_eq!(
            printed[0],
            "ALTER TABLE docs DROP CONSTRAINT docs_owner_id_fkey, ADD CONSTRAINT docs_owner_id_fkey \
             FOREIGN KEY (owner_id) REFERENCES owners (id) ON DELETE RESTRICT;"
        );
        assert_eq!(
            printed[2],
            "ALTER TABLE docs DROP FOREIGN KEY docs_ibfk_1;\n\
             ALTER TABLE docs ADD CONSTRAINT docs_ibfk_1 FOREIGN KEY (owner_id) REFERENCES owners (id) ON DELETE RESTRICT;"
        );
    }

    #[test]
    fn set_null_keeps_the_row_unless_it_sets_the_marker() {
        let sql = DOCS.replace("CASCADE", "SET NULL");
        assert!(codes(Dialect::Postgres, &sql, "", "docs").is_empty());
        let sql = "CREATE TABLE stones (id TIMESTAMP PRIMARY KEY);\
             CREATE TABLE docs (id BIGINT PRIMARY KEY, deleted_at TIMESTAMP REFERENCES stones (id) ON DELETE SET NULL);";
        assert_eq!(codes(Dialect::Postgres, sql, "", "docs"), ["SD045"]);
    }

    #[test]
    fn it_is_accepted_for_one_foreign_key() {
        let toml = "[tables.docs.accept]\non_delete_cascade.docs_owner_id_fkey = \"an owner is never deleted\"";
        assert!(codes(Dialect::Postgres, DOCS, toml, "docs").is_empty());
    }
}
