//! Functions that may read soft-deletable tables behind the statement's back.

use std::{cell::LazyCell, collections::HashSet, ops::Deref};

use super::{
    behind::{Behind, mentions},
    resolution::Resolution,
};
use crate::{
    Dialect,
    diagnostic::{Code, Diagnostic},
    schema::Called,
    syntax::{
        TokenKind,
        ast::{Range, Tok},
    },
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

const UNCHECKED: &str = "which of its rows it sees is not checked";

/// Faults of the calls in a statement.
pub(super) fn faults(resolution: &Resolution<'_>) -> Vec<Diagnostic> {
    let schema = resolution.schema;
    if schema.tables.iter().all(|table| table.marker.is_none()) {
        return Vec::new();
    }
    let opaque = LazyCell::new(|| Behind::of(schema).functions);
    let mut errors = callers(resolution, &opaque);
    let count = Tok::try_from(resolution.parsed.tokens.len()).unwrap_or(Tok::MAX);
    for tok in 0..count {
        // `INSERT INTO f (…)` names a table.
        let is_call =
            resolution.kind(tok + 1) == Some(TokenKind::LParen) && !names_relation(resolution, tok);
        if !resolution.is_name(tok) || !(is_call || is_attribute_call(resolution, tok)) {
            continue;
        }
        let name = resolution.name(tok);
        let mut parts = vec![name.clone()];
        let mut first = tok;
        if is_call
            && tok >= 2
            && resolution.kind(tok - 1) == Some(TokenKind::Dot)
            && resolution.is_name(tok - 2)
        {
            first = tok - 2;
            parts.insert(0, resolution.name(first));
        }
        let span = resolution.parsed.bytes(Range {
            start: first,
            end: tok + 1,
        });
        let mut named = schema.functions_named(&parts);
        // The schema does not know what the database is called.
        if named.is_empty() && schema.dialect == Dialect::Mysql {
            named = schema.functions_named(std::slice::from_ref(&name));
        }
        if named.is_empty() {
            errors.extend(runs_sql(&name).then(|| {
                Diagnostic::new(
                    Code::OpaqueFunction,
                    format!("`{name}` reads tables that are named in its arguments only"),
                )
                .at(span, "what it reads is not to be seen here")
                .why("it can return soft-deleted rows")
                .help("read the table in the query itself, or use `unchecked` with a reason")
            }));
            continue;
        }
        let is_opaque = schema.functions.iter().enumerate().any(|(at, function)| {
            opaque.contains(&at) && named.iter().any(|named| std::ptr::eq(*named, function))
        });
        if is_opaque {
            let message = format!("the function `{name}` mentions a soft-deletable table");
            errors.push(fault(message, &name).at(span, UNCHECKED));
        }
    }
    errors
}

fn runs_sql(name: &str) -> bool {
    RUN_SQL.contains(&name)
        || RUN_SQL_PREFIXES
            .iter()
            .any(|prefix| name.starts_with(prefix))
}

fn names_relation(resolution: &Resolution<'_>, tok: Tok) -> bool {
    let mut references = resolution.references.iter();
    references.any(|reference| reference.relation.name_range.contains(tok))
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
fn callers(
    resolution: &Resolution<'_>,
    opaque: &impl Deref<Target = HashSet<usize>>,
) -> Vec<Diagnostic> {
    let functions = &resolution.schema.functions;
    let mut errors = Vec::new();
    for (at, function) in functions.iter().enumerate() {
        let is_operator = match function.called {
            Called::ByName => continue,
            Called::AsOperator => true,
            Called::AsCast => false,
        };
        if !opaque.contains(&at) {
            continue;
        }
        let symbol = &function.name.name;
        let behind = functions
            .iter()
            .enumerate()
            .find(|(other, behind)| {
                opaque.contains(other)
                    && behind.called == Called::ByName
                    && mentions(&function.body, &HashSet::from([behind.name.name.clone()]))
            })
            .map_or(symbol, |(_, behind)| &behind.name.name);
        if is_operator {
            let message = format!(
                "the operator `{symbol}` calls `{behind}`, which mentions a soft-deletable table"
            );
            let mut tokens = resolution.parsed.tokens.iter();
            let used = tokens.find(|token| token.text(resolution.parsed.sql) == symbol);
            errors.extend(
                used.map(|token| fault(message, behind).at(token.start..token.end, UNCHECKED)),
            );
        } else {
            let message = format!(
                "the cast ({symbol}) calls `{behind}`, which mentions a soft-deletable table"
            );
            errors.push(fault(message, behind));
        }
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
    let (row, name) = (resolution.name(tok - 2), resolution.name(tok));
    // A column of that name comes first.
    let is_column = resolution.is_name(tok - 2)
        && resolution.items.iter().any(|item| {
            let mut columns = item.columns.iter().flatten();
            item.name.as_ref() == Some(&row) && columns.any(|col| col.name.as_ref() == Some(&name))
        });
    !is_column
}
