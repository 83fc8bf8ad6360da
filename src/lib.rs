//! A query that touches a soft-deletable table and does not say which rows it may see does not
//! compile.
//!
//! `soft-delete` reads the migrations of the application, checks every SQL statement against them
//! at compile time, and types the rows by their state: [`Active`], [`Deleted`], [`WithDeleted`].

#[doc(hidden)]
pub use soft_delete_core::private as __private;
pub use soft_delete_core::{
    AcceptsActor, AcceptsReason, Active, ActorGiven, Backend, Deleted, Error, NoActor, NoReason,
    NoRows, Operation, OperationId, Outcome, ParseOperationIdError, ParseVisibilityError, Result,
    ReturnsRows, Runs, ScopedQuery, SoftDeletable, StateMismatch, TakesActor, TakesReason,
    Transacts, Visibility, WithDeleted,
};
