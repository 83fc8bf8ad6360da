//! The schema of the crate that is compiled, read once while its files stay as they are.

use std::{
    collections::BTreeSet,
    fs,
    hash::{DefaultHasher, Hash, Hasher},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant, SystemTime},
};

use soft_delete_sql::{
    Code, Diagnostic, Schema,
    schema::{self, Source},
};

use crate::environment::Environment;

/// How long files are taken to be unchanged: a thousand calls in a row look once, and an editor
/// whose macro server lives for hours sees every change.
const TRUSTED: Duration = Duration::from_millis(50);

/// The schema, or why there is none.
pub(crate) fn load(environment: &Environment) -> Result<Arc<Schema>, Arc<Unreadable>> {
    static CACHE: Mutex<Vec<Entry>> = Mutex::new(Vec::new());
    let mut cache = CACHE.lock().unwrap_or_else(PoisonError::into_inner);
    let at = cache.iter().position(|entry| {
        entry.manifest_dir == environment.manifest_dir && entry.config == environment.config
    });
    if let Some(at) = at {
        if cache[at].is_current() {
            return cache[at].schema.clone();
        }
        cache.swap_remove(at);
    }
    let entry = Entry::read(environment);
    let schema = entry.schema.clone();
    cache.push(entry);
    schema
}

struct Entry {
    manifest_dir: PathBuf,
    config: Option<PathBuf>,
    schema: Result<Arc<Schema>, Arc<Unreadable>>,
    stamps: Vec<(PathBuf, Option<Stamp>)>,
    looked: Instant,
}

impl Entry {
    fn read(environment: &Environment) -> Self {
        let looked = Instant::now();
        let schema = schema::load(&Source {
            manifest_dir: environment.manifest_dir.clone(),
            config: environment.config.clone(),
            features: environment.features.clone(),
        });
        let stamps = schema.as_ref().map_or_else(
            |_| Vec::new(),
            |schema| {
                let watched = watched(environment, &schema.files);
                watched
                    .into_iter()
                    .map(|path| (path.clone(), Stamp::of(&path)))
                    .collect()
            },
        );
        Self {
            manifest_dir: environment.manifest_dir.clone(),
            config: environment.config.clone(),
            schema: schema
                .map(Arc::new)
                .map_err(|errors| Arc::new(Unreadable { errors })),
            stamps,
            looked,
        }
    }

    fn is_current(&mut self) -> bool {
        if self.looked.elapsed() < TRUSTED {
            return true;
        }
        // A failed read does not say which files it saw.
        let current = self.schema.is_ok()
            && self
                .stamps
                .iter()
                .all(|(path, stamp)| Stamp::of(path) == *stamp);
        self.looked = Instant::now();
        current
    }
}

/// The files read, the directories in which another may appear, and the places where a
/// soft-delete.toml would be found.
fn watched(environment: &Environment, files: &[PathBuf]) -> BTreeSet<PathBuf> {
    let mut watched: BTreeSet<PathBuf> = files.iter().cloned().collect();
    watched.extend(
        files
            .iter()
            .filter_map(|file| file.parent())
            .map(Path::to_owned),
    );
    if environment.config.is_none() {
        watched.extend(
            environment
                .manifest_dir
                .ancestors()
                .map(|directory| directory.join("soft-delete.toml")),
        );
    }
    watched
}

/// What changes when a file or the list of a directory does.
#[derive(Debug, PartialEq, Eq)]
struct Stamp {
    modified: Option<SystemTime>,
    len: u64,
}

impl Stamp {
    fn of(path: &Path) -> Option<Self> {
        let metadata = fs::metadata(path).ok()?;
        Some(Self {
            modified: metadata.modified().ok(),
            len: metadata.len(),
        })
    }
}

/// A schema that cannot be read.
#[derive(Debug)]
pub(crate) struct Unreadable {
    errors: Vec<Diagnostic>,
}

impl Unreadable {
    /// Why.
    pub(crate) fn errors(&self) -> &[Diagnostic] {
        &self.errors
    }

    /// True for the first expansion of a crate that meets it: it concerns every call, and is said
    /// once.
    pub(crate) fn first_of(&self, environment: &Environment) -> bool {
        static SAID: Mutex<BTreeSet<(String, u64)>> = Mutex::new(BTreeSet::new());
        let mut hasher = DefaultHasher::new();
        environment.manifest_dir.hash(&mut hasher);
        for error in &self.errors {
            error.render("").hash(&mut hasher);
        }
        let key = (environment.crate_name.clone(), hasher.finish());
        SAID.lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(key)
    }

