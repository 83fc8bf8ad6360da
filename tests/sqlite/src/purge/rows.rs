//! Which rows go, and which stay.

use std::time::Duration;

use chrono::{DateTime, Utc};
use soft_delete::{Audit, Purge, PurgeFailure, SoftDeletable, StopReason, retention_plan};

use super::shops::{audited, fill, ids, run};
use crate::{
    database::with_contacts,
    sql::{ago, token},
};

#[derive(SoftDeletable)]
struct Contact {
    deleted_at: Option<DateTime<Utc>>,
}

#[derive(SoftDeletable)]
pub(super) struct Token {
    deleted_at: Option<i64>,
}

#[tokio::test]
async fn a_plan_takes_due_rows_and_leaves_live_held_and_referenced_ones() {
    with_contacts(async |pool| {
        fill(pool).await;
        let report = Purge::plan(retention_plan!())
            .audit(Audit::Rows)
            .execute(pool)
            .await
            .unwrap();

        assert_eq!(report.stop, StopReason::Finished);
        let tables: Vec<(&str, u64, u64, u64)> = report
            .tables
            .iter()
            .map(|own| (own.table, own.purged, own.held, own.blocked))
            .collect();
        let expected = [
            ("labels", 1, 0, 1),
            ("shelves", 3, 0, 1),
            ("shops", 2, 1, 2),
        ];
        assert_eq!(tables, expected, "children before parents");
        let blocked_by = |table: &str| report.table(table).unwrap().blocked_by.clone();
        assert_eq!(blocked_by("labels"), [("stickers", 1)]);
        assert_eq!(blocked_by("shelves"), [("labels", 1)]);
        assert_eq!(blocked_by("shops"), [("shelves", 2)]);
        assert!(
            report
                .tables
                .iter()
                .all(|own| own.backlog == 0 && own.oldest.is_none())
        );

        assert_eq!(ids(pool, "shops").await, [1, 3, 4, 5, 7]);
        assert_eq!(ids(pool, "shelves").await, [10, 11, 50, 70]);
        let mut audited = audited(pool).await;
        audited.sort();
        let expected = [
            ("labels", r#"{"word":"old","shelf_id":10}"#),
            ("shelves", r#"{"id":12}"#),
            ("shelves", r#"{"id":60}"#),
            ("shelves", r#"{"id":61}"#),
            ("shops", r#"{"id":2}"#),
            ("shops", r#"{"id":6}"#),
        ];
        for ((table, key), (expected_table, expected_key)) in audited.iter().zip(expected) {
            assert_eq!(table, expected_table);
            let parse = |text: &str| -> serde_json::Value { serde_json::from_str(text).unwrap() };
            assert_eq!(parse(key), parse(expected_key));
        }
        assert_eq!(audited.len(), expected.len());

        let again = Purge::plan(retention_plan!()).execute(pool).await.unwrap();
        assert_eq!(again.purged(), 0);
    })
    .await;
}

#[tokio::test]
async fn a_row_on_hold_that_is_referenced_is_held_and_not_blocked() {
    with_contacts(async |pool| {
        fill(pool).await;
        run(pool, "INSERT INTO shelves (id, shop_id) VALUES (30, 3)").await;
        let report = Purge::plan(retention_plan!()).execute(pool).await.unwrap();
        let shops = report.table("shops").unwrap();
        assert_eq!((shops.purged, shops.held, shops.blocked), (2, 1, 2));
        assert_eq!(shops.blocked_by, [("shelves", 2)]);
    })
    .await;
}

#[tokio::test]
async fn the_audit_says_who_deleted_the_row_and_why_and_in_which_run_it_went() {
    with_contacts(async |pool| {
        fill(pool).await;
        run(pool, "UPDATE shops SET logo = NULL").await;
        let report = Purge::plan(retention_plan!())
            .audit(Audit::Snapshot)
            .execute(pool)
            .await
            .unwrap();
        let sql = "SELECT operation, CAST(run_id AS CHAR(36)), actor, reason, \
                   CAST(snapshot AS CHAR(1000)) \
                   FROM soft_delete_audit WHERE table_name = 'shops' AND row_key LIKE '%2}'";
        let (operation, run_id, actor, reason, snapshot): (String, String, String, String, String) =
            sqlx::query_as(sql).fetch_one(pool).await.unwrap();
        assert_eq!(
            (operation.as_str(), actor.as_str(), reason.as_str()),
            ("purge", "7", "closed")
        );
        assert_eq!(run_id, report.run_id.to_string());
        let snapshot: serde_json::Value = serde_json::from_str(&snapshot).unwrap();
        assert_eq!(snapshot["name"], "Shop 2");
        assert_eq!(snapshot["logo"], serde_json::Value::Null);
        assert!(snapshot["deleted_at"].is_string());
    })
    .await;
}

#[tokio::test]
async fn a_dry_run_counts_and_takes_nothing() {
    with_contacts(async |pool| {
        fill(pool).await;
        let report = Purge::plan(retention_plan!()).dry_run(pool).await.unwrap();
        assert_eq!(report.stop, StopReason::DryRun);
        let backlog: Vec<u64> = report.tables.iter().map(|own| own.backlog).collect();
        // Shelf 60 is blocked by 61 until that is gone, and shop 6 by both.
        assert_eq!(backlog, [1, 2, 1]);
        let oldest = report.table("shops").unwrap().oldest.unwrap();
        let days = oldest.as_secs_f64() / 86400.0;
        assert!((39.9..40.1).contains(&days), "{days}");
        assert_eq!(report.purged(), 0);
        assert_eq!(ids(pool, "shops").await.len(), 7);
    })
    .await;
}

#[tokio::test]
async fn a_table_without_retention_says_its_age() {
    with_contacts(async |pool| {
        run(pool, "DELETE FROM orders").await;
        run(
            pool,
            format!("UPDATE contacts SET deleted_at = {} WHERE id = 4", ago(1)),
        )
        .await;
        let purge = || Purge::of::<Contact>().older_than(Duration::from_hours(48));
        let report = purge().execute(pool).await.unwrap();
        assert_eq!((report.purged(), report.tables[0].table), (1, "contacts"));
        assert_eq!(ids(pool, "contacts").await, [1, 3, 4]);
    })
    .await;
}

#[tokio::test]
async fn an_age_never_undercuts_the_retention() {
    with_contacts(async |pool| {
        fill(pool).await;
        let purge = Purge::plan(retention_plan!()).older_than(Duration::ZERO);
        let report = purge.execute(pool).await.unwrap();
        assert_eq!(report.purged(), 6);

        run(
            pool,
            format!("UPDATE shelves SET deleted_at = {} WHERE id = 10", ago(10)),
        )
        .await;
        let year = Duration::from_hours(365 * 24);
        let purge = Purge::plan(retention_plan!()).older_than(year);
        assert_eq!(purge.execute(pool).await.unwrap().purged(), 0);
    })
    .await;
}

#[tokio::test]
async fn a_row_that_was_restored_stays() {
    with_contacts(async |pool| {
        fill(pool).await;
        run(pool, "UPDATE shops SET deleted_at = NULL WHERE id = 2").await;
        Purge::plan(retention_plan!()).execute(pool).await.unwrap();
        assert_eq!(ids(pool, "shops").await, [1, 2, 3, 4, 5, 7]);
    })
    .await;
}

#[tokio::test]
async fn an_audit_that_cannot_be_written_keeps_the_rows() {
    with_contacts(async |pool| {
        fill(pool).await;
        run(pool, "DROP TABLE soft_delete_audit").await;
        let purge = Purge::plan(retention_plan!()).audit(Audit::Rows);
        let error = purge.execute(pool).await.unwrap_err();
        assert!(
            matches!(error.failure(), PurgeFailure::Database(_)),
            "{error}"
        );
        assert_eq!(error.report().stop, StopReason::Failed);
        assert_eq!(error.report().purged(), 0);
        assert_eq!(ids(pool, "shops").await.len(), 7);
    })
    .await;
}

#[tokio::test]
async fn keys_of_bytes_and_markers_of_milliseconds_are_understood() {
    for size in [1, 2, 1000] {
        with_contacts(async |pool| {
            for digest in ["00", "01ff", "feff80", "225c27", "10"] {
                run(pool, token(digest, Some(3))).await;
            }
            run(pool, token("aa", None)).await;
            run(pool, token("bb", Some(1))).await;
            let report = Purge::of::<Token>()
                .older_than(Duration::from_hours(48))
                .batch_size(size)
                .audit(Audit::Snapshot)
                .execute(pool)
                .await
                .unwrap();
            assert_eq!(report.purged(), 5, "batches of {size}");
            let left: i64 = sqlx::query_scalar("SELECT count(*) FROM tokens")
                .fetch_one(pool)
                .await
                .unwrap();
            assert_eq!(left, 2);
            let audited = audited(pool).await;
            assert_eq!(audited.len(), 5);
            let is_there = |hex: &str| {
                let keys = audited.iter().map(|(_, key)| key.to_lowercase());
                keys.filter(|key| key.contains(hex)).count() == 1
            };
            assert!(is_there("feff80") && is_there("225c27"), "{audited:?}");
        })
        .await;
    }
}
