//! The purge, the same on every database: the other database packages include these modules.

mod faults;
pub(crate) mod ledger;
mod limits;
mod races;
mod rows;
mod shops;
