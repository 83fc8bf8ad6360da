//! The references that the analyser finds.

use soft_delete_sql::{Request, Schema, check};

use super::Named;
use crate::corpus;

/// The references of a statement, `None` where it is not understood.
pub(super) fn references(schema: &Schema, sql: &str) -> Option<Vec<Named>> {
    let request = Request {
        sql,
        ..Request::default()
    };
    let checked = check(schema, &request);
    if checked.errors.iter().any(corpus::is_not_understood) {
        return None;
    }
    let named = checked.references.into_iter().map(|reference| Named {
        at: Some(reference.span.start),
        name: corpus::spelled(schema.dialect, sql, reference.span),
    });
    Some(named.collect())
}
