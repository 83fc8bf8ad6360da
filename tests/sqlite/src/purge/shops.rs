//! Shops with shelves with labels, some of each deleted some time ago.

use sqlx::{AssertSqlSafe, Pool};

use crate::{Db, sql::ago};

/// What is in the tables.
pub(crate) async fn fill(pool: &Pool<Db>) {
    let statements = [
        shop(1, "NULL", false),
        shop(2, &ago(40), false),
        shop(3, &ago(40), true),
        shop(4, &ago(10), false),
        shop(5, &ago(40), false),
        shop(6, &ago(40), false),
        shop(7, &ago(40), false),
        shelf(10, 1, "NULL", "NULL"),
        shelf(11, 1, "NULL", &ago(10)),
        shelf(12, 1, "12", &ago(10)),
        shelf(50, 5, "NULL", "NULL"),
        shelf(60, 6, "NULL", &ago(10)),
        shelf(61, 6, "60", &ago(10)),
        shelf(70, 7, "NULL", &ago(1)),
        label(10, "new", "NULL"),
        label(10, "old", &ago(5)),
        label(11, "stuck", &ago(5)),
        "INSERT INTO stickers (label_shelf, label_word) VALUES (11, 'stuck')".to_owned(),
    ];
    for statement in statements {
        run(pool, statement).await;
    }
}

fn shop(id: i64, deleted_at: &str, held: bool) -> String {
    format!(
        "INSERT INTO shops (id, name, legal_hold, deleted_at, deleted_by, deleted_reason) \
         VALUES ({id}, 'Shop {id}', {held}, {deleted_at}, 7, 'closed')"
    )
}

fn shelf(id: i64, shop: i64, inside: &str, deleted_at: &str) -> String {
    format!(
        "INSERT INTO shelves (id, shop_id, inside, deleted_at) \
         VALUES ({id}, {shop}, {inside}, {deleted_at})"
    )
}

fn label(shelf: i64, word: &str, deleted_at: &str) -> String {
    format!(
        "INSERT INTO labels (shelf_id, word, deleted_at) VALUES ({shelf}, '{word}', {deleted_at})"
    )
}

/// Runs a statement as it is.
pub(crate) async fn run(pool: &Pool<Db>, statement: impl Into<String>) -> u64 {
    // As text: a race of minutes would prepare more statements than a server keeps.
    let statement = sqlx::raw_sql(AssertSqlSafe(statement.into()));
    let result = statement.execute(pool).await;
    result.expect("the statement runs").rows_affected()
}

/// The ids in a table, of whatever type of integer.
pub(crate) async fn ids(pool: &Pool<Db>, table: &str) -> Vec<i64> {
    let sql = format!("SELECT CAST(id AS CHAR(20)) FROM {table} ORDER BY id");
    let texts: Vec<String> = sqlx::query_scalar(AssertSqlSafe(sql))
        .fetch_all(pool)
        .await
        .expect("the ids are read");
    let parse = |text: &String| text.trim().parse().expect("a number");
    texts.iter().map(parse).collect()
}

/// Table and key of every row in the audit.
pub(crate) async fn audited(pool: &Pool<Db>) -> Vec<(String, String)> {
    let sql = "SELECT table_name, row_key FROM soft_delete_audit ORDER BY id";
    let rows: Vec<(String, String)> = sqlx::query_as(sql).fetch_all(pool).await.expect("an audit");
    let plain = |key: String| key.replace(' ', "");
    rows.into_iter()
        .map(|(table, key)| (table, plain(key)))
        .collect()
}
