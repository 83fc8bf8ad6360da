//! The texts of migrations, with the names of the user.

use super::{
    Subject,
    rebuild::{self, rebuild},
};
use crate::{
    Dialect, Schema,
    schema::{Action, Column, ForeignKey, KeyPart, ObjectName, Table, Unique},
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

/// A change of a column.
pub(super) enum Change {
    /// It is added.
    Add(Column),
    /// It may be NULL.
    Nullable(String),
    /// It may not.
    NotNull(String),
    /// It has another type.
    Type(String, String),
}

/// The changes of a table as one migration.
pub(super) fn changes(schema: &Schema, table: &Table, changes: &[Change]) -> String {
    let dialect = schema.dialect;
    let own = name(dialect, &table.name);
    if dialect == Dialect::Sqlite {
        let is_add = |change: &Change| matches!(change, Change::Add(_));
        if !changes.iter().all(is_add) {
            return rebuild(schema, table, &changed(table, changes));
        }
        let adds = changes.iter().filter_map(|change| match change {
            Change::Add(column) => Some(format!(
                "ALTER TABLE {own} ADD COLUMN {};",
                rebuild::definition(column, false)
            )),
            Change::Nullable(_) | Change::NotNull(_) | Change::Type(..) => None,
        });
        return adds.collect::<Vec<_>>().join("\n");
    }
    let mysql = dialect == Dialect::Mysql;
    let action = |change: &Change| match change {
        Change::Add(column) => {
            let null = match (mysql, column.nullable) {
                (_, false) => " NOT NULL",
                // A TIMESTAMP is NOT NULL there unless it says so.
                (true, true) => " NULL",
                (false, true) => "",
            };
            let default = match &column.default {
                Some(default) => format!(" DEFAULT {default}"),
                None => String::new(),
            };
            let name = dialect.quote(&column.name);
            format!("ADD COLUMN {name} {}{null}{default}", column.sql_type)
        }
        Change::Nullable(column) | Change::NotNull(column) if mysql => {
            let known = table.columns.iter().find(|known| known.name == *column);
            let sql_type = known.map_or("", |known| &known.sql_type);
            let not = matches!(change, Change::NotNull(_));
            let null = if not { "NOT NULL" } else { "NULL" };
            format!("MODIFY {} {sql_type} {null}", dialect.quote(column))
        }
        Change::NotNull(column) => {
            format!("ALTER COLUMN {} SET NOT NULL", dialect.quote(column))
        }
        Change::Nullable(column) => {
            format!("ALTER COLUMN {} DROP NOT NULL", dialect.quote(column))
        }
        Change::Type(column, sql_type) if mysql => {
            format!("MODIFY {} {sql_type} NULL", dialect.quote(column))
        }
        Change::Type(column, sql_type) => {
            let column = dialect.quote(column);
            format!("ALTER COLUMN {column} TYPE {sql_type} USING {column}::text::{sql_type}")
        }
    };
    let actions: Vec<String> = changes.iter().map(action).collect();
    format!("ALTER TABLE {own} {};", actions.join(", "))
}

fn changed(table: &Table, changes: &[Change]) -> Table {
    let mut new = table.clone();
    for change in changes {
        let column = |name: &String| new.columns.iter().position(|known| known.name == *name);
        match change {
            Change::Add(column) => new.columns.push(column.clone()),
            Change::Nullable(name) | Change::NotNull(name) => {
                if let Some(at) = column(name) {
                    new.columns[at].nullable = matches!(change, Change::Nullable(_));
                }
            }
            Change::Type(name, sql_type) => {
                if let Some(at) = column(name) {
                    new.columns[at].sql_type.clone_from(sql_type);
                }
            }
        }
    }
    new
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
