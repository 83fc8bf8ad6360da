//! The purge, the same on every database: the other database packages include these modules.

mod faults;
mod hooks;
pub(crate) mod ledger;
mod limits;
mod page;
pub(crate) mod races;
mod rows;
pub(crate) mod shops;
