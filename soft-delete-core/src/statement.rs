//! A statement that is ready to run: static text and encoded arguments.

use std::fmt;

use sqlx::{Arguments, Database, Execute, SqlSafeStr, SqlStr, error::BoxDynError};

/// Handed to an executor as it is; the argument error, if any, surfaces there as
/// [`sqlx::Error::Encode`], as it does for sqlx's own queries.
pub struct Statement<DB: Database> {
    pub(crate) sql: &'static str,
    pub(crate) arguments: Option<Result<DB::Arguments, BoxDynError>>,
    pub(crate) persistent: bool,
}

impl<DB: Database> Statement<DB> {
    pub(crate) fn new(sql: &'static str, arguments: Result<DB::Arguments, BoxDynError>) -> Self {
        Self {
            sql,
            arguments: Some(arguments),
            persistent: true,
        }
    }
}

impl<DB: Database> Execute<'static, DB> for Statement<DB> {
    fn sql(self) -> SqlStr {
        self.sql.into_sql_str()
    }

    fn statement(&self) -> Option<&DB::Statement> {
        None
    }

    fn take_arguments(&mut self) -> Result<Option<DB::Arguments>, BoxDynError> {
        self.arguments.take().transpose()
    }

    fn persistent(&self) -> bool {
        self.persistent
    }
}

impl<DB: Database> fmt::Debug for Statement<DB> {
    // The values stay out: they are personal data more often than not.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Statement");
        debug.field("sql", &self.sql);
        match &self.arguments {
            Some(Ok(arguments)) => debug.field("arguments", &arguments.len()),
            Some(Err(error)) => debug.field("error", &error.to_string()),
            None => &mut debug,
        };
        debug.field("persistent", &self.persistent).finish()
    }
}
