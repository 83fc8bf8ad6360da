//! What SQLite itself says: whether it accepts a statement and which tables that one touches.

use std::{
    collections::BTreeSet,
    fs,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use anyhow::{Context, Result};
use rusqlite::{
    Connection,
    hooks::{AuthAction, AuthContext, Authorization},
};

/// An in-memory database that notes what statements are compiled to read and write.
pub(crate) struct Oracle {
    connection: Connection,
    touched: Arc<Mutex<BTreeSet<String>>>,
}

impl Oracle {
    /// A database with the tables of a schema file, or none.
    pub(crate) fn new(schema: Option<&Path>) -> Result<Self> {
        let connection = Connection::open_in_memory()?;
        if let Some(file) = schema {
            connection
                .execute_batch(&fs::read_to_string(file)?)
                .with_context(|| format!("SQLite refuses {}", file.display()))?;
        }
        // The tables that foreign keys make a write look into stand nowhere in its text.
        connection.pragma_update(None, "foreign_keys", false)?;
        let touched = Arc::new(Mutex::new(BTreeSet::new()));
        let notes = Arc::clone(&touched);
        connection.authorizer(Some(move |context: AuthContext<'_>| {
            if let Some(table) = table(&context) {
                notes
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .insert(table.to_ascii_lowercase());
            }
            Authorization::Allow
        }))?;
        Ok(Self {
            connection,
            touched,
        })
    }

    /// The tables and views of a statement, in lower case; `None` when SQLite refuses it.
    pub(crate) fn relations(&self, sql: &str) -> Option<Vec<String>> {
        self.touched().clear();
        self.connection.prepare(sql).ok()?;
        let touched = self.touched().clone();
        Some(
            touched
                .into_iter()
                .filter(|name| self.is_relation(name))
                .collect(),
        )
    }

    /// Runs a statement of a script, whatever comes of it.
    pub(crate) fn run(&self, sql: &str) {
        // A script contains statements that are to fail.
        let _ = self.connection.execute_batch(sql);
    }

    fn touched(&self) -> std::sync::MutexGuard<'_, BTreeSet<String>> {
        self.touched.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The authorizer also names what a statement makes for itself, such as subqueries.
    fn is_relation(&self, name: &str) -> bool {
        self.connection
            .query_row(
                "SELECT count(*) FROM (SELECT name FROM sqlite_schema \
                 UNION ALL SELECT name FROM sqlite_temp_schema) WHERE lower(name) = ?",
                [name],
                |row| row.get::<_, i64>(0),
            )
            .is_ok_and(|count| count > 0)
    }
}

/// The table of an action that the statement itself asks for; what a view or a trigger does in
/// turn is not in its text.
fn table<'c>(context: &AuthContext<'c>) -> Option<&'c str> {
    if context.accessor.is_some() {
        return None;
    }
    match context.action {
        AuthAction::Read { table_name, .. }
        | AuthAction::Insert { table_name }
        | AuthAction::Update { table_name, .. }
        | AuthAction::Delete { table_name } => Some(table_name),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::Oracle;

    fn oracle() -> Oracle {
        let oracle = Oracle::new(None).expect("opened");
        oracle.run("CREATE TABLE Users (id INTEGER PRIMARY KEY, name TEXT)");
        oracle.run("CREATE TABLE orders (id INTEGER PRIMARY KEY, user_id INTEGER)");
        oracle.run(
            "CREATE VIEW buyers AS SELECT * FROM users WHERE id IN (SELECT user_id FROM orders)",
        );
        oracle
    }

    #[test]
    fn the_parent_that_a_foreign_key_looks_into_is_not_reported() {
        let oracle = oracle();
        oracle.run("CREATE TABLE lines (order_id INTEGER REFERENCES orders (id))");
        assert_eq!(
            oracle.relations("INSERT INTO lines VALUES (1)"),
            Some(vec!["lines".into()])
        );
    }

    #[test]
    fn every_table_is_reported_wherever_it_stands() {
        let oracle = oracle();
        let sql = "SELECT count(*) FROM users WHERE EXISTS (SELECT 1 FROM orders)";
        assert_eq!(
            oracle.relations(sql),
            Some(vec!["orders".into(), "users".into()])
        );
        let sql = "INSERT INTO orders (user_id) SELECT id FROM users";
        assert_eq!(
            oracle.relations(sql),
            Some(vec!["orders".into(), "users".into()])
        );
        let sql = "DELETE FROM orders WHERE user_id IN users";
        assert_eq!(oracle.relations(sql), None, "two columns are no list");
    }

    #[test]
    fn a_common_table_expression_is_no_table_and_a_view_is_one_relation() {
        let oracle = oracle();
        let sql = "WITH recent AS (SELECT id FROM orders) SELECT * FROM recent";
        assert_eq!(oracle.relations(sql), Some(vec!["orders".into()]));
        assert_eq!(
            oracle.relations("SELECT * FROM buyers"),
            Some(vec!["buyers".into()])
        );
    }

    #[test]
    fn what_sqlite_refuses_has_no_relations() {
        assert_eq!(oracle().relations("SELECT * FROM nowhere"), None);
        assert_eq!(oracle().relations("SELECT FROM WHERE"), None);
    }
}
