//! What `references` and `accept` of a table name must be there.

use super::{Reading, settings::find};
use crate::{
    Code, Diagnostic,
    diagnostic::nearest,
    fact,
    schema::{TableSettings, config::spells},
};

impl Reading<'_> {
    /// `references` names tables with a foreign key to this one, or one of their foreign keys.
    pub(super) fn check_references(&mut self, table: usize, line: usize, said: &TableSettings) {
        if said.references.is_empty() {
            return;
        }
        let dialect = self.catalog.dialect;
        let own = self.catalog.tables[table].table.name.clone();
        let mut known = Vec::new();
        for draft in &self.catalog.tables {
            for key in &draft.table.foreign_keys {
                let name = &key.references;
                let parts: Vec<String> = name.schema.iter().chain([&name.name]).cloned().collect();
                if self.catalog.find_table(&parts) == Some(table) {
                    known.push((draft.table.name.clone(), key.columns.first().cloned()));
                }
            }
        }
        for written in said.references.keys() {
            let means = |(child, column): &(super::ObjectName, Option<String>)| {
                let schema = child.schema.clone();
                let mut name: Vec<String> =
                    schema.into_iter().chain([child.name.clone()]).collect();
                if spells(dialect, written, &name) {
                    return true;
                }
                name.extend(column.clone());
                written.contains('.') && spells(dialect, written, &name)
            };
            if known.iter().any(means) || self.broken.contains(written) {
                continue;
            }
            let mut names: Vec<String> = known
                .iter()
                .flat_map(|(child, column)| {
                    let narrow = column.iter().map(move |column| format!("{child}.{column}"));
                    narrow.chain([child.to_string()])
                })
                .collect();
            names.sort();
            names.dedup();
            let (child, column) = match written.rsplit_once('.') {
                Some((child, column)) if find(&self.catalog, written).is_none() => {
                    (child, Some(column))
                }
                _ => (written.as_str(), None),
            };
            let message = match (find(&self.catalog, child), column) {
                (None, _) => format!("no migration creates the table `{written}`"),
                (Some(_), None) => format!("`{written}` has no foreign key to `{own}`"),
                (Some(_), Some(column)) => {
                    format!("no foreign key of `{child}` to `{own}` begins with `{column}`")
                }
            };
            let help = match nearest(written, names.iter().map(String::as_str)) {
                Some(near) => format!("did you mean `{near}`?"),
                None if names.is_empty() => {
                    "no table of the schema references it: leave the entry out".to_owned()
                }
                None => format!("expected one of `{}`", names.join("`, `")),
            };
            self.setting(line, &message, help);
        }
    }

    /// A name behind the dot of an accepted fact is that of something the table has.
    pub(super) fn check_accepted(&mut self, table: usize, line: usize, said: &TableSettings) {
        let table = &self.catalog.tables[table].table;
        let subjects = fact::subjects(table);
        let own = table.name.clone();
        for written in said.accept.keys() {
            let Some((_, subject)) = written.split_once('.') else {
                continue;
            };
            if subjects.iter().any(|known| known == subject) {
                continue;
            }
            let message = format!("`{own}` has nothing named `{subject}` to accept");
            let help = match nearest(subject, subjects.iter().map(String::as_str)) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "leave the name out, or the entry".to_owned(),
            };
            self.setting(line, &message, help);
        }
    }

    fn setting(&mut self, line: usize, message: &str, help: String) {
        let message = format!("{}:{line}: {message}", self.config.file_name());
        self.faults
            .push(Diagnostic::new(Code::Config, message).help(help));
    }
}
