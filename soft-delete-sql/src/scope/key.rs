//! Unique keys, and which of them count tombstones.

use std::rc::Rc;

use super::{Scope, prove::proof, resolve::resolve, view::Views};
use crate::{
    Dialect, Schema,
    schema::{KeyPart, Table, Unique},
    syntax::{self, Token, TokenKind, lexer::lex},
};

/// A unique key of a table.
pub(super) struct Key<'s> {
    pub(super) parts: Vec<KeyPart>,
    pub(super) predicate: Option<&'s str>,
    pub(super) name: Option<&'s str>,
    pub(super) is_primary: bool,
}

pub(super) fn keys(table: &Table) -> Vec<Key<'_>> {
    let primary = (!table.primary_key.is_empty()).then(|| Key {
        parts: table
            .primary_key
            .iter()
            .cloned()
            .map(KeyPart::Column)
            .collect(),
        predicate: None,
        name: None,
        is_primary: true,
    });
    primary
        .into_iter()
        .chain(table.uniques.iter().map(|unique| Key {
            parts: unique.key.clone(),
            predicate: unique.predicate.as_deref(),
            name: unique.name.as_deref(),
            is_primary: false,
        }))
        .collect()
}

/// A unique key that only live rows hold.
pub(crate) struct LiveKey {
    /// Its name.
    pub(crate) name: Option<String>,
    /// What it compares: columns in the dialect's quotes, and expressions.
    pub(crate) parts: Vec<String>,
    /// The predicate of a partial index.
    pub(crate) predicate: Option<String>,
}

/// The unique keys that do not count tombstones.
pub(crate) fn live_keys(schema: &Schema, table: &Table) -> Vec<LiveKey> {
    let dialect = schema.dialect;
    let part = |part: &KeyPart| match part {
        KeyPart::Expression(text) => Some(text.clone()),
        KeyPart::Column(name) => {
            let column = table.columns.iter().find(|column| column.name == *name);
            let computed = column.and_then(|column| column.computed.as_deref());
            match computed.and_then(|text| null_unless(dialect, text)) {
                // One value for all live rows tells none from another.
                Some((_, value)) if value.chars().all(|c| c.is_ascii_digit()) => None,
                Some((_, value)) => Some(format!("({value})")),
                None => Some(dialect.quote(name)),
            }
        }
    };
    keys(table)
        .iter()
        .filter(|key| !counts_tombstones(schema, table, key))
        .map(|key| LiveKey {
            name: key.name.map(str::to_owned),
            parts: key.parts.iter().filter_map(part).collect(),
            predicate: key.predicate.map(str::to_owned),
        })
        .collect()
}

/// A key counts tombstones unless its own predicate implies all of f, or a part of it is NULL where f
/// does not hold: NULLs are distinct in a unique key.
pub(super) fn counts_tombstones(schema: &Schema, table: &Table, key: &Key<'_>) -> bool {
    let implies = |predicate: &str| implies_active(schema, table, predicate);
    let is_null = |part: &KeyPart| {
        let text = match part {
            KeyPart::Column(name) => {
                let column = table.columns.iter().find(|column| column.name == *name);
                column.and_then(|column| column.computed.as_deref())
            }
            KeyPart::Expression(text) => Some(text.as_str()),
        };
        text.and_then(|text| null_unless(schema.dialect, text))
            .is_some_and(|(condition, _)| implies(condition))
    };
    // Other databases have partial keys, and PostgreSQL has NULLS NOT DISTINCT.
    let is_null_for_tombstones =
        schema.dialect == Dialect::Mysql && !key.is_primary && key.parts.iter().any(is_null);
    !is_null_for_tombstones && !key.predicate.is_some_and(implies)
}

/// True for a computed column that is NULL in deleted rows.
pub(crate) fn is_null_for_tombstones(schema: &Schema, table: &Table, column: &str) -> bool {
    let mut columns = table.columns.iter().filter(|known| known.name == column);
    columns
        .find_map(|known| null_unless(schema.dialect, known.computed.as_deref()?))
        .is_some_and(|(condition, _)| implies_active(schema, table, condition))
}

