//! The key of an index or constraint, and its trailing clauses.

use crate::{
    Dialect,
    schema::{
        KeyPart,
        cursor::{Cursor, Fault},
    },
    syntax::TokenKind,
};

/// Reads `(a, lower(b) DESC, …)`.
pub(super) fn key(cursor: &mut Cursor<'_>) -> Result<Vec<KeyPart>, Fault> {
    let items = cursor.group()?.list();
    if items.is_empty() {
        return Err(cursor.fault("the columns of the key"));
    }
    items.into_iter().map(part).collect()
}

/// The columns of a key that can hold nothing else.
pub(super) fn columns(cursor: &mut Cursor<'_>) -> Result<Vec<String>, Fault> {
    let at = *cursor;
    let columns = key(cursor)?.into_iter().map(|part| match part {
        KeyPart::Column(name) => Ok(name),
        KeyPart::Expression(_) => Err(at.fault("column names")),
    });
    columns.collect()
}

/// The columns among the parts of a key.
pub(super) fn column_names(key: &[KeyPart]) -> Vec<String> {
    let columns = key.iter().filter_map(|part| match part {
        KeyPart::Column(name) => Some(name.clone()),
        KeyPart::Expression(_) => None,
    });
    columns.collect()
}

fn part(mut item: Cursor<'_>) -> Result<KeyPart, Fault> {
    if item.at_name() && item.ahead(1).is_none_or(|_| is_plain(&item)) {
        return Ok(KeyPart::Column(item.name()?));
    }
    if item.is_end() {
        return Err(item.fault("a column"));
    }
    let mut end = item.tokens.len();
    let trailing = |at: usize| {
        ["asc", "desc", "nulls", "first", "last"]
            .iter()
            .any(|word| item.tokens[at].is(item.sql, word))
    };
    while end > 1 && trailing(end - 1) {
        end -= 1;
    }
    let expression = item.over(&item.tokens[..end]);
    Ok(KeyPart::Expression(
        without_parens(expression).rest().to_owned(),
    ))
}

/// A name followed by what changes nothing about which column it is: a prefix length, a
/// collation, an operator class, an order.
fn is_plain(item: &Cursor<'_>) -> bool {
    let Some(next) = item.ahead(1) else {
        return true;
    };
    match next.kind {
        TokenKind::Word | TokenKind::Quoted => true,
        TokenKind::LParen => {
            item.dialect == Dialect::Mysql
                && item
                    .ahead(2)
                    .is_some_and(|token| token.kind == TokenKind::Number)
        }
        _ => false,
    }
}

/// Takes off parentheses that enclose everything.
pub(super) fn without_parens(mut cursor: Cursor<'_>) -> Cursor<'_> {
    while cursor.kind() == Some(TokenKind::LParen) {
        let mut probe = cursor;
        match probe.group() {
            Ok(inner) if probe.is_end() && !inner.is_end() => cursor = inner,
            _ => break,
        }
    }
    cursor
}

/// `INCLUDE (…)`: no part of the key, save for the name made up for it.
pub(super) fn include(cursor: &mut Cursor<'_>) -> Result<Vec<KeyPart>, Fault> {
    if cursor.take(&["include"]) {
        key(cursor)
    } else {
        Ok(Vec::new())
    }
}

/// `NULLS NOT DISTINCT`, when it stands here.
pub(super) fn nulls_not_distinct(cursor: &mut Cursor<'_>) -> bool {
    if cursor.take(&["nulls", "not", "distinct"]) {
        return true;
    }
    cursor.take(&["nulls", "distinct"]);
    false
}

/// SQLite's `ON CONFLICT REPLACE` and its kin; true for those that lose a row silently.
pub(super) fn conflict_clause(cursor: &mut Cursor<'_>) -> bool {
    if cursor.dialect != Dialect::Sqlite || !cursor.take(&["on", "conflict"]) {
        return false;
    }
    let loses = cursor.is_any(&["replace", "ignore"]);
    cursor.skip();
    loses
}
