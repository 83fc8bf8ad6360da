//! Statements on a PostgreSQL server.

mod application;
mod calls;
mod data;
mod hunt;
mod judge;
mod parameter;
mod plan;
mod session;
mod story;
mod suite;
mod values;
mod witness;
mod world;

use super::outcome;

pub(in crate::corpus) use application::Application;
pub(in crate::corpus) use suite::{Suite, Template};
