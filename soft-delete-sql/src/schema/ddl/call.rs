//! Calls of routines that change tables.

use std::collections::BTreeMap;

use super::block;
use crate::{
    Dialect,
    schema::{
        catalog::{Catalog, Routine},
        cursor::{Cursor, Fault},
        script::{Script, split},
    },
    syntax::{TokenKind, lexer::lex},
};

/// Runs what a call executes, where that is certain.
pub(super) fn run(
    catalog: &mut Catalog,
    script: &Script<'_>,
    cursor: &Cursor<'_>,
) -> Result<(), Fault> {
    match executed(catalog, cursor) {
        Some(statements) => statements
            .iter()
            .try_for_each(|sql| block::run_text(catalog, script, sql, cursor.byte())),
        None => refuse(catalog, cursor),
    }
}

/// A call of a routine whose body changes tables is a fault.
pub(super) fn refuse(catalog: &Catalog, cursor: &Cursor<'_>) -> Result<(), Fault> {
    for (at, token) in cursor.tokens.iter().enumerate() {
        let next = cursor.tokens.get(at + 1).map(|next| next.kind);
        // MySQL's CALL needs no parentheses.
        let last = cursor.is("call") && next.is_none();
        if next != Some(TokenKind::LParen) && !last {
            continue;
        }
        let name = token.name(cursor.dialect, cursor.sql);
        let mut routines = catalog.routines.iter();
        if routines.any(|known| known.changes_tables && known.function.name.name == name) {
            return Err(Fault {
                reason: format!("it calls `{name}`, whose body changes tables"),
                at: token.start,
            });
        }
    }
    Ok(())
}

/// The statements of `SELECT f('t')` or `CALL p('t')`, where the body does nothing but execute
/// what `format` makes of its arguments.
fn executed(catalog: &Catalog, cursor: &Cursor<'_>) -> Option<Vec<String>> {
    let mut call = *cursor;
    if cursor.dialect != Dialect::Postgres || !call.take_any(&["select", "call"]) {
        return None;
    }
    let name = call.dotted().ok()?.pop()?;
    let arguments = call.group().ok()?;
    let mut overloads = catalog
        .routines
        .iter()
        .filter(|known| known.function.name.name == name);
    let routine = overloads.next()?;
    if !call.is_end() || !routine.changes_tables || overloads.next().is_some() {
        return None;
    }
    let values = bind(routine, &arguments)?;
    statements(&routine.function.body, values)
}

/// The parameters by name, each with the literal it is given.
fn bind(routine: &Routine, arguments: &Cursor<'_>) -> Option<BTreeMap<String, String>> {
    const MODES: [&str; 4] = ["in", "out", "inout", "variadic"];
    let parameters: Vec<&str> = routine.parameters.split(", ").collect();
    let arguments = arguments.list();
    if parameters.len() != arguments.len() {
        return None;
    }
    let mut values = BTreeMap::new();
    for (parameter, argument) in parameters.iter().zip(&arguments) {
        let (name, _) = parameter.split_once(' ')?;
        if MODES.contains(&name) {
            return None;
        }
        values.insert(name.to_owned(), literal(argument)?);
    }
    Some(values)
}

/// `'…'`, or `'…'::regclass`
fn literal(argument: &Cursor<'_>) -> Option<String> {
    let mut cursor = *argument;
    let token = cursor.peek()?;
    if !cursor.take_kind(TokenKind::String) {
        return None;
    }
    if cursor.take_op("::") && !cursor.take_any(&["regclass", "text", "name"]) {
        return None;
    }
    let value = token.value(cursor.dialect, cursor.sql);
    cursor.is_end().then(|| value.into_owned())
}

fn statements(body: &str, mut values: BTreeMap<String, String>) -> Option<Vec<String>> {
    let tokens = lex(Dialect::Postgres, body).ok()?;
    let mut found = Vec::new();
    let mut declares = false;
    let mut ended = false;
    for range in split(Dialect::Postgres, body, &tokens) {
        let mut piece = Cursor::new(Dialect::Postgres, body, &tokens[range]);
        if ended {
            return None;
        }
        declares |= piece.take(&["declare"]);
        if piece.take(&["begin"]) {
            declares = false;
        }
        if piece.take(&["end"]) {
            ended = piece.is_end();
        } else if declares {
            let name = piece.name().ok()?;
            piece.take_any(&["text", "varchar"]).then_some(())?;
            piece.take_op(":=").then_some(())?;
            let value = formatted(&mut piece, &values)?;
            values.insert(name, value);
        } else {
            piece.take(&["execute"]).then_some(())?;
            found.push(formatted(&mut piece, &values)?);
        }
        piece.is_end().then_some(())?;
    }
    ended.then_some(found)
}

/// `'…'`, or `format('…', …)` over names that are known and strings.
fn formatted(piece: &mut Cursor<'_>, values: &BTreeMap<String, String>) -> Option<String> {
    if !piece.take(&["format"]) {
        let text = literal(piece)?;
        piece.at = piece.tokens.len();
        return Some(text);
    }
    let arguments = piece.group().ok()?.list();
    let (template, arguments) = arguments.split_first()?;
    let template = literal(template)?;
    let mut arguments = arguments.iter().map(|argument| {
        literal(argument).or_else(|| {
            let mut name = *argument;
            let value = values.get(&name.name().ok()?)?;
            name.is_end().then(|| value.clone())
        })
    });
    let mut text = String::new();
    let mut characters = template.chars();
    while let Some(character) = characters.next() {
        if character != '%' {
            text.push(character);
            continue;
        }
        match characters.next()? {
            '%' => text.push('%'),
            's' => text.push_str(&arguments.next()??),
            // Of a plain name it is the same whether the parameter is text or regclass.
            'I' => text.push_str(&arguments.next()?.filter(|name| is_plain(name))?),
            _ => return None,
        }
    }
    arguments.next().is_none().then_some(text)
}

/// A name that means itself without quotes, whatever its case would be folded to.
fn is_plain(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase() || c == '_')
        && name
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}
