//! Personal columns: an erasure overwrites them in the rows that stay.

use std::time::Duration;

use chrono::{DateTime, Utc};
use soft_delete::{
    Audit, Error, LeftDeleted, Outcome, Purge, SoftDeletable, Tombstones, soft_query,
};
use sqlx::{AssertSqlSafe, Executor, Pool};

use super::world::{number, run};
use crate::{Db, database::with_contacts, sql::ago};

#[derive(Debug, Clone, PartialEq, sqlx::FromRow, SoftDeletable)]
pub(super) struct Customer {
    pub(super) id: i64,
    #[soft_delete(personal)]
    pub(super) name: String,
    #[soft_delete(personal)]
    pub(super) email: String,
    #[soft_delete(personal = "NULL")]
    pub(super) phone: Option<String>,
    pub(super) city: String,
    pub(super) deleted_at: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, PartialEq, sqlx::FromRow, SoftDeletable)]
struct Clerk {
    id: i64,
    deleted_at: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, PartialEq, sqlx::FromRow, SoftDeletable)]
struct Payment {
    id: i64,
    deleted_at: Option<DateTime<Utc>>,
}

const ROWS: &str = "
INSERT INTO clerks (id, name) VALUES (9, 'Zoe');
INSERT INTO customers (id, clerk_id, name, email, phone, city) VALUES
    (1, 9, 'Ada', 'ada@x', '11', 'Bonn'), (2, 9, 'Bob', 'bob@x', '22', 'Kiel'), (3, 9, 'Cyd', 'cyd@x', '33', 'Ulm');
INSERT INTO baskets (id, customer_id) VALUES (10, 1), (20, 2);
INSERT INTO payments (id, customer_id, iban, amount) VALUES (100, 1, 'DE1', 5), (101, 1, 'DE2', 6), (200, 2, 'DE3', 7);
INSERT INTO bills (id, customer_id, clerk_id, payer, amount) VALUES (100, 1, 9, 'Ada', 5), (200, 2, 9, 'Bob', 7);
INSERT INTO parcels (id, bill_id, sender_id, recipient) VALUES
    (1, 100, 1, 'Ada'), (2, 100, NULL, 'Ada'), (3, 200, 1, 'Ada'), (4, 200, NULL, 'Bob');
INSERT INTO calls (id, customer_id, caller) VALUES (1, 1, 'Ada'), (2, 2, 'Bob');
";

/// A migrated database with three customers, a clerk, and what hangs on them.
pub(super) async fn with_customers(test: impl AsyncFnOnce(&Pool<Db>)) {
    with_contacts(async |pool| {
        run(pool, ROWS).await;
        test(pool).await;
    })
    .await;
}

async fn texts(pool: &Pool<Db>, sql: &str) -> Vec<Option<String>> {
    sqlx::query_scalar(AssertSqlSafe(sql.to_owned()))
        .fetch_all(pool)
        .await
        .expect("the query runs")
}

/// Every personal value of the database, table by table.
async fn personal(pool: &Pool<Db>) -> Vec<(&'static str, Vec<Option<String>>)> {
    let mut found = Vec::new();
    for (table, column) in [
        ("customers", "name"),
        ("customers", "email"),
        ("customers", "phone"),
        ("payments", "iban"),
        ("bills", "payer"),
        ("parcels", "recipient"),
        ("calls", "caller"),
    ] {
        let sql = format!("SELECT {column} FROM {table} ORDER BY id");
        found.push((column, texts(pool, &sql).await));
    }
    found
}

fn some(values: &[&str]) -> Vec<Option<String>> {
    let value = |value: &&str| (!value.is_empty()).then(|| (*value).to_owned());
    values.iter().map(value).collect()
}

/// What [`personal`] finds behind the erasure of the first customer.
fn without_ada() -> Vec<(&'static str, Vec<Option<String>>)> {
    vec![
        ("name", some(&["erased", "Bob", "Cyd"])),
        ("email", some(&["erased-1", "bob@x", "cyd@x"])),
        ("phone", some(&["", "22", "33"])),
        ("iban", some(&["", "", "DE3"])),
        ("payer", some(&["erased", "Bob"])),
        ("recipient", some(&["", "", "", "Bob"])),
        ("caller", some(&["", "Bob"])),
    ]
}

