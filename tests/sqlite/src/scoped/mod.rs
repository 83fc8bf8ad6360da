//! `soft_query!` end to end, in SQL that every database understands: the other database packages
//! include these modules and compile them against their own migrations.

mod heads;
mod markers;
mod model;
mod operations;
mod places;
mod references;
mod texts;
mod visibility;
mod writes;
