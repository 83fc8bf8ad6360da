//! Which words are reserved: they end an alias, and a name spelled so must be quoted.

use crate::Dialect;

/// True when `word` (lower case) cannot be a bare identifier everywhere in the dialect.
#[must_use]
pub fn is_reserved(dialect: Dialect, word: &str) -> bool {
    let _ = (dialect, word);
    unimplemented!()
}
