//! The table that records what was removed for good: one for the whole application.

use super::{personal::is_personal, purge::text::table_name};
use crate::{
    Code, Diagnostic, Dialect, Schema,
    schema::{Column, Found, Table},
};

/// The name of the table.
pub const TABLE: &str = "soft_delete_audit";

const COLUMNS: [&str; 8] = [
    "operation",
    "run_id",
    "table_name",
    "row_key",
    "marker",
    "actor",
    "reason",
    "snapshot",
];

/// The migration that creates the table.
#[must_use]
pub const fn migration(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Postgres => include_str!("audit/postgres.sql"),
        Dialect::Sqlite => include_str!("audit/sqlite.sql"),
        Dialect::Mysql => include_str!("audit/mysql.sql"),
    }
}

/// The table in the schema, when a migration creates it.
///
/// # Errors
/// SD062 when it lacks a column.
pub fn find(schema: &Schema) -> Result<Option<&Table>, Diagnostic> {
    let Found::Table(at) = schema.find(&[TABLE.to_owned()]) else {
        return Ok(None);
    };
    let table = &schema.tables[at];
    let missing = COLUMNS
        .iter()
        .find(|name| !table.columns.iter().any(|column| column.name == **name));
    match missing {
        Some(name) if table.columns_known => Err(Diagnostic::new(
            Code::AuditTable,
            format!("the audit table `{TABLE}` has no column `{name}`"),
        )
        .why("a row that is removed must be recorded in the same transaction")
        .help(format!("create it as\n{}", migration(schema.dialect)))),
        _ => Ok(Some(table)),
    }
}

/// What is written of a row of `table` that stands behind `row`, in the order of the columns.
pub(super) struct Record<'a> {
    pub(super) schema: &'a Schema,
    pub(super) table: &'a Table,
    pub(super) audit: &'a Table,
    pub(super) row: &'a str,
    /// The value of `run_id`.
    pub(super) run: String,
}

/// `INSERT INTO … SELECT …` of the rows of a table that stand behind `row`; `None` without an audit table.
/// What is wrong with that table is told where the schema is read.
pub(super) fn insert(
    schema: &Schema,
    table: &Table,
    row: &str,
    operation: &str,
    run: String,
) -> Option<String> {
    let record = Record {
        schema,
        table,
        audit: find(schema).ok()??,
        row,
        run,
    };
    Some(record.insert(operation, false))
}

impl Record<'_> {
    /// `INSERT INTO … SELECT …`, to which FROM is added.
    pub(super) fn insert(&self, operation: &str, snapshot: bool) -> String {
        let mut columns = COLUMNS.to_vec();
        let dialect = self.schema.dialect;
        let mut values = vec![
            format!("'{operation}'"),
            match dialect {
                Dialect::Postgres => format!("CAST({} AS uuid)", self.run),
                Dialect::Sqlite | Dialect::Mysql => self.run.clone(),
            },
            format!("'{}'", self.table.name.to_string().replace('\'', "''")),
            self.key(),
            self.marker(),
            self.recorded("deleted_by"),
            self.recorded("deleted_reason"),
        ];
        if snapshot {
            // What is personal is not to outlive its row.
            let (personal, all): (Vec<&Column>, Vec<&Column>) = self
                .table
                .columns
                .iter()
                .partition(|column| is_personal(self.table, &column.name));
            values.push(match dialect {
                Dialect::Postgres => {
                    let without: Vec<String> = personal
                        .iter()
                        .map(|column| format!(" - '{}'", literal(dialect, &column.name)))
                        .collect();
                    format!("to_jsonb({}){}", self.row, without.concat())
                }
                Dialect::Sqlite | Dialect::Mysql => object(dialect, &all, self.row),
            });
        } else {
            columns.pop();
        }
        format!(
            "INSERT INTO {} ({}) SELECT {}",
            table_name(dialect, &self.audit.name),
            columns.join(", "),
            values.join(", ")
        )
    }

    fn key(&self) -> String {
        let columns: Vec<&Column> = self
            .table
            .primary_key
            .iter()
            .filter_map(|name| self.column(name))
            .collect();
        let object = object(self.schema.dialect, &columns, self.row);
        match self.schema.dialect {
            Dialect::Postgres => format!("CAST({object} AS text)"),
            Dialect::Sqlite | Dialect::Mysql => object,
        }
    }

    fn marker(&self) -> String {
        let marker = self.table.marker.as_ref();
        marker.map_or_else(|| "NULL".to_owned(), |marker| self.recorded(&marker.column))
    }

    /// A column as text; NULL where there is none.
    fn recorded(&self, name: &str) -> String {
        let column = self.column(name);
        let column = column.filter(|column| !is_personal(self.table, &column.name));
        column.map_or_else(
            || "NULL".to_owned(),
            |column| as_text(self.schema.dialect, column, self.row),
        )
    }

    fn column(&self, name: &str) -> Option<&Column> {
        self.table.columns.iter().find(|column| column.name == name)
    }
}

