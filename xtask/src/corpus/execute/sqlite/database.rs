//! A database with tombstones in it, and the statements that run on it.

use anyhow::Result;
use soft_delete_sql::Schema;

use super::{
    super::{Asked, Execution, outcome::Row, scopes::quote},
    judge::Case,
    plan::Plan,
    session::{Fault, Session},
    world::{Table, World},
};

/// Calls judged of a statement with parameters, of those that return rows.
const JUDGED: usize = 8;

pub(super) struct Database {
    pub(super) session: Session,
    pub(super) world: World,
}

impl Database {
    /// The tables that are there, as the analyser's schema sees them.
    pub(super) fn new(session: Session, schema: &Schema) -> Result<Self> {
        let world = World::read(&session, schema)?;
        Ok(Self { session, world })
    }

    /// Rows of a table, as literals; enough to take samples from.
    pub(super) fn rows(&self, table: &Table) -> Result<Vec<Row>, Fault> {
        let columns: Vec<String> = table.columns.iter().map(|name| quote(name)).collect();
        let (columns, name) = (columns.join(", "), quote(&table.name));
        let all = format!("SELECT {columns} FROM main.{name}");
        Ok(self.session.call(&all, &[], 1000)?.rows)
    }

    /// Judges the calls of a statement until one shows what a forgotten filter would do.
    pub(super) fn execute(&self, sql: &str, asked: &Asked, calls: &[Vec<i64>]) -> Execution {
        let writes = self.session.prepared(sql).is_ok_and(|it| it.writes);
        let plan = Plan::new(&self.world, sql, asked, writes);
        let mut best = Execution::Unjudged("no call returns rows".to_owned());
        let mut judged = 0;
        for (at, arguments) in calls.iter().enumerate() {
            let case = Case {
                session: &self.session,
                world: &self.world,
                sql,
                asked,
                plan: &plan,
                arguments,
            };
            // The last one is judged whatever it finds.
            let is_last = at + 1 == calls.len();
            if !is_last && case.finds_nothing().unwrap_or(false) {
                continue;
            }
            let execution = case.judge();
            if execution.worth() >= best.worth() {
                best = execution;
            }
            judged += 1;
            if best.worth() >= Execution::TELLS || judged == JUDGED {
                break;
            }
        }
        best
    }
}

#[cfg(test)]
mod tests {
    use soft_delete_sql::{
        Dialect,
        schema::{Config, from_sql},
    };

    use super::{
        super::super::{Asked, Execution, Truth, ask},
        Database, Session,
    };

    const TABLES: &str = "\
        CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, deleted_at TEXT);
        CREATE TABLE notes (id INTEGER PRIMARY KEY, user_id INTEGER, deleted_at TEXT);
        INSERT INTO users VALUES (1, 'a', NULL), (2, 'b', NULL), (3, 'c', 'x');
        INSERT INTO notes VALUES (1, 1, NULL), (2, 2, 'x'), (3, 3, NULL);";

    fn database() -> (Database, soft_delete_sql::Schema) {
        let schema = from_sql(
            Dialect::Sqlite,
            TABLES.split("INSERT").next().unwrap_or_default(),
            &Config::default(),
        )
        .expect("a schema");
        let session = Session::open().expect("opened");
        session.make(TABLES).expect("made");
        (Database::new(session, &schema).expect("read"), schema)
    }

    /// What comes of a statement when the text that runs is edited by a function.
    fn judged(sql: &str, edit: impl Fn(&str) -> String) -> Execution {
        let (database, schema) = database();
        let mut asked = ask(&schema, sql);
        if let Asked::Scoped(scoped) = &mut asked {
            scoped.sql = edit(&scoped.sql);
        }
        database.execute(sql, &asked, &[Vec::new()])
    }

    fn equal(sql: &str) -> (Truth, usize, bool) {
        match judged(sql, str::to_owned) {
            Execution::Equal {
                truth,
                rows,
                telling,
            } => (truth, rows, telling),
            other => panic!("{sql}: {other:?}"),
        }
    }

    #[test]
    fn a_read_is_judged_on_views_and_a_write_without_tombstones() {
        let join = "SELECT u.id FROM users u LEFT JOIN notes n ON n.user_id = u.id";
        assert_eq!(equal(join), (Truth::Views, 2, true));
        assert_eq!(
            equal("SELECT rowid FROM users"),
            (Truth::Clean, 2, true),
            "a view has no row number"
        );
        assert_eq!(
            equal("UPDATE users SET name = 'z'"),
            (Truth::Clean, 2, true)
        );
        assert_eq!(equal("DELETE FROM users"), (Truth::Clean, 2, true));
        assert_eq!(
            equal("SELECT id FROM users WHERE id < 3"),
            (Truth::Views, 2, false)
        );
    }

    #[test]
    fn two_scopes_of_one_table_are_told_apart() {
        let sql = "SELECT users.id, b.id FROM users, users b \
                   WHERE users.deleted_at IS NOT NULL AND b.deleted_at IS NULL";
        assert_eq!(equal(sql), (Truth::Views, 2, false));
    }

    #[test]
    fn a_forgotten_filter_is_found_in_what_is_returned_and_what_is_written() {
        let forget = |text: &str| text.replace("n.deleted_at IS NULL", "true");
        let join = "SELECT u.id, n.id FROM users u LEFT JOIN notes n ON n.user_id = u.id";
        assert!(matches!(judged(join, forget), Execution::Differs { .. }));
        let forget = |text: &str| {
            let text = text.replace("users.deleted_at", "deleted_at");
            text.replace("deleted_at IS NULL", "true")
        };
        for write in ["UPDATE users SET name = 'z'", "DELETE FROM users"] {
            assert!(
                matches!(judged(write, forget), Execution::Differs { .. }),
                "{write}"
            );
        }
    }

    #[test]
    fn the_order_of_ties_is_nobodys_fault_and_another_order_is() {
        let sql = "SELECT id FROM users ORDER BY deleted_at IS NULL";
        let turn = |text: &str| format!("{text}, id DESC");
        assert!(matches!(judged(sql, turn), Execution::Equal { .. }));
        let turn = |text: &str| text.replace("ORDER BY id", "ORDER BY id DESC");
        let sql = "SELECT id FROM users ORDER BY id";
        assert!(matches!(judged(sql, turn), Execution::Differs { .. }));
    }
}
