//! The text of f(T), and custom conditions in comparable form.

use super::{Scope, resolution::Soft};
use crate::{
    Dialect,
    schema::{MarkerKind, Table},
    syntax::{Parsed, Token, TokenKind, ast::Tok, keyword::names_column, lexer::lex},
};

/// f(T) for a scope, with T's columns behind `qualifier`.
pub(super) fn text(dialect: Dialect, soft: &Soft, scope: Scope, qualifier: &str) -> String {
    let marker = &soft.marker;
    if let Some(active) = &marker.active {
        let active = qualified(dialect, active, &soft.columns, qualifier);
        return match scope {
            Scope::Active => format!("({active})"),
            Scope::Deleted | Scope::WithDeleted => format!("({active}) IS NOT TRUE"),
        };
    }
    let column = format!("{qualifier}.{}", dialect.quote(&marker.column));
    let active = scope == Scope::Active;
    match (marker.kind, active) {
        (MarkerKind::Timestamp, true) => format!("{column} IS NULL"),
        (MarkerKind::Timestamp, false) => format!("{column} IS NOT NULL"),
        (MarkerKind::Boolean, true) if marker.nullable => format!("{column} IS NOT TRUE"),
        (MarkerKind::Boolean, true) => format!("NOT {column}"),
        (MarkerKind::Boolean, false) if marker.nullable => format!("{column} IS TRUE"),
        (MarkerKind::Boolean, false) => column,
        (MarkerKind::Integer, true) => format!("{column} = 0"),
        (MarkerKind::Integer, false) => format!("{column} <> 0"),
    }
}

/// A condition of the configuration with its columns qualified.
pub(super) fn qualified(
    dialect: Dialect,
    condition: &str,
    columns: &[String],
    qualifier: &str,
) -> String {
    let Ok(tokens) = lex(dialect, condition) else {
        return condition.to_owned();
    };
    let mut text = String::new();
    let mut copied = 0;
    for (at, token) in tokens.iter().enumerate() {
        if is_column(dialect, condition, &tokens, at, columns) {
            text.push_str(&condition[copied..token.start]);
            text.push_str(qualifier);
            text.push('.');
            copied = token.start;
        }
    }
    text.push_str(&condition[copied..]);
    text
}

/// The columns that an expression mentions.
pub(super) fn mentioned(dialect: Dialect, text: &str, columns: &[String]) -> Vec<String> {
    let tokens = lex(dialect, text).unwrap_or_default();
    let places = (0..tokens.len()).filter(|at| is_column(dialect, text, &tokens, *at, columns));
    places.map(|at| tokens[at].name(dialect, text)).collect()
}

/// True when the token is a bare column of the table.
fn is_column(dialect: Dialect, sql: &str, tokens: &[Token], at: usize, columns: &[String]) -> bool {
    let kind = |at: usize| tokens.get(at).map(|token| token.kind);
    let after_dot = at > 0 && kind(at - 1) == Some(TokenKind::Dot);
    // NULL is no column, even where the table has one that is called `"null"`.
    let is_name = match tokens[at].kind {
        TokenKind::Word => !is_keyword(dialect, sql, &tokens[..=at]),
        TokenKind::Quoted => true,
        _ => false,
    };
    is_name
        && !after_dot
        && !matches!(kind(at + 1), Some(TokenKind::Dot | TokenKind::LParen))
        && columns.contains(&tokens[at].name(dialect, sql))
}

/// True when the last of the tokens is a bare word that cannot be a column in an expression.
pub(super) fn is_keyword(dialect: Dialect, sql: &str, tokens: &[Token]) -> bool {
    let Some((last, before)) = tokens.split_last() else {
        return false;
    };
    let ends_case = || before.iter().any(|token| token.is(sql, "CASE"));
    !names_column(dialect, last.text(sql)) || (last.is(sql, "END") && ends_case())
}

/// A token in comparable form: words in lower case, everything else as written.
pub(super) fn spelling(parsed: &Parsed<'_>, tok: Tok) -> String {
    spelled(parsed.sql, parsed.tokens[tok as usize])
}

