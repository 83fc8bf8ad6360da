//! A model whose rows can be deleted, restored and purged.

use std::fmt;

use futures_core::future::BoxFuture;
use sqlx::{Database, Encode, FromRow, Type, error::BoxDynError};

use crate::{
    Active, ActorGiven, Backend, Error, NoActor, RequiresActor, Result, SoftDeletable, TakesActor,
    plan::Plan,
    run::Token,
    stage::Work,
    values::{Bind, Columns, Values, bind},
};

/// A model whose table the derive has read: what the table records of an operation.
///
/// Implemented by `#[derive(SoftDeletable)]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not the row type of a soft-deletable table",
    label = "needs `#[derive(SoftDeletable)]`"
)]
pub trait Model: SoftDeletable<Key: Send + Sync + 'static> + 'static {
    /// The database that the table is in.
    type Database: Backend;
    /// The type of who deletes a row: that of `deleted_by`.
    type Actor;
    /// Whether an actor is recorded, and must be.
    type RecordsActor;
    /// Whether a reason is recorded.
    type RecordsReason;
    /// Whether the operation that deleted a row stands in it: [`Kept`] or [`NotKept`].
    type KeepsOperation;
    /// Whether the moment of its deletion stands in a row.
    type KeepsMoment;

    #[doc(hidden)]
    const PLAN: &'static Plan;

    #[doc(hidden)]
    fn bind_key(key: &Self::Key, binder: &mut KeyBinder<'_, Self::Database>);
}

/// A model whose rows are found by a `K`, its primary key; implemented by `#[derive(SoftDeletable)]` where the
/// struct has a field for every column of the primary key.
///
/// It is a trait over `K`, and not a bound on [`SoftDeletable::Key`], so that an operation of a model without
/// a key is one error, which says why it has none.
#[diagnostic::on_unimplemented(
    message = "`{K}` is no key of `{Self}`",
    label = "not the type of the primary key",
    note = "`#[derive(SoftDeletable)]` takes it from the fields of the primary key, a tuple where those are several"
)]
pub trait KeyedBy<K>: Model {
    #[doc(hidden)]
    fn into_key(key: K) -> Self::Key;

    #[doc(hidden)]
    fn key_of(row: &Self) -> K;
}

/// Nothing has it: the condition of what a model without a key does not have.
#[doc(hidden)]
pub trait Absent {
    /// What is not there.
    fn absent<T>() -> T;
}

/// A row that sqlx decodes.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be read from a row of `{DB}`",
    label = "needs `#[derive(sqlx::FromRow)]`"
)]
pub trait FromRowOf<DB: Database>: for<'r> FromRow<'r, DB::Row> + Send {}

#[diagnostic::do_not_recommend]
impl<T, DB> FromRowOf<DB> for T
where
    DB: Database,
    T: for<'r> FromRow<'r, DB::Row> + Send,
{
}

/// A model with a key, whose rows the operations of this crate change: the bound of a function over any of
/// them.
pub trait Lifecycle:
    KeyedBy<<Self as SoftDeletable>::Key> + FromRowOf<<Self as Model>::Database> + Unpin
{
    /// The key of the row.
    fn key(&self) -> Self::Key {
        Self::key_of(self)
    }
}

impl<T> Lifecycle for T where
    T: Model + KeyedBy<<T as SoftDeletable>::Key> + FromRowOf<<T as Model>::Database> + Unpin
{
}

/// The table has a column for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {}

/// The table has no column for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotKept {}

/// The model has no key: its rows cannot be told apart, and have no operations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoKey {}

/// The type of the actor is not known: the model has no field `deleted_by`, and the type of the column
/// stands for no single one of Rust.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnknownActor {}

/// What `.by(…)` takes.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say who did it: the actor is a `{A}`",
    label = "expected a `{A}` that sqlx writes to `{DB}`",
    note = "the type of the actor is that of the field `deleted_by`, else that of the column; where it is \
            unknown, say it: `#[soft_delete(actor = \"…\")]`"
)]
pub trait IntoActor<A, DB: Backend> {
    #[doc(hidden)]
    fn into_actor(self) -> ActorValue<DB>;
}

#[diagnostic::do_not_recommend]
impl<A, DB, V> IntoActor<A, DB> for V
where
    DB: Backend,
    A: for<'t> Encode<'t, DB> + Type<DB> + Send + Sync + 'static,
    V: Into<A>,
{
    fn into_actor(self) -> ActorValue<DB> {
        ActorValue(bind(self.into()))
    }
}

/// A table that records who deletes its rows, and takes a `V` for it: what `.by(…)` asks of the state of an
/// operation.
pub trait AcceptsActorOf<T: Model, V> {
    #[doc(hidden)]
    fn bind(actor: V) -> ActorValue<T::Database>;
}

/// An actor to bind.
#[doc(hidden)]
pub struct ActorValue<DB: Backend>(pub(crate) Bind<DB>);

impl<DB: Backend> fmt::Debug for ActorValue<DB> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ActorValue").finish_non_exhaustive()
    }
}

impl<T, V> AcceptsActorOf<T, V> for TakesActor
where
    T: Model,
    V: IntoActor<T::Actor, T::Database>,
{
    fn bind(actor: V) -> ActorValue<T::Database> {
        actor.into_actor()
    }
}

