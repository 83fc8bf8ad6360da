//! CREATE INDEX and DROP INDEX.

use super::key;
use crate::{
    Dialect,
    schema::{
        Index, Location, Unique,
        catalog::{Catalog, Draft},
        cursor::{Cursor, Fault},
    },
    syntax::TokenKind,
};

/// Reads what stands behind `CREATE [UNIQUE] INDEX`.
pub(super) fn create_index(
    catalog: &mut Catalog,
    cursor: &mut Cursor<'_>,
    unique: bool,
    location: &Location,
) -> Result<(), Fault> {
    cursor.take(&["concurrently"]);
    let if_not_exists = cursor.if_not_exists();
    let mut name = None;
    if !cursor.is("on") || cursor.ahead_is(1, "on") {
        name = cursor.dotted()?.pop();
    }
    if cursor.take(&["using"]) {
        cursor.name()?;
    }
    cursor.expect("on")?;
    cursor.take(&["only"]);
    let at = cursor.byte();
    let parts = cursor.dotted()?;
    if cursor.take(&["using"]) {
        cursor.name()?;
    }
    let start = cursor.at;
    let key = key::key(cursor)?;
    let include = key::include(cursor)?;
    let written = cursor.text(start, cursor.at).to_owned();
    let mut predicate = None;
    let mut nulls_not_distinct = false;
    while !cursor.is_end() {
        if cursor.take(&["where"]) {
            let mut rest = *cursor;
            rest.tokens = &cursor.tokens[cursor.at..];
            rest.at = 0;
            predicate = Some(key::without_parens(rest).rest().to_owned());
            break;
        }
        if cursor.take(&["nulls", "not", "distinct"]) {
            nulls_not_distinct = true;
        } else {
            cursor.skip();
        }
    }
    if catalog.is_temporary(&parts) {
        return Ok(());
    }
    let Some(table) = catalog.find_table(&parts) else {
        // An index of a materialized view; an index says nothing where the table is unknown.
        return if catalog.find_view(&parts).is_some() || !unique {
            Ok(())
        } else {
            Err(Fault {
                reason: format!("no migration creates `{}`", parts.join(".")),
                at,
            })
        };
    };
    let draft = &catalog.tables[table];
    if if_not_exists && name.as_deref().is_some_and(|name| holds(draft, name)) {
        return Ok(());
    }
    let all = [key.as_slice(), &include].concat();
    let name = name.or_else(|| catalog.unique_name(&draft.table, &all, "idx"));
    let table = &mut catalog.tables[table].table;
    if unique {
        table.uniques.push(Unique {
            name,
            key,
            written,
            predicate,
            constraint: false,
            nulls_not_distinct,
            location: location.clone(),
        });
    } else {
        table.indexes.push(Index {
            name,
            key,
            predicate,
        });
    }
    Ok(())
}

fn holds(draft: &Draft, name: &str) -> bool {
    let is = |known: &Option<String>| known.as_deref() == Some(name);
    draft.table.uniques.iter().any(|unique| is(&unique.name))
        || draft.table.indexes.iter().any(|index| is(&index.name))
}

/// Reads what stands behind `DROP INDEX`.
pub(super) fn drop_index(catalog: &mut Catalog, cursor: &mut Cursor<'_>) -> Result<(), Fault> {
    cursor.take(&["concurrently"]);
    cursor.if_exists();
    loop {
        let parts = cursor.dotted()?;
        let name = parts.last().cloned().unwrap_or_default();
        if cursor.dialect == Dialect::Mysql && cursor.take(&["on"]) {
            let table = cursor.dotted()?;
            if let Some(at) = catalog.find_table(&table) {
                drop_from(&mut catalog.tables[at], &name);
            }
        } else {
            let schema = match parts.as_slice() {
                [.., schema, _] => Some(catalog.schema(schema)),
                _ => None,
            };
            // An index lives in the schema of its table.
            for draft in &mut catalog.tables {
                if schema
                    .as_ref()
                    .is_none_or(|schema| *schema == draft.table.name.schema)
                {
                    drop_from(draft, &name);
                }
            }
        }
        if !cursor.take_kind(TokenKind::Comma) {
            return Ok(());
        }
    }
}

/// Drops an index of one table.
pub(super) fn drop_from(draft: &mut Draft, name: &str) {
    let is = |known: &Option<String>| known.as_deref() == Some(name);
    draft.table.uniques.retain(|unique| !is(&unique.name));
    draft.table.indexes.retain(|index| !is(&index.name));
    if is(&draft.table.primary_key_name) {
        draft.table.primary_key.clear();
        draft.table.primary_key_name = None;
    }
}
