//! soft-delete on `SQLite`, end to end.

mod busy;
mod database;
mod dialect;
mod lifecycle;
mod purge;
mod runtime;
mod scoped;
mod seed;
mod sql;

use soft_delete::__private as expansion;
use sqlx::SqliteConnection as DbConnection;

type Db = sqlx::Sqlite;
