//! SD035: a column that may be NULL, read into a type that has no NULL. The derive knows the types.

use super::{
    fault,
    migration::{self, Change},
};
use crate::{
    Code, Diagnostic, Dialect, Schema,
    schema::{Table, quoted},
};

pub(super) const ACCEPT: &str = "nullable_column";

/// The fault of a field of type `ty`, when its column may be NULL and nothing accepts it.
#[must_use]
pub fn nullable_column(
    schema: &Schema,
    table: usize,
    column: &str,
    ty: &str,
) -> Option<Diagnostic> {
    let table = schema.tables.get(table)?;
    if !may_be_null(table, column) || table.settings.accepts_of(ACCEPT, column) {
        return None;
    }
    let name = table.name.to_string();
    let fault = fault(
        Code::FieldMismatch,
        format!("`{ty}` has no NULL, and the column `{column}` of `{name}` may be NULL"),
        "the first row that holds NULL there cannot be decoded, and the query fails with all its rows",
    );
    let words = format!("write `Option<{ty}>`");
    let joint = if schema.dialect == Dialect::Sqlite {
        "; or".to_owned()
    } else {
        let forbid = migration::changes(schema, table, &[Change::NotNull(column.to_owned())]);
        format!(", or forbid NULL in a migration:\n{forbid}\nor")
    };
    let (section, column) = (quoted(&name), quoted(column));
    Some(fault.help(format!(
        "{words}{joint} accept it, with the reason, in soft-delete.toml:\n\
         [tables.{section}.accept]\n{ACCEPT}.{column} = \"…\""
    )))
}

/// The primary key of SQLite may be NULL by an old slip of its own, and what a computed column holds
/// follows from others.
fn may_be_null(table: &Table, column: &str) -> bool {
    let mut columns = table.columns.iter();
    let column = columns.find(|known| known.name == column);
    column.is_some_and(|column| {
        let in_key = table.primary_key.contains(&column.name);
        column.nullable && column.computed.is_none() && !in_key
    })
}

#[cfg(test)]
mod tests {
    use super::nullable_column;
    use crate::{Dialect, fact::tests::schema};

    const TABLE: &str = "CREATE TABLE t (id TEXT PRIMARY KEY, a INT, b INT NOT NULL, c INT GENERATED ALWAYS AS (b + 1) STORED);";

    #[test]
    fn only_a_column_that_may_be_null_is_told() {
        let schema = schema(Dialect::Sqlite, TABLE, "");
        for (column, told) in [("id", false), ("a", true), ("b", false), ("c", false)] {
            let found = nullable_column(&schema, 0, column, "i64");
            assert_eq!(found.is_some(), told, "{column}");
        }
    }

    #[test]
    fn it_is_told_with_both_cures_and_can_be_accepted() {
        let found = nullable_column(&schema(Dialect::Postgres, TABLE, ""), 0, "a", "i64");
        assert_eq!(
            found.expect("a fault").help,
            "write `Option<i64>`, or forbid NULL in a migration:\n\
             ALTER TABLE t ALTER COLUMN a SET NOT NULL;\n\
             or accept it, with the reason, in soft-delete.toml:\n\
             [tables.t.accept]\nnullable_column.a = \"…\""
        );
        let toml = "[tables.t.accept]\nnullable_column.a = \"old rows were filled\"";
        let schema = schema(Dialect::Postgres, TABLE, toml);
        assert!(nullable_column(&schema, 0, "a", "i64").is_none());
    }
}
