//! The tables that sqlsmith writes about, their rows, and the relations that tell the truth.

use std::{fmt::Write as _, path::Path};

use anyhow::{Result, anyhow};
use soft_delete_sql::{Dialect, Schema, Scope, schema};

/// What makes the tables; sqlsmith sees nothing else.
pub(super) const TABLES: &str = include_str!("world.sql");
const CONFIG: &str = include_str!("world.toml");

/// A table of the world.
pub(super) struct Table {
    pub(super) name: &'static str,
    /// What holds for its live rows; none where no row is ever deleted.
    active: Option<&'static str>,
    /// Its columns for row `n`, where `live` says whether it is a live one.
    values: &'static str,
}

/// Domains are small, so that tombstones look like live rows to every join and condition.
pub(super) const ALL: [Table; 8] = [
    Table {
        name: "people",
        active: Some("deleted_at IS NULL"),
        values: "n, chr(97 + n % 4), n % 3, nullif(n % 5, 0), \
                 CASE WHEN NOT live THEN moment END",
    },
    Table {
        name: "orders",
        active: Some("is_deleted = FALSE"),
        values: "n, n % 6, n % 4, moment::date - n % 3, NOT live",
    },
    Table {
        name: "notes",
        active: Some("deleted_at IS NULL"),
        values: "n, nullif(n % 7, 0), chr(97 + n % 3), n % 2 = 0, \
                 CASE WHEN NOT live THEN moment END",
    },
    Table {
        name: "items",
        active: Some("removed = 0"),
        values: "n, n % 6, chr(97 + n % 5), n % 3, CASE WHEN live THEN 0 ELSE 1 + n % 2 END",
    },
    Table {
        name: "docs",
        active: Some("deleted_at IS NULL AND status <> 'archived'"),
        values: "n, chr(97 + n % 4), n % 5, \
                 CASE WHEN live OR n % 3 = 0 THEN 'open' WHEN n % 3 = 1 THEN 'archived' END, \
                 CASE WHEN NOT live AND n % 3 = 0 THEN moment END",
    },
    Table {
        name: "files",
        active: Some("removed_at IS NULL"),
        values: "n, n % 6, chr(97 + n % 3), moment - n % 2 * INTERVAL '1 day', \
                 CASE WHEN NOT live THEN moment END",
    },
    Table {
        name: "tags",
        active: None,
        values: "n, chr(97 + n % 4), nullif(n % 4, 3)",
    },
    Table {
        name: "audit",
        active: None,
        values: "n, chr(97 + n % 3), n % 5, CASE WHEN NOT live THEN moment END",
    },
];

/// A view of the world: its columns, its table, and whether it shows live rows only.
const VIEWS: [(&str, &str, &str, bool); 2] = [
    ("current_people", "id, name, age, boss", "people", true),
    (
        "all_notes",
        "id, person, body, pinned, deleted_at",
        "notes",
        false,
    ),
];

/// The rows of a table, by their `id` from 1 on.
const ROWS: u32 = 15;
/// How many of them are tombstones.
const DEAD: u32 = 6;

/// Where the rows of a scope are: every relation of `public` again, under its name.
pub(super) const fn schema_of(scope: Scope) -> &'static str {
    match scope {
        Scope::Active => "active",
        Scope::Deleted => "deleted",
        Scope::WithDeleted => "public",
    }
}

/// The schema of tables that hold the live rows only.
pub(super) const CLEAN: &str = "clean";

/// The schema as the analyser reads it.
pub(super) fn schema() -> Result<Schema> {
    schema::Config::parse(CONFIG, Path::new(schema::FILE_NAME))
        .and_then(|config| schema::from_sql(Dialect::Postgres, TABLES, &config))
        .map_err(|faults| anyhow!("{faults:?}"))
}

/// The script that fills the tables and makes what tells the truth about them.
pub(super) fn truth() -> String {
    let mut sql = String::new();
    for table in &ALL {
        let Table { name, values, .. } = table;
        // Tombstones stand on both sides of the live ones of each domain.
        let _ = writeln!(
            sql,
            "INSERT INTO public.{name} SELECT {values} FROM (SELECT n, n * 7 % 15 >= {DEAD} AS live, \
             TIMESTAMP '2024-01-01 00:00:00' + n % 4 * INTERVAL '1 day' AS moment \
             FROM generate_series(1, {ROWS}) n) rows;"
        );
    }
    for scope in [Scope::Active, Scope::Deleted] {
        let schema = schema_of(scope);
        let _ = writeln!(sql, "CREATE SCHEMA {schema};");
        for table in &ALL {
            let name = table.name;
            let filter = table.filter(scope);
            let _ = writeln!(
                sql,
                "CREATE VIEW {schema}.{name} AS SELECT * FROM public.{name}{filter};"
            );
        }
        sql.push_str(&views(schema));
    }
    let _ = writeln!(sql, "CREATE SCHEMA {CLEAN};");
    for Table { name, .. } in &ALL {
        let _ = writeln!(
            sql,
            "CREATE TABLE {CLEAN}.{name} (LIKE public.{name} INCLUDING ALL);\n\
             INSERT INTO {CLEAN}.{name} SELECT * FROM {}.{name};",
            schema_of(Scope::Active)
        );
    }
    sql.push_str(&views(CLEAN));
    sql.push_str("ANALYZE;");
    sql
}

/// The views of the world over the relations of another schema.
fn views(schema: &str) -> String {
    let mut sql = String::new();
    for (name, columns, table, live) in VIEWS {
        let table = ALL.iter().find(|candidate| candidate.name == table);
        let Some(table) = table else { continue };
        let filter = if live {
            table.filter(Scope::Active)
        } else {
            String::new()
        };
        let _ = writeln!(
            sql,
            "CREATE VIEW {schema}.{name} AS SELECT {columns} FROM {schema}.{}{filter};",
            table.name
        );
    }
    sql
}

impl Table {
    /// The query for the rows that were tombstones from the beginning, whatever they are now; none
    /// where no row is ever deleted. A live row can become one by a write to a column of a custom
    /// condition, which belongs to the application.
    pub(super) fn tombstones(&self) -> Option<String> {
        self.active?;
        Some(format!(
            "SELECT * FROM public.{} WHERE id BETWEEN 1 AND {ROWS} AND id * 7 % 15 < {DEAD}",
            self.name
        ))
    }

    /// The WHERE that keeps the rows of a scope.
    pub(super) fn filter(&self, scope: Scope) -> String {
        match (self.active, scope) {
            (None, _) | (_, Scope::WithDeleted) => String::new(),
            (Some(active), Scope::Active) => format!(" WHERE ({active}) IS TRUE"),
            (Some(active), Scope::Deleted) => format!(" WHERE ({active}) IS NOT TRUE"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{ALL, VIEWS, schema, truth};

    #[test]
    fn the_analyser_knows_the_same_tables_as_soft_deletable() {
        let schema = schema().expect("a schema");
        for table in &ALL {
            let mut read = schema.tables.iter();
            let read = read.find(|read| read.name.name == table.name);
            let marker = read.map(|read| read.marker.is_some());
            assert_eq!(marker, Some(table.active.is_some()), "{}", table.name);
        }
        assert_eq!(schema.views.len(), VIEWS.len());
    }

    #[test]
    fn every_schema_of_the_truth_has_every_relation() {
        let truth = truth();
        for schema in ["active", "deleted", "clean"] {
            for name in ALL.iter().map(|t| t.name).chain(VIEWS.map(|view| view.0)) {
                assert!(truth.contains(&format!("{schema}.{name} ")), "{name}");
            }
        }
    }
}
