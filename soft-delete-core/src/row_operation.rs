//! An operation on one row, which takes it from one state to another.

use std::{fmt, marker::PhantomData, sync::Arc};

use futures_core::future::BoxFuture;
use sqlx::{Database, FromRow};

use crate::{
    AcceptsActorOf, AcceptsReason, Active, ActorGiven, ActorSettled, Deleted, Hook, Lifecycle,
    NoActor, Outcome, Result, Transacts,
    change::{End, One},
    kind::{Erase, Kinds, Purge, Restore, SoftDelete},
    lifecycle::bind_one,
    values::Values,
};

/// An operation on one row: what [`Active::soft_delete`], [`Deleted::restore`] and their kin return.
///
/// It does nothing until it is executed. `O` is the [kind](crate::kind) of the operation, `A` whether its
/// actor is given.
#[must_use = "an operation does nothing until it is executed"]
pub struct RowOperation<T: Lifecycle, O, A = NoActor> {
    /// In a box, as the futures would move it from one to the next.
    one: Box<One<T::Database>>,
    state: PhantomData<fn() -> (O, A)>,
}

impl<T: Lifecycle, O: Kinds, A> RowOperation<T, O, A> {
    pub(crate) fn new(key: T::Key) -> Self {
        let values = Values {
            key: Some(bind_one::<T>(key)),
            ..Values::default()
        };
        Self {
            one: Box::new(One {
                plan: T::PLAN,
                kind: O::KIND,
                values,
                hooks: Vec::new(),
                lenient: false,
            }),
            state: PhantomData,
        }
    }

    /// Records who does it, in `deleted_by`.
    pub fn by<V>(mut self, actor: V) -> RowOperation<T, O, ActorGiven>
    where
        A: AcceptsActorOf<T, V>,
    {
        self.one.values.actor = Some(A::bind(actor).0);
        RowOperation {
            one: self.one,
            state: PhantomData,
        }
    }

    /// Calls a hook in the transaction of the operation, after those that were said before.
    pub fn with_hook(mut self, hook: Arc<dyn Hook<T::Database>>) -> Self {
        self.one.hooks.push(hook);
        self
    }
}

impl<T: Lifecycle, A> RowOperation<T, SoftDelete, A> {
    /// Records why, in `deleted_reason`.
    pub fn because(mut self, reason: impl Into<String>) -> Self
    where
        T::RecordsReason: AcceptsReason,
    {
        self.one.values.reason = Some(reason.into());
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
        A: ActorSettled + 'e,
        On: Transacts<'c, T::Database> + 'e,
        On::Held: 'e,
    {
        Box::pin(async move { Ok(self.row(on).await?.0) })
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
        A: ActorSettled + 'e,
        On: Transacts<'c, T::Database> + 'e,
        On::Held: 'e,
    {
        Box::pin(self.row(on))
    }
}

impl<T: Lifecycle> RowOperation<T, Restore> {
    /// Leaves those rows deleted that cannot be restored with this one: where a live row has their
    /// unique key, or another parent of theirs is still deleted. Without it nothing is restored then.
    /// The [outcome](Outcome::left_deleted) tells them.
    pub fn leave_conflicts(mut self) -> Self {
        self.one.lenient = true;
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
        On: Transacts<'c, T::Database> + 'e,
        On::Held: 'e,
    {
        Box::pin(async move { Ok(self.row(on).await?.0) })
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
        On: Transacts<'c, T::Database> + 'e,
        On::Held: 'e,
    {
        Box::pin(self.row(on))
    }
}

macro_rules! removal {
    ($Kind:ident, $doc:literal, $errors:literal) => {
        impl<T: Lifecycle> RowOperation<T, $Kind> {
            #[doc = $doc]
            ///
            /// # Errors
            ///
            #[doc = $errors]
            /// Nothing is changed then.
            pub fn execute<'e, 'c: 'e, On>(self, on: On) -> BoxFuture<'e, Result<Outcome>>
            where
                On: Transacts<'c, T::Database> + 'e,
                On::Held: 'e,
            {
                Box::pin(async move { Ok(self.one.run(on, End::Commit).await?.1) })
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

impl<T: Lifecycle, O: Kinds, A> RowOperation<T, O, A> {
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
        On::Held: 'e,
    {
        self.one.hooks.clear();
        Box::pin(async move { Ok(self.one.run(on, End::RollBack).await?.1) })
    }

    async fn row<'c, On, R>(self, on: On) -> Result<(R, Outcome)>
    where
        On: Transacts<'c, T::Database>,
        R: for<'r> FromRow<'r, <T::Database as Database>::Row>,
    {
        let (row, outcome) = self.one.run(on, End::Commit).await?;
        let row = row.ok_or(sqlx::Error::RowNotFound)?;
        Ok((R::from_row(&row)?, outcome))
    }
}

impl<T: Lifecycle, O: Kinds, A> fmt::Debug for RowOperation<T, O, A> {
    // The values stay out: they are personal data more often than not.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RowOperation")
            .field("kind", &O::KIND)
            .field("table", &T::PLAN.table)
            .field("hooks", &self.one.hooks.len())
            .finish_non_exhaustive()
    }
}
