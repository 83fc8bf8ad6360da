//! Soft delete, restore, purge and erase, with all that hangs on a row. Another database runs these
//! files too.

mod bulk;
mod cascade;
pub(crate) mod concurrent;
mod documented;
mod hooks;
pub(crate) mod kills;
mod leaks;
pub(crate) mod model;
mod personal;
mod property;
mod removing;
mod restoring;
mod rings;
mod simulation;
mod single;
mod testing;
mod verbs;
mod world;
