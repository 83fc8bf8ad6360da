//! Which words are reserved: they end an alias, and a name spelled so must be quoted.

#[cfg(test)]
mod tests;
mod words;

use crate::Dialect;
use words::{
    MARIADB_RESERVED, MYSQL_NOT_EVERYWHERE, MYSQL_RESERVED, POSTGRES_COLUMN_ONLY,
    POSTGRES_LABEL_NEEDS_AS, POSTGRES_RESERVED, POSTGRES_TYPE_OR_FUNCTION, SQLITE_JOIN,
    SQLITE_QUOTED, SQLITE_RESERVED,
};

/// True when `word` cannot be a bare identifier everywhere in the dialect. A word that is
/// reserved in some supported version counts.
#[must_use]
pub fn is_reserved(dialect: Dialect, word: &str) -> bool {
    with_lower(word, |word| match dialect {
        Dialect::Postgres => {
            has(POSTGRES_RESERVED, word)
                || has(POSTGRES_TYPE_OR_FUNCTION, word)
                || has(POSTGRES_COLUMN_ONLY, word)
        }
        Dialect::Sqlite => {
            has(SQLITE_RESERVED, word) || has(SQLITE_JOIN, word) || has(SQLITE_QUOTED, word)
        }
        Dialect::Mysql => has(MYSQL_RESERVED, word),
    })
}

/// True when the bare word can name a table.
pub(super) fn names_table(dialect: Dialect, word: &str) -> bool {
    !with_lower(word, |word| match dialect {
        Dialect::Postgres => has(POSTGRES_RESERVED, word) || has(POSTGRES_TYPE_OR_FUNCTION, word),
        Dialect::Sqlite => has(SQLITE_RESERVED, word),
        Dialect::Mysql => has(MYSQL_RESERVED, word) && !has(MYSQL_NOT_EVERYWHERE, word),
    })
}

/// True when the bare word inside of an expression can name a column and is no operator.
pub(crate) fn names_column(dialect: Dialect, word: &str) -> bool {
    const OPERATORS: [&str; 4] = ["glob", "like", "match", "regexp"];
    !with_lower(word, |word| match dialect {
        Dialect::Postgres => has(POSTGRES_RESERVED, word) || has(POSTGRES_TYPE_OR_FUNCTION, word),
        Dialect::Sqlite => has(SQLITE_RESERVED, word) || has(&OPERATORS, word),
        Dialect::Mysql => has(MYSQL_RESERVED, word),
    })
}

/// True when the bare word behind a table, without AS, is its alias.
pub(super) fn aliases_table(dialect: Dialect, word: &str) -> bool {
    names_table(dialect, word)
        && !with_lower(word, |word| match dialect {
            Dialect::Postgres => false,
            Dialect::Sqlite => has(SQLITE_JOIN, word),
            Dialect::Mysql => has(MARIADB_RESERVED, word),
        })
}

/// True when the bare word behind an expression of a select list, without AS, is its alias.
pub(super) fn labels_column(dialect: Dialect, word: &str) -> bool {
    match dialect {
        Dialect::Postgres => !with_lower(word, |word| has(POSTGRES_LABEL_NEEDS_AS, word)),
        Dialect::Sqlite | Dialect::Mysql => aliases_table(dialect, word),
    }
}

fn has(words: &[&str], word: &str) -> bool {
    words.binary_search(&word).is_ok()
}

/// Calls `test` with the word in lower case; a word longer than any keyword fails it.
pub(super) fn with_lower<T: Default>(word: &str, test: impl FnOnce(&str) -> T) -> T {
    let mut buffer = [0; 32];
    let Some(lower) = buffer.get_mut(..word.len()) else {
        return T::default();
    };
    lower.copy_from_slice(word.as_bytes());
    lower.make_ascii_lowercase();
    std::str::from_utf8(lower).map_or_else(|_| T::default(), test)
}
