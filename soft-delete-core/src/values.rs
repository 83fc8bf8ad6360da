//! The values of an operation, and the statements they are bound to.

use std::sync::Arc;

use sqlx::{Encode, Type, error::BoxDynError};

use crate::{Backend, OperationId, plan::Text, run::Token, statement::Statement};

const UNKNOWN: &str = "the statement asks for a value that the operation has not";

/// Binds a value, as often as statements need it.
pub(crate) type Bind<DB> =
    Arc<dyn Fn(&mut <DB as Backend>::Operands) -> Result<(), BoxDynError> + Send + Sync>;

/// The columns of one key, or those of many keys, one behind the other.
pub(crate) trait Columns<DB: Backend>: Sync {
    /// Binds one of them.
    fn bind(&self, column: usize, operands: &mut DB::Operands) -> Result<(), BoxDynError>;
}

/// What an operation binds.
pub(crate) struct Values<'v, DB: Backend> {
    pub(crate) key: Option<&'v dyn Columns<DB>>,
    pub(crate) keys: Option<&'v dyn Columns<DB>>,
    /// How many those are.
    pub(crate) key_columns: usize,
    pub(crate) actor: Option<Bind<DB>>,
    pub(crate) reason: Option<String>,
    pub(crate) operation: Option<String>,
    /// The same, where it is one of this run.
    pub(crate) stamp: Option<OperationId>,
    pub(crate) asked: Option<Arc<Asked<DB>>>,
}

/// The tombstones that are asked for.
pub(crate) enum Asked<DB: Backend> {
    /// Those of an operation.
    Operation(String),
    /// Those that an actor deleted.
    DeletedBy(Bind<DB>),
    /// Those that were deleted between two moments.
    Between(Bind<DB>, Bind<DB>),
}

impl<DB: Backend> Default for Values<'_, DB> {
    fn default() -> Self {
        Self {
            key: None,
            keys: None,
            key_columns: 0,
            actor: None,
            reason: None,
            operation: None,
            stamp: None,
            asked: None,
        }
    }
}

impl<DB: Backend> Clone for Values<'_, DB> {
    fn clone(&self) -> Self {
        Self {
            key: self.key,
            keys: self.keys,
            key_columns: self.key_columns,
            actor: self.actor.clone(),
            reason: self.reason.clone(),
            operation: self.operation.clone(),
            stamp: self.stamp,
            asked: self.asked.clone(),
        }
    }
}

/// The binding of a value.
pub(crate) fn bind<DB: Backend, T>(value: T) -> Bind<DB>
where
    T: for<'t> Encode<'t, DB> + Type<DB> + Send + Sync + 'static,
{
    Arc::new(move |operands| DB::bind_ours(operands, &value, Token::new()))
}

impl<'v, DB: Backend> Values<'v, DB> {
    /// Those of an operation on the row of a key.
    pub(crate) fn of(key: &'v dyn Columns<DB>) -> Self {
        Self {
            key: Some(key),
            ..Self::default()
        }
    }

    /// The statement with its values.
    pub(crate) fn statement(&self, text: &Text) -> Statement<DB> {
        let mut operands = DB::Operands::default();
        let bound = self.bind(text.params, &mut operands);
        let arguments = bound.and_then(|()| DB::arguments(operands, Token::new()));
        let mut statement = Statement::new(text.sql, arguments);
        statement.persistent = !(DB::INFERS_NULL && self.has_untyped(text.params));
        statement
    }

    /// Binds the parameters in their order.
    pub(crate) fn bind(
        &self,
        params: &str,
        operands: &mut DB::Operands,
    ) -> Result<(), BoxDynError> {
        let token = Token::new();
        for param in params.bytes() {
            match param {
                b'a' => match &self.actor {
                    Some(actor) => actor(operands)
                        .map_err(|error| format!("Encoding the actor failed: {error}"))?,
                    None => DB::bind_null(operands, token)?,
                },
                b'r' => DB::bind_text(operands, self.reason.as_deref(), token)?,
                b'o' => DB::bind_text(operands, self.operation.as_deref(), token)?,
                b's' | b'b' | b'f' | b'u' => match (param, self.asked.as_deref()) {
                    (b's', Some(Asked::Operation(id))) => DB::bind_text(operands, Some(id), token)?,
                    (b'b', Some(Asked::DeletedBy(actor))) => actor(operands)?,
                    (b'f', Some(Asked::Between(from, _))) => from(operands)?,
                    (b'u', Some(Asked::Between(_, until))) => until(operands)?,
                    _ => return Err(UNKNOWN.into()),
                },
                b'K' => {
                    for at in 0..self.key_columns {
                        known(self.keys)?.bind(at, operands)?;
                    }
                }
                column => known(self.key)?.bind(usize::from(column - b'0'), operands)?,
            }
        }
        Ok(())
    }

    /// Gives the operation a new id.
    pub(crate) fn stamp(&mut self) {
        let id = OperationId::random();
        self.stamp = Some(id);
        self.operation = Some(id.to_string());
    }

    /// The id of the operation.
    pub(crate) fn id(&self) -> Option<OperationId> {
        let parsed = || self.operation.as_deref()?.parse().ok();
        self.stamp.or_else(parsed)
    }

    /// True when the server infers the type of a NULL of ours from the column.
    pub(crate) fn has_untyped(&self, params: &str) -> bool {
        self.actor.is_none() && params.as_bytes().contains(&b'a')
    }
}

fn known<T: ?Sized>(value: Option<&T>) -> Result<&T, BoxDynError> {
    value.ok_or_else(|| UNKNOWN.into())
}
