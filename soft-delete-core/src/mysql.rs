//! Operations on MySQL and MariaDB: placeholders have no numbers there and ours come first.

use sqlx::{
    Arguments, Encode, MySql, Type,
    encode::IsNull,
    error::BoxDynError,
    mysql::{MySqlArguments, MySqlTypeInfo},
};

use crate::{Backend, run::Token};

/// A value in its wire form. SET stands before WHERE, so the application's values, which are
/// encoded while they are borrowed, must wait until ours are known.
struct Encoded {
    bytes: Vec<u8>,
    type_info: MySqlTypeInfo,
    is_null: bool,
}

impl Encoded {
    fn new<'t, T: Encode<'t, MySql> + Type<MySql>>(value: T) -> Result<Self, BoxDynError> {
        let type_info = value.produces().unwrap_or_else(T::type_info);
        let mut bytes = Vec::with_capacity(value.size_hint());
        let is_null = value.encode(&mut bytes)?.is_null();
        Ok(Self {
            bytes,
            type_info,
            is_null,
        })
    }
}

impl Type<MySql> for Encoded {
    // Never asked for: `produces` knows the type of the value.
    fn type_info() -> MySqlTypeInfo {
        <[u8] as Type<MySql>>::type_info()
    }
}

impl Encode<'_, MySql> for Encoded {
    fn encode_by_ref(&self, buf: &mut Vec<u8>) -> Result<IsNull, BoxDynError> {
        buf.extend_from_slice(&self.bytes);
        Ok(if self.is_null {
            IsNull::Yes
        } else {
            IsNull::No
        })
    }

    fn produces(&self) -> Option<MySqlTypeInfo> {
        Some(self.type_info.clone())
    }

    fn size_hint(&self) -> usize {
        self.bytes.len()
    }
}

/// The values of an operation by who binds them.
#[derive(Default)]
pub struct Operands {
    ours: Vec<Encoded>,
    applications: Vec<Encoded>,
}

impl Backend for MySql {
    type Operands = Operands;

    // Types are sent with every execution.
    const INFERS_NULL: bool = false;

    fn bind<'t, T: Encode<'t, Self> + Type<Self>>(
        operands: &mut Operands,
        value: T,
        _: Token,
    ) -> Result<(), BoxDynError> {
        operands.applications.push(Encoded::new(value)?);
        Ok(())
    }

    fn bind_ours<'t, T: Encode<'t, Self> + Type<Self>>(
        operands: &mut Operands,
        value: T,
        _: Token,
    ) -> Result<(), BoxDynError> {
        operands.ours.push(Encoded::new(value)?);
        Ok(())
    }

    fn bind_null(operands: &mut Operands, token: Token) -> Result<(), BoxDynError> {
        Self::bind_ours(operands, None::<bool>, token)
    }

    fn bind_text(
        operands: &mut Operands,
        text: Option<&str>,
        token: Token,
    ) -> Result<(), BoxDynError> {
        Self::bind_ours(operands, text, token)
    }

    fn arguments(operands: Operands, _: Token) -> Result<MySqlArguments, BoxDynError> {
        let mut arguments = MySqlArguments::default();
        for value in operands.ours.into_iter().chain(operands.applications) {
            Arguments::add(&mut arguments, value)?;
        }
        Ok(arguments)
    }

    crate::backend::reads!();
}
