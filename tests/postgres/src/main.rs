//! soft-delete on `PostgreSQL`, end to end.

mod database;
#[path = "../../sqlite/src/runtime/mod.rs"]
mod runtime;
mod sql;

use soft_delete::private as expansion;
use sqlx::PgConnection as DbConnection;

type Db = sqlx::Postgres;
