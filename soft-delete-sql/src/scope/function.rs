//! Functions that may read soft-deletable tables behind the statement's back.

use std::collections::HashSet;

use super::{
    behind::{Behind, mentions},
    resolution::Resolution,
};
use crate::{
    Dialect,
    diagnostic::{Code, Diagnostic},
    schema::{Called, Function},
    syntax::{TokenKind, ast::Tok},
};

/// Built-in and extension functions that run SQL given as text, or read a table given by name.
const RUN_SQL: [&str; 16] = [
    "query_to_xml",
    "query_to_xmlschema",
    "query_to_xml_and_xmlschema",
    "cursor_to_xml",
    "table_to_xml",
    "table_to_xml_and_xmlschema",
    "schema_to_xml",
    "schema_to_xml_and_xmlschema",
    "database_to_xml",
    "database_to_xml_and_xmlschema",
    "ts_stat",
    "ts_rewrite",
    "connectby",
    "xpath_table",
    "get_raw_page",
    "bt_page_items",
];

/// Prefixes of families of such functions.
const RUN_SQL_PREFIXES: [&str; 3] = ["dblink", "crosstab", "pg_logical_slot_"];

/// Faults of the calls in a statement.
pub(super) fn faults(resolution: &Resolution<'_>) -> Vec<Diagnostic> {
    let schema = resolution.schema;
    if schema.tables.iter().all(|table| table.marker.is_none()) {
        return Vec::new();
    }
    let mut errors = callers(resolution);
    let mut opaque: Option<HashSet<usize>> = None;
    let count = Tok::try_from(resolution.parsed.tokens.len()).unwrap_or(Tok::MAX);
    for tok in 0..count {
        let is_call = resolution.kind(tok + 1) == Some(TokenKind::LParen);
        if !resolution.is_name(tok) || !(is_call || is_attribute_call(resolution, tok)) {
            continue;
        }
        let name = resolution.name(tok);
        let runs_sql = RUN_SQL.contains(&name.as_str())
            || RUN_SQL_PREFIXES
                .iter()
                .any(|prefix| name.starts_with(prefix));
        let mut token = resolution.parsed.tokens[tok as usize];
        if runs_sql
            && schema
                .functions_named(std::slice::from_ref(&name))
                .is_empty()
        {
            errors.push(
                Diagnostic::new(
                    Code::OpaqueFunction,
                    format!("`{name}` reads tables that are named in its arguments only"),
                )
                .at(
                    token.start..token.end,
                    "what it reads is not to be seen here",
                )
                .why("it can return soft-deleted rows")
                .help("read the table in the query itself, or use `unchecked` with a reason"),
            );
            continue;
        }
        let mut parts = vec![name.clone()];
        if is_call
            && tok >= 2
            && resolution.kind(tok - 1) == Some(TokenKind::Dot)
            && resolution.is_name(tok - 2)
        {
            parts.insert(0, resolution.name(tok - 2));
            token.start = resolution.parsed.tokens[tok as usize - 2].start;
        }
        let mut named = schema.functions_named(&parts);
        // The schema does not know what the database is called.
        if named.is_empty() && schema.dialect == Dialect::Mysql {
            named = schema.functions_named(std::slice::from_ref(&name));
        }
        if named.is_empty() {
            continue;
        }
        let opaque = opaque.get_or_insert_with(|| Behind::of(schema).functions);
        let hit = schema.functions.iter().enumerate().find(|(at, function)| {
            opaque.contains(at) && named.iter().any(|named| std::ptr::eq(*named, *function))
        });
        if hit.is_some() {
            errors.push(
                fault(
                    format!("the function `{name}` mentions a soft-deletable table"),
                    &name,
                )
                .at(
                    token.start..token.end,
                    "which of its rows it sees is not checked",
                ),
            );
        }
    }
    errors
}

fn fault(message: String, name: &str) -> Diagnostic {
    Diagnostic::new(Code::OpaqueFunction, message)
        .why("the body of a function is outside of this query")
        .help(format!(
            "look at its body, then say in soft-delete.toml what it reads:\n\
             [functions.{name}]\nreads = \"active\""
        ))
}

/// Faults of operators in the statement, and of casts, which stand nowhere in it.
fn callers(resolution: &Resolution<'_>) -> Vec<Diagnostic> {
    let schema = resolution.schema;
    let is_caller = |function: &Function| function.called != Called::ByName;
    if !schema.functions.iter().any(is_caller) {
        return Vec::new();
    }
    let opaque = Behind::of(schema).functions;
    let mut errors = Vec::new();
    for (at, function) in schema.functions.iter().enumerate() {
        if !is_caller(function) || !opaque.contains(&at) {
            continue;
        }
        let symbol = &function.name.name;
        let behind = schema
            .functions
            .iter()
            .enumerate()
            .find(|(other, behind)| {
                opaque.contains(other)
                    && behind.called == Called::ByName
                    && mentions(&function.body, &HashSet::from([behind.name.name.clone()]))
            })
            .map_or(symbol, |(_, behind)| &behind.name.name);
        if function.called == Called::AsCast {
            let message = format!(
                "the cast ({symbol}) calls `{behind}`, which mentions a soft-deletable table"
            );
            errors.push(fault(message, behind));
            continue;
        }
        let message = format!(
            "the operator `{symbol}` calls `{behind}`, which mentions a soft-deletable table"
        );
        let used = resolution
            .parsed
            .tokens
            .iter()
            .filter(|token| token.kind == TokenKind::Op)
            .find(|token| token.text(resolution.parsed.sql) == symbol);
        errors.extend(used.map(|token| {
            fault(message, behind).at(
                token.start..token.end,
                "which of its rows it sees is not checked",
            )
        }));
    }
    errors
}

/// PostgreSQL calls a function of one row as an attribute too: `a.f`, `(a).f`.
fn is_attribute_call(resolution: &Resolution<'_>, tok: Tok) -> bool {
    let behind_dot = tok >= 2 && resolution.kind(tok - 1) == Some(TokenKind::Dot);
    if resolution.parsed.dialect != Dialect::Postgres
        || !behind_dot
        || resolution.explained.contains(&tok)
    {
        return false;
    }
    let name = resolution.name(tok);
    let row = resolution
        .is_name(tok - 2)
        .then(|| resolution.name(tok - 2));
    // A column of that name comes first.
    !resolution.items.iter().any(|item| {
        item.name.is_some()
            && item.name == row
            && item
                .columns
                .iter()
                .flatten()
                .any(|col| col.name.as_ref() == Some(&name))
    })
}
