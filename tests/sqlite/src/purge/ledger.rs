//! What a test did to the shops, next to what the database says about them at its end.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::{AssertSqlSafe, Pool, error::DatabaseError};

use super::shops::{ids, run};
use crate::{Db, sql::ago};

/// Everything that was done to the shops, by those who did it.
#[derive(Debug)]
pub(crate) struct Ledger {
    /// The table of the shops, and that of the shelves.
    tables: [&'static str; 2],
    /// Shops that were there once.
    pub(crate) made: BTreeSet<i64>,
    /// Shops that a restore found deleted.
    pub(crate) restored: BTreeSet<i64>,
    /// Shelves that the database took, by their shop.
    pub(crate) shelves: BTreeMap<i64, i64>,
    last_shelf: i64,
}

impl Default for Ledger {
    fn default() -> Self {
        Self::of(["shops", "shelves"])
    }
}

impl Ledger {
    /// Of two tables with the columns of `shops` and `shelves`.
    pub(crate) fn of(tables: [&'static str; 2]) -> Self {
        Self {
            tables,
            made: BTreeSet::new(),
            restored: BTreeSet::new(),
            shelves: BTreeMap::new(),
            last_shelf: 0,
        }
    }

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
            format!(
                "INSERT INTO {} (id, name, deleted_at) VALUES {rows}",
                self.tables[0]
            ),
        )
        .await;
        self.made.extend(first..first + count);
    }

    /// No row is lost: what is gone is in the audit, once, and nothing else is.
    pub(crate) async fn holds(&self, pool: &Pool<Db>) {
        let seen = seen(pool, self.tables).await;
        let ids = |kind: &str| -> BTreeSet<i64> {
            let rows = seen.iter().filter(|(own, _)| own == kind);
            rows.map(|(_, id)| *id).collect()
        };
        let (left, gone) = (ids("left"), ids(self.tables[0]));
        let records = seen
            .iter()
            .filter(|(kind, _)| kind == self.tables[0])
            .count();
        assert_eq!(records, gone.len(), "a row is recorded once");
        let both: Vec<_> = left.intersection(&gone).collect();
        assert!(both.is_empty(), "recorded and still there: {both:?}");
        let all: BTreeSet<i64> = left.union(&gone).copied().collect();
        assert_eq!(all, self.made, "there, or recorded");
        assert_eq!(ids("live"), self.restored, "what was restored lives");
        let taken: BTreeSet<i64> = self.shelves.keys().copied().collect();
        assert_eq!(ids("shelf"), taken, "no live shelf went with its shop");
    }

    /// Restores a shop, where it is there and deleted.
    pub(crate) async fn restore(&mut self, pool: &Pool<Db>, id: i64) {
        let sql = format!(
            "UPDATE {} SET deleted_at = NULL WHERE id = {id} AND deleted_at IS NOT NULL",
            self.tables[0]
        );
        if run(pool, sql).await == 1 {
            self.restored.insert(id);
        }
    }

    /// Puts a live shelf into a shop, where it is there.
    pub(crate) async fn furnish(&mut self, pool: &Pool<Db>, shop: i64) {
        self.last_shelf += 1;
        let id = self.last_shelf;
        let sql = format!(
            "INSERT INTO {} (id, shop_id) VALUES ({id}, {shop})",
            self.tables[1]
        );
        match sqlx::raw_sql(AssertSqlSafe(sql)).execute(pool).await {
            Ok(_) => {
                self.shelves.insert(id, shop);
            }
            Err(error) => {
                let is_orphan = error
                    .as_database_error()
                    .is_some_and(DatabaseError::is_foreign_key_violation);
                assert!(is_orphan, "{error}");
            }
        }
    }

    /// What is left once nothing is left to do: what was restored, and what has a shelf.
    pub(crate) async fn is_done(&self, pool: &Pool<Db>) {
        let left: BTreeSet<i64> = ids(pool, self.tables[0]).await.into_iter().collect();
        let kept: BTreeSet<i64> = self.shelves.values().copied().collect();
        let expected: BTreeSet<i64> = self.restored.union(&kept).copied().collect();
        assert_eq!(left, expected);
    }
}

/// Shops, live shops, shelves and records by their kind and id, all at one moment: a killed process
/// may have sent a COMMIT that the server is still at.
async fn seen(pool: &Pool<Db>, [shops, shelves]: [&str; 2]) -> Vec<(String, i64)> {
    let sql = format!(
        "SELECT 'left', CAST(id AS CHAR(20)) FROM {shops} \
               UNION ALL SELECT 'live', CAST(id AS CHAR(20)) FROM {shops} WHERE deleted_at IS NULL \
               UNION ALL SELECT 'shelf', CAST(id AS CHAR(20)) FROM {shelves} \
               UNION ALL SELECT table_name, row_key FROM soft_delete_audit"
    );
    let rows: Vec<(String, String)> = sqlx::query_as(AssertSqlSafe(sql))
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
