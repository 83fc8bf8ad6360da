//! Finds `soft-delete.toml` and the schema, and reads them.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::{Config, FILE_NAME, Schema, finish::Reading, migrations};
use crate::{Code, Diagnostic, Dialect};

/// Where a crate's schema is looked for.
#[derive(Debug, Clone, Default)]
pub struct Source {
    /// The directory of the crate's Cargo.toml.
    pub manifest_dir: PathBuf,
    /// `SOFT_DELETE_CONFIG`, relative to the manifest directory.
    pub config: Option<PathBuf>,
    /// The dialects whose Cargo features are enabled.
    pub features: Vec<Dialect>,
}

/// Reads the schema of a crate: `soft-delete.toml` beside its Cargo.toml, else at the workspace
/// root, and what `schema` says there.
///
/// # Errors
/// Every fault of the file and of the migrations: SD030 to SD038.
pub fn load(source: &Source) -> Result<Schema, Vec<Diagnostic>> {
    let file = find_config(source);
    let mut config = Config::default();
    let mut root = source.manifest_dir.clone();
    if let Some(file) = &file {
        let shown = shown(file, &source.manifest_dir);
        let text = fs::read_to_string(file).map_err(|error| {
            let message = format!("{} cannot be read: {error}", shown.display());
            vec![Diagnostic::new(Code::Config, message)]
        })?;
        config = Config::parse(&text, &shown)?;
        if let Some(directory) = file.parent() {
            directory.clone_into(&mut root);
        }
    }
    let dialect = dialect(&config, &source.features).map_err(|fault| vec![fault])?;
    let path = root.join(&config.schema);
    let mut schema = read(dialect, &path, &source.manifest_dir, &config)?;
    schema.files.extend(file.map(absolute));
    Ok(schema)
}

/// Reads a directory of migrations, or one dump.
///
/// # Errors
/// SD031 when it cannot be read, and every fault found in it.
pub fn from_path(
    dialect: Dialect,
    path: &Path,
    config: &Config,
) -> Result<Schema, Vec<Diagnostic>> {
    read(dialect, path, Path::new(""), config)
}

/// Reads a schema from a text.
///
/// # Errors
/// Every fault found in it.
pub fn from_sql(dialect: Dialect, sql: &str, config: &Config) -> Result<Schema, Vec<Diagnostic>> {
    let mut reading = Reading::new(dialect, config);
    reading.script(sql, Path::new(""));
    reading.finish()
}

fn read(
    dialect: Dialect,
    path: &Path,
    base: &Path,
    config: &Config,
) -> Result<Schema, Vec<Diagnostic>> {
    let missing = |why: &str| vec![missing(path, why, config)];
    let mut reading = Reading::new(dialect, config);
    let mut files = Vec::new();
    let is_directory = path.is_dir();
    if is_directory {
        let found = migrations::list(path).map_err(|error| missing(&error.to_string()))?;
        if found.is_empty() {
            return Err(missing(
                "it holds no file named `<VERSION>_<DESCRIPTION>.sql`",
            ));
        }
        files.extend(found.into_iter().map(|migration| migration.path));
        reading.is_run_by_sqlx();
    } else {
        files.push(path.to_owned());
    }
    for file in &files {
        match fs::read_to_string(file) {
            Ok(text) => reading.script(&text, &shown(file, base)),
            Err(error) if is_directory => {
                return Err(missing(&format!("{}: {error}", file.display())));
            }
            Err(error) => return Err(missing(&error.to_string())),
        }
    }
    let mut schema = reading.finish()?;
    schema.files = files.into_iter().map(absolute).collect();
    schema.directory = is_directory.then(|| absolute(path.to_owned()));
    Ok(schema)
}

fn missing(path: &Path, why: &str, config: &Config) -> Diagnostic {
    let message = format!("the schema at {} cannot be read: {why}", path.display());
    let mut help = format!(
        "say in {} where the sqlx migrations or the schema dump are:",
        config.file_name()
    );
    help.push_str("\nschema = \"migrations\"");
    Diagnostic::new(Code::SchemaMissing, message)
        .why("the migrations say which tables are soft-deletable; without them nothing is proven")
        .help(help)
}

fn find_config(source: &Source) -> Option<PathBuf> {
    if let Some(path) = &source.config {
        return Some(source.manifest_dir.join(path));
    }
    let beside = source.manifest_dir.join(FILE_NAME);
    if beside.is_file() {
        return Some(beside);
    }
    let root = source
        .manifest_dir
        .ancestors()
        .find(|directory| is_workspace_root(directory))?;
    Some(root.join(FILE_NAME)).filter(|file| file.is_file())
}

fn is_workspace_root(directory: &Path) -> bool {
    fs::read_to_string(directory.join("Cargo.toml")).is_ok_and(|text| {
        text.lines()
            .map(str::trim)
            .any(|line| line.starts_with("[workspace]") || line.starts_with("[workspace."))
    })
}

/// What `dialect` says, else the only enabled feature.
fn dialect(config: &Config, features: &[Dialect]) -> Result<Dialect, Diagnostic> {
    let line = |dialect: Dialect| format!("dialect = \"{dialect}\"");
    let names = |dialects: &[Dialect]| {
        let names: Vec<String> = dialects.iter().map(|d| format!("`{d}`")).collect();
        names.join(" and ")
    };
    match (config.dialect, features) {
        (Some(dialect), features) if features.contains(&dialect) => Ok(dialect),
        (None, [only]) => Ok(*only),
        (_, []) => Err(Diagnostic::new(
            Code::DialectUndecided,
            "no database feature of `soft-delete` is enabled",
        )
        .help("enable one in Cargo.toml:\nsoft-delete = { version = \"0.1\", features = [\"sqlite\"] }  # or postgres, mysql")),
        (Some(dialect), features) => Err(Diagnostic::new(
            Code::DialectUndecided,
            format!(
                "{} says `{}`, and the enabled feature is {}",
                config.file_name(),
                line(dialect),
                names(features)
            ),
        )
        .help(format!("enable the feature `{dialect}` of `soft-delete` in Cargo.toml"))),
        (None, [first, ..]) => Err(Diagnostic::new(
            Code::DialectUndecided,
            format!(
                "the features {} are enabled, so the SQL dialect is not decided",
                names(features)
            ),
        )
        .help(format!(
            "say it in {FILE_NAME} beside Cargo.toml:\n{}",
            line(*first)
        ))),
    }
}

/// A path as messages show it.
fn shown(file: &Path, base: &Path) -> PathBuf {
    file.strip_prefix(base).unwrap_or(file).to_owned()
}

fn absolute(path: PathBuf) -> PathBuf {
    std::path::absolute(&path).unwrap_or(path)
}