fn spelled(sql: &str, token: Token) -> String {
    match token.kind {
        TokenKind::Word => token.text(sql).to_ascii_lowercase(),
        TokenKind::Op if token.text(sql) == "!=" => "<>".to_owned(),
        _ => token.text(sql).to_owned(),
    }
}

/// The conjuncts of f in comparable form.
pub(super) fn custom_conjuncts(dialect: Dialect, soft: &Soft, scope: Scope) -> Vec<Vec<String>> {
    let Some(active) = &soft.marker.active else {
        return Vec::new();
    };
    let text = match scope {
        Scope::Active => active.clone(),
        Scope::Deleted | Scope::WithDeleted => format!("({active}) IS NOT TRUE"),
    };
    let Ok(tokens) = lex(dialect, &text) else {
        return Vec::new();
    };
    let mut conjuncts = vec![Vec::new()];
    let (mut depth, mut opaque, mut cases) = (0_usize, 0_usize, 0_usize);
    for (at, token) in tokens.iter().enumerate() {
        match token.kind {
            TokenKind::LParen => depth += 1,
            TokenKind::RParen => depth = depth.saturating_sub(1),
            _ => {}
        }
        let is = |word: &str| token.is(&text, word);
        if is("CASE") {
            cases += 1;
        } else if is("END") {
            cases = cases.saturating_sub(1);
        }
        if cases > 0 {
            let last = conjuncts.len() - 1;
            conjuncts[last].push(word(dialect, &text, &tokens, at, &soft.columns));
            continue;
        }
        opaque += usize::from(is("BETWEEN"));
        if depth == 0 && is("AND") && opaque == 0 {
            conjuncts.push(Vec::new());
            continue;
        }
        if is("AND") {
            opaque = opaque.saturating_sub(1);
        }
        if depth == 0 && is("OR") {
            // Not to be split: all of it is one conjunct.
            return vec![strip(whole(dialect, &text, &tokens, &soft.columns))];
        }
        let last = conjuncts.len() - 1;
        conjuncts[last].push(word(dialect, &text, &tokens, at, &soft.columns));
    }
    conjuncts.into_iter().map(strip).collect()
}

fn whole(dialect: Dialect, text: &str, tokens: &[Token], columns: &[String]) -> Vec<String> {
    (0..tokens.len())
        .map(|at| word(dialect, text, tokens, at, columns))
        .collect()
}

fn word(dialect: Dialect, text: &str, tokens: &[Token], at: usize, columns: &[String]) -> String {
    if is_column(dialect, text, tokens, at, columns) {
        return format!("column {}", tokens[at].name(dialect, text));
    }
    spelled(text, tokens[at])
}

/// Takes off parentheses that enclose all of a conjunct.
fn strip(mut words: Vec<String>) -> Vec<String> {
    while let [open, inside @ .., close] = words.as_slice()
        && (open.as_str(), close.as_str()) == ("(", ")")
        && is_balanced(inside)
    {
        words = inside.to_vec();
    }
    words
}

fn is_balanced(words: &[String]) -> bool {
    let mut open = 0_i32;
    words.iter().all(|word| {
        open += i32::from(word == "(") - i32::from(word == ")");
        open >= 0
    })
}

/// True when f has the marker's own `IS NULL` among its conjuncts: a deleted row by the marker is
/// then deleted by f.
pub(super) fn has_plain_marker(dialect: Dialect, soft: &Soft) -> bool {
    let column = format!("column {}", soft.marker.column);
    custom_conjuncts(dialect, soft, Scope::Active)
        .iter()
        .any(|words| *words == [column.clone(), "is".to_owned(), "null".to_owned()])
}

/// The condition of a live row of the table, with bare columns.
pub(crate) fn live(dialect: Dialect, table: &Table) -> Option<String> {
    let soft = Soft {
        marker: table.marker.clone()?,
        columns: Vec::new(),
    };
    Some(bare(dialect, &soft))
}

/// f for `active` with bare columns, as an index predicate has it.
pub(super) fn bare(dialect: Dialect, soft: &Soft) -> String {
    if let Some(active) = &soft.marker.active {
        return active.clone();
    }
    text(dialect, soft, Scope::Active, "_").replace("_.", "")
}
