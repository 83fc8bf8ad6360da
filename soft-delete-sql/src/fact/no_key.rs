//! SD061: a table whose rows no operation can name. Only the use of an operation is refused: the derive
//! knows which model is asked for one.

use super::{fault, migration, rebuild::rebuild};
use crate::{
    Code, Diagnostic, Dialect, Schema,
    schema::{Column, Table},
};

/// The column that is proposed.
const COLUMN: &str = "id";

/// The fault of a table without a primary key.
#[must_use]
pub fn no_key(schema: &Schema, table: &Table) -> Diagnostic {
    fault(
        Code::NoKey,
        format!("`{}` has no primary key, by which an operation finds its rows", table.name),
        "without a key nothing says that the row that is deleted, restored or purged is the one that was meant",
    )
    .help(format!("write a migration:\n{}", migration(schema, table)))
}

fn migration(schema: &Schema, table: &Table) -> String {
    let name = migration::name(schema.dialect, &table.name);
    let exists = table.columns.iter().any(|column| column.name == COLUMN);
    let definition = match schema.dialect {
        Dialect::Sqlite => return rebuild(schema, table, &keyed(table)),
        Dialect::Postgres | Dialect::Mysql if exists => {
            return format!("ALTER TABLE {name} ADD PRIMARY KEY ({COLUMN});");
        }
        Dialect::Postgres => "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
        Dialect::Mysql => "BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY",
    };
    format!("ALTER TABLE {name} ADD COLUMN {COLUMN} {definition};")
}

fn keyed(table: &Table) -> Table {
    let mut new = table.clone();
    new.primary_key = vec![COLUMN.to_owned()];
    if !new.columns.iter().any(|column| column.name == COLUMN) {
        let column = Column {
            name: COLUMN.to_owned(),
            sql_type: "integer".to_owned(),
            nullable: false,
            default: None,
            generated: true,
            computed: None,
            invisible: false,
        };
        new.columns.insert(0, column);
    }
    new
}

#[cfg(test)]
mod tests {
    use super::no_key;
    use crate::{
        Dialect,
        schema::{Config, from_sql},
    };

    #[test]
    fn the_migration_gives_the_table_a_key() {
        let tables = [
            "CREATE TABLE lines (total INTEGER, deleted_at TIMESTAMP NULL);",
            "CREATE TABLE lines (id BIGINT NOT NULL, total INTEGER, deleted_at TIMESTAMP NULL);",
        ];
        for dialect in [Dialect::Postgres, Dialect::Sqlite, Dialect::Mysql] {
            for table in tables {
                let config = Config::default();
                let schema = from_sql(dialect, table, &config).expect("a schema");
                let fault = no_key(&schema, &schema.tables[0]);
                let (_, migration) = fault.help.split_once('\n').expect("a migration");
                let after = format!("{table}\n{migration}");
                let schema = from_sql(dialect, &after, &config).expect("a schema");
                assert_eq!(schema.tables.len(), 1, "{after}");
                assert_eq!(schema.tables[0].primary_key, ["id"], "{after}");
                let columns = &schema.tables[0].columns;
                assert!(columns.iter().any(|own| own.name == "total"), "{after}");
            }
        }
    }
}