fn as_text(dialect: Dialect, column: &Column, row: &str) -> String {
    let value = format!("{row}.{}", dialect.quote(&column.name));
    match dialect {
        Dialect::Postgres => format!("CAST({value} AS text)"),
        Dialect::Sqlite => format!(
            "CASE typeof({value}) WHEN 'blob' THEN hex({value}) ELSE CAST({value} AS TEXT) END"
        ),
        Dialect::Mysql if is_binary(&column.sql_type) => format!("HEX({value})"),
        Dialect::Mysql => format!("CAST({value} AS CHAR CHARACTER SET utf8mb4)"),
    }
}

/// A JSON object of columns. JSON has no bytes: they are written in hexadecimal.
fn object(dialect: Dialect, columns: &[&Column], row: &str) -> String {
    let pair = |column: &&Column| {
        let value = format!("{row}.{}", dialect.quote(&column.name));
        let value = match dialect {
            Dialect::Sqlite => {
                format!("CASE typeof({value}) WHEN 'blob' THEN hex({value}) ELSE {value} END")
            }
            Dialect::Mysql if is_binary(&column.sql_type) => format!("HEX({value})"),
            Dialect::Postgres | Dialect::Mysql => value,
        };
        format!("'{}', {value}", literal(dialect, &column.name))
    };
    // SQLite's functions take 127 arguments at the most.
    let chunks = columns.chunks(if dialect == Dialect::Sqlite { 60 } else { 1000 });
    let objects: Vec<String> = chunks
        .map(|chunk| {
            let pairs: Vec<String> = chunk.iter().map(pair).collect();
            let function = match dialect {
                Dialect::Postgres => "jsonb_build_object",
                Dialect::Sqlite => "json_object",
                Dialect::Mysql => "JSON_OBJECT",
            };
            format!("{function}({})", pairs.join(", "))
        })
        .collect();
    if let [whole] = objects.as_slice() {
        return whole.clone();
    }
    let inner: Vec<String> = objects
        .iter()
        .map(|object| format!("substr({object}, 2, length({object}) - 2)"))
        .collect();
    format!("'{{' || {} || '}}'", inner.join(" || ',' || "))
}

fn literal(dialect: Dialect, text: &str) -> String {
    let text = text.replace('\'', "''");
    match dialect {
        Dialect::Mysql => text.replace('\\', "\\\\"),
        Dialect::Postgres | Dialect::Sqlite => text,
    }
}

/// True for types of MySQL whose values are bytes.
pub(super) fn is_binary(sql_type: &str) -> bool {
    const BYTES: [&str; 10] = [
        "binary",
        "blob",
        "bit",
        "geometry",
        "point",
        "linestring",
        "polygon",
        "multi",
        "geom",
        "vector",
    ];
    BYTES.iter().any(|word| sql_type.contains(word))
}
