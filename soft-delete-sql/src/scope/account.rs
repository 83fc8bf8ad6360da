//! Token accounting: every token that spells the name of a soft-deletable table is explained, or
//! the statement is refused. It stands beside the parser, so that a table reference that the
//! parser took for something else is still seen.

use std::collections::HashSet;

use super::resolution::Resolution;
use crate::{
    Dialect,
    diagnostic::{Code, Diagnostic},
    syntax::{TokenKind, ast::Tok, keyword::is_reserved},
};

/// Units and fields that stand bare in expressions: `INTERVAL 1 DAY`, `EXTRACT(day FROM x)`.
const BEHIND_VALUE: [&str; 16] = [
    "year",
    "years",
    "quarter",
    "month",
    "months",
    "week",
    "weeks",
    "day",
    "days",
    "hour",
    "hours",
    "minute",
    "minutes",
    "second",
    "seconds",
    "microsecond",
];

/// Faults of unexplained tokens.
pub(super) fn faults(resolution: &Resolution<'_>) -> Vec<Diagnostic> {
    let schema = resolution.schema;
    let names: HashSet<&str> = schema
        .tables
        .iter()
        .filter(|table| table.marker.is_some())
        .map(|table| table.name.name.as_str())
        .collect();
    if names.is_empty() {
        return Vec::new();
    }
    let exposed: HashSet<&str> = resolution
        .items
        .iter()
        .filter_map(|item| item.name.as_deref())
        .collect();
    let columns: HashSet<&str> = resolution
        .items
        .iter()
        .flat_map(|item| item.columns.iter().flatten())
        .filter_map(|col| col.name.as_deref())
        .collect();
    let dialect = schema.dialect;
    let count = Tok::try_from(resolution.parsed.tokens.len()).unwrap_or(Tok::MAX);
    let mut errors = Vec::new();
    for tok in 0..count {
        if resolution.explained.contains(&tok) || !resolution.is_name(tok) {
            continue;
        }
        let name = resolution.name(tok);
        if !names.contains(name.as_str()) {
            continue;
        }
        let is_keyword =
            resolution.kind(tok) == Some(TokenKind::Word) && is_reserved(dialect, &name);
        let known = exposed.contains(name.as_str()) || columns.contains(name.as_str());
        if is_keyword || known || explains_itself(resolution, tok, &name, &exposed) {
            continue;
        }
        let token = resolution.parsed.tokens[tok as usize];
        errors.push(
            Diagnostic::new(
                Code::UnexplainedToken,
                format!("`{name}` is a soft-deletable table, and what it does here is not understood"),
            )
            .at(token.start..token.end, "no table reference, column or alias")
            .why("if the database reads the table here, its deleted rows would show")
            .help("qualify it if it is a column; use `unchecked` with a reason if it is not the table"),
        );
    }
    errors
}

/// True for the END of a CASE, which stands in the same parentheses. MySQL lets a table be called
/// so, and has no place for one in a CASE; the others reserve the word.
fn closes_case(resolution: &Resolution<'_>, tok: Tok) -> bool {
    let (mut depth, mut ends) = (0_usize, 0_usize);
    if !resolution.is(tok, "END") {
        return false;
    }
    for before in (0..tok).rev() {
        match resolution.kind(before) {
            Some(TokenKind::RParen) => depth += 1,
            Some(TokenKind::LParen) if depth == 0 => return false,
            Some(TokenKind::LParen) => depth -= 1,
            _ if depth > 0 => {}
            _ if resolution.is(before, "END") => ends += 1,
            _ if resolution.is(before, "CASE") && ends == 0 => return true,
            _ if resolution.is(before, "CASE") => ends -= 1,
            _ => {}
        }
    }
    false
}

/// What the tokens beside it say.
fn explains_itself(
    resolution: &Resolution<'_>,
    tok: Tok,
    name: &str,
    exposed: &HashSet<&str>,
) -> bool {
    let kind = |tok: Tok| resolution.kind(tok);
    if tok > 0 {
        let before = tok - 1;
        if kind(before) == Some(TokenKind::Dot) {
            // `t.users` is a column when t is a relation here.
            return tok >= 2
                && resolution.is_name(tok - 2)
                && exposed.contains(resolution.name(tok - 2).as_str());
        }
        if resolution.is_op(before, "::") || resolution.is(before, "AS") {
            return true;
        }
        let behind_value = matches!(kind(before), Some(TokenKind::Number | TokenKind::String))
            || kind(before) == Some(TokenKind::LParen)
            || kind(before) == Some(TokenKind::Param);
        if behind_value && BEHIND_VALUE.contains(&name) {
            return true;
        }
    }
    if closes_case(resolution, tok) {
        return true;
    }
    let behind = tok + 1;
    if kind(behind) == Some(TokenKind::LParen)
        || resolution.is_op(behind, "=>")
        || resolution.is_op(behind, ":=")
    {
        return true;
    }
    // `GROUPS BETWEEN …` of a window frame.
    let frame = matches!(name, "groups" | "rows" | "range");
    let starts = ["BETWEEN", "UNBOUNDED", "CURRENT"];
    frame
        && resolution.parsed.dialect != Dialect::Mysql
        && (kind(behind) == Some(TokenKind::Number)
            || starts.iter().any(|word| resolution.is(behind, word)))
}
