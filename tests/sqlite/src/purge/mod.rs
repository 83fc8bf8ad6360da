//! The purge, the same on every database: the other database packages include these modules.

mod limits;
mod rows;
mod shops;
