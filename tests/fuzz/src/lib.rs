//! What the fuzz targets do with their bytes: libFuzzer invents them in `fuzz/`, and the committed
//! seeds are put through the same functions on stable by the test of this package.

// A procedural macro exports nothing but its macros, so its modules are built here once more.
mod environment;
#[path = "../../../soft-delete-macros/src/fault.rs"]
mod fault;
#[path = "../../../soft-delete-macros/src/model/mod.rs"]
mod model;
#[path = "../../../soft-delete-macros/src/plan.rs"]
mod plan;
#[allow(dead_code, reason = "no target calls `retention_plan!`")]
#[path = "../../../soft-delete-macros/src/purge.rs"]
mod purge;
#[allow(
    clippy::large_enum_variant,
    reason = "spans are larger here: another test package asks proc-macro2 for their places"
)]
#[path = "../../../soft-delete-macros/src/query/mod.rs"]
mod query;
#[path = "../../../soft-delete-macros/src/schema.rs"]
mod schema;
#[path = "../../../soft-delete-macros/src/track.rs"]
mod track;
#[path = "../../../soft-delete-macros/src/warning.rs"]
mod warning;

mod target;

pub use target::{Outcome, TARGETS, Target, broken};
