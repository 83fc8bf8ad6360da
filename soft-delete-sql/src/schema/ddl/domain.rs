//! Domains: types of the application's own, which can forbid NULL.

use super::column;
use crate::schema::{
    catalog::{Catalog, Domain},
    cursor::{Cursor, Fault},
};

/// Reads what stands behind `CREATE DOMAIN`.
pub(super) fn create(catalog: &mut Catalog, cursor: &mut Cursor<'_>) -> Result<(), Fault> {
    let parts = cursor.dotted()?;
    cursor.take(&["as"]);
    let definition = column::body(cursor, String::new())?;
    let domain = Domain {
        base: definition.column.sql_type,
        not_null: !definition.column.nullable,
    };
    catalog.domains.insert(catalog.new_name(&parts), domain);
    Ok(())
}

/// Reads what stands behind `ALTER DOMAIN`.
pub(super) fn alter(catalog: &mut Catalog, cursor: &mut Cursor<'_>) -> Result<(), Fault> {
    let name = catalog.new_name(&cursor.dotted()?);
    let Some(domain) = catalog.domains.get_mut(&name) else {
        return Ok(());
    };
    if cursor.take(&["set", "not", "null"]) {
        domain.not_null = true;
    } else if cursor.take(&["drop", "not", "null"]) {
        domain.not_null = false;
    } else if cursor.take(&["rename", "to"]) {
        let mut new = name.clone();
        new.name = cursor.name()?;
        if let Some(domain) = catalog.domains.remove(&name) {
            catalog.domains.insert(new, domain);
        }
    }
    Ok(())
}

/// Reads what stands behind `DROP DOMAIN`.
pub(super) fn drop(catalog: &mut Catalog, cursor: &mut Cursor<'_>) -> Result<(), Fault> {
    cursor.if_exists();
    let name = catalog.new_name(&cursor.dotted()?);
    catalog.domains.remove(&name);
    Ok(())
}
