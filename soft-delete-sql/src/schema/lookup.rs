//! Which object a name in a statement means.

use super::{Function, ObjectName, Schema, Table, View};
use crate::Dialect;

/// What a relation name means.
#[derive(Debug, Clone, Copy)]
pub enum Found<'a> {
    /// A base table, by its index in [`Schema::tables`].
    Table(usize),
    /// A view.
    View(&'a View),
    /// A system catalog, or a relation declared `external`: never soft-deletable.
    External,
    /// The name stands for several relations that differ in whether they are soft-deletable.
    Ambiguous,
    /// In no migration: the closed world has no such relation.
    Unknown,
}

impl Schema {
    /// Finds the relation that a dotted name (folded parts) means.
    #[must_use]
    pub fn find(&self, parts: &[String]) -> Found<'_> {
        let Some((name, qualifier)) = parts.split_last() else {
            return Found::Unknown;
        };
        match qualifier.last() {
            Some(schema) => self.find_qualified(schema, name),
            None => self.find_unqualified(name),
        }
    }

    fn find_qualified(&self, schema: &str, name: &str) -> Found<'_> {
        let wanted = if self.is_default(schema) {
            None
        } else {
            Some(schema)
        };
        match self.find_in(wanted, name) {
            Found::Unknown if is_system_schema(self.dialect, schema) => Found::External,
            // A MySQL qualifier is a database, and migrations do not say in which one they run.
            Found::Unknown if self.dialect == Dialect::Mysql => self.find_in(None, name),
            found => found,
        }
    }

    fn find_unqualified(&self, name: &str) -> Found<'_> {
        let default = [None];
        let path: Vec<Option<&str>> = if self.search_path.is_empty() {
            default.to_vec()
        } else {
            self.search_path
                .iter()
                .map(|schema| (!self.is_default(schema)).then_some(schema.as_str()))
                .collect()
        };
        for schema in path {
            match self.find_in(schema, name) {
                Found::Unknown => {}
                found => return found,
            }
        }
        if is_system_relation(self.dialect, name) || name == SQLX_MIGRATIONS {
            return Found::External;
        }
        self.find_anywhere(name)
    }

    /// No schema of the path has it; one elsewhere may be reached through a search path set at
    /// run time.
    fn find_anywhere(&self, name: &str) -> Found<'_> {
        let tables: Vec<usize> = (0..self.tables.len())
            .filter(|&at| self.tables[at].name.name == name)
            .collect();
        let views: Vec<&View> = self
            .views
            .iter()
            .filter(|view| view.name.name == name)
            .collect();
        match (tables.as_slice(), views.as_slice()) {
            ([table], []) => Found::Table(*table),
            ([], [view]) => Found::View(view),
            ([], []) => Found::Unknown,
            (tables, []) if tables.iter().all(|&at| self.tables[at].marker.is_none()) => {
                Found::Table(tables[0])
            }
            _ => Found::Ambiguous,
        }
    }

    fn find_in(&self, schema: Option<&str>, name: &str) -> Found<'_> {
        let is = |object: &ObjectName| object.name == name && object.schema.as_deref() == schema;
        if let Some(at) = self.tables.iter().position(|table| is(&table.name)) {
            return Found::Table(at);
        }
        if let Some(view) = self.views.iter().find(|view| is(&view.name)) {
            return Found::View(view);
        }
        if self.external.iter().any(is) {
            return Found::External;
        }
        Found::Unknown
    }

    fn is_default(&self, schema: &str) -> bool {
        match self.dialect {
            Dialect::Postgres => schema == "public",
            Dialect::Sqlite => schema == "main" || schema == "temp",
            Dialect::Mysql => false,
        }
    }

    /// The table of this name, as [`Schema::find`] resolves it.
    #[must_use]
    pub fn table(&self, parts: &[String]) -> Option<&Table> {
        match self.find(parts) {
            Found::Table(at) => Some(&self.tables[at]),
            _ => None,
        }
    }

    /// The functions a (folded, possibly qualified) name can mean; overloads all count.
    #[must_use]
    pub fn functions_named(&self, parts: &[String]) -> Vec<&Function> {
        let Some((name, qualifier)) = parts.split_last() else {
            return Vec::new();
        };
        let schema = qualifier.last().filter(|schema| !self.is_default(schema));
        self.functions
            .iter()
            .filter(|function| function.name.name == *name)
            .filter(|function| qualifier.is_empty() || function.name.schema.as_ref() == schema)
            .collect()
    }

    /// True for a system catalog that holds values out of the rows of tables: statistics, raw pages,
    /// oversized attributes.
    #[must_use]
    pub fn holds_values(&self, parts: &[String]) -> bool {
        let Some((name, qualifier)) = parts.split_last() else {
            return false;
        };
        match (self.dialect, qualifier.last().map(String::as_str)) {
            (Dialect::Postgres, Some("pg_toast")) => true,
            (Dialect::Postgres, None | Some("pg_catalog")) => matches!(
                name.as_str(),
                "pg_statistic"
                    | "pg_stats"
                    | "pg_statistic_ext_data"
                    | "pg_stats_ext"
                    | "pg_stats_ext_exprs"
            ),
            (Dialect::Sqlite, _) => {
                matches!(
                    name.as_str(),
                    "sqlite_stat3" | "sqlite_stat4" | "sqlite_dbpage"
                )
            }
            (Dialect::Mysql, Some("mysql")) => name == "column_stats",
            (Dialect::Mysql, Some("information_schema")) => name == "column_statistics",
            _ => false,
        }
    }

    /// The tables whose rows a read of `table` without ONLY also returns: partitions and
    /// inheriting tables, at any depth.
    #[must_use]
    pub fn descendants(&self, table: usize) -> Vec<usize> {
        let mut found = vec![table];
        let mut at = 0;
        while let Some(&parent) = found.get(at) {
            let name = &self.tables[parent].name;
            for (child, candidate) in self.tables.iter().enumerate() {
                if candidate.parents.contains(name) && !found.contains(&child) {
                    found.push(child);
                }
            }
            at += 1;
        }
        found.remove(0);
        found
    }
}

/// What sqlx's migrator creates in every database that it migrates.
const SQLX_MIGRATIONS: &str = "_sqlx_migrations";

/// Schemas that the database itself owns.
fn is_system_schema(dialect: Dialect, schema: &str) -> bool {
    match dialect {
        Dialect::Postgres => {
            matches!(schema, "pg_catalog" | "information_schema" | "pg_toast")
        }
        Dialect::Sqlite => false,
        Dialect::Mysql => {
            matches!(
                schema,
                "information_schema" | "performance_schema" | "mysql" | "sys"
            )
        }
    }
}

/// Relations of the system that are found without a schema.
fn is_system_relation(dialect: Dialect, name: &str) -> bool {
    match dialect {
        Dialect::Postgres => name.starts_with("pg_"),
        Dialect::Sqlite => {
            name.starts_with("sqlite_") || name.starts_with("pragma_") || name == "dbstat"
        }
        Dialect::Mysql => name == "dual",
    }
}
