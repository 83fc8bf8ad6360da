//! The schema, read once per dialect.

use std::{
    fs,
    path::{Path, PathBuf},
};

use soft_delete_sql::{
    Code, Diagnostic, Dialect, Schema,
    schema::{Config, FILE_NAME, from_path},
};

use crate::Expand;

/// A schema, or everything that is wrong with it.
type Read = Result<Schema, Vec<Diagnostic>>;

/// Where the schema is, and what was read of it so far.
pub(crate) struct Schemas {
    config: Config,
    path: PathBuf,
    dialect: Option<Dialect>,
    read: Vec<(Dialect, Read)>,
}

impl Schemas {
    /// Reads soft-delete.toml; the schema itself waits until its dialect is known.
    pub(crate) fn new(options: &Expand) -> Result<Self, Vec<Diagnostic>> {
        // The file that governs migrations lies beside their directory, as in a package.
        let package = match &options.schema {
            Some(schema) => schema.parent().unwrap_or(Path::new("")),
            None => Path::new(""),
        };
        let beside = package.join(FILE_NAME);
        let file = match &options.config {
            Some(file) => Some(file.clone()),
            None => beside.is_file().then_some(beside),
        };
        let config = match &file {
            Some(file) => config(file)?,
            None => Config::default(),
        };
        let root = file.as_deref().and_then(Path::parent);
        let path = match &options.schema {
            Some(path) => path.clone(),
            None => root.unwrap_or(Path::new("")).join(&config.schema),
        };
        Ok(Self {
            dialect: options.dialect.or(config.dialect),
            config,
            path,
            read: Vec::new(),
        })
    }

    /// The schema in a dialect, or in the one of the command line and soft-delete.toml.
    pub(crate) fn get(&mut self, dialect: Option<Dialect>) -> Result<&Schema, Vec<Diagnostic>> {
        let Some(dialect) = dialect.or(self.dialect) else {
            return Err(vec![undecided()]);
        };
        let known = self.read.iter().position(|(known, _)| *known == dialect);
        let at = known.unwrap_or(self.read.len());
        if known.is_none() {
            let read = from_path(dialect, &self.path, &self.config);
            self.read.push((dialect, read));
        }
        self.read[at].1.as_ref().map_err(Clone::clone)
    }

    /// Whether a dialect is known without any request saying one.
    pub(crate) fn has_dialect(&self) -> bool {
        self.dialect.is_some()
    }
}

fn config(file: &Path) -> Result<Config, Vec<Diagnostic>> {
    let text = fs::read_to_string(file).map_err(|error| {
        let message = format!("{} cannot be read: {error}", file.display());
        vec![Diagnostic::new(Code::Config, message)]
    })?;
    Config::parse(&text, file)
}

fn undecided() -> Diagnostic {
    Diagnostic::new(Code::DialectUndecided, "the SQL dialect is not decided").help(format!(
        "say --dialect sqlite (or postgres, mysql), or in {FILE_NAME}:\ndialect = \"sqlite\""
    ))
}
