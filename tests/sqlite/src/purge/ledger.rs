//! What a test did to the shops, next to what the database says about them at its end.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::{AssertSqlSafe, Pool, error::DatabaseError};

use super::shops::{ids, run};
use crate::{Db, sql::ago};

/// Everything that was done to the shops, by those who did it.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    /// Shops that were there once.
    pub(crate) made: BTreeSet<i64>,
    /// Shops that a restore found deleted.
    pub(crate) restored: BTreeSet<i64>,
    /// Shelves that the database took, by their shop.
    pub(crate) shelves: BTreeMap<i64, i64>,
}

impl Ledger {
    /// Makes shops that are due.
    pub(crate) async fn make(&mut self, pool: &Pool<Db>, count: i64) {
        let first = self.made.last().map_or(1, |last| last + 1);
        let deleted = ago(31);
        let rows: Vec<String> = (first..first + count)
            .map(|id| format!("({id}, 'Shop', {deleted})"))
            .collect();
        let rows = rows.join(", ");
        run(
            pool,
            format!("INSERT INTO shops (id, name, deleted_at) VALUES {rows}"),
        )
        .await;
        self.made.extend(first..first + count);
    }

    /// No row is lost: what is gone is in the audit, once, and nothing else is.
    pub(crate) async fn holds(&self, pool: &Pool<Db>) {
        let seen = seen(pool).await;
        let ids = |kind: &str| -> BTreeSet<i64> {
            let rows = seen.iter().filter(|(own, _)| own == kind);
            rows.map(|(_, id)| *id).collect()
        };
        let (left, gone) = (ids("left"), ids("shops"));
        let records = seen.iter().filter(|(kind, _)| kind == "shops").count();
        assert_eq!(records, gone.len(), "a row is recorded once");
        let both: Vec<_> = left.intersection(&gone).collect();
        assert!(both.is_empty(), "recorded and still there: {both:?}");
        let all: BTreeSet<i64> = left.union(&gone).copied().collect();
        assert_eq!(all, self.made, "there, or recorded");
        assert_eq!(ids("live"), self.restored, "what was restored lives");
        let taken: BTreeSet<i64> = self.shelves.keys().copied().collect();
        assert_eq!(ids("shelf"), taken, "no live shelf went with its shop");
    }

    /// What is left once nothing is left to do: what was restored, and what has a shelf.
    pub(crate) async fn is_done(&self, pool: &Pool<Db>) {
        let left: BTreeSet<i64> = ids(pool, "shops").await.into_iter().collect();
        let kept: BTreeSet<i64> = self.shelves.values().copied().collect();
        let expected: BTreeSet<i64> = self.restored.union(&kept).copied().collect();
        assert_eq!(left, expected);
    }
}

/// Restores a shop; true when it was there, deleted.
pub(crate) async fn restore(pool: &Pool<Db>, id: i64) -> bool {
    let sql =
        format!("UPDATE shops SET deleted_at = NULL WHERE id = {id} AND deleted_at IS NOT NULL");
    run(pool, sql).await == 1
}

/// Puts a live shelf into a shop; false when the shop is gone.
pub(crate) async fn furnish(pool: &Pool<Db>, shelf: i64, shop: i64) -> bool {
    let sql = format!("INSERT INTO shelves (id, shop_id) VALUES ({shelf}, {shop})");
    match sqlx::query(AssertSqlSafe(sql)).execute(pool).await {
        Ok(_) => true,
        Err(error) => {
            let is_orphan = error
                .as_database_error()
                .is_some_and(DatabaseError::is_foreign_key_violation);
            assert!(is_orphan, "{error}");
            false
        }
    }
}

/// Shops, live shops, shelves and records by their kind and id, all at one moment: a killed process
/// may have sent a COMMIT that the server is still at.
async fn seen(pool: &Pool<Db>) -> Vec<(String, i64)> {
    let sql = "SELECT 'left', CAST(id AS CHAR(20)) FROM shops \
               UNION ALL SELECT 'live', CAST(id AS CHAR(20)) FROM shops WHERE deleted_at IS NULL \
               UNION ALL SELECT 'shelf', CAST(id AS CHAR(20)) FROM shelves \
               UNION ALL SELECT table_name, row_key FROM soft_delete_audit";
    let rows: Vec<(String, String)> = sqlx::query_as(sql)
        .fetch_all(pool)
        .await
        .expect("all is read");
    let id = |text: &str| -> i64 {
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        digits.parse().expect("a number")
    };
    rows.iter()
        .map(|(kind, text)| (kind.clone(), id(text)))
        .collect()
}
