//! Types of columns, as far as one value must fit several of them.

use crate::Dialect;

/// True when a value bound for the one column fits the other.
pub(super) fn agree(dialect: Dialect, a: &str, b: &str) -> bool {
    a == b || family(dialect, a) == family(dialect, b)
}

/// Types among which the database converts by itself when a value is assigned.
fn family(dialect: Dialect, sql_type: &str) -> &str {
    let has = |word: &str| sql_type.contains(word);
    match dialect {
        // SQLite's own rules of affinity, in its order.
        Dialect::Sqlite if has("int") => "integer",
        Dialect::Sqlite if has("char") || has("clob") || has("text") => "text",
        Dialect::Sqlite if sql_type.is_empty() || has("blob") => "blob",
        Dialect::Sqlite if has("real") || has("floa") || has("doub") => "real",
        Dialect::Sqlite => "numeric",
        Dialect::Postgres | Dialect::Mysql => {
            let name = sql_type.strip_prefix("pg_catalog.").unwrap_or(sql_type);
            let name = name.split('(').next().unwrap_or(name).trim();
            let head = name.split(' ').next().unwrap_or(name);
            match head {
                "int" | "integer" | "bigint" | "smallint" | "tinyint" | "mediumint" | "int2"
                | "int4" | "int8" | "serial" | "bigserial" => "integer",
                "text" | "varchar" | "char" | "character" | "bpchar" | "tinytext"
                | "mediumtext" | "longtext" => "text",
                "binary" | "varbinary" | "blob" | "tinyblob" | "mediumblob" | "longblob" => "blob",
                _ => name,
            }
        }
    }
}

/// A column type for an operation id, where none is there to go by.
pub(super) const fn of_operation(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Postgres => "uuid",
        Dialect::Sqlite => "text",
        Dialect::Mysql => "char(36)",
    }
}

#[cfg(test)]
mod tests {
    use super::agree;
    use crate::Dialect::{Mysql, Postgres, Sqlite};

    #[test]
    fn widths_agree_and_kinds_do_not() {
        assert!(agree(Postgres, "bigint", "int8"));
        assert!(agree(Postgres, "integer", "bigint"));
        assert!(agree(Postgres, "character varying(40)", "text"));
        assert!(!agree(Postgres, "uuid", "text"));
        assert!(!agree(Postgres, "bigint", "uuid"));
        assert!(agree(Mysql, "bigint(20) unsigned", "int"));
        assert!(agree(Mysql, "binary(16)", "varbinary(16)"));
        assert!(!agree(Mysql, "binary(16)", "char(36)"));
        assert!(agree(Sqlite, "integer", "bigint"));
        assert!(!agree(Sqlite, "integer", "text"));
    }
}
