//! What `soft-delete.toml` says about tables, views and functions.

use std::collections::BTreeMap;

use super::Reading;
use crate::{
    Code, Diagnostic, Dialect,
    diagnostic::nearest,
    schema::{
        ObjectName,
        catalog::{Catalog, Domain},
        condition,
        config::{self, Reads, TableEntry},
        marker,
    },
};

/// The object that a name of the file means: the one spelled so, else the one it folds to.
fn position(dialect: Dialect, written: &str, names: &[ObjectName]) -> Option<usize> {
    let parts = config::parts(written);
    let default = match dialect {
        Dialect::Postgres => "public",
        Dialect::Sqlite => "main",
        Dialect::Mysql => "",
    };
    let stored = |name: &ObjectName| {
        let schema = name.schema.as_deref().unwrap_or(default);
        [schema.to_owned(), name.name.clone()]
    };
    let exact = names.iter().position(|name| {
        let elsewhere = parts.len() == 1 && name.schema.is_some();
        !elsewhere
            && parts
                .iter()
                .rev()
                .zip(stored(name).iter().rev())
                .all(|(a, b)| a == b)
    });
    exact.or_else(|| {
        let mut names = names.iter();
        names.position(|name| config::spells(dialect, written, &stored(name)))
    })
}

/// The table that a name of the file means.
pub(super) fn find(catalog: &Catalog, written: &str) -> Option<usize> {
    position(catalog.dialect, written, &table_names(catalog))
}

fn table_names(catalog: &Catalog) -> Vec<ObjectName> {
    let tables = catalog.tables.iter();
    tables.map(|draft| draft.table.name.clone()).collect()
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
        .find(|(name, _)| config::spells(dialect, &plain, std::slice::from_ref(&name.name)))?;
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
        let tables = table_names(&self.catalog);
        let mut entries: Vec<Option<&TableEntry>> = vec![None; tables.len()];
        for entry in &config.tables {
            if let Some(at) = self.named("table", &entry.name, entry.line, &tables) {
                self.catalog.tables[at].table.settings = entry.value.settings.clone();
                entries[at] = Some(&entry.value);
                self.check_conditions(at, entry.line, &entry.value);
                self.check_references(at, entry.line, &entry.value.settings);
                self.check_accepted(at, entry.line, &entry.value.settings);
            }
        }
        self.store_names();
        self.choose_markers(&entries);
        let views: Vec<ObjectName> = self.catalog.views.iter().map(|v| v.name.clone()).collect();
        for entry in &config.views {
            if let Some(at) = self.named("view", &entry.name, entry.line, &views) {
                self.catalog.views[at].declared = Some(entry.value);
            }
        }
        let routines = self.catalog.routines.iter();
        let functions: Vec<ObjectName> = routines.map(|r| r.function.name.clone()).collect();
        for entry in &config.functions {
            let Some(at) = self.named("function", &entry.name, entry.line, &functions) else {
                continue;
            };
            // Overloads share the name, and so what is said of it.
            for routine in &mut self.catalog.routines {
                if routine.function.name == functions[at] {
                    match entry.value {
                        Reads::Rows(scope) => routine.function.declared = Some(scope),
                        Reads::Nothing => routine.function.reads_nothing = true,
                    }
                }
            }
        }
    }

    /// The columns of `personal` and `person` as they are stored.
    fn store_names(&mut self) {
        let dialect = self.catalog.dialect;
        for draft in &mut self.catalog.tables {
            let columns = &draft.table.columns;
            let stored = |written: String| {
                let exact = columns.iter().find(|column| column.name == written);
                let folded = || {
                    columns
                        .iter()
                        .find(|column| config::same(dialect, &written, &column.name))
                };
                exact
                    .or_else(folded)
                    .map_or(written.clone(), |column| column.name.clone())
            };
            let settings = &mut draft.table.settings;
            let personal = settings.personal.take();
            settings.personal = personal.map(|personal| {
                let entries = personal.into_iter();
                entries
                    .map(|(column, value)| (stored(column), value))
                    .collect()
            });
            let person = settings.person.take();
            settings.person = person.map(|person| person.into_iter().map(stored).collect());
        }
    }

    fn check_conditions(&mut self, at: usize, line: usize, entry: &TableEntry) {
        let table = &self.catalog.tables[at].table;
        let written = [("active", &entry.active), ("hold", &entry.settings.hold)];
        for (key, text) in written {
            let Some(text) = text else { continue };
            let found = condition::fault(self.catalog.dialect, table, text);
            if let Some((why, help)) = found {
                let file = self.config.file_name();
                let message = format!(
                    "{file}:{line}: `{key}` of `{}` is no condition on its rows",
                    table.name
                );
                let fault = Diagnostic::new(Code::Config, message)
                    .why(format!("`{text}`: {why}"))
                    .help(help);
                self.faults.push(fault);
            }
        }
    }

    /// The object that a name of the file means; a name that means none is a fault.
    fn named(
        &mut self,
        kind: &str,
        written: &str,
        line: usize,
        names: &[ObjectName],
    ) -> Option<usize> {
        let found = position(self.catalog.dialect, written, names);
        if found.is_none() && !self.broken.contains(written) {
            let file = self.config.file_name();
            let message = format!("{file}:{line}: no migration creates the {kind} `{written}`");
            let mut fault = Diagnostic::new(Code::Config, message);
            let names: Vec<String> = names.iter().map(ToString::to_string).collect();
            if let Some(near) = nearest(written, names.iter().map(String::as_str)) {
                fault = fault.help(format!("did you mean `{near}`?"));
            }
            self.faults.push(fault);
        }
        found
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
            if let Some(location) = &draft.conflict_clause
                && draft.table.marker.is_some()
                && !draft.table.settings.accepts("conflict_clause")
            {
                let fault = super::refuse::conflict_clause(&draft.table.name, location);
                self.faults.push(fault);
            }
        }
    }
}
