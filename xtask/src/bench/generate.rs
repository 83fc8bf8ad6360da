//! Writes the crates that are measured.

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

use crate::workspace;

/// How a generated crate states its queries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// `sqlx::query_as!`, with the marker tested by hand.
    Sqlx,
    /// `soft_query!`.
    Soft,
    /// `soft_query!` with `typecheck = true`.
    SoftTypecheck,
    /// `sqlx::query_as`, checked by nobody: what the functions around the queries cost.
    Unchecked,
}

impl Style {
    pub(super) const ALL: [Self; 4] =
        [Self::Unchecked, Self::Sqlx, Self::Soft, Self::SoftTypecheck];

    /// The name of its crate.
    pub(super) const fn package(self) -> &'static str {
        match self {
            Self::Sqlx => "with-sqlx",
            Self::Soft => "with-soft-query",
            Self::SoftTypecheck => "with-soft-query-typecheck",
            Self::Unchecked => "with-nothing",
        }
    }
}

/// Makes an empty folder for a workspace that keeps to the versions of ours.
pub(super) fn folder(folder: &Path, manifest: &str) -> Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    write(&folder.join("Cargo.toml"), manifest)?;
    fs::copy(workspace().join("Cargo.lock"), folder.join("Cargo.lock"))?;
    Ok(())
}

/// Writes a file only when it changes, so that cargo need not build again.
pub(super) fn write(file: &Path, text: &str) -> Result<()> {
    if fs::read_to_string(file).is_ok_and(|old| old == text) {
        return Ok(());
    }
    if let Some(parent) = file.parent() {
        fs::create_dir_all(parent)?;
    }
    fs::write(file, text).with_context(|| format!("cannot write {}", file.display()))
}

/// Writes the crate of a style below a workspace and returns its source file.
pub(super) fn package(root: &Path, style: Style, queries: usize) -> Result<PathBuf> {
    let folder = root.join(style.package());
    let manifest = format!(
        "[package]\nname = \"{}\"\nedition = \"2024\"\n\n[dependencies]\n\
         soft-delete = {{ path = '{}', features = [\"sqlite\"] }}\n\
         sqlx = {{ version = \"0.9\", default-features = false, \
         features = [\"macros\", \"runtime-tokio\", \"sqlite\"] }}\n",
        style.package(),
        workspace().display()
    );
    write(&folder.join("Cargo.toml"), &manifest)?;
    write(&folder.join("migrations/0001_tables.sql"), &schema())?;
    if style == Style::SoftTypecheck {
        write(&folder.join("soft-delete.toml"), "typecheck = true\n")?;
    }
    let source = folder.join("src/lib.rs");
    write(&source, &functions(style, queries))?;
    Ok(source)
}

/// Twenty tables, as a real application has them.
pub(super) fn schema() -> String {
    let mut sql = String::new();
    for table in 0..20 {
        let _ = writeln!(
            sql,
            "CREATE TABLE parents{table} (\n    id INTEGER PRIMARY KEY NOT NULL,\n    name TEXT NOT NULL,\n    \
             deleted_at TEXT\n);\n\
             CREATE TABLE children{table} (\n    id INTEGER PRIMARY KEY NOT NULL,\n    \
             parent_id INTEGER NOT NULL REFERENCES parents{table} (id),\n    name TEXT NOT NULL,\n    \
             amount INTEGER NOT NULL,\n    deleted_at TEXT\n);"
        );
    }
    sql
}

fn functions(style: Style, queries: usize) -> String {
    let mut code = "//! Generated.\n\n".to_owned();
    code.push_str(match style {
        Style::Sqlx | Style::Unchecked => "use sqlx::SqlitePool;\n",
        Style::Soft | Style::SoftTypecheck => {
            "use soft_delete::soft_query;\nuse sqlx::SqlitePool;\n"
        }
    });
    code.push_str(
        "\n/// A row.\n#[derive(Debug, sqlx::FromRow)]\npub struct Row {\n    pub id: i64,\n    pub name: String,\n}\n",
    );
    for number in 0..queries {
        let sql = statement(style, number);
        let call = match style {
            Style::Sqlx => format!("sqlx::query_as!(Row, {sql:?}, a, b)"),
            Style::Soft | Style::SoftTypecheck => {
                format!("soft_query!(active as Row, {sql:?}, a, b)")
            }
            Style::Unchecked => format!("sqlx::query_as::<_, Row>({sql:?}).bind(a).bind(b)"),
        };
        let _ = write!(
            code,
            "\n/// Query {number}.\npub async fn query{number}(pool: &SqlitePool, a: i64, b: &str) \
             -> sqlx::Result<Vec<Row>> {{\n    {call}.fetch_all(pool).await\n}}\n"
        );
    }
    code
}

/// Statement `number`: different texts of four forms. The marker is tested where nobody else
/// adds the test.
fn statement(style: Style, number: usize) -> String {
    let table = number % 20;
    let own = |test: &str| match style {
        Style::Sqlx | Style::Unchecked => test.to_owned(),
        Style::Soft | Style::SoftTypecheck => String::new(),
    };
    match number % 4 {
        0 => format!(
            "SELECT id, name FROM parents{table} WHERE {}id > ? AND name <> ? AND id <> {number}",
            own("deleted_at IS NULL AND ")
        ),
        1 => format!(
            "SELECT c.id, p.name FROM children{table} c JOIN parents{table} p ON p.id = c.parent_id \
             WHERE {}c.amount > ? AND p.name <> ? ORDER BY c.id LIMIT {number}",
            own("c.deleted_at IS NULL AND p.deleted_at IS NULL AND ")
        ),
        2 => format!(
            "SELECT p.id, p.name FROM parents{table} p WHERE {}p.id <> ? AND EXISTS (SELECT 1 FROM \
             children{table} c WHERE {}c.parent_id = p.id AND c.name = ? AND c.amount > {number})",
            own("p.deleted_at IS NULL AND "),
            own("c.deleted_at IS NULL AND ")
        ),
        _ => format!(
            "WITH big AS (SELECT parent_id FROM children{table} WHERE {}amount > ? GROUP BY \
             parent_id) SELECT p.id, p.name FROM parents{table} p JOIN big ON big.parent_id = p.id \
             WHERE {}p.name <> ? AND p.id <> {number}",
            own("deleted_at IS NULL AND "),
            own("p.deleted_at IS NULL AND ")
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::{Style, functions, schema};

    #[test]
    fn only_what_nobody_checks_tests_the_marker_by_hand() {
        let by_hand = functions(Style::Sqlx, 4);
        assert_eq!(by_hand.matches("deleted_at IS NULL").count(), 7);
        assert_eq!(by_hand.matches("sqlx::query_as!(").count(), 4);
        let checked = functions(Style::Soft, 4);
        assert_eq!(checked.matches("deleted_at").count(), 0);
        assert_eq!(checked.matches("soft_query!(active as Row").count(), 4);
    }

    #[test]
    fn sqlite_accepts_every_statement() {
        let database = rusqlite::Connection::open_in_memory().expect("opened");
        database.execute_batch(&schema()).expect("tables");
        for number in 0..40 {
            for style in [Style::Sqlx, Style::Soft] {
                let sql = super::statement(style, number);
                database
                    .prepare(&sql)
                    .unwrap_or_else(|error| panic!("{sql}: {error}"));
            }
        }
    }
}
