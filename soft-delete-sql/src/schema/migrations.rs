//! The files of a schema, in the order in which they are run.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// One file to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Migration {
    /// Its version, from the file's name.
    pub(super) version: i64,
    pub(super) path: PathBuf,
}

/// The migrations of a directory as sqlx runs them: `<VERSION>_<DESCRIPTION>.sql` in the order of
/// their versions, never `.down.sql`; other files and directories are none.
pub(super) fn list(directory: &Path) -> io::Result<Vec<Migration>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str());
        if let Some(version) = name.and_then(version)
            && path.is_file()
        {
            found.push(Migration { version, path });
        }
    }
    found.sort_by(|a, b| (a.version, &a.path).cmp(&(b.version, &b.path)));
    Ok(found)
}

/// The version of a migration that is run forward.
fn version(file_name: &str) -> Option<i64> {
    let (version, rest) = file_name.split_once('_')?;
    let description = rest.strip_suffix(".sql")?;
    match description.rsplit_once('.') {
        Some((_, "down")) => None,
        _ => version.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::version;

    #[test]
    fn only_forward_migrations_have_a_version() {
        assert_eq!(version("0001_init.sql"), Some(1));
        assert_eq!(
            version("20240131120000_add_users.up.sql"),
            Some(20_240_131_120_000)
        );
        assert_eq!(version("2_.sql"), Some(2));
        assert_eq!(version("1_add.down.sql"), None);
        assert_eq!(version("init.sql"), None);
        assert_eq!(version("V1__init.sql"), None);
        assert_eq!(version("1_init.sql.bak"), None);
        assert_eq!(version("1-init.sql"), None);
    }
}
