//! The run time behind `soft-delete`: typed rows, scoped queries and operations for sqlx.
//!
//! Applications depend on the `soft-delete` crate, which re-exports this one together with the
//! macros. What is here knows no SQL: the text, the scope and the order of the arguments are
//! decided at compile time by `soft_query!`, and this crate runs the result.

mod backend;
mod bulk;
mod change;
mod error;
mod future;
mod hook;
pub mod kind;
mod lifecycle;
mod model;
#[cfg(feature = "mysql")]
mod mysql;
mod operation;
mod operation_id;
mod outcome;
mod plan;
#[doc(hidden)]
pub mod private;
mod purge;
mod query;
mod row;
mod row_operation;
mod run;
mod stage;
mod statement;
pub mod testing;
mod unjudged;
mod values;
mod visibility;

pub use backend::Backend;
pub use bulk::{BulkOperation, Tombstones};
pub use error::{Error, Result, StateMismatch};
pub use future::{FetchAll, FetchOne, FetchOptional};
pub use hook::{Event, Hook, Kind};
pub use lifecycle::{
    AcceptsActorOf, HoldsMoment, HoldsOperation, IntoActor, Kept, KeyedBy, Lifecycle, Model, NoKey,
    NotKept, UnknownActor,
};
pub use model::SoftDeletable;
pub use operation::{
    AcceptsActor, AcceptsReason, ActorGiven, ActorSettled, NoActor, NoReason, Operation,
    RequiresActor, TakesActor, TakesReason,
};
pub use operation_id::{OperationId, ParseOperationIdError};
pub use outcome::{LeftDeleted, Outcome, TableRows};
pub use purge::{
    AgeKnown, AgeMissing, AgeSettled, Audit, CancelToken, Purge, PurgeDatabase, PurgeError,
    PurgeFailure, PurgeProgress, PurgeReport, Purgeable, RetentionPlan, StopReason, TableReport,
};
pub use query::{NoRows, ReturnsNothing, ReturnsRows, ScopedQuery};
pub use row::{Active, Deleted, WithDeleted};
pub use row_operation::RowOperation;
pub use run::{Runs, Transacts};
pub use visibility::{ParseVisibilityError, Visibility};
