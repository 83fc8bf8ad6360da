//! What the compiler's environment says about the crate that is compiled.

use std::{env, path::PathBuf};

use soft_delete_sql::Dialect;

/// The crate that is compiled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Environment {
    /// The directory of its Cargo.toml.
    pub(crate) manifest_dir: PathBuf,
    /// Its name: one process may expand several crates (rust-analyzer does).
    pub(crate) crate_name: String,
    /// `SOFT_DELETE_CONFIG`.
    pub(crate) config: Option<PathBuf>,
    /// The dialects whose features are enabled.
    pub(crate) features: Vec<Dialect>,
}

impl Environment {
    /// Reads it; it may differ from one expansion to the next.
    pub(crate) fn current() -> Self {
        Self {
            manifest_dir: env::var_os("CARGO_MANIFEST_DIR")
                .map_or_else(|| PathBuf::from("."), PathBuf::from),
            crate_name: env::var("CARGO_CRATE_NAME").unwrap_or_default(),
            config: env::var_os("SOFT_DELETE_CONFIG")
                .filter(|path| !path.is_empty())
                .map(PathBuf::from),
            features: enabled(),
        }
    }
}

fn enabled() -> Vec<Dialect> {
    let features = [
        (cfg!(feature = "postgres"), Dialect::Postgres),
        (cfg!(feature = "sqlite"), Dialect::Sqlite),
        (cfg!(feature = "mysql"), Dialect::Mysql),
    ];
    features
        .into_iter()
        .filter_map(|(enabled, dialect)| enabled.then_some(dialect))
        .collect()
}
