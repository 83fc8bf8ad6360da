//! The columns in which a soft delete records itself, and what it writes into them.

use crate::{
    Dialect,
    schema::{Column, MarkerKind, Table},
};

/// Who deleted the row.
pub const ACTOR: &str = "deleted_by";
/// Why.
pub const REASON: &str = "deleted_reason";
/// The operation that deleted it.
pub const OPERATION: &str = "deleted_operation";
/// When an erasure has overwritten the row, which stays deleted for good.
pub const ERASED: &str = "erased_at";

/// The column of this name.
#[must_use]
pub fn column<'t>(table: &'t Table, name: &str) -> Option<&'t Column> {
    table.columns.iter().find(|column| column.name == name)
}

/// What a soft delete writes into the marker; `None` where the schema does not tell.
#[must_use]
pub fn marked(dialect: Dialect, table: &Table) -> Option<String> {
    let marker = table.marker.as_ref()?;
    match (&table.settings.now, marker.kind) {
        (Some(now), _) => Some(now.clone()),
        (None, MarkerKind::Boolean) => Some("TRUE".to_owned()),
        (None, MarkerKind::Integer) => Some("1".to_owned()),
        (None, MarkerKind::Timestamp) => {
            let kind = column(table, &marker.column).map_or("", |column| &column.sql_type);
            now(dialect, kind).map(str::to_owned)
        }
    }
}

/// The column that tells when an erasure has overwritten a row, and what it writes there; `None` where
/// it is no moment, or never empty.
pub(super) fn erased(dialect: Dialect, table: &Table) -> Option<(&Column, &'static str)> {
    let own = column(table, ERASED).filter(|own| own.nullable)?;
    Some((own, now(dialect, &own.sql_type)?))
}

/// What stands in the marker of a live row.
#[must_use]
pub const fn unmarked(kind: MarkerKind) -> &'static str {
    match kind {
        MarkerKind::Timestamp => "NULL",
        MarkerKind::Boolean => "FALSE",
        MarkerKind::Integer => "0",
    }
}

/// The expression for the present moment in a marker column of this type.
fn now(dialect: Dialect, sql_type: &str) -> Option<&'static str> {
    let dated = ["time", "date"].iter().any(|word| sql_type.contains(word));
    match dialect {
        // The form sqlx writes for DateTime<Utc>: RFC 3339, which sorts as text.
        Dialect::Sqlite => (dated || sql_type.contains("text") || sql_type.contains("char"))
            .then_some("strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now')"),
        _ if !dated => None,
        Dialect::Mysql if sql_type.contains("(6)") => Some("CURRENT_TIMESTAMP(6)"),
        Dialect::Mysql if sql_type.contains("(3)") => Some("CURRENT_TIMESTAMP(3)"),
        _ => Some("CURRENT_TIMESTAMP"),
    }
}

/// An operation id is bound as text; a column of another type converts it.
#[must_use]
pub fn operation_id(dialect: Dialect, column: &Column, placeholder: &str) -> String {
    let kind = column.sql_type.as_str();
    match dialect {
        Dialect::Postgres if kind == "uuid" => format!("CAST({placeholder} AS uuid)"),
        Dialect::Sqlite if kind == "blob" => format!("unhex(replace({placeholder}, '-', ''))"),
        Dialect::Mysql if kind.starts_with("binary") => {
            format!("UNHEX(REPLACE({placeholder}, '-', ''))")
        }
        _ => placeholder.to_owned(),
    }
}

/// True when the marker holds the moment of the deletion, so that deletions can be told apart by time.
#[must_use]
pub fn is_moment(table: &Table, marker: &crate::schema::Marker) -> bool {
    marker.kind == MarkerKind::Timestamp && column(table, &marker.column).is_some()
}
