//! From statements to the finished schema: what `soft-delete.toml` adds, and what is refused.

mod declare;
mod policy;
mod refuse;
mod settings;

use std::{collections::BTreeSet, path::Path};

use super::{
    Config, ObjectName, Schema,
    catalog::Catalog,
    config,
    cursor::{Cursor, Fault},
    ddl,
    script::Script,
};
use crate::{Code, Diagnostic, Dialect, lifecycle};

/// The reading of one schema.
pub(super) struct Reading<'c> {
    config: &'c Config,
    catalog: Catalog,
    faults: Vec<Diagnostic>,
    /// Relations of statements that were not understood: one fault each is enough.
    broken: BTreeSet<String>,
    /// Which entries of `ignore` named a statement.
    ignored: Vec<bool>,
    /// Relations that exist without being created.
    implied: Vec<ObjectName>,
}

impl<'c> Reading<'c> {
    pub(super) fn new(dialect: Dialect, config: &'c Config) -> Self {
        Self {
            config,
            catalog: Catalog::new(dialect, &config.search_path, &config.markers),
            faults: Vec::new(),
            broken: BTreeSet::new(),
            ignored: vec![false; config.ignore.len()],
            implied: Vec::new(),
        }
    }

    /// sqlx keeps a table of the migrations it has run.
    pub(super) fn is_run_by_sqlx(&mut self) {
        self.implied.push(ObjectName {
            schema: None,
            name: "_sqlx_migrations".to_owned(),
        });
    }

    /// Reads one file.
    pub(super) fn script(&mut self, sql: &str, file: &Path) {
        self.catalog.begin_script();
        let script = match Script::new(self.catalog.dialect, sql, file) {
            Ok(script) => script,
            Err(fault) => {
                let at = fault.span.as_ref().map_or(0, |span| span.start);
                let line = config::line(sql, at);
                self.faults.push(refuse::unreadable(file, line, &fault));
                return;
            }
        };
        for statement in script.statements() {
            let line = script.line(statement.byte());
            if self.is_ignored(file, line) {
                continue;
            }
            if let Err(fault) = ddl::statement(&mut self.catalog, &script, &statement) {
                self.refuse(&script, &statement, &fault);
            }
        }
    }

    fn is_ignored(&mut self, file: &Path, line: usize) -> bool {
        let mut found = false;
        for (entry, used) in self.config.ignore.iter().zip(&mut self.ignored) {
            if entry.statement == line && file.ends_with(&entry.file) {
                *used = true;
                found = true;
            }
        }
        found
    }

    fn refuse(&mut self, script: &Script<'_>, statement: &Cursor<'_>, fault: &Fault) {
        let dialect = self.catalog.dialect;
        let subjects = refuse::subjects(statement);
        let known = |parts: &Vec<String>| {
            self.config.declares(dialect, parts)
                || self
                    .config
                    .external
                    .iter()
                    .any(|written| config::spells(dialect, written, parts))
                || self.broken.contains(&parts.join("."))
        };
        if !subjects.is_empty() && subjects.iter().all(known) {
            return;
        }
        let fault = refuse::statement(script, statement, fault, &subjects, &self.catalog);
        self.faults.push(fault);
        self.broken
            .extend(subjects.iter().map(|parts| parts.join(".")));
    }

    /// Applies `soft-delete.toml` and hands the schema over.
    pub(super) fn finish(mut self) -> Result<Schema, Vec<Diagnostic>> {
        self.declare();
        self.share_keys();
        self.domains();
        self.refuse_the_unknowable();
        self.apply_settings();
        self.unused_ignores();
        if !self.faults.is_empty() {
            return Err(self.faults);
        }
        let dialect = self.catalog.dialect;
        let mut external = self.implied;
        external.extend(self.catalog.sequences.iter().cloned());
        for written in &self.config.external {
            let parts: Vec<String> = config::parts(written)
                .iter()
                .map(|part| dialect.fold(part))
                .collect();
            external.push(match parts.as_slice() {
                [.., schema, name] => ObjectName {
                    schema: self.catalog.schema(schema),
                    name: name.clone(),
                },
                _ => ObjectName {
                    schema: None,
                    name: parts.concat(),
                },
            });
        }
        let schema = Schema {
            dialect,
            tables: self
                .catalog
                .tables
                .into_iter()
                .map(|draft| draft.table)
                .collect(),
            views: self.catalog.views,
            functions: self
                .catalog
                .routines
                .into_iter()
                .map(|routine| routine.function)
                .collect(),
            search_path: self.catalog.default_path,
            external,
            typecheck: self.config.typecheck,
            require_actor: self.config.require_actor,
            files: Vec::new(),
            directory: None,
        };
        let faults =
            lifecycle::personal::faults(&schema, &|table| self.config.place_of(dialect, table));
        if faults.is_empty() {
            Ok(schema)
        } else {
            Err(faults)
        }
    }

    /// Partitions have the keys of their parents.
    fn share_keys(&mut self) {
        for root in 0..self.catalog.tables.len() {
            if self.catalog.tables[root].is_partition {
                continue;
            }
            // Parents first, so that keys go down every level.
            for child in self.catalog.family(root) {
                if !self.catalog.tables[child].is_partition {
                    continue;
                }
                let parents = self.catalog.tables[child].table.parents.clone();
                for parent in &parents {
                    if let Some(parent) = self.catalog.position(parent) {
                        ddl::inherit_keys(&mut self.catalog, parent, child);
                    }
                }
            }
        }
    }

    /// A domain that forbids NULL forbids it in every column.
    fn domains(&mut self) {
        let catalog = &mut self.catalog;
        for draft in &mut catalog.tables {
            for column in &mut draft.table.columns {
                let domain = settings::domain(catalog.dialect, &catalog.domains, &column.sql_type);
                if domain.is_some_and(|domain| domain.not_null) {
                    column.nullable = false;
                }
            }
        }
    }

    fn unused_ignores(&mut self) {
        for (entry, used) in self.config.ignore.iter().zip(&self.ignored) {
            if !used {
                let message = format!(
                    "{}:{}: no statement begins at {}:{}",
                    self.config.file_name(),
                    entry.line,
                    entry.file,
                    entry.statement
                );
                let fault = Diagnostic::new(Code::Config, message)
                    .help("name the line in which the statement begins, or leave the entry out");
                self.faults.push(fault);
            }
        }
    }
}
