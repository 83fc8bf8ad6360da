//! Soft delete, restore, purge and erase, with all that hangs on a row. Another database runs these
//! files too.

mod bulk;
mod cascade;
mod documented;
mod hooks;
mod model;
mod removing;
mod restoring;
mod single;
mod testing;
mod verbs;
mod world;
