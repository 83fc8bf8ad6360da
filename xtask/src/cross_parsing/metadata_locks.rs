//! The tables that MariaDB opens for a statement, by the metadata locks that it then holds.

use std::fmt::Write as _;

use anyhow::{Context, Result};
use soft_delete_sql::{
    Dialect,
    syntax::{TokenKind, lexer},
};
use sqlx::{AssertSqlSafe, Connection, Executor, MySqlConnection, Row};
use tokio::runtime::{Builder, Runtime};

use super::Named;

/// A connection to a MariaDB server with a database of its own.
pub(super) struct Locks {
    runtime: Runtime,
    connection: MySqlConnection,
}

/// The database that the statements are about.
const DATABASE: &str = "cross_parsing";

impl Locks {
    pub(super) fn connect(url: &str) -> Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let connection = runtime.block_on(MySqlConnection::connect(url))?;
        let mut locks = Self {
            runtime,
            connection,
        };
        locks
            .run("INSTALL PLUGIN IF NOT EXISTS METADATA_LOCK_INFO SONAME 'metadata_lock_info'")
            .context("MariaDB's plugin METADATA_LOCK_INFO is needed")?;
        Ok(locks)
    }

    /// Begins anew with the tables of a schema. What a statement would open beyond the relations
    /// in its text goes: views become tables, foreign keys and triggers are dropped.
    pub(super) fn learn(&mut self, schema: &str) -> Result<()> {
        let begin = format!(
            "DROP DATABASE IF EXISTS {DATABASE}; CREATE DATABASE {DATABASE}; USE {DATABASE};"
        );
        self.run(&begin)?;
        self.run(schema).context("MariaDB refuses the schema")?;
        self.run(&format!("USE {DATABASE}"))?;
        let views = self.names(
            "SELECT concat('CREATE TABLE cross_parsing_view AS SELECT * FROM `', table_name, '` LIMIT 0; \
             DROP VIEW `', table_name, '`; RENAME TABLE cross_parsing_view TO `', table_name, '`') \
             FROM information_schema.views WHERE table_schema = database()",
        )?;
        let keys = self.names(
            "SELECT concat('ALTER TABLE `', table_name, '` DROP FOREIGN KEY `', constraint_name, '`') \
             FROM information_schema.referential_constraints WHERE constraint_schema = database()",
        )?;
        let triggers = self.names(
            "SELECT concat('DROP TRIGGER `', trigger_name, '`') \
             FROM information_schema.triggers WHERE trigger_schema = database()",
        )?;
        views
            .iter()
            .chain(&keys)
            .chain(&triggers)
            .try_for_each(|sql| self.run(sql))
    }

    /// The tables of a statement, `None` where MariaDB refuses to explain it.
    pub(super) fn references(&mut self, sql: &str) -> Option<Vec<Named>> {
        let tokens = lexer::lex(Dialect::Mysql, sql).ok()?;
        let parameters = tokens
            .iter()
            .filter(|token| token.kind == TokenKind::Param)
            .count();
        let mut using = String::new();
        for at in 0..parameters {
            using.push_str(if at == 0 { " USING @one" } else { ", @one" });
        }
        let mut text = String::new();
        for byte in format!("EXPLAIN {sql}").bytes() {
            let _ = write!(text, "{byte:02x}");
        }
        let explain = format!(
            "SET @one = 1, @text = CONVERT(0x{text} USING utf8mb4); START TRANSACTION; \
             PREPARE explained FROM @text; EXECUTE explained{using}"
        );
        let found = self.run(&explain).and_then(|()| {
            self.names(
                "SELECT DISTINCT table_name FROM information_schema.metadata_lock_info \
                 WHERE thread_id = connection_id() AND table_schema = database() \
                 AND lock_type = 'Table metadata lock'",
            )
        });
        self.run("ROLLBACK").ok()?;
        let named = found.ok()?.into_iter();
        Some(named.map(|name| Named { at: None, name }).collect())
    }

    fn run(&mut self, sql: &str) -> Result<()> {
        let done = self
            .connection
            .execute(sqlx::raw_sql(AssertSqlSafe(sql.to_owned())));
        self.runtime.block_on(done)?;
        Ok(())
    }

    fn names(&mut self, sql: &str) -> Result<Vec<String>> {
        let rows = self
            .connection
            .fetch_all(sqlx::raw_sql(AssertSqlSafe(sql.to_owned())));
        let rows = self.runtime.block_on(rows)?;
        let names = rows.iter().map(|row| row.try_get(0));
        Ok(names.collect::<sqlx::Result<_>>()?)
    }
}
