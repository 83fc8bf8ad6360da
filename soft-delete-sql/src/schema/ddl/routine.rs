//! Functions and procedures.

use super::block;
use crate::{
    Dialect,
    schema::{
        Called, Function, Location, ObjectName,
        catalog::{Catalog, Routine},
        cursor::{Cursor, Fault},
    },
    syntax::TokenKind,
};

/// Reads what stands behind `CREATE FUNCTION` or `CREATE PROCEDURE`.
pub(super) fn create_routine(
    catalog: &mut Catalog,
    cursor: &mut Cursor<'_>,
    or_replace: bool,
    location: &Location,
) -> Result<(), Fault> {
    cursor.if_not_exists();
    let parts = cursor.dotted()?;
    let mut parameters = String::new();
    if cursor.kind() == Some(TokenKind::LParen) {
        parameters = parameter_types(&cursor.group()?);
    }
    let body = match cursor.dialect {
        Dialect::Postgres => postgres_body(cursor),
        // The characteristics name no table; the statement behind them may.
        _ => cursor.rest().to_owned(),
    };
    let name = catalog.new_name(&parts);
    if or_replace {
        catalog
            .routines
            .retain(|known| known.function.name != name || known.parameters != parameters);
    }
    let changes_tables = block::changes_tables(cursor.dialect, &body);
    catalog.routines.push(Routine {
        function: Function {
            name,
            called: Called::ByName,
            body,
            declared: None,
            reads_nothing: false,
            location: location.clone(),
        },
        parameters,
        changes_tables,
    });
    Ok(())
}

/// Reads what stands behind `CREATE AGGREGATE`, `CREATE OPERATOR` or `CREATE CAST`: the functions
/// that it names are called by whatever uses it.
pub(super) fn create_caller(
    catalog: &mut Catalog,
    cursor: &mut Cursor<'_>,
    called: Called,
    location: &Location,
) -> Result<(), Fault> {
    let name = match called {
        Called::ByName => catalog.new_name(&cursor.dotted()?),
        Called::AsOperator => {
            // Of an operator class or family the index alone calls the functions.
            if cursor.is_any(&["class", "family"]) {
                return Ok(());
            }
            let mut symbol = cursor.peek();
            while !matches!(cursor.kind(), None | Some(TokenKind::LParen)) {
                symbol = cursor.next();
            }
            let symbol = symbol.ok_or_else(|| cursor.fault("an operator"))?;
            ObjectName {
                schema: None,
                name: symbol.text(cursor.sql).to_owned(),
            }
        }
        Called::AsCast => ObjectName {
            schema: None,
            name: cursor.group()?.rest().to_owned(),
        },
    };
    catalog.routines.push(Routine {
        function: Function {
            name,
            called,
            body: cursor.rest().to_owned(),
            declared: None,
            reads_nothing: false,
            location: location.clone(),
        },
        parameters: String::new(),
        changes_tables: false,
    });
    Ok(())
}

/// The parameters as written, without their defaults, which a replacement may change.
fn parameter_types(group: &Cursor<'_>) -> String {
    let mut found = Vec::new();
    for parameter in group.list() {
        let is_default = |at: usize| {
            parameter.ahead_is(at, "default")
                || parameter.tokens[at].kind == TokenKind::Op
                    && matches!(parameter.tokens[at].text(group.sql), "=" | ":=")
        };
        let words = (0..parameter.tokens.len()).take_while(|&at| !is_default(at));
        let words = words.map(|at| parameter.tokens[at].text(group.sql).to_lowercase());
        found.push(words.collect::<Vec<_>>().join(" "));
    }
    found.join(", ")
}

/// The text of `AS '…'`, of `BEGIN ATOMIC … END`, or of `RETURN expression`.
fn postgres_body(cursor: &mut Cursor<'_>) -> String {
    let mut compiled = false;
    let mut body = String::new();
    while !cursor.is_end() {
        if cursor.take(&["language"]) {
            compiled |= cursor.peek().is_some_and(|token| {
                let name = token.name(cursor.dialect, cursor.sql);
                name.eq_ignore_ascii_case("c") || name.eq_ignore_ascii_case("internal")
            });
            cursor.skip();
        } else if cursor.take(&["as"]) {
            while let Some(token) = cursor
                .peek()
                .filter(|token| token.kind == TokenKind::String)
            {
                body.push_str(&token.value(cursor.dialect, cursor.sql));
                cursor.next();
            }
        } else if cursor.are(&["begin", "atomic"]) || cursor.is("return") {
            return cursor.rest().to_owned();
        } else {
            cursor.skip();
        }
    }
    if compiled { String::new() } else { body }
}

/// Reads what stands behind `DROP FUNCTION`. What cannot be told apart stays: one function too
/// many is a refusal, one too few a leak.
pub(super) fn drop_routine(catalog: &mut Catalog, cursor: &mut Cursor<'_>) -> Result<(), Fault> {
    cursor.if_exists();
    loop {
        let parts = cursor.dotted()?;
        let mut types = None;
        if cursor.kind() == Some(TokenKind::LParen) {
            types = Some(parameter_types(&cursor.group()?));
        }
        let name = catalog.new_name(&parts);
        let named = |known: &Routine| known.function.name == name;
        let overloads = catalog.routines.iter().filter(|known| named(known)).count();
        catalog.routines.retain(|known| {
            let same = types
                .as_ref()
                .is_none_or(|types| known.parameters == *types);
            !(named(known) && (overloads == 1 || same))
        });
        if !cursor.take_kind(TokenKind::Comma) {
            return Ok(());
        }
    }
}

/// `ALTER FUNCTION f(…) RENAME TO g`, `SET SCHEMA s`: every overload is taken along.
pub(super) fn alter_routine(catalog: &mut Catalog, cursor: &mut Cursor<'_>) -> Result<(), Fault> {
    let parts = cursor.dotted()?;
    if cursor.kind() == Some(TokenKind::LParen) {
        cursor.skip();
    }
    let old = catalog.new_name(&parts);
    let mut new = old.clone();
    if cursor.take(&["rename", "to"]) {
        new.name = cursor.name()?;
    } else if cursor.take(&["set", "schema"]) {
        let schema = cursor.name()?;
        new.schema = catalog.schema(&schema);
    }
    if new != old {
        // Which overload is meant is not told apart: the function stands under both names.
        let mut copies: Vec<Routine> = catalog
            .routines
            .iter()
            .filter(|known| known.function.name == old)
            .cloned()
            .collect();
        if copies.len() == 1 {
            catalog.routines.retain(|known| known.function.name != old);
        }
        for copy in &mut copies {
            copy.function.name = new.clone();
        }
        catalog.routines.extend(copies);
    }
    Ok(())
}
