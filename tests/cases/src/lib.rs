//! Leaks and must-accept statements collected from public issue trackers, what the analyser has
//! to say about each, and the databases they run on.

pub mod case;
pub mod database;
pub mod plan;

pub use soft_delete_sql::Dialect;
