//! The application that statements are written for: tables with markers of every kind, and views.

use std::{path::Path, sync::LazyLock};

use soft_delete_sql::{
    Dialect, Schema,
    schema::{Config, from_sql},
};

static SCHEMAS: LazyLock<Vec<Schema>> =
    LazyLock::new(|| Dialect::ALL.into_iter().map(read).collect());

/// Its schema on one database.
pub(super) fn schema(dialect: Dialect) -> &'static Schema {
    SCHEMAS
        .iter()
        .find(|schema| schema.dialect == dialect)
        .expect("one for each")
}

/// Its migrations.
pub(super) const fn migrations(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Postgres => include_str!("../../application/postgres.sql"),
        Dialect::Sqlite => include_str!("../../application/sqlite.sql"),
        Dialect::Mysql => include_str!("../../application/mysql.sql"),
    }
}

fn read(dialect: Dialect) -> Schema {
    let text = match dialect {
        Dialect::Postgres => include_str!("../../application/postgres.toml"),
        Dialect::Sqlite => include_str!("../../application/sqlite.toml"),
        Dialect::Mysql => include_str!("../../application/mysql.toml"),
    };
    let config = Config::parse(text, Path::new("soft-delete.toml")).expect("a configuration");
    from_sql(dialect, migrations(dialect), &config).expect("migrations")
}
