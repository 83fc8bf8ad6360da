use std::{
    fs,
    path::{Path, PathBuf},
};

use super::shape;
use crate::{
    Dialect,
    schema::{Config, Found, Schema, Source, from_path, load},
};

/// A directory of its own, removed at the end.
struct Directory(PathBuf);

impl Directory {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("soft-delete-{}-{name}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn load(
        &self,
        package: &str,
        config: Option<&str>,
        features: &[Dialect],
    ) -> Result<Schema, String> {
        let source = Source {
            manifest_dir: self.0.join(package),
            config: config.map(PathBuf::from),
            features: features.to_vec(),
        };
        load(&source).map_err(|faults| {
            let texts: Vec<String> = faults.iter().map(|fault| fault.render("")).collect();
            texts
                .join("\n")
                .replace(&self.0.display().to_string(), "DIR")
        })
    }

    fn relative(&self, paths: &[PathBuf]) -> Vec<String> {
        let paths = paths.iter().map(|path| path.strip_prefix(&self.0).unwrap());
        paths.map(|path| path.display().to_string()).collect()
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

const LITE: &[Dialect] = &[Dialect::Sqlite];

#[test]
fn migrations_run_in_the_order_of_their_versions_and_never_backwards() {
    let dir = Directory::new("order");
    dir.write(
        "migrations/10_last.up.sql",
        "ALTER TABLE t RENAME COLUMN b TO deleted_at;",
    );
    dir.write("migrations/10_last.down.sql", "DROP TABLE t;");
    dir.write(
        "migrations/9_middle.sql",
        "ALTER TABLE t RENAME COLUMN a TO b;",
    );
    dir.write(
        "migrations/0001_first.sql",
        "-- no-transaction\nCREATE TABLE t (a TEXT);",
    );
    dir.write("migrations/notes.sql", "DROP TABLE t;");
    dir.write("migrations/11_later/x.sql", "DROP TABLE t;");
    dir.write("migrations/12_not.txt", "DROP TABLE t;");
    let schema = dir.load("", None, LITE).unwrap();
    assert_eq!(
        shape(&schema),
        "t marked by deleted_at Timestamp\n  deleted_at: text\n"
    );
    assert_eq!(
        dir.relative(&schema.files),
        [
            "migrations/0001_first.sql",
            "migrations/9_middle.sql",
            "migrations/10_last.up.sql"
        ]
    );
    assert_eq!(schema.directory, Some(dir.0.join("migrations")));
    assert!(matches!(
        schema.find(&["_sqlx_migrations".into()]),
        Found::External
    ));
    assert_eq!(
        schema.tables[0].location.file,
        Path::new("migrations/0001_first.sql")
    );
    assert_eq!(schema.tables[0].location.line, 2);
}

#[test]
fn the_file_beside_the_manifest_goes_before_the_one_of_the_workspace() {
    let dir = Directory::new("workspace");
    dir.write("Cargo.toml", "[workspace]\nmembers = [\"a\"]");
    dir.write("a/Cargo.toml", "[package]\nname = \"a\"");
    dir.write("soft-delete.toml", "schema = \"db/schema.sql\"");
    dir.write("db/schema.sql", "CREATE TABLE of_workspace (id INT);");
    let schema = dir.load("a", None, LITE).unwrap();
    assert_eq!(schema.tables[0].name.name, "of_workspace");
    assert_eq!(
        dir.relative(&schema.files),
        ["db/schema.sql", "soft-delete.toml"]
    );
    assert_eq!(schema.directory, None);

    dir.write(
        "a/other.toml",
        "schema = \"../db/other.sql\"\ntypecheck = true",
    );
    dir.write("db/other.sql", "CREATE TABLE of_other (id INT);");
    let schema = dir.load("a", Some("other.toml"), LITE).unwrap();
    assert_eq!(schema.tables[0].name.name, "of_other");
    assert!(schema.typecheck);

    dir.write("a/soft-delete.toml", "");
    dir.write("a/migrations/1_x.sql", "CREATE TABLE of_package (id INT);");
    let schema = dir.load("a", None, LITE).unwrap();
    assert_eq!(schema.tables[0].name.name, "of_package");
}

#[test]
fn a_missing_schema_says_where_it_was_looked_for() {
    let dir = Directory::new("missing");
    let text = dir.load("", None, LITE).unwrap_err();
    let (first, rest) = text.split_once('\n').unwrap();
    assert!(
        first.starts_with("the schema at DIR/migrations cannot be read: ")
            && first.ends_with(" [SD031]"),
        "{first}"
    );
    assert_eq!(
        rest,
        "
   why: the migrations say which tables are soft-deletable; without them nothing is proven
  help: say in soft-delete.toml where the sqlx migrations or the schema dump are:
        schema = \"migrations\""
    );
    dir.write("migrations/init.sql", "CREATE TABLE t (id INT);");
    let text = dir.load("", None, LITE).unwrap_err();
    assert!(
        text.starts_with("the schema at DIR/migrations cannot be read: it holds no file named `<VERSION>_<DESCRIPTION>.sql` [SD031]"),
        "{text}"
    );
    let text = dir.load("", Some("nothing.toml"), LITE).unwrap_err();
    assert!(
        text.starts_with("nothing.toml cannot be read: ") && text.ends_with("[SD032]"),
        "{text}"
    );
}

#[test]
fn the_dialect_is_the_only_feature_or_what_the_file_says() {
    let dir = Directory::new("dialect");
    dir.write("migrations/1_x.sql", "CREATE TABLE t (id INT);");
    let two = &[Dialect::Postgres, Dialect::Sqlite];
    assert_eq!(
        dir.load("", None, two).unwrap_err(),
        "the features `postgres` and `sqlite` are enabled, so the SQL dialect is not decided [SD034]

  help: say it in soft-delete.toml beside Cargo.toml:
        dialect = \"postgres\""
    );
    assert_eq!(
        dir.load("", None, &[]).unwrap_err(),
        "no database feature of `soft-delete` is enabled [SD034]

  help: enable one in Cargo.toml:
        soft-delete = { version = \"0.1\", features = [\"sqlite\"] }  # or postgres, mysql"
    );
    dir.write("soft-delete.toml", "dialect = \"sqlite\"");
    assert_eq!(dir.load("", None, two).unwrap().dialect, Dialect::Sqlite);
    assert_eq!(
        dir.load("", None, &[Dialect::Mysql]).unwrap_err(),
        "soft-delete.toml says `dialect = \"sqlite\"`, and the enabled feature is `mysql` [SD034]

  help: enable the feature `sqlite` of `soft-delete` in Cargo.toml"
    );
}

#[test]
fn faults_of_migrations_name_file_and_line_and_can_be_passed_over() {
    let dir = Directory::new("faults");
    dir.write(
        "migrations/1_x.sql",
        "CREATE TABLE t (id INT);\n\n  ALTER TABLE t\n  FROB x;",
    );
    assert_eq!(
        dir.load("", None, LITE).unwrap_err(),
        "migrations/1_x.sql:3: this statement changes tables and cannot be understood: expected an action of ALTER TABLE, found `FROB` (line 4) [SD030]

   why: a marker or a key could be missed
        ALTER TABLE t …
  help: declare all columns by hand in soft-delete.toml:
        [tables.t]
        columns = { id = \"int\" }
        or, when the statement changes no column or key, pass over it:
        ignore = [\"1_x.sql:3\"]"
    );
    dir.write("soft-delete.toml", "ignore = [\"1_x.sql:3\"]");
    assert_eq!(shape(&dir.load("", None, LITE).unwrap()), "t\n  id: int\n");
    dir.write(
        "soft-delete.toml",
        "ignore = [\"1_x.sql:3\", \"1_x.sql:4\"]",
    );
    assert_eq!(
        dir.load("", None, LITE).unwrap_err(),
        "soft-delete.toml:1: no statement begins at 1_x.sql:4 [SD032]

  help: name the line in which the statement begins, or leave the entry out"
    );
}

#[test]
fn a_path_can_be_a_dump() {
    let dir = Directory::new("dump");
    dir.write("schema.sql", "CREATE TABLE t (id INT);");
    let schema = from_path(
        Dialect::Sqlite,
        &dir.0.join("schema.sql"),
        &Config::default(),
    )
    .unwrap();
    assert_eq!(shape(&schema), "t\n  id: int\n");
    assert_eq!(dir.relative(&schema.files), ["schema.sql"]);
}
