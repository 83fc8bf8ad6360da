//! What the schema says about the life of a row: which rows reference it, and what a soft delete,
//! a restore and a purge do to them.

pub mod audit;
pub mod graph;
pub mod purge;
