//! soft-delete on `MySQL` and `MariaDB`, end to end.

mod database;
#[path = "../../postgres/src/deadlock.rs"]
mod deadlock;
mod dialect;
#[path = "../../sqlite/src/lifecycle/mod.rs"]
mod lifecycle;
#[path = "../../postgres/src/lost.rs"]
mod lost;
#[path = "../../sqlite/src/purge/mod.rs"]
mod purge;
#[path = "../../postgres/src/restart.rs"]
mod restart;
#[path = "../../sqlite/src/runtime/mod.rs"]
mod runtime;
#[path = "../../sqlite/src/scoped/mod.rs"]
mod scoped;
#[path = "../../sqlite/src/seed.rs"]
mod seed;
mod sql;

use soft_delete::__private as expansion;
use sqlx::MySqlConnection as DbConnection;

type Db = sqlx::MySql;