impl<T, V> AcceptsActorOf<T, V> for RequiresActor
where
    T: Model,
    V: IntoActor<T::Actor, T::Database>,
{
    fn bind(actor: V) -> ActorValue<T::Database> {
        actor.into_actor()
    }
}

// The other states refuse, each for its own reason: without these there would be one text for both, and a
// list of the states that accept.

/// No model has it.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "the table of `{Self}` has no column `deleted_by`, which would record who did it",
    label = "there is no column for it",
    note = "add it in a migration: `ALTER TABLE … ADD COLUMN deleted_by …`, of the type of your users' keys"
)]
pub trait HasDeletedBy {
    fn bind<V, DB: Backend>(actor: V) -> ActorValue<DB>;
}

/// No model has it.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "the actor is given already",
    label = "a second `.by(…)`",
    note = "one operation records one actor for all of its rows"
)]
pub trait TakesSecondActor {
    fn bind<V, DB: Backend>(actor: V) -> ActorValue<DB>;
}

impl<T: Model + HasDeletedBy, V> AcceptsActorOf<T, V> for NoActor {
    fn bind(actor: V) -> ActorValue<T::Database> {
        <T as HasDeletedBy>::bind(actor)
    }
}

impl<T: Model + TakesSecondActor, V> AcceptsActorOf<T, V> for ActorGiven {
    fn bind(actor: V) -> ActorValue<T::Database> {
        <T as TakesSecondActor>::bind(actor)
    }
}

/// A table whose rows say which operation deleted them.
#[diagnostic::on_unimplemented(
    message = "no column says which operation deleted these rows",
    label = "needs a `deleted_operation` column in the table"
)]
pub trait HoldsOperation {}

#[diagnostic::do_not_recommend]
impl HoldsOperation for Kept {}

/// A table whose rows say when they were deleted.
#[diagnostic::on_unimplemented(
    message = "no column says when these rows were deleted",
    label = "the marker of the table is no moment"
)]
pub trait HoldsMoment {}

#[diagnostic::do_not_recommend]
impl HoldsMoment for Kept {}

/// Binds one column of a key.
#[doc(hidden)]
pub struct KeyBinder<'o, DB: Backend> {
    wanted: usize,
    at: usize,
    operands: &'o mut DB::Operands,
    bound: Option<Result<(), BoxDynError>>,
}

impl<DB: Backend> KeyBinder<'_, DB> {
    /// The next column of the key.
    pub fn column<'t, T>(&mut self, value: T)
    where
        T: Encode<'t, DB> + Type<DB>,
    {
        if self.at == self.wanted {
            let bound = DB::bind_ours(self.operands, value, Token::new());
            let failed = |error| format!("Encoding the key failed: {error}").into();
            self.bound = Some(bound.map_err(failed));
        }
        self.at += 1;
    }
}

impl<DB: Backend> fmt::Debug for KeyBinder<'_, DB> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyBinder")
            .field("wanted", &self.wanted)
            .finish_non_exhaustive()
    }
}

fn bind_column<T: Model>(
    key: &T::Key,
    wanted: usize,
    operands: &mut <T::Database as Backend>::Operands,
) -> Result<(), BoxDynError> {
    let mut binder = KeyBinder {
        wanted,
        at: 0,
        operands,
        bound: None,
    };
    T::bind_key(key, &mut binder);
    let absent = || Err("the key has no such column".into());
    binder.bound.unwrap_or_else(absent)
}

/// The key of a row.
pub(crate) struct Key<T: Model>(pub(crate) T::Key);

impl<T: Model> Columns<T::Database> for Key<T> {
    fn bind(
        &self,
        column: usize,
        operands: &mut <T::Database as Backend>::Operands,
    ) -> Result<(), BoxDynError> {
        bind_column::<T>(&self.0, column, operands)
    }
}

/// Some keys, the last standing for those that are not there.
pub(crate) struct Keys<'k, T: Model>(pub(crate) &'k [T::Key]);

impl<T: Model> Columns<T::Database> for Keys<'_, T> {
    fn bind(
        &self,
        column: usize,
        operands: &mut <T::Database as Backend>::Operands,
    ) -> Result<(), BoxDynError> {
        let columns = T::PLAN.keys.1;
        let key = self.0.get(column / columns).or(self.0.last());
        bind_column::<T>(key.ok_or("there is no key")?, column % columns, operands)
    }
}

/// The live row of a key, locked until the transaction of the connection ends.
pub(crate) fn lock_active<T: Model + FromRowOf<T::Database>>(
    key: T::Key,
    connection: &mut <T::Database as Database>::Connection,
) -> BoxFuture<'_, Result<Active<T>>> {
    Box::pin(async move {
        let key = Key::<T>(key);
        let values = Values::of(&key);
        let mut work = Work::<T::Database>::new(connection, &values, T::PLAN.table);
        let row = work.fetch(&T::PLAN.lock_active).await?;
        match row {
            Some(row) => Ok(Active::from_row(&row)?),
            None => Err(match work.state(T::PLAN).await? {
                None => Error::NotFound {
                    table: T::PLAN.table,
                },
                Some(_) => Error::AlreadyDeleted {
                    table: T::PLAN.table,
                },
            }),
        }
    })
}