fn counted(rows: &[soft_delete::TableRows]) -> Vec<(&'static str, u64)> {
    let mut counted: Vec<(&str, u64)> = rows.iter().map(|rows| (rows.table, rows.rows)).collect();
    counted.sort_unstable();
    counted
}

fn assert_told(outcome: &Outcome) {
    assert_eq!(outcome.rows_affected(), 1);
    assert_eq!(
        counted(outcome.dependents()),
        [("baskets", 1), ("payments", 2)]
    );
    assert_eq!(counted(outcome.detached()), [("calls", 1)]);
    assert_eq!(
        counted(outcome.overwritten()),
        [
            ("bills", 1),
            ("calls", 1),
            ("customers", 1),
            ("parcels", 3),
            ("payments", 2)
        ]
    );
}

#[tokio::test]
async fn an_erasure_overwrites_what_stays() {
    with_customers(async |pool| {
        let before = personal(pool).await;
        let dry = Customer::erase_by_key(1).dry_run(pool).await.unwrap();
        assert_told(&dry);
        assert_eq!(personal(pool).await, before);

        let mut transaction = pool.begin().await.unwrap();
        let undone = Customer::erase_by_key(1)
            .execute(&mut *transaction)
            .await
            .unwrap();
        assert_told(&undone);
        transaction.rollback().await.unwrap();
        assert_eq!(personal(pool).await, before);

        let outcome = Customer::erase_by_key(1).execute(pool).await.unwrap();
        assert_told(&outcome);
        assert_eq!(personal(pool).await, without_ada());
        let stays = "SELECT count(*) FROM customers WHERE id = 1 AND city = 'Bonn' AND deleted_at IS NOT NULL";
        assert_eq!(number(pool, stays).await, 1);
        let live = "SELECT count(*) FROM customers WHERE deleted_at IS NULL";
        assert_eq!(number(pool, live).await, 2);
        let payments = "SELECT count(*) FROM payments WHERE deleted_at IS NOT NULL AND amount > 4";
        assert_eq!(number(pool, payments).await, 2);
        assert_eq!(number(pool, "SELECT count(*) FROM baskets").await, 1);
        let bills = "SELECT count(*) FROM bills WHERE customer_id = 1 AND amount = 5";
        assert_eq!(number(pool, bills).await, 1);

        let again = Customer::erase_by_key(1).execute(pool).await.unwrap();
        assert_eq!(again.rows_affected(), 1, "an erased row can be erased");
        assert_eq!(personal(pool).await, without_ada());
    })
    .await;
}

#[tokio::test]
async fn what_is_overwritten_is_recorded_and_its_values_are_not() {
    with_customers(async |pool| {
        Customer::soft_delete_by_key(1)
            .because("Ada Lovelace called")
            .execute(pool)
            .await
            .unwrap();
        run(pool, "DELETE FROM soft_delete_audit").await;
        Customer::erase_by_key(1).execute(pool).await.unwrap();
        assert_eq!(personal(pool).await, without_ada());
        let kinds = "SELECT CONCAT(operation, ' ', table_name) FROM soft_delete_audit ORDER BY 1";
        assert_eq!(
            texts(pool, kinds).await,
            some(&[
                "erase baskets",
                "overwrite bills",
                "overwrite calls",
                "overwrite customers",
                "overwrite parcels",
                "overwrite parcels",
                "overwrite parcels",
                "overwrite payments",
                "overwrite payments",
            ])
        );
        let told = "SELECT count(*) FROM soft_delete_audit WHERE reason IS NOT NULL OR snapshot IS NOT NULL";
        assert_eq!(number(pool, told).await, 0);
        let runs = "SELECT count(DISTINCT run_id) FROM soft_delete_audit";
        assert_eq!(number(pool, runs).await, 1);
        let reason = "SELECT count(*) FROM customers WHERE deleted_reason IS NOT NULL";
        assert_eq!(number(pool, reason).await, 0);
    })
    .await;
}

