//! The database as the migrations read so far leave it.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Column, ForeignKey, Function, Index, KeyPart, Location, ObjectName, RowSecurity, Table,
    TableSettings, Unique, View,
};
use crate::Dialect;

/// A table, with what only the reading of migrations needs.
#[derive(Debug, Clone)]
pub(super) struct Draft {
    pub(super) table: Table,
    /// A partition shares the keys of its parent; an inheriting table does not.
    pub(super) is_partition: bool,
    /// SQLite: where a key says ON CONFLICT REPLACE or IGNORE.
    pub(super) conflict_clause: Option<Location>,
    /// The columns are not known, and the marker may be among them.
    pub(super) hides_marker: Option<Location>,
}

/// A function, with what tells its overloads apart.
#[derive(Debug, Clone)]
pub(super) struct Routine {
    pub(super) function: Function,
    /// Its parameters as written.
    pub(super) parameters: String,
    /// Its body holds statements that change tables.
    pub(super) changes_tables: bool,
}

/// A domain: a type of the application's own.
#[derive(Debug, Clone)]
pub(super) struct Domain {
    pub(super) base: String,
    pub(super) not_null: bool,
}

/// Every object created and not dropped.
#[derive(Debug, Clone)]
pub(super) struct Catalog {
    pub(super) dialect: Dialect,
    pub(super) tables: Vec<Draft>,
    pub(super) views: Vec<View>,
    pub(super) routines: Vec<Routine>,
    pub(super) domains: BTreeMap<ObjectName, Domain>,
    /// PostgreSQL: sequences, which can be read like relations and hold no rows of a table. One
    /// that was dropped stays: no table is taken for it.
    pub(super) sequences: BTreeSet<ObjectName>,
    /// Views whose body names a relation that was renamed later, which the database tracks.
    pub(super) stale_views: Vec<(ObjectName, Location)>,
    /// MySQL: how the names of relations were written when they were created.
    pub(super) spellings: BTreeMap<ObjectName, String>,
    /// Schemas that CREATE SCHEMA made.
    pub(super) schemas: BTreeSet<String>,
    /// The search path now, and the one of a fresh connection.
    pub(super) path: Vec<String>,
    pub(super) default_path: Vec<String>,
    /// Temporary relations of this script.
    pub(super) temporary: BTreeSet<String>,
    /// SQLite: `PRAGMA legacy_alter_table = ON` was said in this script.
    pub(super) legacy_rename: bool,
    /// The markers that `soft-delete.toml` lists.
    pub(super) markers: Vec<String>,
}

impl Draft {
    pub(super) fn new(name: ObjectName, location: Location) -> Self {
        let table = Table {
            name,
            columns: Vec::new(),
            columns_known: true,
            primary_key: Vec::new(),
            primary_key_name: None,
            uniques: Vec::new(),
            foreign_keys: Vec::new(),
            indexes: Vec::new(),
            parents: Vec::new(),
            marker: None,
            settings: TableSettings::default(),
            location,
            is_virtual: false,
            without_rowid: false,
            over: String::new(),
            attachments: Vec::new(),
            row_security: RowSecurity::default(),
        };
        Self {
            table,
            is_partition: false,
            conflict_clause: None,
            hides_marker: None,
        }
    }

    pub(super) fn column(&mut self, name: &str) -> Option<&mut Column> {
        self.table
            .columns
            .iter_mut()
            .find(|column| column.name == name)
    }
}

impl Catalog {
    pub(super) fn new(dialect: Dialect, search_path: &[String], markers: &[String]) -> Self {
        let default_path: Vec<String> = search_path
            .iter()
            .map(|schema| dialect.fold(schema))
            .collect();
        Self {
            dialect,
            tables: Vec::new(),
            views: Vec::new(),
            routines: Vec::new(),
            domains: BTreeMap::new(),
            sequences: BTreeSet::new(),
            stale_views: Vec::new(),
            spellings: BTreeMap::new(),
            schemas: BTreeSet::new(),
            path: default_path.clone(),
            default_path,
            temporary: BTreeSet::new(),
            legacy_rename: false,
            markers: markers.to_vec(),
        }
    }

    /// Every script runs on a connection of its own.
    pub(super) fn begin_script(&mut self) {
        self.path.clone_from(&self.default_path);
        self.temporary.clear();
        self.legacy_rename = false;
    }

    /// The schema as an [`ObjectName`] holds it: none for the default one.
    pub(super) fn schema(&self, schema: &str) -> Option<String> {
        let default = match self.dialect {
            Dialect::Postgres => schema == "public",
            Dialect::Sqlite => schema == "main",
            Dialect::Mysql => false,
        };
        (!default).then(|| schema.to_owned())
    }

