//! Finds the corpora below a folder and reads their statements.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use serde_json::Value;
use soft_delete_sql::Dialect;

use super::sqllogictest;

/// One corpus: the statements of a folder.
#[derive(Debug)]
pub(crate) struct Corpus {
    /// Its folder, relative to the one that was asked for.
    pub(crate) name: String,
    pub(super) folder: PathBuf,
    /// The schema that the statements are about.
    pub(crate) schema: Option<PathBuf>,
    /// Its statements, grouped by the database they run in.
    pub(crate) scripts: Vec<Script>,
}

/// Statements that share a database.
#[derive(Debug)]
pub(crate) struct Script {
    pub(crate) statements: Vec<Statement>,
    /// True when the statements build the database as they go (sqllogictest); else the schema
    /// file does, and they are only prepared.
    pub(crate) runs: bool,
}

/// One statement with what is known about it.
#[derive(Debug, Clone)]
pub(crate) struct Statement {
    pub(crate) id: String,
    pub(crate) dialect: Dialect,
    pub(crate) sql: String,
    /// Whether the database accepts it; `None` when that is not established.
    pub(super) accepted: Option<bool>,
    /// The relations that libpg_query reports, dotted as written.
    pub(super) relations: Option<Vec<String>>,
    /// libpg_query's names of statement kinds.
    pub(super) tags: Vec<String>,
}

impl Statement {
    /// A statement of which nothing else is known.
    pub(crate) fn new(id: String, dialect: Dialect, sql: &str) -> Self {
        Self {
            id,
            dialect,
            sql: sql.to_owned(),
            accepted: None,
            relations: None,
            tags: Vec::new(),
        }
    }
}

impl Corpus {
    /// Every corpus at or below a folder, by name.
    pub(crate) fn find(root: &Path) -> Result<Vec<Self>> {
        if !root.is_dir() {
            bail!("{} is no folder", root.display());
        }
        let mut found = Vec::new();
        collect(root, root, &mut found)?;
        if found.is_empty() {
            bail!(
                "no queries.jsonl and no *.test file below {}",
                root.display()
            );
        }
        Ok(found)
    }

    /// Its statements come in order, with those that make their tables.
    pub(super) fn is_replayed(&self) -> bool {
        is_replayed(&self.name)
    }

    /// Its rows come from a generator.
    pub(super) fn is_tpch(&self) -> bool {
        self.name.rsplit('/').next() == Some("tpch")
    }
}

fn collect(root: &Path, folder: &Path, found: &mut Vec<Corpus>) -> Result<()> {
    let mut entries: Vec<PathBuf> = fs::read_dir(folder)
        .with_context(|| format!("cannot read {}", folder.display()))?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<_>>()?;
    entries.sort();
    let mut scripts = Vec::new();
    for path in &entries {
        let read = || fs::read_to_string(path).with_context(|| path.display().to_string());
        if path.file_name().is_some_and(|name| name == "queries.jsonl") {
            let statements = json_lines(&read()?).with_context(|| path.display().to_string())?;
            if is_replayed(&name(root, folder)) {
                scripts.extend(by_file(statements));
            } else {
                scripts.push(Script {
                    statements,
                    runs: false,
                });
            }
        } else if path
            .extension()
            .is_some_and(|extension| extension == "test")
        {
            let stem = path.file_stem().unwrap_or_default().to_string_lossy();
            scripts.push(Script {
                statements: sqllogictest::statements(&stem, &read()?),
                runs: true,
            });
        }
    }
    if !scripts.is_empty() {
        let schema = folder.join("schema.sql");
        found.push(Corpus {
            name: name(root, folder),
            folder: folder.to_owned(),
            schema: schema.is_file().then_some(schema),
            scripts,
        });
    }
    for path in entries.iter().filter(|path| path.is_dir()) {
        collect(root, path, found)?;
    }
    Ok(())
}

fn is_replayed(name: &str) -> bool {
    let last = name.rsplit('/').next().unwrap_or_default();
    last.starts_with("pg_regress")
}

