//! A checked operation: soft delete, purge, erase.

use std::{fmt, marker::PhantomData};

use futures_core::future::BoxFuture;
use sqlx::{Database, error::BoxDynError};

use crate::{
    Backend, IntoActor, Outcome, Result,
    change::{End, close, conflict, conflict_of},
    plan::Follow,
    run::{Token, Transacts},
    stage::Work,
    statement::Statement,
    values::Values,
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
    values: Values<'static, DB>,
    records_id: bool,
    follow: Option<&'static Follow>,
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

pub(crate) mod state {
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
    note = "`.by(…)` is for a soft delete of a table with a `deleted_by` column, and is said once"
)]
pub trait AcceptsActor: state::Actor {}

#[diagnostic::do_not_recommend]
impl AcceptsActor for TakesActor {}
#[diagnostic::do_not_recommend]
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

#[diagnostic::do_not_recommend]
impl ActorSettled for NoActor {}
#[diagnostic::do_not_recommend]
impl ActorSettled for TakesActor {}
#[diagnostic::do_not_recommend]
impl ActorSettled for ActorGiven {}

/// An operation that can be told its reason.
#[diagnostic::on_unimplemented(
    message = "this operation cannot record a reason",
    label = "`.because(…)` does not apply here",
    note = "`.because(…)` is for a soft delete of a table with a `deleted_reason` column"
)]
pub trait AcceptsReason: state::Reason {}

#[diagnostic::do_not_recommend]
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
            values: Values::default(),
            records_id,
            follow: None,
            state: PhantomData,
        }
    }

    pub(crate) fn following(mut self, follow: &'static Follow) -> Self {
        self.follow = Some(follow);
        self
    }

    /// The SQL that runs; what follows it is not in it.
    #[must_use]
    pub const fn sql(&self) -> &'static str {
        self.sql
    }

    /// Records who did it, in `deleted_by`: a value of its own, as every row that follows is given it too.
    pub fn by<T>(mut self, actor: T) -> Operation<DB, ActorGiven, R>
    where
        A: AcceptsActor,
        T: IntoActor<T, DB>,
    {
        self.values.actor = Some(actor.into_actor().0);
        Operation {
            sql: self.sql,
            operands: self.operands,
            values: self.values,
            records_id: self.records_id,
            follow: self.follow,
            state: PhantomData,
        }
    }

    /// Records why, in `deleted_reason`.
    pub fn because(mut self, reason: impl Into<String>) -> Self
    where
        R: AcceptsReason,
    {
        self.values.reason = Some(reason.into());
        self
    }

    /// Runs the operation: one statement, which is atomic in itself; where rows of other tables follow
    /// by their `references` policies, a transaction, which is a savepoint in a transaction of the caller.
    ///
    /// # Errors
    ///
    /// When an argument cannot be encoded or the database refuses, and
    /// [`Error::Restricted`](crate::Error::Restricted) where rows that stay forbid it.
    pub fn execute<'e, 'c: 'e, T>(self, on: T) -> BoxFuture<'e, Result<Outcome>>
    where
        A: ActorSettled,
        R: state::Reason,
        T: Transacts<'c, DB> + 'e,
    {
        self.run(on, End::Commit)
    }

    /// Runs the operation and takes it back: what it would do, by the database's own word.
    ///
    /// # Errors
    ///
    /// As [`execute`](Self::execute).
    pub fn dry_run<'e, 'c: 'e, T>(self, on: T) -> BoxFuture<'e, Result<Outcome>>
    where
        A: state::Actor,
        R: state::Reason,
        T: Transacts<'c, DB> + 'e,
    {
        self.run(on, End::RollBack)
    }
}

impl<DB: Backend, A: state::Actor, R: state::Reason> Operation<DB, A, R> {
    fn run<'e, 'c: 'e, T>(mut self, on: T, end: End) -> BoxFuture<'e, Result<Outcome>>
    where
        T: Transacts<'c, DB> + 'e,
    {
        if self.records_id {
            self.values.stamp();
        }
        let mut statement =
            Statement::new(self.sql, arguments::<DB, A, R>(self.operands, &self.values));
        statement.persistent = !(A::PENDING && DB::INFERS_NULL);
        let (values, follow) = (self.values, self.follow);
        Box::pin(async move {
            let follows = |follow: &Follow| !(follow.before.is_empty() && follow.stages.is_empty());
            if end == End::Commit && !follow.is_some_and(follows) {
                let mut connection = on.hold(Token::new()).await?;
                let rows = DB::run(&mut connection, statement, Token::new()).await;
                let rows = rows.map_err(|error| match follow {
                    Some(follow) => conflict(follow.table, follow.kind, error),
                    None => error.into(),
                });
                return Ok(Outcome::of(rows?, values.id()));
            }
            // Apart, so that the future of one statement is small.
            Box::pin(async move {
                let mut transaction = on.open(Token::new()).await?;
                let done = transacted::<DB>(&mut transaction, statement, &values, follow).await;
                close(transaction, end, done).await
            })
            .await
        })
    }
}

/// The statement, and what follows it.
async fn transacted<DB: Backend>(
    connection: &mut DB::Connection,
    statement: Statement<DB>,
    values: &Values<'_, DB>,
    follow: Option<&'static Follow>,
) -> Result<Outcome> {
    let Some(follow) = follow else {
        let rows = DB::run(connection, statement, Token::new()).await?;
        return Ok(Outcome::of(rows, values.id()));
    };
    let (table, kind) = (follow.table, follow.kind);
    let mut work = Work::new(connection, values, table);
    for step in follow.before {
        work.step(step).await?;
    }
    let rows = DB::run(work.connection, statement, Token::new()).await;
    work.outcome.rows_affected = rows.map_err(|error| conflict(table, kind, error))?;
    work.outcome.operation_id = values.id();
    if work.outcome.rows_affected > 0 {
        let done = work.stages(follow.stages).await;
        done.map_err(|error| conflict_of(table, kind, error))?;
        if !kind.keeps() {
            work.outcome.settle_removed(table);
        }
    }
    Ok(work.outcome)
}

/// Actor, reason, operation id: the order of our placeholders.
fn arguments<DB: Backend, A: state::Actor, R: state::Reason>(
    operands: Result<DB::Operands, BoxDynError>,
    values: &Values<'_, DB>,
) -> Result<DB::Arguments, BoxDynError> {
    let mut params = String::new();
    if A::PENDING || values.actor.is_some() {
        params.push('a');
    }
    if R::RECORDED {
        params.push('r');
    }
    if values.operation.is_some() {
        params.push('o');
    }
    let mut operands = operands?;
    values.bind(&params, &mut operands)?;
    DB::arguments(operands, Token::new())
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
