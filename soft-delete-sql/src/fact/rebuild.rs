//! SQLite alters no constraint: the table is made anew, as its manual describes.

use super::migration;
use crate::{
    Dialect, Schema,
    schema::{AttachmentKind, Column, KeyPart, Table},
};

const DIALECT: Dialect = Dialect::Sqlite;

/// The migration from the table as it is to `new`, which has the same name.
pub(super) fn rebuild(schema: &Schema, old: &Table, new: &Table) -> String {
    let table = migration::name(DIALECT, &new.name);
    let mut temporary = new.name.clone();
    while schema.tables.iter().any(|known| known.name == temporary) {
        temporary.name.push_str("_new");
    }
    let scratch = migration::name(DIALECT, &temporary);
    let copied: Vec<String> = new
        .columns
        .iter()
        .filter(|column| column.computed.is_none())
        .filter(|column| old.columns.iter().any(|known| known.name == column.name))
        .map(|column| column.name.clone())
        .collect();
    let copied = migration::columns(DIALECT, &copied);
    let mut lines = vec![
        "-- no-transaction".to_owned(),
        "-- SQLite alters no constraint, so the table is made anew. Carry over what it also has:"
            .to_owned(),
        "-- CHECK, COLLATE, AUTOINCREMENT, ON UPDATE, DEFERRABLE, STRICT, WITHOUT ROWID."
            .to_owned(),
        "PRAGMA foreign_keys = OFF;".to_owned(),
        "PRAGMA legacy_alter_table = ON;".to_owned(),
        "BEGIN;".to_owned(),
        format!(
            "CREATE TABLE {scratch} (\n    {}\n);",
            definitions(new).join(",\n    ")
        ),
        format!("INSERT INTO {scratch} ({copied}) SELECT {copied} FROM {table};"),
        format!("DROP TABLE {table};"),
        format!(
            "ALTER TABLE {scratch} RENAME TO {};",
            DIALECT.quote(&new.name.name)
        ),
    ];
    lines.extend(indexes(new));
    let triggers = new.attachments.iter();
    let triggers = triggers.filter(|known| known.kind == AttachmentKind::Trigger);
    lines.extend(triggers.map(|trigger| format!("{};", trigger.sql)));
    lines.extend(
        [
            "COMMIT;",
            "PRAGMA legacy_alter_table = OFF;",
            "PRAGMA foreign_keys = ON;",
        ]
        .map(str::to_owned),
    );
    lines.join("\n")
}

fn definitions(table: &Table) -> Vec<String> {
    let single = match table.primary_key.as_slice() {
        [column] => Some(column),
        _ => None,
    };
    let mut found: Vec<String> = table
        .columns
        .iter()
        .map(|column| definition(column, single == Some(&column.name)))
        .collect();
    if single.is_none() && !table.primary_key.is_empty() {
        let columns = migration::columns(DIALECT, &table.primary_key);
        found.push(format!("PRIMARY KEY ({columns})"));
    }
    for unique in table.uniques.iter().filter(|unique| unique.constraint) {
        let name = named(unique.name.as_deref());
        found.push(format!("{name}UNIQUE {}", migration::key(DIALECT, unique)));
    }
    for key in &table.foreign_keys {
        let name = named(key.name.as_deref());
        found.push(format!("{name}{}", migration::foreign_key(DIALECT, key)));
    }
    found
}

pub(super) fn definition(column: &Column, is_primary: bool) -> String {
    let mut text = DIALECT.quote(&column.name);
    if !column.sql_type.is_empty() {
        text.push(' ');
        text.push_str(&column.sql_type.to_uppercase());
    }
    if is_primary {
        text.push_str(" PRIMARY KEY");
    }
    let is_row_number = is_primary && column.generated;
    if !(column.nullable || is_row_number) {
        text.push_str(" NOT NULL");
    }
    if let Some(default) = &column.default {
        text.push_str(" DEFAULT ");
        text.push_str(default);
    }
    if let Some(computed) = &column.computed {
        text.push_str(" AS (");
        text.push_str(computed);
        text.push(')');
    }
    text
}

fn named(name: Option<&str>) -> String {
    name.map_or_else(String::new, |name| {
        format!("CONSTRAINT {} ", DIALECT.quote(name))
    })
}

fn indexes(table: &Table) -> Vec<String> {
    let partial = table.uniques.iter().filter(|unique| !unique.constraint);
    let mut found: Vec<String> = partial
        .map(|unique| migration::unique_index(DIALECT, table, unique))
        .collect();
    for index in &table.indexes {
        let Some(name) = &index.name else { continue };
        let parts: Vec<String> = index
            .key
            .iter()
            .map(|part| match part {
                KeyPart::Column(column) => DIALECT.quote(column),
                KeyPart::Expression(text) => text.clone(),
            })
            .collect();
        let filter = match &index.predicate {
            Some(predicate) => format!(" WHERE {predicate}"),
            None => String::new(),
        };
        found.push(format!(
            "CREATE INDEX {} ON {} ({}){filter};",
            DIALECT.quote(name),
            migration::name(DIALECT, &table.name),
            parts.join(", ")
        ));
    }
    found
}
