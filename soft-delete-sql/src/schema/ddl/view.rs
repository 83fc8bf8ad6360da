//! CREATE VIEW.

use crate::{
    Dialect,
    schema::{
        Location, View,
        catalog::Catalog,
        cursor::{Cursor, Fault},
    },
    syntax::TokenKind,
};

/// Reads what stands behind `CREATE [MATERIALIZED] VIEW`, or MySQL's `ALTER VIEW`.
pub(super) fn create_view(
    catalog: &mut Catalog,
    cursor: &mut Cursor<'_>,
    materialized: bool,
    temporary: bool,
    location: &Location,
) -> Result<(), Fault> {
    let if_not_exists = cursor.if_not_exists();
    let parts = cursor.dotted()?;
    let mut columns = Vec::new();
    if cursor.kind() == Some(TokenKind::LParen) {
        columns = cursor.names()?;
    }
    // USING method, WITH (options), TABLESPACE
    while !cursor.is_end() && !cursor.is("as") {
        cursor.skip();
    }
    cursor.expect("as")?;
    let end = body_end(cursor);
    let body = cursor.text(cursor.at, end).to_owned();
    if body.is_empty() {
        return Err(cursor.fault("a query"));
    }
    if temporary || catalog.is_temporary(&parts) && parts.len() > 1 {
        let name = parts.last().cloned().unwrap_or_default();
        catalog.temporary.insert(name);
        return Ok(());
    }
    let name = catalog.new_name(&parts);
    if if_not_exists && catalog.views.iter().any(|view| view.name == name) {
        return Ok(());
    }
    let columns_then = catalog.columns_now(&body);
    catalog.put_view(View {
        name,
        columns,
        body,
        columns_then,
        materialized,
        declared: None,
        location: location.clone(),
    });
    Ok(())
}

/// The token behind the query: `WITH CHECK OPTION`, `WITH [NO] DATA` are the view's.
fn body_end(cursor: &Cursor<'_>) -> usize {
    const ENDINGS: [&[&str]; 5] = [
        &["with", "check", "option"],
        &["with", "cascaded", "check", "option"],
        &["with", "local", "check", "option"],
        &["with", "data"],
        &["with", "no", "data"],
    ];
    let count = cursor.tokens.len();
    if cursor.dialect == Dialect::Sqlite {
        return count;
    }
    for ending in ENDINGS {
        let mut tail = *cursor;
        tail.at = count.saturating_sub(ending.len());
        if tail.at > cursor.at && tail.are(ending) {
            return tail.at;
        }
    }
    count
}
