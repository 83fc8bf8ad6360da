//! sqlx's column overrides: `AS "n!"`, `"n?"`, `"n: T"` tell its macros a type, and must not
//! become the names of columns when the statement runs.

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use super::{
    Parsed, TokenKind,
    ast::{SelectItem, Tok},
    parse,
    visit::{self, Visitor},
};
use crate::Dialect;

/// The text that runs: overrides are taken out of the aliases of select lists and RETURNING, and
/// of the quoted names that refer to such an alias. A text without overrides, or one that does
/// not parse, is returned as it is.
#[must_use]
pub fn strip_overrides(dialect: Dialect, sql: &str) -> String {
    if !sql.contains(['!', '?', ':']) {
        return sql.to_owned();
    }
    let Ok(parsed) = parse(dialect, sql) else {
        return sql.to_owned();
    };
    let mut aliases = Aliases {
        parsed: &parsed,
        found: BTreeSet::new(),
    };
    visit::statement(&parsed.statement, &mut aliases);
    let spellings: BTreeSet<&str> = aliases.found.iter().map(|tok| parsed.text(*tok)).collect();
    if spellings.is_empty() {
        return sql.to_owned();
    }
    let mut out = String::with_capacity(sql.len());
    let mut copied = 0;
    for (tok, token) in (0..).zip(&parsed.tokens) {
        let text = token.text(sql);
        let refers = token.kind == TokenKind::Quoted && spellings.contains(text);
        if !refers && !aliases.found.contains(&tok) {
            continue;
        }
        if let Some(end) = name_end(text) {
            out.push_str(&sql[copied..token.start]);
            out.push_str(&text[..end]);
            copied = token.end - 1;
        }
    }
    out.push_str(&sql[copied..]);
    out
}

/// The aliases that carry an override.
struct Aliases<'p, 's> {
    parsed: &'p Parsed<'s>,
    found: BTreeSet<Tok>,
}

impl Visitor for Aliases<'_, '_> {
    fn item(&mut self, item: &SelectItem) {
        if let Some(alias) = item.alias
            && self.parsed.tokens[alias as usize].kind != TokenKind::Word
            && name_end(self.parsed.text(alias)).is_some()
        {
            self.found.insert(alias);
        }
    }
}

/// Where the name ends in a quoted alias that carries an override.
fn name_end(quoted: &str) -> Option<usize> {
    let body = quoted.get(1..quoted.len().checked_sub(1)?)?;
    let end = body.find([':', '!', '?'])?;
    let (name, rest) = body.split_at(end);
    let first = name.chars().next()?;
    let is_name = (first.is_alphabetic() || first == '_')
        && name.chars().all(|c| c.is_alphanumeric() || c == '_');
    let of_type = rest.strip_prefix(['!', '?']).unwrap_or(rest);
    let is_override = match of_type.strip_prefix(':') {
        Some(of_type) => !of_type.trim().is_empty(),
        None => of_type.is_empty(),
    };
    (is_name && is_override).then_some(1 + end)
}
