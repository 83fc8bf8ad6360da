//! `soft-delete.toml`: where an application documents its soft-delete strategy.

mod read;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

pub(super) use read::line;
pub(crate) use read::quoted;

use super::{Table, TableSettings};
use crate::{Diagnostic, Dialect, Scope};

/// The name of the file.
pub const FILE_NAME: &str = "soft-delete.toml";

/// What `soft-delete.toml` says; [`Config::default`] is an empty file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// The file it was read from; empty when there is none.
    pub file: PathBuf,
    /// `dialect`
    pub dialect: Option<Dialect>,
    /// `schema`: a directory of migrations or one dump, relative to the file.
    pub schema: PathBuf,
    /// `markers`: column names that make a table soft-deletable, by precedence.
    pub markers: Vec<String>,
    /// `typecheck`
    pub typecheck: bool,
    /// `require_actor`: every operation must say who did it.
    pub require_actor: bool,
    /// `search_path`, as written.
    pub search_path: Vec<String>,
    /// `external`: relations that no migration creates.
    pub external: Vec<String>,
    /// `ignore`: migration statements that are passed over.
    pub(super) ignore: Vec<Ignored>,
    /// `[tables.NAME]`, in the order of the file.
    pub(super) tables: Vec<Entry<TableEntry>>,
    /// `[views.NAME]`
    pub(super) views: Vec<Entry<Scope>>,
    /// `[functions.NAME]`
    pub(super) functions: Vec<Entry<Reads>>,
}

/// A named section of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry<T> {
    /// The name as written, dotted when qualified.
    pub(super) name: String,
    /// The line of the file it stands in.
    pub(super) line: usize,
    /// What it says.
    pub(super) value: T,
}

/// `ignore = ["0003_x.sql:12"]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Ignored {
    /// The name of the file, or the end of its path.
    pub(super) file: String,
    /// The line in it.
    pub(super) statement: usize,
    /// The line of `soft-delete.toml` that says so.
    pub(super) line: usize,
}

/// `[tables.NAME]`
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct TableEntry {
    /// `soft_deletable`
    pub(super) soft_deletable: Option<bool>,
    /// `marker`
    pub(super) marker: Option<String>,
    /// `active`
    pub(super) active: Option<String>,
    /// `columns`: name and definition, in the order of the file.
    pub(super) columns: Option<Vec<(String, String)>>,
    /// What outlives reading.
    pub(super) settings: TableSettings,
}

/// `[functions.NAME] reads`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reads {
    /// Rows of soft-deletable tables, under this scope.
    Rows(Scope),
    /// No row of a soft-deletable table.
    Nothing,
}

/// A marker that is not recognised is a silent gap, so both common spellings count.
const DEFAULT_MARKERS: [&str; 6] = [
    "deleted_at",
    "is_deleted",
    "deletion_date",
    "deletedAt",
    "isDeleted",
    "deletionDate",
];

impl Default for Config {
    fn default() -> Self {
        Self {
            file: PathBuf::new(),
            dialect: None,
            schema: PathBuf::from("migrations"),
            markers: DEFAULT_MARKERS.map(str::to_owned).to_vec(),
            typecheck: false,
            require_actor: false,
            search_path: Vec::new(),
            external: Vec::new(),
            ignore: Vec::new(),
            tables: Vec::new(),
            views: Vec::new(),
            functions: Vec::new(),
        }
    }
}

impl Config {
    /// Reads the text of a `soft-delete.toml`; `file` is its path, for messages.
    ///
    /// # Errors
    /// SD032, one for each fault of the file.
    pub fn parse(text: &str, file: &Path) -> Result<Self, Vec<Diagnostic>> {
        read::read(text, file)
    }

    /// How messages name the file.
    pub(super) fn file_name(&self) -> String {
        if self.file.as_os_str().is_empty() {
            FILE_NAME.to_owned()
        } else {
            self.file.display().to_string()
        }
    }

    /// Where the file speaks of a table, for the beginning of a message; empty where it does not.
    pub(super) fn place_of(&self, dialect: Dialect, table: &Table) -> String {
        let name = &table.name;
        let parts: Vec<String> = name.schema.iter().chain([&name.name]).cloned().collect();
        let mut entries = self.tables.iter();
        entries
            .find(|entry| spells(dialect, &entry.name, &parts))
            .map_or_else(String::new, |entry| {
                format!("{}:{}: ", self.file_name(), entry.line)
            })
    }

    /// True when `[tables.NAME] columns` declares this table by hand.
    pub(super) fn declares(&self, dialect: Dialect, name: &[String]) -> bool {
        self.tables
            .iter()
            .any(|entry| entry.value.columns.is_some() && spells(dialect, &entry.name, name))
    }
}

/// True when a dotted name of the file means the folded parts of `name`, whose qualifier may be
/// left out on either side.
pub(crate) fn spells(dialect: Dialect, written: &str, name: &[String]) -> bool {
    let written = parts(written);
    let both = written.len().min(name.len());
    both > 0
        && written
            .iter()
            .rev()
            .zip(name.iter().rev())
            .all(|(written, part)| same(dialect, written, part))
}

/// A name of the file is unquoted to the eye: it means the stored name it equals, or the one it
/// folds to.
pub(super) fn same(dialect: Dialect, written: &str, stored: &str) -> bool {
    written == stored || dialect.fold(written) == stored
}

/// The parts of a dotted name.
pub(super) fn parts(dotted: &str) -> Vec<String> {
    dotted.split('.').map(str::to_owned).collect()
}
