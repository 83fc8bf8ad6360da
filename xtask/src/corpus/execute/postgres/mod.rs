//! Statements on a PostgreSQL server.

mod application;
mod calls;
mod data;
mod judge;
mod outcome;
mod plan;
mod session;
mod values;
mod world;

pub(in crate::corpus) use application::Application;
