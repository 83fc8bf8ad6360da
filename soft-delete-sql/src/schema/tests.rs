//! What each statement leaves behind, written out in full.

mod alter;
mod blocks;
mod create;
mod dumps;
mod loading;
mod markers;
mod others;
mod policies;
mod refusals;

use std::fmt::Write as _;

use super::{Config, KeyPart, Schema, Table, from_sql};
use crate::Dialect;

const PG: Dialect = Dialect::Postgres;
const LITE: Dialect = Dialect::Sqlite;
const MY: Dialect = Dialect::Mysql;

fn config(text: &str) -> Config {
    Config::parse(text, std::path::Path::new("soft-delete.toml")).unwrap()
}

fn read(dialect: Dialect, sql: &str) -> Schema {
    from_sql(dialect, sql, &Config::default()).unwrap_or_else(|faults| {
        let texts: Vec<String> = faults.iter().map(|fault| fault.render("")).collect();
        panic!("{}", texts.join("\n"))
    })
}

fn refused(dialect: Dialect, sql: &str, toml: &str) -> String {
    let faults = from_sql(dialect, sql, &config(toml)).unwrap_err();
    let texts: Vec<String> = faults.iter().map(|fault| fault.render("")).collect();
    texts.join("\n")
}

/// Asserts that the tables are exactly these, as [`shape`] writes them.
#[track_caller]
fn leaves(dialect: Dialect, sql: &str, expected: &str) {
    let found = shape(&read(dialect, sql));
    let lines = expected.lines().map(str::trim_end);
    let lines: Vec<&str> = lines.filter(|line| !line.is_empty()).collect();
    let indent = lines
        .first()
        .map_or(0, |line| line.len() - line.trim_start().len());
    let expected: Vec<&str> = lines.iter().map(|line| &line[indent..]).collect();
    assert_eq!(found.trim_end(), expected.join("\n"), "\n{found}");
}

/// The tables of a schema, one fact a line.
fn shape(schema: &Schema) -> String {
    let mut out = String::new();
    for table in &schema.tables {
        table_shape(&mut out, table).unwrap();
    }
    out
}

fn table_shape(out: &mut String, table: &Table) -> std::fmt::Result {
    write!(out, "{}", table.name)?;
    if let Some(marker) = &table.marker {
        write!(out, " marked by {} {:?}", marker.column, marker.kind)?;
    }
    for parent in &table.parents {
        write!(out, " below {parent}")?;
    }
    if !table.columns_known {
        write!(out, " and more")?;
    }
    if table.is_virtual {
        write!(out, " virtual")?;
    }
    writeln!(out)?;
    for column in &table.columns {
        let sql_type = format!("  {}: {}", column.name, column.sql_type);
        write!(out, "{}", sql_type.trim_end())?;
        if !column.nullable {
            write!(out, " not null")?;
        }
        if let Some(default) = &column.default {
            write!(out, " = {default}")?;
        }
        if column.generated {
            write!(out, " generated")?;
        }
        writeln!(out)?;
    }
    if !table.primary_key.is_empty() {
        let name = table.primary_key_name.as_deref().unwrap_or("-");
        writeln!(out, "  primary {name} ({})", table.primary_key.join(", "))?;
    }
    for unique in &table.uniques {
        let kind = if unique.constraint {
            "constraint"
        } else {
            "index"
        };
        let nulls = if unique.nulls_not_distinct {
            " nulls equal"
        } else {
            ""
        };
        write!(
            out,
            "  unique {kind} {} {}{nulls}",
            name(&unique.name),
            key(&unique.key)
        )?;
        writeln!(out, "{}", predicate(unique.predicate.as_deref()))?;
    }
    for index in &table.indexes {
        write!(out, "  index {} {}", name(&index.name), key(&index.key))?;
        writeln!(out, "{}", predicate(index.predicate.as_deref()))?;
    }
    for foreign in &table.foreign_keys {
        let columns = foreign.columns.join(", ");
        let target = foreign.referenced_columns.join(", ");
        writeln!(
            out,
            "  foreign {} ({columns}) -> {} ({target}) {:?}",
            name(&foreign.name),
            foreign.references,
            foreign.on_delete
        )?;
    }
    for attachment in &table.attachments {
        writeln!(out, "  {:?} {}", attachment.kind, attachment.name)?;
    }
    Ok(())
}

#[expect(clippy::ref_option, reason = "the model holds them so")]
fn name(name: &Option<String>) -> &str {
    name.as_deref().unwrap_or("-")
}

fn key(key: &[KeyPart]) -> String {
    let parts = key.iter().map(|part| match part {
        KeyPart::Column(name) => name.clone(),
        KeyPart::Expression(text) => format!("<{text}>"),
    });
    format!("({})", parts.collect::<Vec<_>>().join(", "))
}

fn predicate(text: Option<&str>) -> String {
    text.map_or_else(String::new, |text| format!(" where {text}"))
}