#[tokio::test]
async fn a_reference_that_a_soft_delete_took_away_still_leads_to_the_person() {
    with_customers(async |pool| {
        Customer::soft_delete_by_key(1).execute(pool).await.unwrap();
        let detached = "SELECT count(*) FROM calls WHERE id = 1 AND customer_id IS NULL";
        assert_eq!(number(pool, detached).await, 1);
        let moment = "SELECT CAST(deleted_at AS CHAR(40)) FROM customers WHERE id = 1";
        let deleted = texts(pool, moment).await;
        let outcome = Customer::erase_by_key(1).execute(pool).await.unwrap();
        assert_eq!(personal(pool).await, without_ada());
        assert_eq!(
            counted(outcome.overwritten()),
            [
                ("bills", 1),
                ("calls", 1),
                ("customers", 1),
                ("parcels", 3),
                ("payments", 2)
            ]
        );
        assert_eq!(texts(pool, moment).await, deleted, "it was deleted then");
    })
    .await;
}

#[tokio::test]
async fn the_erasure_of_somebody_else_overwrites_nothing() {
    with_customers(async |pool| {
        let before = personal(pool).await;
        let outcome = Clerk::erase_by_key(9).execute(pool).await.unwrap();
        assert_eq!(outcome.rows_affected(), 1);
        assert_eq!(outcome.overwritten(), []);
        assert_eq!(
            counted(outcome.detached()),
            [("bills", 2), ("customers", 3)]
        );
        assert_eq!(personal(pool).await, before);
        assert_eq!(number(pool, "SELECT count(*) FROM clerks").await, 0);
    })
    .await;
}

#[tokio::test]
async fn many_rows_and_a_statement_overwrite_too() {
    with_customers(async |pool| {
        let outcome = Customer::erase_by_keys([1, 3]).execute(pool).await.unwrap();
        assert_eq!(outcome.rows_affected(), 2);
        assert_eq!(
            counted(outcome.overwritten()),
            [
                ("bills", 1),
                ("calls", 1),
                ("customers", 2),
                ("parcels", 3),
                ("payments", 2)
            ]
        );
        let names = "SELECT name FROM customers ORDER BY id";
        assert_eq!(texts(pool, names).await, some(&["erased", "Bob", "erased"]));

        let outcome = soft_query!(erase, "DELETE FROM customers WHERE city = 'Kiel'")
            .execute(pool)
            .await
            .unwrap();
        assert_eq!(outcome.rows_affected(), 1);
        for (column, values) in personal(pool).await {
            let left = values.iter().flatten();
            let left: Vec<&String> = left.filter(|value| !value.starts_with("erased")).collect();
            assert!(left.is_empty(), "{column}: {left:?}");
        }

        let outcome = Payment::erase_by_key(200).execute(pool).await.unwrap();
        assert_eq!(counted(outcome.overwritten()), [("payments", 1)]);
        let error = Payment::erase_by_key(999).execute(pool).await.unwrap_err();
        assert!(
            matches!(error, Error::NotFound { table: "payments" }),
            "{error:?}"
        );
    })
    .await;
}

#[tokio::test]
async fn a_snapshot_of_a_purged_row_holds_nothing_personal() {
    with_customers(async |pool| {
        Customer::soft_delete_by_key(3)
            .because("Cyd left")
            .execute(pool)
            .await
            .unwrap();
        let aged = format!("UPDATE customers SET deleted_at = {} WHERE id = 3", ago(3));
        run(pool, &aged).await;
        let report = Purge::of::<Customer>()
            .older_than(Duration::from_hours(48))
            .audit(Audit::Snapshot)
            .execute(pool)
            .await
            .unwrap();
        assert_eq!(report.purged(), 1);
        let snapshots = "SELECT CAST(snapshot AS CHAR(1000)) FROM soft_delete_audit";
        let found = texts(pool, snapshots).await;
        let [Some(snapshot)] = found.as_slice() else {
            panic!("{found:?}");
        };
        let snapshot: serde_json::Value = serde_json::from_str(snapshot).unwrap();
        assert_eq!(snapshot["city"], "Ulm");
        for column in ["name", "email", "phone", "deleted_reason"] {
            assert!(snapshot.get(column).is_none(), "{snapshot}");
        }
        let reasons = "SELECT count(*) FROM soft_delete_audit WHERE reason IS NOT NULL";
        assert_eq!(number(pool, reasons).await, 0);
    })
    .await;
}