    /// The name under which a dotted name is created.
    pub(super) fn new_name(&self, parts: &[String]) -> ObjectName {
        match parts {
            [.., schema, name] => ObjectName {
                schema: self.schema(schema),
                name: name.clone(),
            },
            _ => ObjectName {
                schema: self.creation_schema(),
                name: parts.last().cloned().unwrap_or_default(),
            },
        }
    }

    /// The first schema of the search path that exists; the first of all when none is known to.
    fn creation_schema(&self) -> Option<String> {
        let exists = |schema: &&String| *schema == "public" || self.schemas.contains(*schema);
        let first = self.path.iter().find(exists).or(self.path.first())?;
        self.schema(first)
    }

    /// The names a dotted name can mean, in the order they are tried.
    fn candidates(&self, parts: &[String]) -> Vec<ObjectName> {
        let name = parts.last().cloned().unwrap_or_default();
        let in_schema = |schema: Option<String>| ObjectName {
            schema,
            name: name.clone(),
        };
        match parts {
            [.., schema, _] if self.dialect == Dialect::Mysql => {
                vec![in_schema(Some(schema.clone())), in_schema(None)]
            }
            [.., schema, _] => vec![in_schema(self.schema(schema))],
            _ if self.path.is_empty() => vec![in_schema(None)],
            _ => {
                let schemas = self.path.iter();
                schemas
                    .map(|schema| in_schema(self.schema(schema)))
                    .collect()
            }
        }
    }

    /// The object a dotted name means among those whose names are given.
    fn resolve<'n>(
        &self,
        parts: &[String],
        names: impl Iterator<Item = &'n ObjectName> + Clone,
    ) -> Option<usize> {
        let candidates = self.candidates(parts);
        let exact = candidates
            .iter()
            .find_map(|wanted| names.clone().position(|name| name == wanted));
        if exact.is_some() || parts.len() > 1 {
            return exact;
        }
        // Through a search path that is set elsewhere.
        let mut alike = names.enumerate().filter(|(_, name)| name.name == parts[0]);
        match (alike.next(), alike.next()) {
            (Some((at, _)), None) => Some(at),
            _ => None,
        }
    }

    pub(super) fn find_table(&self, parts: &[String]) -> Option<usize> {
        self.resolve(parts, self.tables.iter().map(|draft| &draft.table.name))
    }

    pub(super) fn find_view(&self, parts: &[String]) -> Option<usize> {
        self.resolve(parts, self.views.iter().map(|view| &view.name))
    }

    pub(super) fn position(&self, name: &ObjectName) -> Option<usize> {
        self.tables
            .iter()
            .position(|draft| draft.table.name == *name)
    }

    /// A temporary relation, which hides a permanent one of its name while the script runs.
    pub(super) fn is_temporary(&self, parts: &[String]) -> bool {
        match parts {
            [name] => self.temporary.contains(name),
            [.., schema, _] => self.is_temporary_schema(schema),
            [] => false,
        }
    }

    pub(super) fn is_temporary_schema(&self, schema: &str) -> bool {
        match self.dialect {
            Dialect::Postgres => schema == "pg_temp",
            Dialect::Sqlite => schema == "temp",
            Dialect::Mysql => false,
        }
    }

    /// The name that a reference to another table means; one that does not exist yet is taken as
    /// a new table's.
    pub(super) fn referenced(&self, parts: &[String]) -> ObjectName {
        match self.find_table(parts) {
            Some(at) => self.tables[at].table.name.clone(),
            None => self.new_name(parts),
        }
    }

    /// Puts a table in, in the place of one that has its name.
    pub(super) fn put_table(&mut self, draft: Draft) {
        match self.position(&draft.table.name) {
            Some(at) => self.tables[at] = draft,
            None => self.tables.push(draft),
        }
    }

    pub(super) fn put_view(&mut self, view: View) {
        self.stale_views.retain(|(name, _)| *name != view.name);
        match self.views.iter().position(|known| known.name == view.name) {
            Some(at) => self.views[at] = view,
            None => self.views.push(view),
        }
    }

    /// The present columns of the tables whose names stand in a view's body.
    pub(super) fn columns_now(&self, body: &str) -> Vec<(ObjectName, Vec<String>)> {
        if self.dialect == Dialect::Sqlite {
            return Vec::new();
        }
        let body = body.to_lowercase();
        self.tables
            .iter()
            .map(|draft| &draft.table)
            .filter(|table| body.contains(&table.name.name.to_lowercase()))
            .map(|table| {
                let columns = table.columns.iter().map(|column| column.name.clone());
                (table.name.clone(), columns.collect())
            })
            .collect()
    }

    /// The table at an index and every table below it.
    pub(super) fn family(&self, table: usize) -> Vec<usize> {
        let mut found = vec![table];
        let mut at = 0;
        while let Some(&parent) = found.get(at) {
            let name = &self.tables[parent].table.name;
            for (child, draft) in self.tables.iter().enumerate() {
                if draft.table.parents.contains(name) && !found.contains(&child) {
                    found.push(child);
                }
            }
            at += 1;
        }
        found
    }

    /// A name for an unnamed constraint or index, as PostgreSQL and MySQL make one up.
    pub(super) fn unique_name(
        &self,
        table: &Table,
        key: &[KeyPart],
        suffix: &str,
    ) -> Option<String> {
        let columns = key.iter().map(|part| match part {
            KeyPart::Column(name) => name.as_str(),
            KeyPart::Expression(_) => "expr",
        });
        match self.dialect {
            Dialect::Postgres => {
                let columns = columns.collect::<Vec<_>>().join("_");
                let base = postgres_name(&table.name.name, &columns, suffix);
                let taken = |name: &str| self.has_index(table, name);
                free_name(&base, "", 1, taken)
            }
            Dialect::Mysql => {
                let first = columns.take(1).collect::<String>();
                free_name(&first, "_", 2, |name| has_index(table, name))
            }
            Dialect::Sqlite => None,
        }
    }

    /// PostgreSQL's index names share one name space in a schema.
    fn has_index(&self, table: &Table, name: &str) -> bool {
        has_index(table, name)
            || self
                .tables
                .iter()
                .filter(|draft| draft.table.name.schema == table.name.schema)
                .any(|draft| has_index(&draft.table, name))
    }
}

