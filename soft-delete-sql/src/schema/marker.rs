//! Which column marks a table's deleted rows, and how.

use super::{
    Column, Marker, MarkerKind, Table,
    catalog::Domain,
    config::{Config, TableEntry, same},
};
use crate::{Code, Diagnostic, Dialect};

/// Chooses the marker of a table.
///
/// # Errors
/// SD038 for a column whose type fits no kind of marker, SD032 for settings that fit no column.
pub(super) fn choose(
    dialect: Dialect,
    table: &Table,
    domain: impl Fn(&str) -> Option<Domain>,
    config: &Config,
    entry: Option<&TableEntry>,
) -> Result<Option<Marker>, Diagnostic> {
    let soft_deletable = entry.and_then(|entry| entry.soft_deletable);
    if soft_deletable == Some(false) {
        return Ok(None);
    }
    let wanted = entry.and_then(|entry| entry.marker.as_deref());
    let candidates: Vec<&str> = match wanted {
        Some(name) => vec![name],
        None => config.markers.iter().map(String::as_str).collect(),
    };
    let column = candidates
        .iter()
        .find_map(|name| find(dialect, table, name));
    let Some(column) = column else {
        return if wanted.is_none() && soft_deletable.is_none() {
            Ok(None)
        } else {
            Err(no_column(table, wanted, config))
        };
    };
    let active = entry.and_then(|entry| entry.active.clone());
    let base = domain(&column.sql_type);
    let sql_type = base.as_ref().map_or(&column.sql_type, |base| &base.base);
    let kind = match kind(dialect, column, sql_type) {
        Ok(kind) => kind,
        // A condition of the application's own decides; the column is only what is written.
        Err(_) if active.is_some() => MarkerKind::Timestamp,
        Err(fault) => return Err(explain(table, column, &fault)),
    };
    Ok(Some(Marker {
        column: column.name.clone(),
        kind,
        nullable: column.nullable,
        active,
    }))
}

fn find<'t>(dialect: Dialect, table: &'t Table, name: &str) -> Option<&'t Column> {
    let mut columns = table.columns.iter();
    columns
        .clone()
        .find(|column| column.name == name)
        .or_else(|| columns.find(|column| same(dialect, name, &column.name)))
}

fn no_column(table: &Table, wanted: Option<&str>, config: &Config) -> Diagnostic {
    let names = table.columns.iter().map(|column| column.name.as_str());
    let message = match wanted {
        Some(name) => format!("`{}` has no column `{name}`, its marker", table.name.name),
        None => format!(
            "`{}` is said to be soft-deletable and has none of the columns {}",
            table.name.name,
            config.markers.join(", ")
        ),
    };
    let near = wanted.and_then(|name| crate::diagnostic::nearest(name, names.clone()));
    let help = match near {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!(
            "name the column in soft-delete.toml:\n[tables.{}]\nmarker = \"…\"  # one of {}",
            super::config::quoted(&table.name.to_string()),
            names.collect::<Vec<_>>().join(", ")
        ),
    };
    Diagnostic::new(Code::Config, message).help(help)
}

/// Why a column cannot mark.
struct Unfit {
    what: String,
    cure: Cure,
}

enum Cure {
    /// Let it be NULL.
    DropNotNull,
    /// Forbid NULL.
    SetNotNull,
    /// Take the default away.
    DropDefault,
    /// The type is not known.
    Declare,
}

fn kind(dialect: Dialect, column: &Column, sql_type: &str) -> Result<MarkerKind, Unfit> {
    let unfit = |what: &str, cure| {
        Err(Unfit {
            what: what.to_owned(),
            cure,
        })
    };
    if sql_type.is_empty() && dialect != Dialect::Sqlite {
        return unfit(
            "has a type that cannot be told from the migrations",
            Cure::Declare,
        );
    }
    if is_boolean(dialect, sql_type) {
        return Ok(MarkerKind::Boolean);
    }
    let integer = is_integer(sql_type);
    if !column.nullable {
        return if integer {
            Ok(MarkerKind::Integer)
        } else {
            unfit(
                "is neither boolean nor integer and is NOT NULL, so no value of it means live",
                Cure::DropNotNull,
            )
        };
    }
    if let Some(default) = column.default.as_deref().filter(|text| !is_null(text)) {
        return if integer {
            Err(Unfit {
                what: format!(
                    "may be NULL and defaults to {default}: which of both means live is not said"
                ),
                cure: Cure::SetNotNull,
            })
        } else {
            Err(Unfit {
                what: format!("defaults to {default}, so that every new row would be deleted"),
                cure: Cure::DropDefault,
            })
        };
    }
    if integer && is_flag(&column.name) {
        return unfit(
            "may be NULL: whether 0 or NULL means live is not said",
            Cure::SetNotNull,
        );
    }
    Ok(MarkerKind::Timestamp)
}

/// `is_deleted`, `isDeleted`
fn is_flag(name: &str) -> bool {
    name.strip_prefix("is")
        .is_some_and(|rest| rest.starts_with(|c: char| c == '_' || c.is_ascii_uppercase()))
}

fn is_null(default: &str) -> bool {
    let text = default
        .trim_matches(|c| c == '(' || c == ')')
        .to_ascii_lowercase();
    text == "null" || text.starts_with("null::")
}

fn is_boolean(dialect: Dialect, sql_type: &str) -> bool {
    match dialect {
        Dialect::Postgres => matches!(
            sql_type,
            "boolean" | "bool" | "pg_catalog.bool" | "pg_catalog.boolean"
        ),
        Dialect::Sqlite => sql_type.contains("bool"),
        Dialect::Mysql => matches!(
            sql_type,
            "boolean" | "bool" | "tinyint(1)" | "tinyint(1) unsigned" | "bit" | "bit(1)"
        ),
    }
}

fn is_integer(sql_type: &str) -> bool {
    let name = sql_type.strip_prefix("pg_catalog.").unwrap_or(sql_type);
    let head: String = name
        .chars()
        .take_while(char::is_ascii_alphanumeric)
        .collect();
    matches!(
        head.as_str(),
        "int"
            | "integer"
            | "bigint"
            | "smallint"
            | "tinyint"
            | "mediumint"
            | "int2"
            | "int4"
            | "int8"
    )
}

fn explain(table: &Table, column: &Column, fault: &Unfit) -> Diagnostic {
    let (name, marker) = (&table.name.name, &column.name);
    let message = format!("the marker `{name}.{marker}` {}", fault.what);
    let statement = match fault.cure {
        Cure::DropNotNull => "let it be NULL in a migration, so that NULL means live",
        Cure::SetNotNull => "set it NOT NULL DEFAULT 0 in a migration, so that 0 means live",
        Cure::DropDefault => "drop the default in a migration, so that NULL means live",
        Cure::Declare => "declare the columns of the table by hand",
    };
    let section = super::config::quoted(&table.name.to_string());
    let help = format!(
        "{statement}; or say in soft-delete.toml what a live row is, or that the column marks nothing:\n\
         [tables.{section}]\nactive = \"…\"  # the SQL condition of a live row\nsoft_deletable = false"
    );
    let at = &table.location;
    let message = if at.file.as_os_str().is_empty() {
        message
    } else {
        format!("{}:{}: {message}", at.file.display(), at.line)
    };
    Diagnostic::new(Code::MarkerType, message).help(help)
}
