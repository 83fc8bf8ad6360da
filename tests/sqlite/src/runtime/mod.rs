//! The run time without the macro, the same on every database: the other database packages include
//! these modules and give them their `Db`, `database` and `sql`.
//!
//! They call what `soft_query!` expands to, with statements that no check has seen, because the
//! last line of defence must hold where the first did not.

mod arguments;
mod contact;
mod executors;
mod mapping;
mod operations;
mod rows;
