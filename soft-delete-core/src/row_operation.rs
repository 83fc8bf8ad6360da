//! An operation on one row, which takes it from one state to another.

use std::{fmt, marker::PhantomData, sync::Arc};

use futures_core::future::BoxFuture;
use sqlx::{Database, FromRow};

use crate::{
    AcceptsActorOf, AcceptsReason, Active, ActorGiven, ActorSettled, Backend, Deleted, Hook, Model,
    NoActor, Outcome, Result, Transacts,
    change::{Alone, Done, End, One, conflict},
    hook::Hooks,
    kind::{Erase, Kinds, Purge, Restore, SoftDelete},
    lifecycle::{FromRowOf, Key},
    run::Token,
    values::{Bind, Values},
};

/// An operation on one row: what [`Active::soft_delete`], [`Deleted::restore`] and their kin return.
///
/// It does nothing until it is executed. `O` is the [kind](crate::kind) of the operation, `A` whether its
/// actor is given.
#[must_use = "an operation does nothing until it is executed"]
pub struct RowOperation<T: Model, O, A = NoActor> {
    key: Key<T>,
    actor: Option<Bind<T::Database>>,
    reason: Option<String>,
    hooks: Hooks<T::Database>,
    lenient: bool,
    state: PhantomData<fn() -> (O, A)>,
}

impl<T: Model, O: Kinds, A> RowOperation<T, O, A> {
    pub(crate) fn new(key: T::Key) -> Self {
        Self {
            key: Key(key),
            actor: None,
            reason: None,
            hooks: Vec::new(),
            lenient: false,
            state: PhantomData,
        }
    }

    /// Calls a hook in the transaction of the operation, after those that were said before.
    pub fn with_hook(mut self, hook: Arc<dyn Hook<T::Database>>) -> Self {
        self.hooks.push(hook);
        self
    }
}

impl<T: Model, A> RowOperation<T, SoftDelete, A> {
    /// Records who does it, in `deleted_by`.
    pub fn by<V>(self, actor: V) -> RowOperation<T, SoftDelete, ActorGiven>
    where
        A: AcceptsActorOf<T, V>,
    {
        RowOperation {
            key: self.key,
            actor: Some(A::bind(actor).0),
            reason: self.reason,
            hooks: self.hooks,
            lenient: self.lenient,
            state: PhantomData,
        }
    }

    /// Records why, in `deleted_reason`.
    pub fn because(mut self, reason: impl Into<String>) -> Self
    where
        T::RecordsReason: AcceptsReason,
    {
        self.reason = Some(reason.into());
        self
    }

    /// Deletes the row, and what its `references` policies say of the rows that reference it.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`](crate::Error::NotFound), [`Error::AlreadyDeleted`](crate::Error::AlreadyDeleted), [`Error::Restricted`](crate::Error::Restricted),
    /// [`Error::Isolation`](crate::Error::Isolation); nothing is changed then.
    pub fn execute<'e, 'c: 'e, On>(self, on: On) -> BoxFuture<'e, Result<Deleted<T>>>
    where
        T: FromRowOf<T::Database>,
        A: ActorSettled + 'e,
        On: Transacts<'c, T::Database> + 'e,
    {
        self.run(on, End::Commit, |(row, _)| read::<T::Database, _>(row))
    }

    /// As [`execute`](Self::execute); the outcome tells the id of the operation and how many rows
    /// followed.
    ///
    /// # Errors
    ///
    /// As [`execute`](Self::execute).
    pub fn execute_with_outcome<'e, 'c: 'e, On>(
        self,
        on: On,
    ) -> BoxFuture<'e, Result<(Deleted<T>, Outcome)>>
    where
        T: FromRowOf<T::Database>,
        A: ActorSettled + 'e,
        On: Transacts<'c, T::Database> + 'e,
    {
        self.run(on, End::Commit, |(row, outcome)| {
            Ok((read::<T::Database, _>(row)?, outcome))
        })
    }
}

impl<T: Model> RowOperation<T, Restore> {
    /// Leaves those rows deleted that cannot be restored with this one: where a live row has their
    /// unique key, or another parent of theirs is still deleted. Without it nothing is restored then.
    /// The [outcome](Outcome::left_deleted) tells them.
    pub fn leave_conflicts(mut self) -> Self {
        self.lenient = true;
        self
    }

    /// Restores the row, and exactly those that its deletion took with it.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`](crate::Error::NotFound), [`Error::NotDeleted`](crate::Error::NotDeleted), [`Error::Erased`](crate::Error::Erased), [`Error::Conflict`](crate::Error::Conflict),
    /// [`Error::ParentDeleted`](crate::Error::ParentDeleted); nothing is changed then.
    pub fn execute<'e, 'c: 'e, On>(self, on: On) -> BoxFuture<'e, Result<Active<T>>>
    where
        T: FromRowOf<T::Database>,
        On: Transacts<'c, T::Database> + 'e,
    {
        self.run(on, End::Commit, |(row, _)| read::<T::Database, _>(row))
    }

