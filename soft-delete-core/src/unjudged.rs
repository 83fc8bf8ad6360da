//! What a model that does not compile records: anything, so that the code which uses it is not blamed too.

use std::sync::Arc;

use crate::{
    AcceptsActorOf, AcceptsReason, ActorSettled, Backend, HoldsMoment, HoldsOperation, Model,
    lifecycle::ActorValue, operation::state, run::Token,
};

/// It stands in the place of every type that the derive would have chosen.
#[derive(Debug)]
pub enum Unjudged {}

impl state::Actor for Unjudged {
    const PENDING: bool = false;
}

impl state::Reason for Unjudged {
    const RECORDED: bool = false;
}

impl<T: Model, V> AcceptsActorOf<T, V> for Unjudged {
    fn bind(_: V) -> ActorValue<T::Database> {
        ActorValue(Arc::new(|operands| {
            <T::Database as Backend>::bind_null(operands, Token::new())
        }))
    }
}

#[diagnostic::do_not_recommend]
impl ActorSettled for Unjudged {}
#[diagnostic::do_not_recommend]
impl AcceptsReason for Unjudged {}
#[diagnostic::do_not_recommend]
impl HoldsOperation for Unjudged {}
#[diagnostic::do_not_recommend]
impl HoldsMoment for Unjudged {}

/// A database, where the schema could not be read and the dialect is not known.
#[cfg(feature = "postgres")]
pub type AnyDatabase = sqlx::Postgres;
/// A database, where the schema could not be read and the dialect is not known.
#[cfg(all(
    not(feature = "postgres"),
    any(feature = "sqlite", feature = "sqlite-unbundled")
))]
pub type AnyDatabase = sqlx::Sqlite;
/// A database, where the schema could not be read and the dialect is not known.
#[cfg(not(any(feature = "postgres", feature = "sqlite", feature = "sqlite-unbundled")))]
#[cfg(feature = "mysql")]
pub type AnyDatabase = sqlx::MySql;
