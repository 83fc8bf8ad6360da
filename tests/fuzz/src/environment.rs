//! What a call of the macros is compiled in; the macros' own module asks rustc.

use std::path::PathBuf;

use soft_delete_sql::Dialect;

/// The crate that is compiled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Environment {
    /// The directory of its Cargo.toml.
    pub(crate) manifest_dir: PathBuf,
    /// Its name.
    pub(crate) crate_name: String,
    /// `SOFT_DELETE_CONFIG`.
    pub(crate) config: Option<PathBuf>,
    /// The dialects whose features are enabled.
    pub(crate) features: Vec<Dialect>,
}

impl Environment {
    /// The application of this package, on one database.
    pub(crate) fn on(dialect: Dialect) -> Self {
        Self {
            manifest_dir: PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/application")),
            crate_name: "application".to_owned(),
            config: Some(PathBuf::from(format!("{dialect}.toml"))),
            features: vec![dialect],
        }
    }
}