fn has_index(table: &Table, name: &str) -> bool {
    let is = |known: &Option<String>| known.as_deref() == Some(name);
    table.uniques.iter().any(|unique| is(&unique.name))
        || table.indexes.iter().any(|index| is(&index.name))
        || is(&table.primary_key_name)
}

/// The first of `base`, `base` + number that is not taken.
fn free_name(
    base: &str,
    separator: &str,
    first: usize,
    taken: impl Fn(&str) -> bool,
) -> Option<String> {
    let numbered = (first..).map(|number| format!("{base}{separator}{number}"));
    std::iter::once(base.to_owned())
        .chain(numbered)
        .find(|name| !taken(name))
}

/// PostgreSQL's name of 63 bytes at most: the longer of both parts gives way.
pub(super) fn postgres_name(table: &str, columns: &str, suffix: &str) -> String {
    let fixed = suffix.len() + 1 + usize::from(!columns.is_empty());
    let (mut left, mut right) = (table.len(), columns.len());
    while left + right + fixed > 63 && left + right > 0 {
        if left > right {
            left -= 1;
        } else {
            right -= 1;
        }
    }
    let (table, columns) = (cut(table, left), cut(columns, right));
    if columns.is_empty() {
        format!("{table}_{suffix}")
    } else {
        format!("{table}_{columns}_{suffix}")
    }
}

fn cut(text: &str, mut length: usize) -> &str {
    while !text.is_char_boundary(length) {
        length -= 1;
    }
    &text[..length]
}

/// True when a key, or the text of an expression in it, names the column.
pub(super) fn key_mentions(dialect: Dialect, key: &[KeyPart], column: &str) -> bool {
    key.iter().any(|part| match part {
        KeyPart::Column(name) => name == column,
        KeyPart::Expression(text) => text_mentions(dialect, text, column),
    })
}

/// True when the text names the column.
pub(super) fn text_mentions(dialect: Dialect, text: &str, column: &str) -> bool {
    crate::syntax::lexer::lex(dialect, text)
        .is_ok_and(|tokens| super::cursor::Cursor::new(dialect, text, &tokens).mentions(column))
}

impl Unique {
    pub(super) fn mentions(&self, dialect: Dialect, column: &str) -> bool {
        key_mentions(dialect, &self.key, column)
            || self
                .predicate
                .as_deref()
                .is_some_and(|text| text_mentions(dialect, text, column))
    }
}

impl Index {
    pub(super) fn mentions(&self, dialect: Dialect, column: &str) -> bool {
        key_mentions(dialect, &self.key, column)
            || self
                .predicate
                .as_deref()
                .is_some_and(|text| text_mentions(dialect, text, column))
    }
}

impl ForeignKey {
    /// The name PostgreSQL or MySQL makes up for it.
    pub(super) fn made_up_name(&self, dialect: Dialect, table: &Table) -> Option<String> {
        let taken = |name: &str| {
            let mut keys = table.foreign_keys.iter();
            keys.any(|key| key.name.as_deref() == Some(name))
        };
        match dialect {
            Dialect::Postgres => {
                let base = postgres_name(&table.name.name, &self.columns.join("_"), "fkey");
                free_name(&base, "", 1, taken)
            }
            Dialect::Mysql => {
                let base = format!("{}_ibfk", table.name.name);
                free_name(&base, "_", 1, |name| name == base || taken(name))
            }
            Dialect::Sqlite => None,
        }
    }
}
