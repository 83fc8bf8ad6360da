//! A checked operation: soft delete, purge, erase.

use std::{fmt, marker::PhantomData};

use futures_core::future::BoxFuture;
use sqlx::{Database, Encode, Type, error::BoxDynError};

use crate::{
    Backend, OperationId, Outcome, Result,
    run::{Token, Transacts},
    statement::Statement,
};

/// A checked operation with its arguments: what a verb of `soft_query!` returns.
///
/// The table decides what else can be said: `.by(…)` where it has a `deleted_by` column,
/// `.because(…)` where it has `deleted_reason`. What is not said is recorded as NULL.
///
/// ```
/// use soft_delete_core::{Backend, Operation, Result, TakesActor, TakesReason, Transacts};
///
/// // let operation = soft_query!(soft_delete, "DELETE FROM contacts WHERE email LIKE ?", pattern);
/// async fn delete_spam<DB: Backend>(
///     operation: Operation<DB, TakesActor, TakesReason>,
///     user_id: i64,
///     pool: impl Transacts<'_, DB>,
/// ) -> Result<u64>
/// where
///     i64: for<'t> sqlx::Encode<'t, DB> + sqlx::Type<DB>,
/// {
///     let outcome = operation
///         .by(user_id)
///         .because("spam")
///         .execute(pool)
///         .await?;
///     Ok(outcome.rows_affected())
/// }
/// ```
#[must_use = "an operation does nothing until it is executed"]
pub struct Operation<DB: Backend, A = NoActor, R = NoReason> {
    sql: &'static str,
    operands: Result<DB::Operands, BoxDynError>,
    reason: Option<String>,
    records_id: bool,
    state: PhantomData<fn() -> (A, R)>,
}

/// The table has no `deleted_by` column.
#[derive(Debug)]
pub enum NoActor {}

/// The table has a `deleted_by` column and the actor is not given yet.
#[derive(Debug)]
pub enum TakesActor {}

/// The table has a `deleted_by` column and `require_actor` asks for the actor.
#[derive(Debug)]
pub enum RequiresActor {}

/// The actor is given.
#[derive(Debug)]
pub enum ActorGiven {}

/// The table has no `deleted_reason` column.
#[derive(Debug)]
pub enum NoReason {}

/// The table has a `deleted_reason` column.
#[derive(Debug)]
pub enum TakesReason {}

mod state {
    use super::{ActorGiven, NoActor, NoReason, RequiresActor, TakesActor, TakesReason};

    pub trait Actor {
        /// A placeholder of ours waits for the actor.
        const PENDING: bool;
    }

    impl Actor for NoActor {
        const PENDING: bool = false;
    }

    impl Actor for TakesActor {
        const PENDING: bool = true;
    }

    impl Actor for RequiresActor {
        const PENDING: bool = true;
    }

    impl Actor for ActorGiven {
        const PENDING: bool = false;
    }

    pub trait Reason {
        /// A placeholder of ours waits for the reason.
        const RECORDED: bool;
    }

    impl Reason for NoReason {
        const RECORDED: bool = false;
    }

    impl Reason for TakesReason {
        const RECORDED: bool = true;
    }
}

/// An operation that can still be told its actor.
#[diagnostic::on_unimplemented(
    message = "this operation cannot record an actor",
    label = "`.by(…)` does not apply here",
    note = "`.by(…)` needs a `deleted_by` column in the table, and is said once"
)]
pub trait AcceptsActor: state::Actor {}

impl AcceptsActor for TakesActor {}
impl AcceptsActor for RequiresActor {}

/// An operation that needs no actor any more.
///
/// ```
/// use soft_delete_core::{Backend, Operation, Outcome, RequiresActor, Result, Transacts};
///
/// async fn delete<DB: Backend>(
///     operation: Operation<DB, RequiresActor>,
///     pool: impl Transacts<'_, DB>,
/// ) -> Result<Outcome>
/// where
///     i64: for<'t> sqlx::Encode<'t, DB> + sqlx::Type<DB>,
/// {
///     operation.by(7_i64).execute(pool).await
/// }
/// ```
///
/// Without the actor it does not compile:
///
/// ```compile_fail,E0277
/// # use soft_delete_core::{Backend, Operation, Outcome, RequiresActor, Result, Transacts};
/// # async fn delete<DB: Backend>(
/// #     operation: Operation<DB, RequiresActor>,
/// #     pool: impl Transacts<'_, DB>,
/// # ) -> Result<Outcome> {
/// operation.execute(pool).await
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "this operation does not say who did it",
    label = "say it first: `.by(…)`",
    note = "`require_actor` in soft-delete.toml asks for the actor of every operation on this table"
)]
pub trait ActorSettled: state::Actor {}

