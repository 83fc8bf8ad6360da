//! The texts of migrations, with the names of the user.

use super::Subject;
use crate::{
    Dialect,
    schema::{Action, ForeignKey, KeyPart, ObjectName, Table, Unique},
    scope::is_null_for_tombstones,
};

/// A name as SQL writes it.
pub(super) fn name(dialect: Dialect, name: &ObjectName) -> String {
    match &name.schema {
        Some(schema) => format!("{}.{}", dialect.quote(schema), dialect.quote(&name.name)),
        None => dialect.quote(&name.name),
    }
}

/// `a, b`
pub(super) fn columns(dialect: Dialect, names: &[String]) -> String {
    let names: Vec<String> = names.iter().map(|name| dialect.quote(name)).collect();
    names.join(", ")
}

/// `(a, lower(b))`
pub(super) fn key(dialect: Dialect, unique: &Unique) -> String {
    if !unique.written.is_empty() {
        return unique.written.clone();
    }
    let parts: Vec<String> = unique
        .key
        .iter()
        .map(|part| match part {
            KeyPart::Column(column) => dialect.quote(column),
            KeyPart::Expression(text) => format!("({text})"),
        })
        .collect();
    format!("({})", parts.join(", "))
}

/// `CREATE UNIQUE INDEX …;`, in the dialects whose indexes can be partial.
pub(super) fn unique_index(dialect: Dialect, table: &Table, unique: &Unique) -> String {
    let index = dialect.quote(&super::unique_subject(unique));
    let (table, key) = (name(dialect, &table.name), key(dialect, unique));
    let nulls = if unique.nulls_not_distinct {
        " NULLS NOT DISTINCT"
    } else {
        ""
    };
    let filter = match &unique.predicate {
        Some(predicate) => format!(" WHERE {predicate}"),
        None => String::new(),
    };
    format!("CREATE UNIQUE INDEX {index} ON {table} {key}{nulls}{filter};")
}

/// The predicate of a unique index narrowed to the live rows.
pub(super) fn narrowed(unique: &Unique, live: &str) -> String {
    match &unique.predicate {
        Some(predicate) => format!("({predicate}) AND {live}"),
        None => live.to_owned(),
    }
}

/// Takes a unique key away, where it can be done by itself.
pub(super) fn drop_unique(dialect: Dialect, table: &Table, unique: &Unique) -> String {
    let own = super::unique_subject(unique);
    let quoted = dialect.quote(&own);
    let of = name(dialect, &table.name);
    match dialect {
        Dialect::Postgres if unique.constraint || is_exclusion(unique) => {
            format!("ALTER TABLE {of} DROP CONSTRAINT {quoted};")
        }
        Dialect::Mysql => format!("ALTER TABLE {of} DROP INDEX {quoted};"),
        _ => {
            // An index lives in the schema of its table.
            let index = ObjectName {
                schema: table.name.schema.clone(),
                name: own,
            };
            format!("DROP INDEX {};", name(dialect, &index))
        }
    }
}

/// No partial indexes there: keys with a column that is NULL for deleted rows, as NULLs are distinct.
pub(super) fn narrow_in_mysql(subject: &Subject<'_>, uniques: Vec<Unique>) -> String {
    let (dialect, table) = (subject.schema.dialect, subject.table);
    let mut actions = Vec::new();
    let known = table
        .columns
        .iter()
        .find(|column| is_null_for_tombstones(subject.schema, table, &column.name));
    let live = if let Some(column) = known {
        dialect.quote(&column.name)
    } else {
        let mut live = "live".to_owned();
        while table.columns.iter().any(|column| column.name == live) {
            live.insert_str(0, "is_");
        }
        actions.push(format!(
            "ADD COLUMN {live} TINYINT AS (IF({}, 1, NULL))",
            subject.live
        ));
        live
    };
    for unique in uniques {
        let name = dialect.quote(&super::unique_subject(&unique));
        let key = key(dialect, &unique);
        let key = key.strip_suffix(')').unwrap_or(&key);
        actions.push(format!("DROP INDEX {name}"));
        actions.push(format!("ADD UNIQUE KEY {name} {key}, {live})"));
    }
    let own = self::name(dialect, &table.name);
    format!("ALTER TABLE {own}\n    {};", actions.join(",\n    "))
}

/// PostgreSQL's EXCLUDE.
pub(super) fn is_exclusion(unique: &Unique) -> bool {
    unique
        .written
        .get(..7)
        .is_some_and(|word| word.eq_ignore_ascii_case("exclude"))
}

/// `FOREIGN KEY (a) REFERENCES t (b) ON DELETE …`
pub(super) fn foreign_key(dialect: Dialect, key: &ForeignKey) -> String {
    let on = match key.on_delete {
        Action::NoAction => "",
        Action::Restrict => " ON DELETE RESTRICT",
        Action::Cascade => " ON DELETE CASCADE",
        Action::SetNull => " ON DELETE SET NULL",
        Action::SetDefault => " ON DELETE SET DEFAULT",
    };
    let referenced = if key.referenced_columns.is_empty() {
        String::new()
    } else {
        format!(" ({})", columns(dialect, &key.referenced_columns))
    };
    format!(
        "FOREIGN KEY ({}) REFERENCES {}{referenced}{on}",
        columns(dialect, &key.columns),
        name(dialect, &key.references)
    )
}
