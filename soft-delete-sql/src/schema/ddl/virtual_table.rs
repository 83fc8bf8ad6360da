//! SQLite's CREATE VIRTUAL TABLE.

use crate::{
    schema::{
        Column, Location,
        catalog::{Catalog, Draft},
        cursor::{Cursor, Fault},
    },
    syntax::TokenKind,
};

/// Reads what stands behind `CREATE VIRTUAL TABLE`. The module decides on the columns; the plain
/// names among its arguments are taken as such.
pub(super) fn create(
    catalog: &mut Catalog,
    cursor: &mut Cursor<'_>,
    location: &Location,
) -> Result<(), Fault> {
    let if_not_exists = cursor.if_not_exists();
    let parts = cursor.dotted()?;
    if catalog.is_temporary(&parts) && parts.len() > 1 {
        return Ok(());
    }
    let name = catalog.new_name(&parts);
    cursor.expect("using")?;
    let module = cursor.name()?;
    let is_search = matches!(module.as_str(), "fts3" | "fts4" | "fts5");
    let mut draft = Draft::new(name.clone(), location.clone());
    draft.table.is_virtual = true;
    draft.table.columns_known = false;
    if cursor.kind() == Some(TokenKind::LParen) {
        for mut argument in cursor.group()?.list() {
            let option = argument
                .ahead(1)
                .is_some_and(|token| token.kind == TokenKind::Op);
            // Other modules may take tables by position, as `fts5vocab` does.
            if option || !is_search {
                draft.table.over.push_str(argument.rest());
                draft.table.over.push('\n');
            }
            if option || !argument.at_name() {
                continue;
            }
            draft.table.columns.push(Column {
                name: argument.name()?,
                sql_type: String::new(),
                nullable: true,
                default: None,
                generated: false,
                computed: None,
                invisible: false,
            });
        }
    }
    if !(if_not_exists && catalog.position(&name).is_some()) {
        catalog.put_table(draft);
    }
    Ok(())
}
