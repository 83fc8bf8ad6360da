//! What the schema says about the life of a row: which rows reference it, and the statements by which
//! a soft delete, a restore, a purge and an erasure change it and them.

pub mod audit;
pub(crate) mod follow;
pub mod graph;
mod order;
pub(crate) mod personal;
pub mod plan;
pub mod purge;
pub mod record;
mod remove;
mod restore;
mod rows;
mod soft_delete;
pub mod text;

pub use personal::listing;
pub use plan::{Change, Effect, Plan, Restore, Stage, Step, Which, plan};
pub use text::{KEYS, Param, Text};
