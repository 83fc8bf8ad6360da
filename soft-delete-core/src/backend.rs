//! What differs between the databases at run time.

use futures_core::future::BoxFuture;
use sqlx::{Database, Encode, Type, error::BoxDynError};

use crate::{run::Token, statement::Statement};

/// A database that operations run on: PostgreSQL, SQLite, MySQL and MariaDB, each under its
/// feature. It is implemented here only.
pub trait Backend: Database {
    /// The arguments of an operation: the application's, and ours for the columns that record it.
    #[doc(hidden)]
    type Operands: Default + Send + Unpin + 'static;

    /// Adds an argument of the application's SQL.
    #[doc(hidden)]
    fn bind<'t, T: Encode<'t, Self> + Type<Self>>(
        operands: &mut Self::Operands,
        value: T,
        _: Token,
    ) -> Result<(), BoxDynError>;

    /// Adds an argument of ours; in the order of the text, after all of [`bind`](Self::bind).
    #[doc(hidden)]
    fn bind_ours<'t, T: Encode<'t, Self> + Type<Self>>(
        operands: &mut Self::Operands,
        value: T,
        _: Token,
    ) -> Result<(), BoxDynError>;

    /// True when the server infers the type of [`bind_null`](Self::bind_null): a statement prepared
    /// so must not be kept, for the next value may be encoded as another type.
    #[doc(hidden)]
    const INFERS_NULL: bool;

    /// Adds a NULL of ours, of whatever type the column has.
    #[doc(hidden)]
    fn bind_null(operands: &mut Self::Operands, _: Token) -> Result<(), BoxDynError>;

    /// Adds a text of ours, or NULL.
    #[doc(hidden)]
    fn bind_text(
        operands: &mut Self::Operands,
        text: Option<&str>,
        _: Token,
    ) -> Result<(), BoxDynError>;

    /// The arguments in the order of the placeholders.
    #[doc(hidden)]
    fn arguments(operands: Self::Operands, _: Token) -> Result<Self::Arguments, BoxDynError>;

    /// Runs a statement; the rows it affected.
    #[doc(hidden)]
    fn run(
        connection: &mut Self::Connection,
        statement: Statement<Self>,
        _: Token,
    ) -> impl Future<Output = sqlx::Result<u64>> + Send;

    /// Runs a statement; the first row.
    #[doc(hidden)]
    fn fetch(
        connection: &mut Self::Connection,
        statement: Statement<Self>,
        _: Token,
    ) -> BoxFuture<'_, sqlx::Result<Option<Self::Row>>>;

    /// Runs a statement; the texts in the first column of its rows.
    #[doc(hidden)]
    fn texts(
        connection: &mut Self::Connection,
        statement: Statement<Self>,
        _: Token,
    ) -> BoxFuture<'_, sqlx::Result<Vec<String>>>;

    /// The number in the first column.
    #[doc(hidden)]
    fn number(row: &Self::Row, _: Token) -> sqlx::Result<i64>;

    /// The text in the first column.
    #[doc(hidden)]
    fn text(row: &Self::Row, _: Token) -> sqlx::Result<Option<String>>;
}

/// How rows are read, which is the same text for every database and no generic one in sqlx.
macro_rules! reads {
    () => {
        // What `Executor::execute` does, without two boxes more for each statement. It is read to its
        // end: a deferred constraint fails behind the result.
        fn run(
            connection: &mut Self::Connection,
            statement: crate::statement::Statement<Self>,
            _: crate::run::Token,
        ) -> impl Future<Output = sqlx::Result<u64>> + Send {
            let mut results = sqlx::Executor::fetch_many(connection, statement);
            async move {
                let mut rows = 0;
                while let Some(result) = futures_util::TryStreamExt::try_next(&mut results).await? {
                    rows += result.left().map_or(0, |result| result.rows_affected());
                }
                Ok(rows)
            }
        }

        fn fetch(
            connection: &mut Self::Connection,
            statement: crate::statement::Statement<Self>,
            _: crate::run::Token,
        ) -> futures_core::future::BoxFuture<'_, sqlx::Result<Option<Self::Row>>> {
            sqlx::Executor::fetch_optional(connection, statement)
        }

        fn texts(
            connection: &mut Self::Connection,
            statement: crate::statement::Statement<Self>,
            token: crate::run::Token,
        ) -> futures_core::future::BoxFuture<'_, sqlx::Result<Vec<String>>> {
            Box::pin(async move {
                let rows = sqlx::Executor::fetch_all(connection, statement).await?;
                let texts = rows.iter().map(|row| Self::text(row, token));
                texts.filter_map(Result::transpose).collect()
            })
        }

        fn number(row: &Self::Row, _: crate::run::Token) -> sqlx::Result<i64> {
            sqlx::Row::try_get(row, 0)
        }

        fn text(row: &Self::Row, _: crate::run::Token) -> sqlx::Result<Option<String>> {
            sqlx::Row::try_get(row, 0)
        }
    };
}
#[cfg(feature = "mysql")]
pub(crate) use reads;

/// Our placeholders are numbered behind the application's, so the driver's own arguments hold both.
#[cfg(any(feature = "postgres", feature = "sqlite", feature = "sqlite-unbundled"))]
macro_rules! numbered {
    ($DB:ty, null: $null:expr, inferred: $inferred:expr) => {
        impl Backend for $DB {
            type Operands = <$DB as Database>::Arguments;

            const INFERS_NULL: bool = $inferred;

            fn bind<'t, T: Encode<'t, Self> + Type<Self>>(
                operands: &mut Self::Operands,
                value: T,
                _: Token,
            ) -> Result<(), BoxDynError> {
                sqlx::Arguments::add(operands, value)
            }

            fn bind_ours<'t, T: Encode<'t, Self> + Type<Self>>(
                operands: &mut Self::Operands,
                value: T,
                _: Token,
            ) -> Result<(), BoxDynError> {
                sqlx::Arguments::add(operands, value)
            }

            fn bind_null(operands: &mut Self::Operands, _: Token) -> Result<(), BoxDynError> {
                sqlx::Arguments::add(operands, $null)
            }

            fn bind_text(
                operands: &mut Self::Operands,
                text: Option<&str>,
                _: Token,
            ) -> Result<(), BoxDynError> {
                sqlx::Arguments::add(operands, text)
            }

            fn arguments(
                operands: Self::Operands,
                _: Token,
            ) -> Result<Self::Arguments, BoxDynError> {
                Ok(operands)
            }

            reads!();
        }
    };
}

#[cfg(feature = "postgres")]
numbered!(sqlx::Postgres, null: postgres::Untyped, inferred: true);
#[cfg(any(feature = "sqlite", feature = "sqlite-unbundled"))]
numbered!(sqlx::Sqlite, null: None::<bool>, inferred: false);

#[cfg(feature = "postgres")]
mod postgres {
    use sqlx::{
        Encode, Postgres, Type,
        encode::IsNull,
        error::BoxDynError,
        postgres::{PgArgumentBuffer, PgTypeInfo, types::Oid},
    };

    /// A NULL whose type the server infers from the column: a typed one is refused where it does
    /// not fit, even though it has no value.
    pub(super) struct Untyped;

    impl Type<Postgres> for Untyped {
        fn type_info() -> PgTypeInfo {
            PgTypeInfo::with_oid(Oid(0))
        }
    }

    impl Encode<'_, Postgres> for Untyped {
        fn encode_by_ref(&self, _: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
            Ok(IsNull::Yes)
        }
    }
}
