//! A tour of soft-delete on an embedded SQLite database: `cargo run -p quickstart`.

mod model;
mod queries;
mod show;

use soft_delete::{Visibility, soft_query};
use sqlx::{SqlitePool, sqlite::SqlitePoolOptions};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

#[tokio::main]
async fn main() -> Result<()> {
    let pool = database().await?;
    println!("Every statement below is checked when this program is compiled. `=>` is what runs.");
    read(&pool).await?;
    join(&pool).await?;
    choose(&pool).await?;
    write(&pool).await
}

/// One connection: every connection to `:memory:` has a database of its own.
async fn database() -> Result<SqlitePool> {
    let pool = SqlitePoolOptions::new()
        .max_connections(1)
        .connect("sqlite::memory:")
        .await?;
    sqlx::migrate!().run(&pool).await?;
    for (email, name) in [
        ("ada@example.org", "Ada"),
        ("grace@example.org", "Grace"),
        ("hal@example.org", "Hal"),
        ("alan@example.org", "Alan"),
    ] {
        soft_query!(
            active,
            "INSERT INTO contacts (email, name) VALUES (?, ?)",
            email,
            name
        )
        .execute(&pool)
        .await?;
    }
    for (contact, item) in [(1, "an engine"), (2, "a compiler"), (3, "a door")] {
        soft_query!(
            active,
            "INSERT INTO orders (contact_id, item) VALUES (?, ?)",
            contact,
            item
        )
        .execute(&pool)
        .await?;
    }
    for gone in [3, 4] {
        queries::soft_delete(gone).execute(&pool).await?;
    }
    Ok(pool)
}

async fn read(pool: &SqlitePool) -> Result<()> {
    show::source("Live rows: the scope is the type you ask for.", "active");
    let query = queries::active("%a%");
    show::statement(query.sql());
    show::rows(query.fetch_all(pool).await?.iter().map(|row| &**row));

    show::source("The trash.", "trash");
    let query = queries::trash();
    show::statement(query.sql());
    show::rows(query.fetch_all(pool).await?.iter().map(|row| &**row));

    show::source("Everyone: each row tells which it is.", "everyone");
    let query = queries::everyone();
    show::statement(query.sql());
    show::rows(query.fetch_all(pool).await?.iter().map(|row| &**row));

    show::source(
        "Rows that are no model: a keyword instead of the type.",
        "count",
    );
    let query = queries::count();
    show::statement(query.sql());
    show::rows([query.fetch_one(pool).await?]);

    show::source(
        "SQL that carries its scope itself: proven, and left alone.",
        "proven",
    );
    let query = queries::proven();
    show::statement(query.sql());
    show::rows(query.fetch_all(pool).await?);
    Ok(())
}

async fn join(pool: &SqlitePool) -> Result<()> {
    show::source(
        "An outer join: the filter goes where it keeps the join outer.",
        "lines",
    );
    let query = queries::lines();
    show::statement(query.sql());
    show::rows(query.fetch_all(pool).await?);

    show::source(
        "One table differs: say so for that one.",
        "lines_of_everyone",
    );
    let query = queries::lines_of_everyone();
    show::statement(query.sql());
    show::rows(query.fetch_all(pool).await?);
    Ok(())
}

async fn choose(pool: &SqlitePool) -> Result<()> {
    show::source(
        "The scope is a value: three statements, one match.",
        "chosen",
    );
    for visibility in Visibility::ALL {
        println!("     {visibility}:");
        let query = queries::chosen(visibility);
        show::statement(query.sql());
        show::rows(query.fetch_all(pool).await?.iter().map(|row| &**row));
    }
    Ok(())
}

async fn write(pool: &SqlitePool) -> Result<()> {
    show::source("An update does not reach a deleted row.", "rename");
    for id in [1, 3] {
        let query = queries::rename(id, "Augusta");
        show::statement(query.sql());
        let updated = query.execute(pool).await?.rows_affected();
        show::rows([format!("contact {id}: {updated} updated")]);
    }

    show::source("A soft delete. Told twice, it happens once.", "soft_delete");
    for _ in 0..2 {
        let operation = queries::soft_delete(2).by("admin").because("asked us to");
        show::statement(operation.sql());
        let deleted = operation.execute(pool).await?.rows_affected();
        show::rows([format!("contact 2: {deleted} deleted")]);
    }

    show::source(
        "A purge removes what is deleted already, and nothing else.",
        "purge",
    );
    for id in [1, 4] {
        let operation = queries::purge(id);
        show::statement(operation.sql());
        let purged = operation.execute(pool).await?.rows_affected();
        show::rows([format!("contact {id}: {purged} removed")]);
    }

    show::source("What is left.", "everyone");
    let left = queries::everyone().fetch_all(pool).await?;
    show::rows(left.iter().map(|row| &**row));
    Ok(())
}
