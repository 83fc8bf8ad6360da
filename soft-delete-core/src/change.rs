//! The course of an operation on one row.

use sqlx::Database;

use crate::{
    Backend, Error, Event, Outcome, Result, Transacts,
    hook::{Hooks, Kind},
    plan::{Change, Plan, Text, Which},
    run::Token,
    stage::{State, Work},
    values::Values,
};

/// How often an operation starts again when the row changes its state meanwhile.
const ATTEMPTS: usize = 5;

/// How a transaction ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    Commit,
    RollBack,
}

/// The row, where it is still there, and what was done.
pub(crate) type Done<DB> = (Option<<DB as Database>::Row>, Outcome);

/// An operation on one row that is one statement.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Alone {
    pub(crate) text: &'static Text,
    pub(crate) returns: bool,
    pub(crate) records_id: bool,
}

impl Alone {
    /// `None` where more than one statement is needed, hooks aside.
    pub(crate) const fn of(kind: Kind, plan: &'static Plan) -> Option<Self> {
        let change = kind.change(plan);
        let locks_parents = matches!(kind, Kind::Restore) && !change.checks.is_empty();
        // Where many rows need a lock or an audit, so does one.
        if !change.stages.is_empty()
            || !change.audits.is_empty()
            || !change.locks.is_empty()
            || locks_parents
            || (kind.keeps() && !change.returns)
        {
            return None;
        }
        let [(Which::Key, text), ..] = change.roots else {
            return None;
        };
        let mut records_id = false;
        let mut at = 0;
        while at < text.params.len() {
            records_id |= text.params.as_bytes()[at] == b'o';
            at += 1;
        }
        Some(Self {
            text,
            returns: change.returns,
            records_id: records_id && !matches!(kind, Kind::Restore),
        })
    }
}

/// An operation on one row.
pub(crate) struct One<'o, DB: Backend> {
    pub(crate) plan: &'static Plan,
    pub(crate) kind: Kind,
    pub(crate) values: Values<'o, DB>,
    pub(crate) hooks: Hooks<DB>,
    /// A restore leaves deleted what it cannot restore besides the row.
    pub(crate) lenient: bool,
}

impl Kind {
    pub(crate) const fn change(self, plan: &'static Plan) -> &'static Change {
        match self {
            Self::SoftDelete => &plan.soft_delete,
            Self::Restore => &plan.restore.change,
            Self::Purge => &plan.purge,
            Self::Erase => &plan.erase,
        }
    }

    /// True when rows of this operation are still there after it.
    pub(crate) const fn keeps(self) -> bool {
        matches!(self, Self::SoftDelete | Self::Restore)
    }
}

impl<DB: Backend> One<'_, DB> {
    /// Runs the operation in a transaction, which is a savepoint in a transaction of the caller.
    pub(crate) async fn in_transaction<'c, On>(mut self, on: On, end: End) -> Result<Done<DB>>
    where
        On: Transacts<'c, DB>,
    {
        if self.records_id() {
            self.values.stamp();
        }
        let mut transaction = on.open(Token::new()).await?;
        let done = self.attempts(&mut transaction).await;
        close(transaction, end, done).await
    }

    /// Tells why one statement changed no row, or tries again where nothing stands in the way any more.
    pub(crate) async fn once_more(mut self, connection: &mut DB::Connection) -> Result<Done<DB>> {
        match self.refusal(connection).await? {
            Some(error) => Err(error),
            None => self.attempts(connection).await,
        }
    }

    /// A row, or a hook, is told the id of the operation.
    fn records_id(&self) -> bool {
        let change = self.kind.change(self.plan);
        let has_id = |text: &Text| text.params.as_bytes().contains(&b'o');
        self.kind != Kind::Restore
            && (change.root(Which::Key).is_some_and(has_id)
                || change.audit(Which::Key).is_some_and(has_id)
                || !change.stages.is_empty()
                || !self.hooks.is_empty())
    }

    async fn attempts(&mut self, connection: &mut DB::Connection) -> Result<Done<DB>> {
        for _ in 0..ATTEMPTS {
            if let Some(done) = self.attempt(connection).await? {
                return Ok(done);
            }
            if let Some(error) = self.refusal(connection).await? {
                return Err(error);
            }
        }
        Err(Error::Contended {
            table: self.plan.table,
        })
    }

