//! soft-delete on `MySQL` and `MariaDB`, end to end.

mod database;
#[path = "../../sqlite/src/runtime/mod.rs"]
mod runtime;
mod sql;

use soft_delete::private as expansion;
use sqlx::MySqlConnection as DbConnection;

type Db = sqlx::MySql;