impl ActorSettled for NoActor {}
impl ActorSettled for TakesActor {}
impl ActorSettled for ActorGiven {}

/// An operation that can be told its reason.
#[diagnostic::on_unimplemented(
    message = "this operation cannot record a reason",
    label = "`.because(…)` does not apply here",
    note = "`.because(…)` needs a `deleted_reason` column in the table"
)]
pub trait AcceptsReason: state::Reason {}

impl AcceptsReason for TakesReason {}

impl<DB: Backend, A, R> Operation<DB, A, R> {
    pub(crate) fn new(
        sql: &'static str,
        operands: Result<DB::Operands, BoxDynError>,
        records_id: bool,
    ) -> Self {
        Self {
            sql,
            operands,
            reason: None,
            records_id,
            state: PhantomData,
        }
    }

    /// The SQL that runs.
    #[must_use]
    pub const fn sql(&self) -> &'static str {
        self.sql
    }

    /// Records who did it, in `deleted_by`.
    pub fn by<'t, T>(self, actor: T) -> Operation<DB, ActorGiven, R>
    where
        A: AcceptsActor,
        T: Encode<'t, DB> + Type<DB>,
    {
        // The actor is the first of our placeholders, so it can be encoded while it is borrowed.
        let operands = self.operands.and_then(|mut operands| {
            DB::bind_ours(&mut operands, actor, Token::new())
                .map_err(|error| format!("Encoding the actor failed: {error}"))?;
            Ok(operands)
        });
        Operation {
            sql: self.sql,
            operands,
            reason: self.reason,
            records_id: self.records_id,
            state: PhantomData,
        }
    }

    /// Records why, in `deleted_reason`.
    pub fn because(mut self, reason: impl Into<String>) -> Self
    where
        R: AcceptsReason,
    {
        self.reason = Some(reason.into());
        self
    }

    /// Runs the operation: one statement, which is atomic in itself.
    ///
    /// # Errors
    ///
    /// When an argument cannot be encoded or the database refuses.
    pub fn execute<'e, 'c: 'e, T>(self, on: T) -> BoxFuture<'e, Result<Outcome>>
    where
        A: ActorSettled,
        R: state::Reason,
        T: Transacts<'c, DB>,
        T::Held: 'e,
    {
        let operation_id = self.records_id.then(OperationId::random);
        let sql = self.sql;
        let mut statement = Statement::new(sql, self.arguments(operation_id));
        statement.persistent = !(A::PENDING && DB::INFERS_NULL);
        let connection = on.hold(Token::new());
        Box::pin(async move {
            let mut connection = connection.await?;
            let rows_affected = DB::run(&mut connection, statement, Token::new()).await?;
            Ok(Outcome {
                rows_affected,
                operation_id,
                ..Outcome::default()
            })
        })
    }
}

impl<DB: Backend, A: state::Actor, R: state::Reason> Operation<DB, A, R> {
    /// Actor, reason, operation id: the order of our placeholders.
    fn arguments(self, id: Option<OperationId>) -> Result<DB::Arguments, BoxDynError> {
        let token = Token::new();
        let mut operands = self.operands?;
        if A::PENDING {
            DB::bind_null(&mut operands, token)?;
        }
        if R::RECORDED {
            DB::bind_text(&mut operands, self.reason.as_deref(), token)?;
        }
        if let Some(id) = id {
            DB::bind_text(&mut operands, Some(&id.to_string()), token)?;
        }
        DB::arguments(operands, token)
    }
}

impl<DB: Backend, A, R> fmt::Debug for Operation<DB, A, R> {
    // The values stay out: they are personal data more often than not.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Operation");
        debug.field("database", &<DB as Database>::NAME);
        debug.field("sql", &self.sql);
        if let Err(error) = &self.operands {
            debug.field("error", &error.to_string());
        }
        debug.finish_non_exhaustive()
    }
}
