//! soft-delete on `SQLite`, end to end.

mod database;
mod runtime;
mod sql;

use soft_delete::private as expansion;
use sqlx::SqliteConnection as DbConnection;

type Db = sqlx::Sqlite;
