//! What the README shows is real: its Rust runs here, its SQL, toml and messages are the project's.

use std::{
    fs,
    path::{Path, PathBuf},
};

use chrono::{DateTime, Utc};
use soft_delete::{Active, Deleted, SoftDeletable, Visibility, WithDeleted, soft_query};
use sqlx::{SqlitePool, sqlite::SqlitePoolOptions};

#[derive(Debug, sqlx::FromRow, SoftDeletable)]
struct Contact {
    id: i64,
    email: String,
    name: String,
    deleted_at: Option<DateTime<Utc>>,
}

#[derive(Debug, PartialEq, sqlx::FromRow)]
struct Line {
    item: String,
    name: String,
}

async fn database() -> sqlx::Result<SqlitePool> {
    let pool = SqlitePoolOptions::new()
        .max_connections(1)
        .connect("sqlite::memory:")
        .await?;
    sqlx::migrate!().run(&pool).await?;
    sqlx::raw_sql(
        "INSERT INTO contacts (id, email, name, deleted_at) VALUES
             (1, 'ada@example.org', 'Ada', NULL),
             (2, 'alan@example.org', 'Alan', '2026-01-01 00:00:00'),
             (3, 'grace@example.org', 'Grace', NULL);
         INSERT INTO orders (contact_id, item) VALUES (1, 'an engine'), (2, 'a machine');",
    )
    .execute(&pool)
    .await?;
    Ok(pool)
}

fn names<T: AsRef<Contact>>(rows: &[T]) -> Vec<&str> {
    rows.iter().map(|row| row.as_ref().name.as_str()).collect()
}

#[tokio::test]
async fn the_readme_s_queries_return_what_it_says() -> Result<(), Box<dyn std::error::Error>> {
    let pool = database().await?;

    let people: Vec<Active<Contact>> = soft_query!(
        Active<Contact>,
        "SELECT * FROM contacts WHERE name LIKE ? ORDER BY name",
        "A%"
    )
    .fetch_all(&pool)
    .await?;

    let trash: Vec<Deleted<Contact>> = soft_query!(Deleted<Contact>, "SELECT * FROM contacts")
        .fetch_all(&pool)
        .await?;

    // An enum: each row is `Active(_)` or `Deleted(_)`.
    let everyone: Vec<WithDeleted<Contact>> =
        soft_query!(WithDeleted<Contact>, "SELECT * FROM contacts")
            .fetch_all(&pool)
            .await?;

    assert_eq!(names(&people), ["Ada"]);
    assert_eq!(people[0].id, 1);
    assert_eq!(names(&trash), ["Alan"]);
    assert_eq!(trash[0].email, "alan@example.org");
    assert!(trash[0].deleted_at.is_some());
    assert_eq!(names(&everyone), ["Ada", "Alan", "Grace"]);
    assert!(everyone[1].is_deleted());

    let count: i64 = soft_query!(active as scalar, "SELECT count(*) FROM contacts")
        .fetch_one(&pool)
        .await?;

    soft_query!(
        active,
        "UPDATE contacts SET name = ? WHERE id = ?",
        "Ada L.",
        1
    )
    .execute(&pool)
    .await?;

    assert_eq!(count, 2);

    let lines: Vec<Line> = soft_query!(
        active as Line,
        c: with_deleted,
        "SELECT o.item, c.name FROM orders o JOIN contacts c ON c.id = o.contact_id"
    )
    .fetch_all(&pool)
    .await?;

    let visibility = Visibility::from_include_deleted(true);
    let chosen: Vec<WithDeleted<Contact>> = soft_query!(
        WithDeleted<Contact> in visibility,
        "SELECT * FROM contacts ORDER BY name"
    )
    .fetch_all(&pool)
    .await?;

    let line = |item: &str, name: &str| Line {
        item: item.into(),
        name: name.into(),
    };
    assert_eq!(
        lines,
        [line("an engine", "Ada L."), line("a machine", "Alan")]
    );
    assert_eq!(names(&chosen), ["Ada L.", "Alan", "Grace"]);

    let emails: Vec<String> = soft_query!(
        as scalar,
        "SELECT email FROM contacts WHERE deleted_at IS NULL ORDER BY email"
    )
    .fetch_all(&pool)
    .await?;

    let size: i64 = soft_query!(
        unchecked as scalar,
        reason = "the size of the table, deleted rows included",
        "SELECT count(*) FROM contacts"
    )
    .fetch_one(&pool)
    .await?;

    assert_eq!(emails, ["ada@example.org", "grace@example.org"]);
    assert_eq!(size, 3);

    let outcome = soft_query!(soft_delete, "DELETE FROM contacts WHERE id = ?", 1)
        .by("admin")
        .because("duplicate")
        .execute(&pool)
        .await?;

    assert_eq!(outcome.rows_affected(), 1);
    let recorded: (String, String) = soft_query!(
        deleted as (String, String),
        "SELECT deleted_by, deleted_reason FROM contacts WHERE id = 1"
    )
    .fetch_one(&pool)
    .await?;
    assert_eq!(recorded, ("admin".into(), "duplicate".into()));
    Ok(())
}

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn read(path: impl AsRef<Path>) -> String {
    let path = workspace().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The lines without their indentation.
fn flat(text: &str) -> String {
    text.lines()
        .map(|line| line.trim().to_owned() + "\n")
        .collect()
}

/// The blocks of one language.
fn blocks(language: &str) -> Vec<String> {
    let readme = read("README.md");
    let found: Vec<String> = readme
        .split("```")
        .skip(1)
        .step_by(2)
        .filter_map(|block| block.strip_prefix(&format!("{language}\n")))
        .map(flat)
        .collect();
    assert!(!found.is_empty(), "the README has no {language} block");
    found
}

#[test]
fn rust_in_the_readme_stands_in_a_program_that_runs() {
    let programs = [
        flat(include_str!("readme.rs")),
        flat(&read("examples/quickstart/build.rs")),
    ];
    for block in blocks("rust") {
        assert!(
            programs.iter().any(|program| program.contains(&block)),
            "nothing runs this block of the README:\n{block}"
        );
    }
}

#[test]
fn sql_and_toml_in_the_readme_are_those_of_the_quickstart() {
    assert_eq!(
        blocks("sql"),
        [flat(&read(
            "examples/quickstart/migrations/0001_contacts.sql"
        ))]
    );
    let settings = flat(&read("examples/quickstart/soft-delete.toml"));
    let version = env!("CARGO_PKG_VERSION");
    for block in blocks("toml") {
        let is_manifest = block.contains("[dependencies]\nsoft-delete = ")
            && version.starts_with(block.split('"').nth(1).unwrap_or("?"));
        assert!(
            is_manifest || block == settings,
            "this block of the README is of no use:\n{block}"
        );
    }
}

#[test]
fn the_message_in_the_readme_is_what_the_compiler_prints() {
    let messages: Vec<String> = fs::read_dir(workspace().join("tests/ui/fail"))
        .expect("the ui tests are there")
        .map(|entry| entry.expect("read").path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "stderr")
        })
        .map(|path| flat(&fs::read_to_string(path).expect("read")))
        .collect();
    for block in blocks("text") {
        assert!(
            messages.iter().any(|message| message.contains(&block)),
            "no ui test prints this:\n{block}"
        );
    }
}

#[test]
fn links_in_the_readme_lead_somewhere() {
    for readme in ["README.md", "CONTRIBUTING.md"] {
        let text = read(readme);
        for link in text
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split(')').next())
        {
            assert!(
                link.starts_with("https://") || workspace().join(link).exists(),
                "{readme} links to {link}"
            );
        }
    }
}
