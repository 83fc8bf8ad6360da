//! soft-delete on `PostgreSQL`, end to end.

mod database;
mod deadlock;
mod dialect;
mod isolation;
#[path = "../../sqlite/src/lifecycle/mod.rs"]
mod lifecycle;
mod lost;
#[path = "../../sqlite/src/purge/mod.rs"]
mod purge;
mod restart;
#[path = "../../sqlite/src/runtime/mod.rs"]
mod runtime;
#[path = "../../sqlite/src/scoped/mod.rs"]
mod scoped;
#[path = "../../sqlite/src/seed.rs"]
mod seed;
mod sql;
mod walk;

use soft_delete::__private as expansion;
use sqlx::PgConnection as DbConnection;

type Db = sqlx::Postgres;
