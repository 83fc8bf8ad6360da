//! What SQLite's own catalog says about the tables, and which are soft-deletable.

use anyhow::Result;
use soft_delete_sql::{Schema, schema::Marker};

use super::{
    super::scopes::live,
    session::{Session, literal},
};

/// A table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Table {
    /// As stored.
    pub(super) name: String,
    /// Those that take values, as stored.
    pub(super) columns: Vec<String>,
    /// Columns with the affinity of integers.
    pub(super) integers: Vec<String>,
    /// Columns of its unique keys.
    pub(super) keys: Vec<String>,
    pub(super) soft: Option<Soft>,
}

/// What makes a table soft-deletable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Soft {
    /// Its marker column, as stored.
    pub(super) marker: String,
    /// The condition of a live row.
    pub(super) live: String,
}

/// The tables and views of a database.
#[derive(Debug, Default)]
pub(super) struct World {
    pub(super) tables: Vec<Table>,
    /// Names of views, in lower case.
    pub(super) views: Vec<String>,
    /// Some column compares in its own way.
    pub(super) collates: bool,
}

impl World {
    /// Reads the catalog; a table is soft-deletable when the analyser's schema says so.
    pub(super) fn read(session: &Session, schema: &Schema) -> Result<Self> {
        let mut world = Self::default();
        let relations = |kind: &str| {
            session.texts(&format!(
                "SELECT name FROM sqlite_schema WHERE type = '{kind}' \
                 AND name NOT LIKE 'sqlite^_%' ESCAPE '^' ORDER BY rowid"
            ))
        };
        let collates = "SELECT name FROM sqlite_schema WHERE sql LIKE '%collate%'";
        world.collates = !session.texts(collates)?.is_empty();
        for name in relations("view")? {
            world.views.push(name.to_ascii_lowercase());
        }
        for name in relations("table")? {
            let marker = marker(schema, &name);
            world.tables.push(Table {
                columns: columns(session, &name)?,
                integers: integers(session, &name)?,
                keys: keys(session, &name)?,
                soft: marker.map(|marker| Soft {
                    marker: marker.column.clone(),
                    live: live(marker),
                }),
                name,
            });
        }
        Ok(world)
    }
}

fn marker<'s>(schema: &'s Schema, name: &str) -> Option<&'s Marker> {
    let mut tables = schema.tables.iter();
    let table = tables.find(|table| table.name.name.eq_ignore_ascii_case(name))?;
    table.marker.as_ref()
}

/// Generated and hidden columns take no value.
fn columns(session: &Session, table: &str) -> Result<Vec<String>> {
    session.texts(&format!(
        "SELECT name FROM pragma_table_xinfo({}) WHERE hidden = 0 ORDER BY cid",
        literal(table)
    ))
}

fn integers(session: &Session, table: &str) -> Result<Vec<String>> {
    session.texts(&format!(
        "SELECT lower(name) FROM pragma_table_xinfo({}) WHERE type LIKE '%INT%'",
        literal(table)
    ))
}

fn keys(session: &Session, table: &str) -> Result<Vec<String>> {
    let table = literal(table);
    session.texts(&format!(
        "SELECT name FROM pragma_table_xinfo({table}) WHERE pk > 0 UNION \
         SELECT i.name FROM pragma_index_list({table}) l, pragma_index_info(l.name) i \
         WHERE l.\"unique\" AND i.name IS NOT NULL"
    ))
}
