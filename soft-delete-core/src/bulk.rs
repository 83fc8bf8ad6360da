//! An operation on many rows.

use std::{fmt, marker::PhantomData, sync::Arc};

use futures_core::future::BoxFuture;
use sqlx::{Database, Encode, Type};

use crate::{
    AcceptsActorOf, AcceptsReason, ActorGiven, ActorSettled, HoldsMoment, HoldsOperation, Hook,
    KeyedBy, Model, NoActor, OperationId, Outcome, Result, TableRows, Transacts,
    change::{End, close, conflict, conflict_of},
    hook::{Hooks, Kind},
    kind::{Kinds, SoftDelete},
    lifecycle::Keys,
    outcome::LeftDeleted,
    plan::{Stage, Which},
    run::Token,
    stage::Work,
    values::{Asked, Columns, Values, bind},
};

/// Which deleted rows an operation is about.
///
/// ```
/// # use soft_delete_core::{Lifecycle, OperationId, Outcome, Kept, Result, SoftDeletable, Tombstones, Transacts};
/// /// Takes back all of a deletion that went wrong.
/// async fn undo<T>(id: OperationId, pool: impl Transacts<'_, T::Database>) -> Result<Outcome>
/// where
///     T: Lifecycle<KeepsOperation = Kept>,
/// {
///     T::restore_all(Tombstones::of_operation(id)).execute(pool).await
/// }
/// ```
pub struct Tombstones<T: Model> {
    which: Which,
    values: Values<'static, T::Database>,
    keys: Arc<[T::Key]>,
}

impl<T: Model> Tombstones<T> {
    fn asked(which: Which, asked: Asked<T::Database>) -> Self {
        Self {
            which,
            values: Values {
                asked: Some(Arc::new(asked)),
                ..Values::default()
            },
            keys: Arc::new([]),
        }
    }

    /// Those with these keys.
    pub fn of_keys<K>(keys: impl IntoIterator<Item = K>) -> Self
    where
        T: KeyedBy<K>,
    {
        Self {
            which: Which::Keys,
            values: Values::default(),
            keys: keys.into_iter().map(T::into_key).collect(),
        }
    }

    /// Those that an operation deleted.
    #[must_use]
    pub fn of_operation(id: OperationId) -> Self
    where
        T::KeepsOperation: HoldsOperation,
    {
        let mut rows = Self::asked(Which::Operation, Asked::Operation(id.to_string()));
        rows.values.operation = Some(id.to_string());
        rows
    }

    /// Those that an actor deleted.
    pub fn deleted_by<V>(actor: V) -> Self
    where
        T::RecordsActor: AcceptsActorOf<T, V>,
    {
        let actor = <T::RecordsActor>::bind(actor).0;
        Self::asked(Which::DeletedBy, Asked::DeletedBy(actor))
    }

    /// Those that were deleted at `from` or later, and before `until`. The moments are values of the
    /// type that the marker has in the model.
    pub fn deleted_between<M>(from: M, until: M) -> Self
    where
        T::KeepsMoment: HoldsMoment,
        M: for<'t> Encode<'t, T::Database> + Type<T::Database> + Send + Sync + 'static,
    {
        Self::asked(Which::Between, Asked::Between(bind(from), bind(until)))
    }
}

impl<T: Model> fmt::Debug for Tombstones<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tombstones")
            .field("which", &self.which)
            .field("keys", &self.keys.len())
            .finish_non_exhaustive()
    }
}

/// An operation on many rows, with a number of statements that does not grow with them (many keys are
/// taken a hundred at a time). All of it is one transaction, or a savepoint in that of the caller.
#[must_use = "an operation does nothing until it is executed"]
pub struct BulkOperation<T: Model, O, A = NoActor> {
    rows: Tombstones<T>,
    hooks: Hooks<T::Database>,
    state: PhantomData<fn() -> (O, A)>,
}

impl<T: Model, O, A> BulkOperation<T, O, A> {
    pub(crate) fn new(rows: Tombstones<T>) -> Self {
        Self {
            rows,
            hooks: Vec::new(),
            state: PhantomData,
        }
    }

    /// Calls a hook in the transaction of the operation, after those that were said before.
    pub fn with_hook(mut self, hook: Arc<dyn Hook<T::Database>>) -> Self {
        self.hooks.push(hook);
        self
    }
}

impl<T: Model, A> BulkOperation<T, SoftDelete, A> {
    /// Records who does it, in `deleted_by`.
    pub fn by<V>(mut self, actor: V) -> BulkOperation<T, SoftDelete, ActorGiven>
    where
        A: AcceptsActorOf<T, V>,
    {
        self.rows.values.actor = Some(A::bind(actor).0);
        BulkOperation {
            rows: self.rows,
            hooks: self.hooks,
            state: PhantomData,
        }
    }

    /// Records why, in `deleted_reason`.
    pub fn because(mut self, reason: impl Into<String>) -> Self
    where
        T::RecordsReason: AcceptsReason,
    {
        self.rows.values.reason = Some(reason.into());
        self
    }
}