    /// The fault of the expansions behind the first, where one must be shown.
    pub(crate) fn again(&self) -> Diagnostic {
        let code = self
            .errors
            .first()
            .map_or(Code::SchemaMissing, |error| error.code);
        Diagnostic::new(
            code,
            "the schema could not be read, as the first error of this code says",
        )
    }
}

#[cfg(test)]
mod tests {
    use std::{env, fs, path::Path, process, sync::Arc, thread};

    use soft_delete_sql::Dialect;

    use super::{TRUSTED, load};
    use crate::environment::Environment;

    /// A crate of its own in a directory of its own.
    fn environment(name: &str) -> Environment {
        let manifest_dir = env::temp_dir().join(format!("soft-delete-{name}-{}", process::id()));
        let _ = fs::remove_dir_all(&manifest_dir);
        fs::create_dir_all(manifest_dir.join("migrations")).expect("a directory");
        write(&manifest_dir, "soft-delete.toml", "dialect = \"sqlite\"");
        write(
            &manifest_dir,
            "migrations/1_contacts.sql",
            "CREATE TABLE contacts (id INTEGER PRIMARY KEY, deleted_at TEXT);",
        );
        Environment {
            manifest_dir,
            crate_name: name.to_owned(),
            config: None,
            features: vec![Dialect::Sqlite],
        }
    }

    fn write(directory: &Path, file: &str, text: &str) {
        fs::write(directory.join(file), text).expect("a file");
    }

    fn tables(environment: &Environment) -> Vec<String> {
        let schema = load(environment).expect("a schema");
        schema
            .tables
            .iter()
            .map(|table| table.name.name.clone())
            .collect()
    }

    #[test]
    fn the_files_are_read_once_while_they_stay_as_they_are() {
        let environment = environment("once");
        let first = load(&environment).expect("a schema");
        assert!(Arc::ptr_eq(&first, &load(&environment).expect("a schema")));
        thread::sleep(TRUSTED * 2);
        assert!(Arc::ptr_eq(&first, &load(&environment).expect("a schema")));
    }

    #[test]
    fn a_file_that_is_changed_or_added_is_seen() {
        let environment = environment("changed");
        let directory = &environment.manifest_dir;
        assert_eq!(tables(&environment), ["contacts"]);

        thread::sleep(TRUSTED * 2);
        write(
            directory,
            "migrations/2_orders.sql",
            "CREATE TABLE orders (id INTEGER PRIMARY KEY);",
        );
        assert_eq!(tables(&environment), ["contacts", "orders"]);

        thread::sleep(TRUSTED * 2);
        write(
            directory,
            "migrations/2_orders.sql",
            "CREATE TABLE invoices (id INTEGER PRIMARY KEY);",
        );
        assert_eq!(tables(&environment), ["contacts", "invoices"]);

        thread::sleep(TRUSTED * 2);
        write(
            directory,
            "dump.sql",
            "CREATE TABLE people (id INTEGER PRIMARY KEY);",
        );
        write(
            directory,
            "soft-delete.toml",
            "dialect = \"sqlite\"\nschema = \"dump.sql\"",
        );
        assert_eq!(tables(&environment), ["people"]);
    }

    #[test]
    fn a_fault_is_told_once_in_a_crate_and_a_mended_file_is_seen() {
        let environment = environment("mended");
        write(
            &environment.manifest_dir,
            "soft-delete.toml",
            "dialect = \"sqlite\"\nfoo = 1",
        );
        let unreadable = load(&environment).expect_err("an unknown key");
        assert_eq!(unreadable.errors().len(), 1);
        assert!(unreadable.first_of(&environment));
        assert!(!unreadable.first_of(&environment));
        let other = Environment {
            crate_name: "another".to_owned(),
            ..environment.clone()
        };
        assert!(unreadable.first_of(&other));

        thread::sleep(TRUSTED * 2);
        write(
            &environment.manifest_dir,
            "soft-delete.toml",
            "dialect = \"sqlite\"",
        );
        assert_eq!(tables(&environment), ["contacts"]);
    }
}