    /// As [`execute`](Self::execute); the outcome tells how many rows followed.
    ///
    /// # Errors
    ///
    /// As [`execute`](Self::execute).
    pub fn execute_with_outcome<'e, 'c: 'e, On>(
        self,
        on: On,
    ) -> BoxFuture<'e, Result<(Active<T>, Outcome)>>
    where
        T: FromRowOf<T::Database>,
        On: Transacts<'c, T::Database> + 'e,
    {
        self.run(on, End::Commit, |(row, outcome)| {
            Ok((read::<T::Database, _>(row)?, outcome))
        })
    }
}

macro_rules! removal {
    ($Kind:ident, $doc:literal, $errors:literal) => {
        impl<T: Model> RowOperation<T, $Kind> {
            #[doc = $doc]
            ///
            /// # Errors
            ///
            #[doc = $errors]
            /// Nothing is changed then.
            pub fn execute<'e, 'c: 'e, On>(self, on: On) -> BoxFuture<'e, Result<Outcome>>
            where
                On: Transacts<'c, T::Database> + 'e,
            {
                self.run(on, End::Commit, |(_, outcome)| Ok(outcome))
            }
        }
    };
}

removal!(
    Purge,
    "Removes the deleted row, and the deleted rows that follow it by a `cascade`.",
    "[`Error::NotFound`](crate::Error::NotFound), [`Error::NotDeleted`](crate::Error::NotDeleted), [`Error::Held`](crate::Error::Held), and [`Error::Restricted`](crate::Error::Restricted) where a row \
     that stays references it."
);
removal!(
    Erase,
    "Removes the row whatever its state, and the rows that follow it by a `cascade`; where soft-delete.toml \
     says `erase = \"overwrite\"` of a table, its rows stay, deleted for good, with their personal columns overwritten.",
    "[`Error::NotFound`](crate::Error::NotFound), and [`Error::Restricted`](crate::Error::Restricted) where a row that stays references it."
);

impl<T: Model, O: Kinds, A> RowOperation<T, O, A> {
    /// Runs the operation and takes it back: what it would do, by the database's own word.
    ///
    /// # Errors
    ///
    /// Those of the operation.
    pub fn dry_run<'e, 'c: 'e, On>(mut self, on: On) -> BoxFuture<'e, Result<Outcome>>
    where
        A: 'e,
        O: 'e,
        On: Transacts<'c, T::Database> + 'e,
    {
        self.hooks.clear();
        self.run(on, End::RollBack, |(_, outcome)| Ok(outcome))
    }

    /// Runs one statement where that is all, else a transaction. It is one future, and no nest of them:
    /// every layer is memory to copy.
    fn run<'e, 'c: 'e, On, R>(
        self,
        on: On,
        end: End,
        finish: impl FnOnce(Done<T::Database>) -> Result<R> + Send + 'e,
    ) -> BoxFuture<'e, Result<R>>
    where
        A: 'e,
        O: 'e,
        On: Transacts<'c, T::Database> + 'e,
    {
        Box::pin(async move {
            let mut values = Values {
                actor: self.actor,
                reason: self.reason,
                ..Values::of(&self.key)
            };
            let (plan, kind) = (T::PLAN, O::KIND);
            let alone = const { Alone::of(O::KIND, T::PLAN) };
            let Some(alone) = alone.filter(|_| end == End::Commit && self.hooks.is_empty()) else {
                let one = One {
                    plan,
                    kind,
                    values,
                    hooks: self.hooks,
                    lenient: self.lenient,
                };
                return finish(Box::pin(one.in_transaction(on, end)).await?);
            };
            if alone.records_id {
                values.stamp();
            }
            let mut connection = on.hold(Token::new()).await?;
            let statement = values.statement(alone.text);
            let failed = |error| conflict(plan.table, kind, error);
            let token = Token::new();
            let (row, rows) = if alone.returns {
                let row = <T::Database as Backend>::fetch(&mut connection, statement, token);
                let row = row.await.map_err(failed)?;
                let rows = u64::from(row.is_some());
                (row, rows)
            } else {
                let rows = <T::Database as Backend>::run(&mut connection, statement, token);
                (None, rows.await.map_err(failed)?)
            };
            if rows > 0 {
                return finish((row, Outcome::of(rows, values.id())));
            }
            let one = One {
                plan,
                kind,
                values,
                hooks: Vec::new(),
                lenient: self.lenient,
            };
            finish(Box::pin(one.once_more(&mut connection)).await?)
        })
    }
}

/// The row that an operation returned.
fn read<DB, R>(row: Option<DB::Row>) -> Result<R>
where
    DB: Database,
    R: for<'r> FromRow<'r, DB::Row>,
{
    Ok(R::from_row(&row.ok_or(sqlx::Error::RowNotFound)?)?)
}

impl<T: Model, O: Kinds, A> fmt::Debug for RowOperation<T, O, A> {
    // The values stay out: they are personal data more often than not.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RowOperation")
            .field("kind", &O::KIND)
            .field("table", &T::PLAN.table)
            .field("hooks", &self.hooks.len())
            .finish_non_exhaustive()
    }
}
