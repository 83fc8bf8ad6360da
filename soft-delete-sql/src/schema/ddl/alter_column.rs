//! ALTER COLUMN and DROP COLUMN.

use super::column;
use crate::{
    Dialect,
    schema::{
        KeyPart,
        catalog::Catalog,
        cursor::{Cursor, Fault},
    },
};

/// Reads what stands behind `ALTER [COLUMN]`.
pub(super) fn alter(
    catalog: &mut Catalog,
    table: usize,
    cursor: &mut Cursor<'_>,
) -> Result<(), Fault> {
    let at = cursor.byte();
    let name = cursor.name()?;
    if catalog.tables[table].column(&name).is_none() && catalog.tables[table].table.columns_known {
        return Err(Fault {
            reason: format!("the table has no column `{name}`"),
            at,
        });
    }
    let change = change(cursor)?;
    for member in catalog.family(table) {
        let Some(column) = catalog.tables[member].column(&name) else {
            continue;
        };
        match &change {
            Change::Type(sql_type) => column.sql_type.clone_from(sql_type),
            Change::Default(default) => {
                column.generated |= column::is_next_of_sequence(default);
                column.default = Some(default.clone());
            }
            Change::DropDefault => {
                column.default = None;
                column.generated = false;
            }
            Change::Nullable(nullable) => column.nullable = *nullable,
            Change::Generated(generated) => {
                column.generated = *generated;
                column.computed = None;
                column.nullable &= !*generated;
            }
            Change::Invisible(invisible) => column.invisible = *invisible,
            Change::Nothing => {}
        }
    }
    Ok(())
}

enum Change {
    Type(String),
    Default(String),
    DropDefault,
    Nullable(bool),
    Generated(bool),
    Invisible(bool),
    Nothing,
}

fn change(cursor: &mut Cursor<'_>) -> Result<Change, Fault> {
    if cursor.take(&["set", "data", "type"]) || cursor.take(&["type"]) {
        let sql_type = column::type_name(cursor);
        return if sql_type.is_empty() {
            Err(cursor.fault("a type"))
        } else {
            Ok(Change::Type(sql_type))
        };
    }
    if cursor.take(&["set", "default"]) {
        return Ok(Change::Default(cursor.rest().to_owned()));
    }
    if cursor.take(&["drop", "default"]) {
        return Ok(Change::DropDefault);
    }
    if cursor.take(&["set", "not", "null"]) {
        return Ok(Change::Nullable(false));
    }
    if cursor.take(&["drop", "not", "null"]) {
        return Ok(Change::Nullable(true));
    }
    if cursor.take(&["add", "generated"]) {
        return Ok(Change::Generated(true));
    }
    if cursor.take(&["drop", "identity"]) || cursor.take(&["drop", "expression"]) {
        return Ok(Change::Generated(false));
    }
    if cursor.take(&["set", "invisible"]) {
        return Ok(Change::Invisible(true));
    }
    if cursor.take(&["set", "visible"]) {
        return Ok(Change::Invisible(false));
    }
    if cursor.is_any(&["set", "reset", "restart"]) {
        return Ok(Change::Nothing);
    }
    Err(cursor.fault("an action of ALTER COLUMN"))
}

/// Drops a column, with the keys and indexes that hold it.
pub(super) fn drop(catalog: &mut Catalog, table: usize, name: &str) {
    let dialect = catalog.dialect;
    let draft = &mut catalog.tables[table];
    let own = draft.table.name.clone();
    draft.table.columns.retain(|column| column.name != name);
    if dialect == Dialect::Mysql {
        // The column leaves the key; the key goes when nothing is left of it.
        let leave = |key: &mut Vec<KeyPart>| {
            key.retain(|part| *part != KeyPart::Column(name.to_owned()));
            !key.is_empty()
        };
        draft
            .table
            .uniques
            .retain_mut(|unique| leave(&mut unique.key));
        draft
            .table
            .indexes
            .retain_mut(|index| leave(&mut index.key));
        draft.table.primary_key.retain(|column| column != name);
    } else {
        draft
            .table
            .uniques
            .retain(|unique| !unique.mentions(dialect, name));
        draft
            .table
            .indexes
            .retain(|index| !index.mentions(dialect, name));
        if draft.table.primary_key.iter().any(|column| column == name) {
            draft.table.primary_key.clear();
            draft.table.primary_key_name = None;
        }
    }
    draft
        .table
        .foreign_keys
        .retain(|key| !key.columns.iter().any(|column| column == name));
    for other in &mut catalog.tables {
        other.table.foreign_keys.retain(|key| {
            key.references != own || !key.referenced_columns.iter().any(|column| column == name)
        });
    }
}
