//! An operation of soft-delete and the same statements by hand, so often that their instructions can
//! be counted: `bench-operations ours|hand OPERATION alone|in-transaction TIMES`. `bench-operations
//! check` tells whether both sides run the same statements.

mod hand;
mod model;
mod statements;

use std::env;

use anyhow::{Context as _, Result, bail, ensure};
use soft_delete::{Active, Deleted, SoftDeletable as _, soft_query};
use sqlx::{ConnectOptions, Connection as _, SqliteConnection, sqlite::SqliteConnectOptions};

use model::{Customer, Note};
use statements::Statements;

/// Rows of each table: no operation is run more often.
const ROWS: i64 = 1000;
/// Who deletes.
const ACTOR: i64 = 7;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Ours,
    Hand,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Alone,
    /// Between BEGIN and COMMIT of the caller.
    InTransaction,
}

impl Way {
    const ALL: [(&'static str, Self); 2] = [
        ("alone", Self::Alone),
        ("in-transaction", Self::InTransaction),
    ];
}

#[derive(Debug, Clone, Copy)]
enum Operation {
    SoftDeleteNote,
    RestoreNote,
    PurgeNote,
    /// By a verb of `soft_query!`.
    SoftDeleteNotes,
    SoftDeleteCustomer,
    RestoreCustomer,
    PurgeCustomer,
}

impl Operation {
    const ALL: [(&'static str, Self); 7] = [
        ("soft-delete-note", Self::SoftDeleteNote),
        ("restore-note", Self::RestoreNote),
        ("purge-note", Self::PurgeNote),
        ("soft-delete-notes", Self::SoftDeleteNotes),
        ("soft-delete-customer", Self::SoftDeleteCustomer),
        ("restore-customer", Self::RestoreCustomer),
        ("purge-customer", Self::PurgeCustomer),
    ];

    /// True where it opens no transaction, so that it runs in one of the caller's too.
    const fn is_one_statement(self) -> bool {
        matches!(
            self,
            Self::SoftDeleteNote | Self::RestoreNote | Self::PurgeNote | Self::SoftDeleteNotes
        )
    }

    const fn wants_deleted(self) -> bool {
        !matches!(
            self,
            Self::SoftDeleteNote | Self::SoftDeleteNotes | Self::SoftDeleteCustomer
        )
    }

    async fn run(
        self,
        side: Side,
        way: Way,
        connection: &mut SqliteConnection,
        id: i64,
    ) -> Result<()> {
        if way == Way::Alone {
            return self.run_on(connection, side, id).await;
        }
        let mut transaction = connection.begin().await?;
        self.run_on(&mut transaction, side, id).await?;
        Ok(transaction.commit().await?)
    }

    async fn run_on(self, connection: &mut SqliteConnection, side: Side, id: i64) -> Result<()> {
        match (self, side) {
            (Self::SoftDeleteNote, Side::Ours) => {
                let note: Deleted<Note> = Note::soft_delete_by_key(id).execute(connection).await?;
                ensure!(note.id == id && note.text == "note" && note.deleted_at.is_some());
            }
            (Self::SoftDeleteNote, Side::Hand) => {
                let note = hand::soft_delete_note(connection, id).await?;
                ensure!(note.id == id && note.text == "note" && note.deleted_at.is_some());
            }
            (Self::RestoreNote, Side::Ours) => {
                let note: Active<Note> = Note::restore_by_key(id).execute(connection).await?;
                ensure!(note.id == id && note.deleted_at.is_none());
            }
            (Self::RestoreNote, Side::Hand) => {
                let note = hand::restore_note(connection, id).await?;
                ensure!(note.id == id && note.deleted_at.is_none());
            }
            (Self::PurgeNote, Side::Ours) => {
                let outcome = Note::purge_by_key(id).execute(connection).await?;
                ensure!(outcome.rows_affected() == 1);
            }
            (Self::PurgeNote, Side::Hand) => {
                ensure!(hand::purge_note(connection, id).await? == 1);
            }
            (Self::SoftDeleteNotes, Side::Ours) => {
                let operation = soft_query!(soft_delete, "DELETE FROM notes WHERE id = ?1", id);
                ensure!(operation.execute(connection).await?.rows_affected() == 1);
            }
            (Self::SoftDeleteNotes, Side::Hand) => {
                ensure!(hand::soft_delete_notes(connection, id).await? == 1);
            }
            (Self::SoftDeleteCustomer, Side::Ours) => {
                let operation = Customer::soft_delete_by_key(id).by(ACTOR);
                let customer: Deleted<Customer> = operation.execute(connection).await?;
                ensure!(customer.id == id && customer.deleted_by == Some(ACTOR));
            }
            (Self::SoftDeleteCustomer, Side::Hand) => {
                let customer = hand::soft_delete_customer(connection, id).await?;
                ensure!(customer.id == id && customer.deleted_by == Some(ACTOR));
            }
            (Self::RestoreCustomer, Side::Ours) => {
                let restored = Customer::restore_by_key(id).execute(connection);
                let customer: Active<Customer> = restored.await?;
                ensure!(customer.name == "customer" && customer.deleted_at.is_none());
            }
            (Self::RestoreCustomer, Side::Hand) => {
                let customer = hand::restore_customer(connection, id).await?;
                ensure!(customer.name == "customer" && customer.deleted_at.is_none());
            }
            (Self::PurgeCustomer, Side::Ours) => {
                let outcome = Customer::purge_by_key(id).execute(connection).await?;
                ensure!(outcome.rows_affected() == 1);
            }
            (Self::PurgeCustomer, Side::Hand) => {
                ensure!(hand::purge_customer(connection, id).await? == 1);
            }
        }
        Ok(())
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["check"] => check().await,
        [side, operation, way, times] => {
            let side = match *side {
                "ours" => Side::Ours,
                "hand" => Side::Hand,
                other => bail!("{other}: ours or hand"),
            };
            let mut known = Operation::ALL.into_iter();
            let operation = known.find(|(name, _)| name == operation);
            let (_, operation) = operation.context("no such operation")?;
            let known = Way::ALL.into_iter().find(|(name, _)| name == way);
            let (_, way) = known.context("no such way")?;
            let times: i64 = times.parse()?;
            ensure!(times <= ROWS, "at most {ROWS} times");
            let mut connection = filled(operation).await?;
            for id in 1..=times {
                operation.run(side, way, &mut connection, id).await?;
            }
            Ok(())
        }
        _ => bail!(
            "bench-operations ours|hand OPERATION alone|in-transaction TIMES, or bench-operations check"
        ),
    }
}

/// Both sides run the same statements.
async fn check() -> Result<()> {
    let heard = Statements::heard()?;
    for (name, operation) in Operation::ALL {
        let ways = Way::ALL.into_iter();
        let fits = |way: Way| way == Way::Alone || operation.is_one_statement();
        for (called, way) in ways.filter(|(_, way)| fits(*way)) {
            let mut texts = Vec::new();
            for side in [Side::Ours, Side::Hand] {
                let mut connection = filled(operation).await?;
                heard.take();
                operation.run(side, way, &mut connection, 1).await?;
                texts.push(heard.take());
            }
            ensure!(!texts[0].is_empty(), "{name}: no statement was heard");
            ensure!(
                texts[0] == texts[1],
                "{name} runs\n{}\nand by hand\n{}",
                texts[0].join("\n"),
                texts[1].join("\n")
            );
            println!("{name}\t{called}\t{}", texts[0].len());
        }
    }
    Ok(())
}

/// A database with rows of every table, deleted ones where the operation wants them.
async fn filled(operation: Operation) -> Result<SqliteConnection> {
    let options = SqliteConnectOptions::new().in_memory(true);
    let mut connection = options.connect().await?;
    sqlx::migrate!().run(&mut connection).await?;
    let (marker, actor, id) = if operation.wants_deleted() {
        ("'2026-01-01T00:00:00.000+00:00'", "7", "'operation ' || n")
    } else {
        ("NULL", "NULL", "NULL")
    };
    // Two orders for each customer, two parcels for each order.
    let sql = format!(
        "CREATE TEMPORARY TABLE numbers (n INTEGER);
         INSERT INTO numbers WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c LIMIT {ROWS})
         SELECT n FROM c;
         INSERT INTO notes SELECT n, 'note', {marker} FROM numbers;
         INSERT INTO customers SELECT n, 'customer', {marker}, {actor}, {id} FROM numbers;
         INSERT INTO orders SELECT 2 * n + k, n, 5, {marker}, {actor}, {id}
         FROM numbers, (SELECT 0 AS k UNION SELECT 1);
         INSERT INTO parcels SELECT 4 * n + k, 2 * n + k / 2, {marker}, {actor}, {id}
         FROM numbers, (SELECT 0 AS k UNION SELECT 1 UNION SELECT 2 UNION SELECT 3);"
    );
    sqlx::raw_sql(sqlx::AssertSqlSafe(sql))
        .execute(&mut connection)
        .await?;
    Ok(connection)
}
