//! The id of an operation.

use std::{fmt, str::FromStr};

use uuid::Uuid;

/// The id of one operation, a random UUID: it stands in `deleted_operation` of every row that the
/// operation deleted.
///
/// ```
/// use soft_delete_core::OperationId;
///
/// let id: OperationId = "67e55044-10b1-426f-9247-bb680e5fe0c8".parse()?;
/// assert_eq!(id.to_string(), "67e55044-10b1-426f-9247-bb680e5fe0c8");
/// # Ok::<(), soft_delete_core::ParseOperationIdError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct OperationId(Uuid);

impl OperationId {
    pub(crate) fn random() -> Self {
        Self(Uuid::new_v4())
    }

    /// The bytes of the UUID, in network order.
    #[must_use]
    pub const fn into_bytes(self) -> [u8; 16] {
        self.0.into_bytes()
    }

    /// The id with these bytes, in network order.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(Uuid::from_bytes(bytes))
    }
}

impl fmt::Display for OperationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for OperationId {
    type Err = ParseOperationIdError;

    fn from_str(text: &str) -> std::result::Result<Self, Self::Err> {
        text.parse().map(Self).map_err(ParseOperationIdError)
    }
}

#[cfg(feature = "uuid")]
impl From<OperationId> for sqlx::types::Uuid {
    fn from(id: OperationId) -> Self {
        id.0
    }
}

#[cfg(feature = "uuid")]
impl From<sqlx::types::Uuid> for OperationId {
    fn from(id: sqlx::types::Uuid) -> Self {
        Self(id)
    }
}

/// The text is no [`OperationId`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParseOperationIdError(uuid::Error);

impl fmt::Display for ParseOperationIdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no operation id: {}", self.0)
    }
}

impl std::error::Error for ParseOperationIdError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_random_uuids_and_parse_back() {
        let (one, other) = (OperationId::random(), OperationId::random());
        assert_ne!(one, other);
        assert_eq!(one.0.get_version_num(), 4);
        assert_eq!(one.to_string().parse(), Ok(one));
        assert_eq!(OperationId::from_bytes(one.into_bytes()), one);
    }

    #[test]
    fn a_text_that_is_no_id_is_refused() {
        let error = "ninety days".parse::<OperationId>().unwrap_err();
        assert!(
            error.to_string().starts_with("no operation id: invalid "),
            "{error}"
        );
    }
}