/// The condition without which an expression is NULL, and its value else: those of
/// `IF(condition, value, NULL)` and of `CASE WHEN condition THEN value END`.
fn null_unless(dialect: Dialect, expression: &str) -> Option<(&str, &str)> {
    let tokens = lex(dialect, expression).ok()?;
    let is = |at: usize, keyword: &str| {
        let token = tokens.get(at);
        token.is_some_and(|token| token.is(expression, keyword))
    };
    let (mut start, mut end) = (0, tokens.len());
    while closing(&tokens, start).is_some_and(|close| close + 1 == end) {
        (start, end) = (start + 1, end - 1);
    }
    let text = |from: usize, to: usize| {
        (from < to).then(|| &expression[tokens[from].start..tokens[to - 1].end])
    };
    if is(start, "if") && closing(&tokens, start + 1) == Some(end - 1) {
        let commas = outside(&tokens, start + 2, end, |at| {
            tokens[at].kind == TokenKind::Comma
        });
        let [first, second] = commas[..] else {
            return None;
        };
        let is_null = end == second + 3 && is(second + 1, "null");
        let parts = text(start + 2, first).zip(text(first + 1, second));
        return parts.filter(|_| is_null);
    }
    if is(start, "case") && is(start + 1, "when") && is(end - 1, "end") {
        let has = |keyword: &str| outside(&tokens, start, end, |at| is(at, keyword));
        // One branch, and none of another CASE.
        let ([then], [_]) = (&has("then")[..], &has("when")[..]) else {
            return None;
        };
        let (is_null, value_end) = match has("else")[..] {
            [] => (true, end - 1),
            [otherwise] => (end == otherwise + 3 && is(otherwise + 1, "null"), otherwise),
            _ => (false, end),
        };
        let parts = text(start + 2, *then).zip(text(then + 1, value_end));
        return parts.filter(|_| is_null);
    }
    None
}

/// The parenthesis that closes the one at `open`; `None` where there stands another token.
fn closing(tokens: &[Token], open: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate().skip(open) {
        match token.kind {
            TokenKind::LParen => depth += 1,
            TokenKind::RParen => depth = depth.checked_sub(1)?,
            _ => {}
        }
        if depth == 0 {
            return (at > open).then_some(at);
        }
    }
    None
}

/// The tokens of a range that stand in no parentheses of it.
fn outside(
    tokens: &[Token],
    start: usize,
    end: usize,
    wanted: impl Fn(usize) -> bool,
) -> Vec<usize> {
    let mut at = start;
    let mut found = Vec::new();
    while at < end {
        if wanted(at) {
            found.push(at);
        }
        at = match tokens[at].kind {
            TokenKind::LParen => closing(tokens, at).unwrap_or(end),
            _ => at,
        } + 1;
    }
    found
}

/// [`counts_tombstones`] of a unique constraint or index.
pub(crate) fn unique_counts_tombstones(schema: &Schema, table: &Table, unique: &Unique) -> bool {
    let key = Key {
        parts: unique.key.clone(),
        predicate: unique.predicate.as_deref(),
        name: unique.name.as_deref(),
        is_primary: false,
    };
    counts_tombstones(schema, table, &key)
}

fn implies_active(schema: &Schema, table: &Table, predicate: &str) -> bool {
    implies(schema, table, predicate, Scope::Active)
}

/// True when the predicate, as the WHERE of a query on the table, proves the scope.
pub(crate) fn implies(schema: &Schema, table: &Table, predicate: &str, scope: Scope) -> bool {
    let dialect = schema.dialect;
    let mut name = dialect.quote(&table.name.name);
    if let Some(schema) = &table.name.schema {
        name = format!("{}.{name}", dialect.quote(schema));
    }
    let sql = format!("SELECT 1 FROM {name} WHERE {predicate}");
    let Ok(parsed) = syntax::parse(dialect, &sql) else {
        return false;
    };
    let resolution = resolve(schema, &parsed, &Rc::new(Views::default()));
    proof(&resolution, 0, scope)
}

#[cfg(test)]
mod tests;
