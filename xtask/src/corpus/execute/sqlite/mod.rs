//! Statements on SQLite, in process.

mod application;
mod data;
mod database;
mod hunt;
mod judge;
mod marked;
mod plan;
mod script;
mod session;
mod witness;
mod world;

pub(in crate::corpus) use application::Application;
pub(in crate::corpus) use script::Script;
