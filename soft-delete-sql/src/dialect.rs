//! The three SQL dialects and how they spell and compare names.

use std::{fmt, str::FromStr};

/// The SQL dialect a statement is written in. A proof holds for one dialect only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// PostgreSQL and what speaks its protocol.
    Postgres,
    /// SQLite.
    Sqlite,
    /// MySQL and MariaDB.
    Mysql,
}

impl Dialect {
    /// Every dialect, in the order the documentation lists them.
    pub const ALL: [Self; 3] = [Self::Postgres, Self::Sqlite, Self::Mysql];

    /// The name used in `soft-delete.toml`, in Cargo features and on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Postgres => "postgres",
            Self::Sqlite => "sqlite",
            Self::Mysql => "mysql",
        }
    }

    /// Folds an *unquoted* identifier to the form the database compares.
    ///
    /// PostgreSQL lower-cases (ASCII; other letters depend on the server's locale and are kept)
    /// and truncates to 63 bytes; SQLite and MySQL compare without case, so lower case stands
    /// for all.
    #[must_use]
    pub fn fold(self, name: &str) -> String {
        let lower = name.to_ascii_lowercase();
        match self {
            Self::Postgres => truncate(lower),
            Self::Sqlite | Self::Mysql => lower,
        }
    }

    /// Folds a *quoted* identifier whose quotes are already taken off.
    #[must_use]
    pub fn fold_quoted(self, name: &str) -> String {
        match self {
            Self::Postgres => truncate(name.to_owned()),
            Self::Sqlite | Self::Mysql => name.to_ascii_lowercase(),
        }
    }

    /// Writes a stored name so that it reads back as the same name, quoted only where it must be.
    #[must_use]
    pub fn quote(self, name: &str) -> String {
        let plain = name
            .bytes()
            .next()
            .is_some_and(|b| b.is_ascii_lowercase() || b == b'_')
            && name
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
            && !crate::syntax::keyword::is_reserved(self, name);
        if plain {
            return name.to_owned();
        }
        match self {
            Self::Postgres | Self::Sqlite => format!("\"{}\"", name.replace('"', "\"\"")),
            Self::Mysql => format!("`{}`", name.replace('`', "``")),
        }
    }
}

/// PostgreSQL's NAMEDATALEN is 64: names keep their first 63 bytes, never half a character.
fn truncate(mut name: String) -> String {
    let mut end = name.len().min(63);
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    name.truncate(end);
    name
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Dialect {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.to_ascii_lowercase().as_str() {
            "postgres" | "postgresql" => Ok(Self::Postgres),
            "sqlite" => Ok(Self::Sqlite),
            "mysql" | "mariadb" => Ok(Self::Mysql),
            _ => Err(format!(
                "unknown dialect `{text}`; expected `postgres`, `sqlite` or `mysql`"
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Dialect;

    #[test]
    fn postgres_truncates_at_63_bytes_on_a_character_boundary() {
        let long = "é".repeat(40);
        assert_eq!(Dialect::Postgres.fold(&long).len(), 62);
        assert_eq!(Dialect::Sqlite.fold(&long).len(), 80);
    }

    #[test]
    fn quoting_is_used_only_where_needed() {
        assert_eq!(Dialect::Postgres.quote("deleted_at"), "deleted_at");
        assert_eq!(Dialect::Postgres.quote("deletedAt"), "\"deletedAt\"");
        assert_eq!(Dialect::Mysql.quote("order"), "`order`");
    }
}
