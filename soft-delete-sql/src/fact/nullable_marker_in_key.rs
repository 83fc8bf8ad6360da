//! SD041: a unique key that has the nullable marker as a part.

use std::collections::BTreeSet;

use super::{
    Cure, Fact, Subject, counts_tombstones::is_never_used_again, fault, listed, migration,
    rebuild::rebuild, unique_subject,
};
use crate::{
    Code, Dialect, Scope,
    schema::{KeyPart, Unique},
    scope::implies,
};

pub(super) const ACCEPT: &str = "marker_in_key";

pub(super) fn fact(subject: &Subject<'_>) -> Option<Fact> {
    let (table, marker) = (subject.table, subject.table.marker.as_ref()?);
    let is_marker = |part: &KeyPart| *part == KeyPart::Column(marker.column.clone());
    let uniques: Vec<&Unique> = table
        .uniques
        .iter()
        .filter(|unique| {
            let only_deleted = || {
                let predicate = unique.predicate.as_deref();
                predicate.is_some_and(|text| implies(subject.schema, table, text, Scope::Deleted))
            };
            marker.nullable
                && !unique.nulls_not_distinct
                && unique.key.len() > 1
                && unique.key.iter().any(is_marker)
                && !only_deleted()
                && !is_never_used_again(table, unique)
                && !table.settings.accepts_of(ACCEPT, &unique_subject(unique))
        })
        .collect();
    if uniques.is_empty() {
        return None;
    }
    let names: BTreeSet<String> = uniques
        .iter()
        .map(|unique| unique_subject(unique))
        .collect();
    let column = &marker.column;
    let fault = fault(
        Code::MarkerInUniqueKey,
        format!(
            "the unique {} {} of `{}` {} no two live rows from being the same",
            if names.len() == 1 { "key" } else { "keys" },
            listed(&names),
            subject.name(),
            if names.len() == 1 { "keeps" } else { "keep" },
        ),
        format!(
            "`{column}` is part of it and NULL on live rows, and NULLs are distinct in a unique key"
        ),
    );
    let cure = cure(subject, &uniques, column);
    Some(subject.about(ACCEPT, &names, fault, Cure::Migration(cure)))
}

/// The key without the marker, over the live rows only.
fn cure(subject: &Subject<'_>, uniques: &[&Unique], marker: &str) -> String {
    let (dialect, table) = (subject.schema.dialect, subject.table);
    let without = |unique: &Unique| {
        let rest = unique.key.iter();
        let rest = rest.filter(|part| **part != KeyPart::Column(marker.to_owned()));
        Unique {
            key: rest.cloned().collect(),
            written: String::new(),
            name: Some(unique_subject(unique)),
            predicate: Some(subject.live.clone()),
            constraint: false,
            ..unique.clone()
        }
    };
    match dialect {
        Dialect::Mysql => migration::narrow_in_mysql(
            subject,
            uniques.iter().map(|unique| without(unique)).collect(),
        ),
        Dialect::Sqlite if uniques.iter().any(|unique| unique.constraint) => {
            let mut new = table.clone();
            for unique in &mut new.uniques {
                if uniques.contains(&&*unique) {
                    let named = unique.name.is_some();
                    *unique = without(unique);
                    if !named {
                        unique.name =
                            Some(format!("{}_{}", table.name.name, unique_subject(unique)));
                    }
                }
            }
            rebuild(subject.schema, table, &new)
        }
        _ => {
            let steps = uniques.iter().map(|unique| {
                let drop = migration::drop_unique(dialect, table, unique);
                let create = migration::unique_index(dialect, table, &without(unique));
                format!("{drop}\n{create}")
            });
            steps.collect::<Vec<_>>().join("\n")
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::{
        Dialect,
        fact::tests::{assert_cured, codes},
    };

    const CONSTRAINT: &str = "CREATE TABLE users (id BIGINT PRIMARY KEY, email VARCHAR(99) NOT NULL, deleted_at TIMESTAMP NULL, \
         CONSTRAINT live_email UNIQUE (email, deleted_at));";

    #[test]
    fn a_key_with_the_nullable_marker_is_told_and_cured_on_every_database() {
        let printed = Dialect::ALL.map(|dialect| assert_cured(dialect, CONSTRAINT, "", "users"));
        assert_eq!(
            printed[0],
            "ALTER TABLE users DROP CONSTRAINT live_email;\n\
             CREATE UNIQUE INDEX live_email ON users (email) WHERE deleted_at IS NULL;"
        );
        assert_eq!(
            printed[2],
            "ALTER TABLE users
    ADD COLUMN live TINYINT AS (IF(deleted_at IS NULL, 1, NULL)),
    DROP INDEX live_email,
    ADD UNIQUE KEY live_email (email, live);"
        );
        for dialect in Dialect::ALL {
            assert_eq!(codes(dialect, CONSTRAINT, "", "users"), ["SD041"]);
        }
    }

    #[test]
    fn a_partial_index_with_the_marker_keeps_nothing_apart_either() {
        let sql = "CREATE TABLE users (id BIGINT PRIMARY KEY, email TEXT, deleted_at TIMESTAMP);\
             CREATE UNIQUE INDEX u ON users (email, deleted_at) WHERE deleted_at IS NULL;";
        assert_eq!(codes(Dialect::Sqlite, sql, "", "users"), ["SD041"]);
        assert_cured(Dialect::Sqlite, sql, "", "users");
    }
}
