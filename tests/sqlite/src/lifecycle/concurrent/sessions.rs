//! Sessions that wait for one another.

use std::{pin::pin, time::Duration};

use sqlx::{AssertSqlSafe, Executor, Pool, Transaction, pool::PoolOptions};

use crate::{
    Db,
    database::with_address,
    lifecycle::world::{ROWS, number},
    sql,
};

/// The sessions of a test.
#[derive(Debug)]
pub(crate) struct Sessions<'s> {
    pub(crate) pool: &'s Pool<Db>,
    address: &'s str,
}

/// Takes away what a test has left.
const EMPTY: &str = "
UPDATE boards SET front_id = NULL;
UPDATE projects SET parent_id = NULL;
DELETE FROM redemptions;
DELETE FROM codes;
DELETE FROM visits;
DELETE FROM votes;
DELETE FROM cards;
DELETE FROM boards;
DELETE FROM issues;
DELETE FROM invoices;
DELETE FROM projects;
DELETE FROM members;
DELETE FROM teams;
DELETE FROM shops;
DELETE FROM soft_delete_audit;
";

/// Runs a test on the rows of the graph in every variant, with sessions of every kind.
pub(crate) async fn with_sessions<V: Copy>(
    name: &str,
    variants: &[V],
    test: impl AsyncFn(Sessions<'_>, V),
) {
    with_address(name, async |pool, address| {
        for setting in sql::SESSIONS {
            let options = PoolOptions::<Db>::new().after_connect(move |connection, _| {
                Box::pin(async move { connection.execute(setting).await.map(drop) })
            });
            let options = options.connect_with((*pool.connect_options()).clone());
            let pool = &options.await.expect("the server answers again");
            for variant in variants {
                for statements in [EMPTY, ROWS] {
                    sqlx::raw_sql(statements)
                        .execute(pool)
                        .await
                        .expect("the rows fit the schema");
                }
                test(Sessions { pool, address }, *variant).await;
            }
            pool.close().await;
        }
    })
    .await;
}

impl<'s> Sessions<'s> {
    pub(crate) async fn begin(&self) -> Transaction<'s, Db> {
        self.pool.begin().await.expect("a transaction begins")
    }

    /// Runs `second` while `first` is open, and commits `first` once `second` waits for it, or has
    /// ended; true where it waited.
    pub(crate) async fn behind<T>(
        &self,
        first: Transaction<'_, Db>,
        second: impl Future<Output = T>,
    ) -> (bool, T) {
        let mut second = pin!(second);
        let early = tokio::select! {
            outcome = &mut second => Some(outcome),
            () = self.one_waits() => None,
        };
        first.commit().await.expect("the first session commits");
        match early {
            Some(outcome) => (false, outcome),
            None => (true, second.await),
        }
    }

    /// Until a session waits for another.
    pub(crate) async fn one_waits(&self) {
        let Some(waiting) = sql::waiting(self.address) else {
            // A session that could go on has done so by then.
            return tokio::time::sleep(Duration::from_millis(200)).await;
        };
        while number(self.pool, &waiting).await == 0 {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    /// No live row is under a deleted parent.
    pub(crate) async fn no_orphan(&self) {
        for (child, parent, on) in [
            ("members", "teams", "p.id = c.team_id"),
            ("projects", "teams", "p.id = c.team_id"),
            ("projects", "projects", "p.id = c.parent_id"),
            ("invoices", "teams", "p.id = c.team_id"),
            ("issues", "projects", "p.id = c.project_id"),
            ("boards", "projects", "p.id = c.project_id"),
            ("boards", "cards", "p.id = c.front_id"),
            ("cards", "boards", "p.id = c.board_id"),
            ("votes", "issues", "p.id = c.issue_id"),
            (
                "votes",
                "members",
                "p.team_id = c.team_id AND p.number = c.number",
            ),
            (
                "issues",
                "members",
                "p.team_id = c.assignee_team AND p.number = c.assignee_number",
            ),
        ] {
            let live = format!(
                "SELECT count(*) FROM {child} AS c JOIN {parent} AS p ON {on} \
                 WHERE c.deleted_at IS NULL AND p.deleted_at IS NOT NULL"
            );
            assert_eq!(number(self.pool, &live).await, 0, "{child} under {parent}");
        }
    }

    pub(crate) async fn run(&self, transaction: &mut Transaction<'_, Db>, sql: &str) {
        sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))
            .execute(&mut **transaction)
            .await
            .expect("the statement runs");
    }
}
