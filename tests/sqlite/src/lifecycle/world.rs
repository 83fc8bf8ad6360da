//! The rows of the graph, and how tests look at them.

use sqlx::{AssertSqlSafe, Pool};

use crate::{Db, database::with_contacts};

/// Two teams; the first has members, a tree of projects, issues with an assignee and votes, boards and
/// cards that reference one another.
pub(super) const ROWS: &str = "
INSERT INTO teams (id, name) VALUES (1, 'core'), (2, 'docs');
INSERT INTO members (team_id, number, name) VALUES (1, 1, 'Ada'), (1, 2, 'Bob'), (2, 1, 'Cyd');
INSERT INTO projects (id, team_id, parent_id, name) VALUES (10, 1, NULL, 'root'), (11, 1, 10, 'leaf'), (12, 1, 11, 'twig'), (20, 2, NULL, 'book');
INSERT INTO issues (id, project_id, assignee_team, assignee_number, title) VALUES (100, 10, 1, 1, 'a'), (101, 11, 1, 2, 'b'), (102, 12, NULL, NULL, 'c'), (200, 20, 1, 1, 'd');
INSERT INTO votes (issue_id, team_id, number) VALUES (100, 1, 1), (100, 2, 1), (101, 1, 2), (200, 1, 1), (200, 2, 1);
INSERT INTO boards (id, project_id, front_id) VALUES (50, 10, NULL), (51, 20, NULL);
INSERT INTO cards (id, board_id) VALUES (500, 50), (501, 50), (510, 51);
UPDATE boards SET front_id = 500 WHERE id = 50;
INSERT INTO visits (id, project_id) VALUES (1, 10);
INSERT INTO codes (code, deleted_by) VALUES ('SPRING', NULL);
";

/// A migrated database with the rows of the graph.
pub(super) async fn with_teams(test: impl AsyncFnOnce(&Pool<Db>)) {
    with_contacts(async |pool| {
        sqlx::raw_sql(ROWS)
            .execute(pool)
            .await
            .expect("the rows fit the schema");
        test(pool).await;
    })
    .await;
}

/// The keys of a table's rows, live and deleted.
pub(super) async fn rows(pool: &Pool<Db>, table: &str) -> (Vec<i64>, Vec<i64>) {
    let key = match table {
        "members" => "team_id * 10 + number",
        "votes" => "issue_id * 100 + team_id * 10 + number",
        _ => "id",
    };
    let state = async |test: &str| {
        let sql = format!("SELECT {key} FROM {table} WHERE deleted_at IS {test} ORDER BY 1");
        sqlx::query_scalar(AssertSqlSafe(sql))
            .fetch_all(pool)
            .await
            .expect("the table is there")
    };
    (state("NULL").await, state("NOT NULL").await)
}

/// The keys of the live rows of every table.
pub(super) async fn live(pool: &Pool<Db>) -> Vec<(&'static str, Vec<i64>)> {
    let mut found = Vec::new();
    for table in [
        "teams", "members", "projects", "issues", "votes", "boards", "cards",
    ] {
        found.push((table, rows(pool, table).await.0));
    }
    found
}

/// Runs SQL that no operation stands for.
pub(super) async fn run(pool: &Pool<Db>, sql: &str) {
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))
        .execute(pool)
        .await
        .expect("the statement runs");
}

/// One number.
pub(super) async fn number(pool: &Pool<Db>, sql: &str) -> i64 {
    sqlx::query_scalar(AssertSqlSafe(sql.to_owned()))
        .fetch_one(pool)
        .await
        .expect("the query runs")
}