    /// `None` where no row was in the state that the operation wants.
    async fn attempt(&mut self, connection: &mut DB::Connection) -> Result<Option<Done<DB>>> {
        let (plan, kind) = (self.plan, self.kind);
        let change = kind.change(plan);
        let follows = kind == Kind::Restore && !change.stages.is_empty();
        if follows && !self.find_operation(connection).await? {
            return Ok(None);
        }
        let mut work = Work::new(connection, &self.values, plan.table);
        work.hooks = &self.hooks;
        work.outcome.operation_id = self.values.id();
        let mut keys = Vec::new();
        if !self.hooks.is_empty() {
            if let Some(text) = change.keys(Which::Key) {
                keys = work.keys(text).await?;
            }
            if keys.is_empty() {
                return Ok(None);
            }
            work.before(kind, &keys).await?;
        }
        for lock in change.locks(Which::Key) {
            work.step(lock).await?;
        }
        if let Some(audit) = change.audit(Which::Key) {
            work.run(audit).await?;
        }
        let absent = Error::Contended { table: plan.table };
        let root = self
            .values
            .statement(change.root(Which::Key).ok_or(absent)?);
        let failed = |error| conflict(plan.table, kind, error);
        let (mut row, rows_affected) = if change.returns {
            let row = DB::fetch(work.connection, root, Token::new()).await;
            let row = row.map_err(failed)?;
            let rows = u64::from(row.is_some());
            (row, rows)
        } else {
            let rows = DB::run(work.connection, root, Token::new()).await;
            (None, rows.map_err(failed)?)
        };
        if rows_affected == 0 {
            return Ok(None);
        }
        work.outcome.rows_affected = rows_affected;
        if kind == Kind::Restore {
            for check in change.checks {
                work.step(check).await?;
            }
        }
        // A row deleted by no operation took none with it.
        if !follows || self.values.operation.is_some() {
            work.lenient = self.lenient;
            let done = work.stages(change.stages).await;
            done.map_err(|error| conflict_of(plan.table, kind, error))?;
        }
        if !kind.keeps() && !change.stages.is_empty() {
            work.outcome.settle_removed(plan.table);
        }
        if !self.hooks.is_empty() {
            work.after(kind, keys).await?;
        }
        if kind.keeps() && row.is_none() {
            row = work.fetch(&plan.row).await?;
        }
        Ok(Some((row, work.outcome)))
    }

    /// Finds the operation that deleted the row; false where there is no deleted row.
    async fn find_operation(&mut self, connection: &mut DB::Connection) -> Result<bool> {
        let Some(text) = &self.plan.restore.operation else {
            return Ok(true);
        };
        let row = Work::new(connection, &self.values, self.plan.table)
            .fetch(text)
            .await?;
        let Some(row) = row else { return Ok(false) };
        self.values.operation = DB::text(&row, Token::new())?;
        Ok(true)
    }

    /// Why no row was changed; `None` where nothing stands in the way any more.
    async fn refusal(&mut self, connection: &mut DB::Connection) -> Result<Option<Error>> {
        let (plan, kind, table) = (self.plan, self.kind, self.plan.table);
        let mut work = Work::new(connection, &self.values, table);
        let Some(state) = work.state(plan).await? else {
            return Ok(Some(Error::NotFound { table }));
        };
        match (kind, state) {
            (Kind::SoftDelete, state) if state != State::Active => {
                return Ok(Some(Error::AlreadyDeleted { table }));
            }
            (Kind::Restore | Kind::Purge, State::Active) => {
                return Ok(Some(Error::NotDeleted { table }));
            }
            (Kind::Restore, State::Erased | State::ErasedHeld) => {
                return Ok(Some(Error::Erased { table }));
            }
            (Kind::Purge, State::Held | State::ErasedHeld) => {
                return Ok(Some(Error::Held { table }));
            }
            _ => {}
        }
        for check in kind.change(plan).checks {
            if let Err(error) = work.step(check).await {
                return Ok(Some(error));
            }
        }
        if kind == Kind::Restore {
            for (constraint, text) in plan.restore.twins {
                if let Some(live) = work.keys(text).await?.into_iter().next() {
                    return Ok(Some(Error::Conflict {
                        table,
                        constraint: Some((*constraint).to_owned()),
                        live: Some(live),
                    }));
                }
            }
        }
        Ok(None)
    }
}

/// Ends a transaction.
pub(crate) async fn close<DB: Database, T>(
    transaction: sqlx::Transaction<'_, DB>,
    end: End,
    done: Result<T>,
) -> Result<T> {
    match (&done, end) {
        (Ok(_), End::Commit) => transaction.commit().await?,
        // The first error is the one to tell.
        (Err(_), _) => {
            let _ = transaction.rollback().await;
        }
        (Ok(_), End::RollBack) => transaction.rollback().await?,
    }
    done
}

/// A unique violation of a restore is a conflict that came between the look and the write.
pub(crate) fn conflict(table: &'static str, kind: Kind, error: sqlx::Error) -> Error {
    match &error {
        sqlx::Error::Database(refused)
            if kind == Kind::Restore && refused.is_unique_violation() =>
        {
            Error::Conflict {
                table,
                constraint: refused.constraint().map(str::to_owned),
                live: None,
            }
        }
        _ => error.into(),
    }
}

pub(crate) fn conflict_of(table: &'static str, kind: Kind, error: Error) -> Error {
    match error {
        Error::Sqlx(error) => conflict(table, kind, error),
        error => error,
    }
}

impl<DB: Backend> Work<'_, DB> {
    fn event(&self, kind: Kind, table: &'static str, keys: Vec<String>) -> Event {
        Event {
            kind,
            operation_id: self.values.id(),
            table,
            keys,
        }
    }

    /// Tells the hooks what is about to happen.
    pub(crate) async fn before(&mut self, kind: Kind, keys: &[String]) -> Result<()> {
        let event = self.event(kind, self.table, keys.to_vec());
        for hook in self.hooks {
            hook.before(&event, self.connection).await?;
        }
        Ok(())
    }

    /// Tells the hooks what has happened, table by table.
    pub(crate) async fn after(&mut self, kind: Kind, keys: Vec<String>) -> Result<()> {
        let mut tables = std::mem::take(&mut self.touched);
        if !tables.iter().any(|(table, _)| *table == self.table) {
            tables.insert(0, (self.table, keys));
        }
        for (table, keys) in tables {
            if keys.is_empty() {
                continue;
            }
            let event = self.event(kind, table, keys);
            for hook in self.hooks {
                hook.after(&event, self.connection).await?;
            }
        }
        Ok(())
    }
}
