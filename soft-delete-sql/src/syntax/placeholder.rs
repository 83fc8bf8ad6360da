//! Placeholders, and which bind value each takes through sqlx.

#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, btree_map::Entry},
    ops::Range,
};

use super::{Parsed, Token, TokenKind, lexer};
use crate::{Diagnostic, Dialect};

/// One placeholder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placeholder {
    /// Its bytes.
    pub span: Range<usize>,
    /// The bind value it takes, counted from 1.
    pub number: usize,
    /// False for a name (`:a`, `@a`, `$a`): sqlx binds by position alone, and refuses these when
    /// the statement runs.
    pub bindable: bool,
}

/// The placeholders of a statement.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Placeholders {
    /// All of them, in source order.
    pub list: Vec<Placeholder>,
    /// The number of bind values the statement takes: the highest number among them.
    pub highest: usize,
}

/// The number of bind values a parsed statement takes.
#[must_use]
pub fn count(parsed: &Parsed<'_>) -> usize {
    placeholders(parsed.dialect, parsed.sql, &parsed.tokens).highest
}

/// The placeholders of a text that need not parse.
///
/// # Errors
/// SD009, as [`lexer::lex`].
pub fn of(dialect: Dialect, sql: &str) -> Result<Placeholders, Diagnostic> {
    let tokens = lexer::lex(dialect, sql)?;
    Ok(placeholders(dialect, sql, &tokens))
}

/// The placeholders among the tokens.
#[must_use]
pub fn placeholders(dialect: Dialect, sql: &str, tokens: &[Token]) -> Placeholders {
    let params: Vec<Token> = tokens
        .iter()
        .copied()
        .filter(|token| token.kind == TokenKind::Param)
        .collect();
    let numbers: Vec<(usize, bool)> = match dialect {
        Dialect::Postgres => params
            .iter()
            .map(|param| (number(&param.text(sql)[1..]).unwrap_or(usize::MAX), true))
            .collect(),
        Dialect::Mysql => (1..=params.len()).map(|number| (number, true)).collect(),
        Dialect::Sqlite => sqlite_numbers(sql, &params),
    };
    let list: Vec<Placeholder> = params
        .iter()
        .zip(numbers)
        .map(|(param, (number, bindable))| Placeholder {
            span: param.start..param.end,
            number,
            bindable,
        })
        .collect();
    let highest = list.iter().map(|param| param.number).max().unwrap_or(0);
    Placeholders { list, highest }
}

/// SQLite first gives each parameter an index: `?` the next one, `?5` that one, a name the next
/// one where it is new. sqlx then goes through the indices: `?5` and `$5` take value 5, an index
/// without name the next value in turn, counted apart from the named ones.
fn sqlite_numbers(sql: &str, params: &[Token]) -> Vec<(usize, bool)> {
    let mut names: BTreeMap<usize, &str> = BTreeMap::new();
    let mut indices: BTreeMap<&str, usize> = BTreeMap::new();
    let mut last = 0;
    let mut taken = Vec::with_capacity(params.len());
    for param in params {
        let text = param.text(sql);
        let index = match text.strip_prefix('?') {
            Some("") => {
                last += 1;
                last
            }
            Some(digits) => {
                let index = number(digits).unwrap_or(usize::MAX);
                if index <= SQLITE_MAX {
                    last = last.max(index);
                    if let Entry::Vacant(unnamed) = names.entry(index) {
                        unnamed.insert(text);
                        indices.entry(text).or_insert(index);
                    }
                }
                index
            }
            None => *indices.entry(text).or_insert_with(|| {
                last += 1;
                names.insert(last, text);
                last
            }),
        };
        taken.push(index);
    }
    let mut in_turn = 0;
    let mut values = vec![(0, true); last + 1];
    for (index, value) in values.iter_mut().enumerate().skip(1) {
        *value = match names.get(&index).map(|name| (number(&name[1..]), *name)) {
            Some((Some(number), name)) if name.starts_with(['?', '$']) => (number, true),
            Some(_) => (index, false),
            None => {
                in_turn += 1;
                (in_turn, true)
            }
        };
    }
    taken
        .into_iter()
        .map(|index| values.get(index).copied().unwrap_or((index, false)))
        .collect()
}

/// SQLite's own limit, `SQLITE_MAX_VARIABLE_NUMBER`.
const SQLITE_MAX: usize = 32_766;

fn number(digits: &str) -> Option<usize> {
    digits.parse().ok().filter(|&number| number > 0)
}
