//! DROP TABLE, DROP VIEW, DROP SCHEMA.

use crate::{
    Dialect,
    schema::{
        ObjectName,
        catalog::Catalog,
        cursor::{Cursor, Fault},
    },
    syntax::TokenKind,
};

/// The dotted names of `DROP … [IF EXISTS] a, b`.
fn names(cursor: &mut Cursor<'_>) -> Result<Vec<Vec<String>>, Fault> {
    cursor.if_exists();
    let mut found = vec![cursor.dotted()?];
    while cursor.take_kind(TokenKind::Comma) {
        found.push(cursor.dotted()?);
    }
    Ok(found)
}

/// Reads what stands behind `DROP TABLE`.
pub(super) fn drop_table(catalog: &mut Catalog, cursor: &mut Cursor<'_>) -> Result<(), Fault> {
    for parts in names(cursor)? {
        if catalog.is_temporary(&parts) {
            if let Some(name) = parts.last() {
                catalog.temporary.remove(name);
            }
        } else if let Some(at) = catalog.find_table(&parts) {
            remove(catalog, at);
        }
    }
    Ok(())
}

/// Removes a table and what is below it. In PostgreSQL the foreign keys to it go too; elsewhere
/// they stay and mean the next table of the name.
fn remove(catalog: &mut Catalog, table: usize) {
    let family = catalog.family(table);
    let gone: Vec<ObjectName> = family
        .into_iter()
        .map(|member| catalog.tables[member].table.name.clone())
        .collect();
    catalog
        .tables
        .retain(|draft| !gone.contains(&draft.table.name));
    if catalog.dialect == Dialect::Postgres {
        for draft in &mut catalog.tables {
            let table = &mut draft.table;
            table
                .foreign_keys
                .retain(|key| !gone.contains(&key.references));
            table.parents.retain(|parent| !gone.contains(parent));
        }
    }
}

/// Reads what stands behind `DROP [MATERIALIZED] VIEW`.
pub(super) fn drop_view(catalog: &mut Catalog, cursor: &mut Cursor<'_>) -> Result<(), Fault> {
    for parts in names(cursor)? {
        if catalog.is_temporary(&parts) {
            if let Some(name) = parts.last() {
                catalog.temporary.remove(name);
            }
        } else if let Some(at) = catalog.find_view(&parts) {
            let view = catalog.views.remove(at);
            catalog.stale_views.retain(|(name, _)| *name != view.name);
        }
    }
    Ok(())
}

/// Reads what stands behind `DROP SCHEMA`.
pub(super) fn drop_schema(catalog: &mut Catalog, cursor: &mut Cursor<'_>) -> Result<(), Fault> {
    for parts in names(cursor)? {
        let Some(schema) = parts.last() else {
            continue;
        };
        catalog.schemas.remove(schema);
        let schema = catalog.schema(schema);
        let gone: Vec<usize> = (0..catalog.tables.len())
            .rev()
            .filter(|&at| catalog.tables[at].table.name.schema == schema)
            .collect();
        for at in gone {
            // A partition may have gone with its parent.
            if at < catalog.tables.len() && catalog.tables[at].table.name.schema == schema {
                remove(catalog, at);
            }
        }
        catalog.views.retain(|view| view.name.schema != schema);
        catalog
            .routines
            .retain(|routine| routine.function.name.schema != schema);
    }
    Ok(())
}
