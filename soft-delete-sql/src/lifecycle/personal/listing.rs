//! The lines of soft-delete.toml that list personal columns.

use super::{column::suggestion, decided::leading};
use crate::{
    Schema,
    lifecycle::{graph::edges, record},
    schema::quoted,
};

/// What soft-delete.toml is to say of a table so that it lists these columns, each with the SQL of its new
/// value where that is known.
#[must_use]
pub fn listing(schema: &Schema, table: usize, columns: &[(String, Option<String>)]) -> String {
    let own = &schema.tables[table];
    let known = own.settings.personal.iter().flatten();
    let known = known.map(|(name, value)| entry(name, value));
    let added = columns.iter().map(|(name, value)| {
        let suggested = || {
            let column = record::column(own, name)?;
            Some(suggestion(schema, own, column))
        };
        let value = value.clone().or_else(suggested);
        entry(name, value.as_deref().unwrap_or("NULL"))
    });
    let entries: Vec<String> = known.chain(added).collect();
    let mut lines = vec![
        format!("[tables.{}]", quoted(&own.name.to_string())),
        format!("personal = {{ {} }}", entries.join(", ")),
    ];
    if own.settings.erase.is_none() && own.marker.is_some() {
        lines.push(
            "erase = \"overwrite\"  # or \"remove\": what becomes of an erased row".to_owned(),
        );
    }
    let leading = leading(schema, &edges(schema), table);
    if own.settings.person.is_none() && !leading.is_empty() {
        lines.push(person(&leading) + "  # those that lead to the person whose data they are");
    }
    lines.join("\n")
}

/// `name = "value"`
pub(super) fn entry(name: &str, value: &str) -> String {
    let value = value.replace('\\', "\\\\").replace('"', "\\\"");
    format!("{} = \"{value}\"", quoted(name))
}

/// `person = ["…"]`
pub(super) fn person(columns: &[String]) -> String {
    let columns: Vec<String> = columns
        .iter()
        .map(|column| format!("\"{column}\""))
        .collect();
    format!("person = [{}]", columns.join(", "))
}
