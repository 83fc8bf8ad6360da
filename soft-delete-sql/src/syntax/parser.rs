//! Statement parser (stub for the layout).
use super::{Token, ast::Statement};
use crate::{Diagnostic, Dialect};

pub(super) fn statement(
    dialect: Dialect,
    sql: &str,
    tokens: &[Token],
) -> Result<Statement, Diagnostic> {
    let _ = (dialect, sql, tokens);
    unimplemented!()
}