impl<T: Model, O: Kinds, A> BulkOperation<T, O, A> {
    /// Runs the operation. Rows that are not in the state it wants are passed over, and so are rows that a
    /// restore cannot bring back, and rows on hold of a purge: [`Outcome::left_deleted`] tells how many.
    ///
    /// # Errors
    ///
    /// [`Error::Restricted`](crate::Error::Restricted) where rows that stay forbid it,
    /// [`Error::Isolation`](crate::Error::Isolation); nothing is changed then.
    pub fn execute<'e, 'c: 'e, On>(self, on: On) -> BoxFuture<'e, Result<Outcome>>
    where
        A: ActorSettled + 'e,
        O: 'e,
        On: Transacts<'c, T::Database> + 'e,
    {
        Box::pin(self.run(on, End::Commit))
    }

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
        Box::pin(self.run(on, End::RollBack))
    }

    async fn run<'c, On>(mut self, on: On, end: End) -> Result<Outcome>
    where
        On: Transacts<'c, T::Database>,
    {
        if O::KIND != Kind::Restore {
            self.rows.values.stamp();
        }
        let mut transaction = on.open(Token::new()).await?;
        let done = self.work(&mut transaction).await;
        close(transaction, end, done).await
    }

    async fn work(
        &self,
        connection: &mut <T::Database as Database>::Connection,
    ) -> Result<Outcome> {
        let (plan, kind, which) = (T::PLAN, O::KIND, self.rows.which);
        let change = kind.change(plan);
        let mut outcome = Outcome::default();
        // Of a restore of one operation the rest follows by its id, of many by that of each row.
        let many = kind == Kind::Restore && which != Which::Operation;
        let (before, stages): (_, &'static [Stage]) = if many {
            (plan.restore.before, plan.restore.stages)
        } else {
            (&[][..], change.stages)
        };
        let mut keys = Vec::new();
        for (at, portion) in self.portions().iter().enumerate() {
            let values = self.values(portion.as_ref());
            let mut work = Work::new(connection, &values, plan.table);
            work.hooks = &self.hooks;
            work.outcome = outcome;
            if at == 0 {
                for step in before {
                    work.step(step).await?;
                }
            }
            if let Some(text) = change.keys(which).filter(|_| !self.hooks.is_empty()) {
                let own = work.keys(text).await?;
                if !own.is_empty() {
                    work.before(kind, &own).await?;
                }
                keys.extend(own);
            }
            for lock in change.locks(which) {
                work.step(lock).await?;
            }
            if let Some(audit) = change.audit(which) {
                work.run(audit).await?;
            }
            let rows = match change.root(which) {
                Some(root) => work.run(root).await,
                None => Err(sqlx::Error::RowNotFound),
            };
            work.outcome.rows_affected +=
                rows.map_err(|error| conflict(plan.table, kind, error))?;
            let mut all = false;
            if let Some(text) = change.left(which) {
                let rows = work.count(text).await?;
                all = rows == 0;
                if rows > 0 {
                    let table = plan.table;
                    let left = LeftDeleted::Blocked(TableRows { table, rows });
                    work.outcome.told().left.push(left);
                }
            }
            if !all {
                for block in change.blocks(which) {
                    work.step(block).await?;
                }
            }
            outcome = work.outcome;
        }
        let mut work = Work::new(connection, &self.rows.values, plan.table);
        work.hooks = &self.hooks;
        work.lenient = true;
        work.outcome = outcome;
        if work.outcome.rows_affected > 0 {
            work.outcome.operation_id = self.rows.values.id();
            let done = work.stages(stages).await;
            done.map_err(|error| conflict_of(plan.table, kind, error))?;
            if !kind.keeps() && !stages.is_empty() {
                work.outcome.settle_removed(plan.table);
            }
            if !self.hooks.is_empty() {
                work.after(kind, keys).await?;
            }
        }
        Ok(work.outcome)
    }

    /// The keys of each statement that changes rows of the table itself.
    fn portions(&self) -> Vec<Option<Keys<'_, T>>> {
        if self.rows.which != Which::Keys {
            return vec![None];
        }
        let portions = self.rows.keys.chunks(T::PLAN.keys.0);
        portions.map(|keys| Some(Keys(keys))).collect()
    }

    /// The values of one of them.
    fn values<'v>(&self, keys: Option<&'v Keys<'v, T>>) -> Values<'v, T::Database> {
        let (size, columns) = T::PLAN.keys;
        Values {
            keys: keys.map(|keys| keys as &dyn Columns<T::Database>),
            key_columns: size * columns,
            ..self.rows.values.clone()
        }
    }
}

impl<T: Model, O: Kinds, A> fmt::Debug for BulkOperation<T, O, A> {
    // The values stay out: they are personal data more often than not.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BulkOperation")
            .field("kind", &O::KIND)
            .field("table", &T::PLAN.table)
            .field("rows", &self.rows)
            .finish_non_exhaustive()
    }
}
