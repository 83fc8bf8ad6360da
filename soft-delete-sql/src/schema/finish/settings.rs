//! What `soft-delete.toml` says about tables, views and functions.

use std::collections::BTreeMap;

use super::Reading;
use crate::{
    Code, Diagnostic, Dialect,
    diagnostic::nearest,
    schema::{
        ObjectName,
        catalog::{Catalog, Domain},
        config::{self, Reads, TableEntry},
        marker,
    },
};

/// The object that a name of the file means: the one spelled so, else the one it folds to.
fn position<'n>(
    dialect: Dialect,
    written: &str,
    names: impl Iterator<Item = &'n ObjectName> + Clone,
) -> Option<usize> {
    let parts = config::parts(written);
    let stored = |name: &ObjectName| {
        let schema = name.schema.clone();
        let default = match dialect {
            Dialect::Postgres => "public",
            Dialect::Sqlite => "main",
            Dialect::Mysql => "",
        };
        [
            schema.unwrap_or_else(|| default.to_owned()),
            name.name.clone(),
        ]
    };
    let exact = names.clone().position(|name| {
        let stored = stored(name);
        let parts = parts.iter().rev().take(2);
        let unqualified_elsewhere = parts.len() == 1 && name.schema.is_some();
        !unqualified_elsewhere && parts.zip(stored.iter().rev()).all(|(a, b)| a == b)
    });
    exact.or_else(|| {
        names
            .clone()
            .position(|name| config::spells(dialect, written, &stored(name)))
    })
}

/// The table that a name of the file means.
pub(super) fn find(catalog: &Catalog, written: &str) -> Option<usize> {
    let names = catalog.tables.iter().map(|draft| &draft.table.name);
    position(catalog.dialect, written, names)
}

/// The domain a type is, when it is one.
pub(super) fn domain(
    dialect: Dialect,
    domains: &BTreeMap<ObjectName, Domain>,
    sql_type: &str,
) -> Option<Domain> {
    if domains.is_empty() || sql_type.is_empty() {
        return None;
    }
    let plain = sql_type.replace('"', "");
    let (name, domain) = domains
        .iter()
        .find(|(name, _)| config::spells(dialect, &plain, &[name.name.clone()]))?;
    // A domain over a domain; a circle is none that a database would accept.
    let mut domain = domain.clone();
    let below = domains
        .iter()
        .find(|(other, _)| *other != name && other.name == domain.base);
    if let Some((_, below)) = below {
        domain.not_null |= below.not_null;
        domain.base.clone_from(&below.base);
    }
    Some(domain)
}

impl Reading<'_> {
    /// Settings of tables, their markers, then views and functions.
    pub(super) fn apply_settings(&mut self) {
        let config = self.config;
        let mut entries: Vec<Option<&TableEntry>> = vec![None; self.catalog.tables.len()];
        for entry in &config.tables {
            let names = self.catalog.tables.iter().map(|draft| &draft.table.name);
            match position(self.catalog.dialect, &entry.name, names.clone()) {
                Some(at) => {
                    self.catalog.tables[at].table.settings = entry.value.settings.clone();
                    entries[at] = Some(&entry.value);
                    self.check_references(&entry.value, entry.line);
                }
                None => {
                    let fault = unknown(config, entry.line, "table", &entry.name, names);
                    self.faults.push(fault);
                }
            }
        }
        self.choose_markers(&entries);
        for entry in &config.views {
            let names = self.catalog.views.iter().map(|view| &view.name);
            match position(self.catalog.dialect, &entry.name, names.clone()) {
                Some(at) => self.catalog.views[at].declared = Some(entry.value),
                None => {
                    let fault = unknown(config, entry.line, "view", &entry.name, names);
                    self.faults.push(fault);
                }
            }
        }
        self.declare_functions();
    }

    fn declare_functions(&mut self) {
        let config = self.config;
        for entry in &config.functions {
            let names = self
                .catalog
                .routines
                .iter()
                .map(|routine| &routine.function.name);
            let Some(at) = position(self.catalog.dialect, &entry.name, names.clone()) else {
                let fault = unknown(config, entry.line, "function", &entry.name, names);
                self.faults.push(fault);
                continue;
            };
            // Overloads share the name, and so what is said of it.
            let name = self.catalog.routines[at].function.name.clone();
            for routine in &mut self.catalog.routines {
                if routine.function.name == name {
                    match entry.value {
                        Reads::Rows(scope) => routine.function.declared = Some(scope),
                        Reads::Nothing => routine.function.reads_nothing = true,
                    }
                }
            }
        }
    }

    fn check_references(&mut self, entry: &TableEntry, line: usize) {
        for table in entry.settings.references.keys() {
            let names = self.catalog.tables.iter().map(|draft| &draft.table.name);
            if position(self.catalog.dialect, table, names.clone()).is_none() {
                let fault = unknown(self.config, line, "table", table, names);
                self.faults.push(fault);
            }
        }
    }

    fn choose_markers(&mut self, entries: &[Option<&TableEntry>]) {
        let catalog = &mut self.catalog;
        let dialect = catalog.dialect;
        for (draft, entry) in catalog.tables.iter_mut().zip(entries) {
            let domain = |sql_type: &str| domain(dialect, &catalog.domains, sql_type);
            match marker::choose(dialect, &draft.table, domain, self.config, *entry) {
                Ok(marker) => draft.table.marker = marker,
                Err(fault) => self.faults.push(fault),
            }
            let accepts = |name: &str| {
                draft
                    .table
                    .settings
                    .accept
                    .iter()
                    .any(|known| known == name)
            };
            if let Some(location) = &draft.conflict_clause
                && draft.table.marker.is_some()
                && !accepts("conflict_clause")
            {
                let fault = super::refuse::conflict_clause(&draft.table.name, location);
                self.faults.push(fault);
            }
        }
    }
}

fn unknown<'n>(
    config: &config::Config,
    line: usize,
    kind: &str,
    written: &str,
    names: impl Iterator<Item = &'n ObjectName>,
) -> Diagnostic {
    let message = format!(
        "{}:{line}: no migration creates the {kind} `{written}`",
        config.file_name()
    );
    let names: Vec<String> = names.map(ToString::to_string).collect();
    let fault = Diagnostic::new(Code::Config, message);
    match nearest(written, names.iter().map(String::as_str)) {
        Some(near) => fault.help(format!("did you mean `{near}`?")),
        None => fault,
    }
}