#[tokio::test]
async fn what_restricts_a_deletion_restricts_an_erasure_that_leaves_the_row() {
    with_customers(async |pool| {
        let before = personal(pool).await;
        run(pool, "INSERT INTO loans (id, customer_id) VALUES (1, 1)").await;
        let error = Customer::erase_by_key(1).execute(pool).await.unwrap_err();
        assert!(
            matches!(
                error,
                Error::Restricted {
                    table: "customers",
                    by: "loans",
                    rows: 1
                }
            ),
            "{error:?}"
        );
        assert_eq!(personal(pool).await, before);

        let repaid = format!("UPDATE loans SET deleted_at = {}", ago(3));
        run(pool, &repaid).await;
        Customer::erase_by_key(1).execute(pool).await.unwrap();
        assert_eq!(personal(pool).await, without_ada());
        let loans = "SELECT count(*) FROM loans WHERE customer_id = 1";
        assert_eq!(number(pool, loans).await, 1);
    })
    .await;
}

#[tokio::test]
async fn what_was_erased_stays_deleted() {
    with_customers(async |pool| {
        Customer::soft_delete_by_keys([1, 3])
            .execute(pool)
            .await
            .unwrap();
        let outcome = Customer::erase_by_key(1).execute(pool).await.unwrap();
        let id = outcome.operation_id().unwrap();
        let erased = "SELECT CAST(erased_at AS CHAR(40)) FROM customers ORDER BY id";
        let first = texts(pool, erased).await;
        assert!(
            first[0].is_some() && first[1..] == [None, None],
            "{first:?}"
        );
        let payments = "SELECT count(*) FROM payments WHERE erased_at IS NOT NULL";
        assert_eq!(number(pool, payments).await, 2);

        let error = Customer::restore_by_key(1).execute(pool).await.unwrap_err();
        assert!(
            matches!(error, Error::Erased { table: "customers" }),
            "{error:?}"
        );
        let error = Payment::restore_by_key(100)
            .execute(pool)
            .await
            .unwrap_err();
        assert!(
            matches!(error, Error::Erased { table: "payments" }),
            "{error:?}"
        );
        let outcome = Customer::restore_all(Tombstones::of_operation(id))
            .execute(pool)
            .await
            .unwrap();
        assert_eq!(outcome.rows_affected(), 0);
        assert!(
            matches!(outcome.left_deleted(), [LeftDeleted::Blocked(rows)] if rows.rows == 1),
            "{outcome:?}"
        );
        let outcome = soft_query!(restore, "UPDATE payments SET deleted_at = NULL")
            .execute(pool)
            .await
            .unwrap();
        assert_eq!(outcome.rows_affected(), 0);
        let outcome = soft_query!(
            restore,
            "UPDATE customers SET deleted_at = NULL WHERE id IN (1, 2, 3)"
        )
        .execute(pool)
        .await
        .unwrap();
        assert_eq!(outcome.rows_affected(), 1);
        let live = "SELECT CAST(sum(id) AS CHAR(1)) FROM customers WHERE deleted_at IS NULL";
        assert_eq!(texts(pool, live).await, some(&["5"]), "2 and 3");

        Customer::erase_by_key(1).execute(pool).await.unwrap();
        assert_eq!(texts(pool, erased).await, first, "it was erased then");
        let live = "UPDATE customers SET deleted_at = NULL WHERE id = 1";
        pool.execute(live).await.unwrap_err();

        Customer::erase_by_key(3).execute(pool).await.unwrap();
        Customer::purge_by_key(3).execute(pool).await.unwrap();
        assert_eq!(number(pool, "SELECT count(*) FROM customers").await, 2);
    })
    .await;
}
