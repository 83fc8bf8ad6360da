//! The values of an operation, and the statements they are bound to.

use std::sync::Arc;

use sqlx::{Encode, Type, error::BoxDynError};

use crate::{Backend, OperationId, plan::Text, run::Token, statement::Statement};

/// Binds a value, as often as statements need it.
pub(crate) type Bind<DB> =
    Arc<dyn Fn(&mut <DB as Backend>::Operands) -> Result<(), BoxDynError> + Send + Sync>;

/// Binds a column of a key.
pub(crate) type BindKey<DB> =
    Arc<dyn Fn(usize, &mut <DB as Backend>::Operands) -> Result<(), BoxDynError> + Send + Sync>;

/// What an operation binds.
pub(crate) struct Values<DB: Backend> {
    pub(crate) key: Option<BindKey<DB>>,
    /// By the column among those of all keys.
    pub(crate) keys: Option<BindKey<DB>>,
    /// How many those are.
    pub(crate) key_columns: usize,
    pub(crate) actor: Option<Bind<DB>>,
    pub(crate) reason: Option<String>,
    pub(crate) operation: Option<String>,
    /// The same, where it is one of this run.
    pub(crate) stamp: Option<OperationId>,
    pub(crate) selected: Option<String>,
    pub(crate) deleted_by: Option<Bind<DB>>,
    pub(crate) from: Option<Bind<DB>>,
    pub(crate) until: Option<Bind<DB>>,
}

impl<DB: Backend> Default for Values<DB> {
    fn default() -> Self {
        Self {
            key: None,
            keys: None,
            key_columns: 0,
            actor: None,
            reason: None,
            operation: None,
            stamp: None,
            selected: None,
            deleted_by: None,
            from: None,
            until: None,
        }
    }
}

impl<DB: Backend> Clone for Values<DB> {
    fn clone(&self) -> Self {
        Self {
            key: self.key.clone(),
            keys: self.keys.clone(),
            key_columns: self.key_columns,
            actor: self.actor.clone(),
            reason: self.reason.clone(),
            operation: self.operation.clone(),
            stamp: self.stamp,
            selected: self.selected.clone(),
            deleted_by: self.deleted_by.clone(),
            from: self.from.clone(),
            until: self.until.clone(),
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

impl<DB: Backend> Values<DB> {
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
                b's' => DB::bind_text(operands, self.selected.as_deref(), token)?,
                b'b' => known(self.deleted_by.as_ref())?(operands)?,
                b'f' => known(self.from.as_ref())?(operands)?,
                b'u' => known(self.until.as_ref())?(operands)?,
                b'K' => {
                    for at in 0..self.key_columns {
                        known(self.keys.as_ref())?(at, operands)?;
                    }
                }
                column => known(self.key.as_ref())?(usize::from(column - b'0'), operands)?,
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
        self.actor.is_none() && params.contains('a')
    }
}

fn known<T>(value: Option<&T>) -> Result<&T, BoxDynError> {
    value.ok_or_else(|| "the statement asks for a value that the operation has not".into())
}
