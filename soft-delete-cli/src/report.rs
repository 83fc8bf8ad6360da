//! What `expand --jsonl` writes. The names, their order and their meaning are stable.

use serde::Serialize;
use serde_json::value::RawValue;
use soft_delete_sql::{Checked, Code, Diagnostic, Reference};

/// The verdict on one request.
#[derive(Debug, Serialize)]
pub(crate) struct Line<'a> {
    /// As in the request, byte for byte.
    pub(crate) id: Option<&'a RawValue>,
    pub(crate) ok: bool,
    /// The scoped SQL; null when it is refused.
    pub(crate) sql: Option<String>,
    pub(crate) references: Vec<TableReference>,
    pub(crate) errors: Vec<Finding>,
    pub(crate) warnings: Vec<Finding>,
}

/// A table reference of the statement; the offsets are bytes of the request's SQL.
#[derive(Debug, Serialize)]
pub(crate) struct TableReference {
    table: String,
    alias: Option<String>,
    start: usize,
    end: usize,
    soft_deletable: bool,
    scope: Option<&'static str>,
    proven: bool,
}

/// A diagnostic; the offsets are null when it is not about a place in the SQL.
#[derive(Debug, Serialize)]
pub(crate) struct Finding {
    code: &'static str,
    message: String,
    start: Option<usize>,
    end: Option<usize>,
    help: String,
}

impl<'a> Line<'a> {
    pub(crate) fn checked(id: Option<&'a RawValue>, checked: Checked) -> Self {
        Self {
            id,
            ok: checked.scoped.is_some(),
            sql: checked.scoped.map(|scoped| scoped.sql),
            references: checked.references.into_iter().map(Into::into).collect(),
            errors: checked.errors.into_iter().map(Into::into).collect(),
            warnings: checked.warnings.into_iter().map(Into::into).collect(),
        }
    }

    pub(crate) fn refused(id: Option<&'a RawValue>, errors: Vec<Diagnostic>) -> Self {
        Self {
            id,
            ok: false,
            sql: None,
            references: Vec::new(),
            errors: errors.into_iter().map(Into::into).collect(),
            warnings: Vec::new(),
        }
    }
}

impl From<Reference> for TableReference {
    fn from(reference: Reference) -> Self {
        Self {
            table: reference.table,
            alias: reference.alias,
            start: reference.span.start,
            end: reference.span.end,
            soft_deletable: reference.soft_deletable,
            scope: reference.scope.map(soft_delete_sql::Scope::word),
            proven: reference.proven,
        }
    }
}

impl From<Diagnostic> for Finding {
    fn from(diagnostic: Diagnostic) -> Self {
        Self {
            code: diagnostic.code.as_str(),
            message: diagnostic.message,
            start: diagnostic.span.as_ref().map(|span| span.start),
            end: diagnostic.span.map(|span| span.end),
            help: diagnostic.help,
        }
    }
}

/// A request that does not follow the interface.
pub(crate) fn malformed(message: impl Into<String>) -> Diagnostic {
    Diagnostic::new(Code::Grammar, message)
}
