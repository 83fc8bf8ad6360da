//! Conditions of `soft-delete.toml`, which are written into statements as they stand.

use super::Table;
use crate::{
    Dialect,
    diagnostic::nearest,
    syntax::{Token, TokenKind, lexer::lex},
};

/// Why a text is no condition on the rows of a table, and what to write.
pub(super) fn fault(dialect: Dialect, table: &Table, text: &str) -> Option<(String, String)> {
    malformed(dialect, table, text).or_else(|| {
        let tokens = lex(dialect, text).unwrap_or_default();
        no_column(dialect, table, text, &tokens)
    })
}

/// Why a text cannot stand as an expression of its own, and what to write.
pub(crate) fn malformed(dialect: Dialect, table: &Table, text: &str) -> Option<(String, String)> {
    let name = &table.name.name;
    let tokens = match lex(dialect, text) {
        Ok(tokens) => tokens,
        Err(fault) => return Some((fault.message, "end what was opened".to_owned())),
    };
    if !is_bare(text, &tokens) {
        let help = "write comments in soft-delete.toml with `#`, outside of the string";
        return Some(("a comment stands in it".to_owned(), help.to_owned()));
    }
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate() {
        let found = token.text(text);
        match token.kind {
            TokenKind::LParen => depth += 1,
            TokenKind::RParen if depth == 0 => {
                let why = "a `)` closes what was never opened".to_owned();
                return Some((why, "take it out".to_owned()));
            }
            TokenKind::RParen => depth -= 1,
            TokenKind::Semicolon => {
                let why = format!("`{found}` would end the statement");
                return Some((why, "leave it out".to_owned()));
            }
            TokenKind::Comma if depth == 0 => {
                let why = "it has more than one expression".to_owned();
                return Some((why, "join them with AND".to_owned()));
            }
            TokenKind::Param => {
                let why = format!("nothing is bound to its placeholder `{found}`");
                return Some((why, "write the value".to_owned()));
            }
            TokenKind::Word
                if ["SELECT", "VALUES", "TABLE"]
                    .iter()
                    .any(|w| token.is(text, w)) =>
            {
                let why = "a subquery would read other rows than the one that is judged".to_owned();
                return Some((why, format!("use the columns of `{name}` alone")));
            }
            _ if is_dot(&tokens, at + 1) && token.name(dialect, text) == *name => {
                let why = format!("`{found}` stands in front of a column");
                let help = "write the columns alone: a statement may give the table an alias";
                return Some((why, help.to_owned()));
            }
            _ => {}
        }
    }
    if depth > 0 {
        let why = "a `(` is never closed".to_owned();
        return Some((why, "close it".to_owned()));
    }
    None
}

/// Nothing but white space stands between the tokens.
fn is_bare(text: &str, tokens: &[Token]) -> bool {
    let ends = std::iter::once(0).chain(tokens.iter().map(|token| token.end));
    let starts = tokens.iter().map(|token| token.start);
    ends.zip(starts.chain([text.len()]))
        .all(|(end, start)| text[end..start].trim().is_empty())
}

fn is_dot(tokens: &[Token], at: usize) -> bool {
    tokens
        .get(at)
        .is_some_and(|token| token.kind == TokenKind::Dot)
}

fn no_column(
    dialect: Dialect,
    table: &Table,
    text: &str,
    tokens: &[Token],
) -> Option<(String, String)> {
    let is_name = |token: &&Token| matches!(token.kind, TokenKind::Word | TokenKind::Quoted);
    let names: Vec<String> = tokens
        .iter()
        .filter(is_name)
        .map(|token| token.name(dialect, text))
        .collect();
    let columns = || table.columns.iter().map(|column| column.name.as_str());
    if names.iter().any(|name| columns().any(|own| own == name)) {
        return None;
    }
    let why = format!("it names no column of `{}`", table.name.name);
    let near = names.iter().find_map(|name| nearest(name, columns()));
    let help = match near {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("its columns: {}", columns().collect::<Vec<_>>().join(", ")),
    };
    Some((why, help))
}