/// One script for each file of a suite; an id is the file, `#` and a number.
fn by_file(statements: Vec<Statement>) -> Vec<Script> {
    let mut scripts: Vec<Script> = Vec::new();
    for statement in statements {
        match scripts.last_mut() {
            Some(script) if script.name() == file_of(&statement.id) => {
                script.statements.push(statement);
            }
            _ => scripts.push(Script {
                statements: vec![statement],
                runs: true,
            }),
        }
    }
    scripts
}

fn file_of(id: &str) -> &str {
    let file = id.split_once('#').map_or(id, |(file, _)| file);
    file.rsplit('/').next().unwrap_or(file)
}

impl Script {
    /// The file that its statements come from.
    pub(super) fn name(&self) -> &str {
        self.statements
            .first()
            .map_or("", |statement| file_of(&statement.id))
    }
}

/// The folder relative to the root; the root itself by its own name.
fn name(root: &Path, folder: &Path) -> String {
    let relative = folder.strip_prefix(root).unwrap_or(folder);
    if relative.as_os_str().is_empty() {
        let own = root.canonicalize().unwrap_or_else(|_| root.to_owned());
        return own.file_name().map_or("corpus".to_owned(), |name| {
            name.to_string_lossy().into_owned()
        });
    }
    relative.to_string_lossy().into_owned()
}

fn json_lines(text: &str) -> Result<Vec<Statement>> {
    text.lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty())
        .map(|(at, line)| json_line(line).with_context(|| format!("line {}", at + 1)))
        .collect()
}

fn json_line(line: &str) -> Result<Statement> {
    let value: Value = serde_json::from_str(line)?;
    let text = |key: &str| {
        value[key]
            .as_str()
            .map(str::to_owned)
            .with_context(|| format!("`{key}` is missing"))
    };
    let strings = |key: &str| {
        value[key].as_array().map(|values| {
            values
                .iter()
                .filter_map(|value| Some(value.as_str()?.to_owned()))
                .collect::<Vec<_>>()
        })
    };
    Ok(Statement {
        id: text("id")?,
        dialect: text("dialect")?.parse().map_err(anyhow::Error::msg)?,
        sql: text("sql")?,
        accepted: value["accepted"].as_bool(),
        relations: strings("relations"),
        tags: strings("tags").unwrap_or_default(),
    })
}

#[cfg(test)]
mod tests {
    use soft_delete_sql::Dialect;

    use super::{by_file, json_lines};

    #[test]
    fn a_suite_is_one_script_for_each_file() {
        let line = |id: &str| {
            format!("{{\"id\": \"{id}\", \"dialect\": \"postgres\", \"sql\": \"SELECT 1\"}}\n")
        };
        let text = ["r/bit#0", "r/bit#1", "r/box#0"].map(line).concat();
        let scripts = by_file(json_lines(&text).expect("read"));
        let names = scripts.iter().map(super::Script::name);
        assert_eq!(names.collect::<Vec<_>>(), ["bit", "box"]);
        assert_eq!(scripts[0].statements.len(), 2);
    }

    #[test]
    fn a_line_is_read_with_what_it_leaves_open() {
        let statements = json_lines(
            "{\"id\": \"a/1\", \"dialect\": \"postgres\", \"sql\": \"SELECT 1\", \"accepted\": true, \
             \"relations\": [\"s.t\"], \"tags\": [\"SelectStmt\"]}\n\n\
             {\"id\": \"a/2\", \"dialect\": \"sqlite\", \"sql\": \"x\", \"accepted\": null}\n",
        )
        .expect("read");
        assert_eq!(statements.len(), 2);
        assert_eq!(statements[0].accepted, Some(true));
        assert_eq!(statements[0].relations, Some(vec!["s.t".to_owned()]));
        assert_eq!(statements[0].tags, ["SelectStmt"]);
        assert_eq!(statements[1].dialect, Dialect::Sqlite);
        assert_eq!(statements[1].accepted, None);
        assert_eq!(statements[1].relations, None);
    }

    #[test]
    fn a_line_without_sql_is_an_error_with_its_number() {
        let error = json_lines("{\"id\": \"a\", \"dialect\": \"sqlite\"}").expect_err("no sql");
        assert_eq!(format!("{error:#}"), "line 1: `sql` is missing");
    }
}
