//! Visibility as a value, for the scope that is only known at run time.

use std::{error, fmt, str::FromStr};

use serde_core::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{self, Visitor},
};

/// Which rows of a soft-deletable table a query returns.
///
/// The run-time scope of `soft_query!(WithDeleted<Contact> in visibility, "…")`. It parses and
/// serialises as the words of the macro, so it fits a query parameter as it is.
///
/// ```
/// use soft_delete_core::Visibility;
///
/// let visibility: Visibility = "with_deleted".parse()?;
/// assert_eq!(visibility, Visibility::WithDeleted);
/// assert_eq!(visibility.to_string(), "with_deleted");
///
/// // GET /contacts?include_deleted=true
/// assert_eq!(Visibility::from_include_deleted(true), Visibility::WithDeleted);
/// assert_eq!(Visibility::default(), Visibility::Active);
/// # Ok::<(), soft_delete_core::ParseVisibilityError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Visibility {
    /// Live rows only.
    #[default]
    Active,
    /// Soft-deleted rows only.
    Deleted,
    /// All rows.
    WithDeleted,
}

const WORDS: [&str; 3] = ["active", "deleted", "with_deleted"];

impl Visibility {
    /// Every visibility.
    pub const ALL: [Self; 3] = [Self::Active, Self::Deleted, Self::WithDeleted];

    /// The visibility of an `include_deleted` flag: all rows when it is set, else live ones.
    #[must_use]
    pub const fn from_include_deleted(include_deleted: bool) -> Self {
        if include_deleted {
            Self::WithDeleted
        } else {
            Self::Active
        }
    }

    /// The word of the macro, of [`Display`](fmt::Display), [`FromStr`] and serde.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => WORDS[0],
            Self::Deleted => WORDS[1],
            Self::WithDeleted => WORDS[2],
        }
    }
}

impl fmt::Display for Visibility {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Visibility {
    type Err = ParseVisibilityError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|visibility| visibility.as_str() == text)
            .ok_or_else(|| ParseVisibilityError {
                found: text.to_owned(),
            })
    }
}

/// The text is no [`Visibility`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParseVisibilityError {
    found: String,
}

impl fmt::Display for ParseVisibilityError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "unknown visibility {:?}; expected `active`, `deleted` or `with_deleted`",
            self.found
        )
    }
}

impl error::Error for ParseVisibilityError {}

impl Serialize for Visibility {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_unit_variant("Visibility", *self as u32, self.as_str())
    }
}

impl<'de> Deserialize<'de> for Visibility {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_enum("Visibility", &WORDS, WordVisitor)
    }
}

struct WordVisitor;

impl<'de> Visitor<'de> for WordVisitor {
    type Value = Visibility;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("`active`, `deleted` or `with_deleted`")
    }

    fn visit_enum<A: de::EnumAccess<'de>>(self, data: A) -> Result<Visibility, A::Error> {
        let (Word(visibility), variant) = data.variant()?;
        de::VariantAccess::unit_variant(variant)?;
        Ok(visibility)
    }
}

/// The tag of the enum: formats that number their variants give an index.
struct Word(Visibility);

impl<'de> Deserialize<'de> for Word {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TagVisitor;

        impl Visitor<'_> for TagVisitor {
            type Value = Word;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("`active`, `deleted` or `with_deleted`")
            }

            fn visit_u64<E: de::Error>(self, index: u64) -> Result<Word, E> {
                usize::try_from(index)
                    .ok()
                    .and_then(|index| Visibility::ALL.get(index))
                    .map(|visibility| Word(*visibility))
                    .ok_or_else(|| E::invalid_value(de::Unexpected::Unsigned(index), &self))
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Word, E> {
                text.parse()
                    .map(Word)
                    .map_err(|_| E::unknown_variant(text, &WORDS))
            }
        }

        deserializer.deserialize_identifier(TagVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_go_there_and_back() {
        for visibility in Visibility::ALL {
            let word = visibility.to_string();
            assert_eq!(word.parse(), Ok(visibility));
            let json = serde_json::to_string(&visibility).unwrap();
            assert_eq!(json, format!("{word:?}"));
            assert_eq!(
                serde_json::from_str::<Visibility>(&json).unwrap(),
                visibility
            );
        }
        assert_eq!(
            Visibility::ALL.map(Visibility::as_str),
            ["active", "deleted", "with_deleted"]
        );
    }

    #[test]
    fn an_unknown_word_is_refused_with_the_known_ones() {
        assert_eq!(
            "Active".parse::<Visibility>().unwrap_err().to_string(),
            "unknown visibility \"Active\"; expected `active`, `deleted` or `with_deleted`"
        );
        assert_eq!(
            serde_json::from_str::<Visibility>("\"all\"")
                .unwrap_err()
                .to_string(),
            "unknown variant `all`, expected one of `active`, `deleted`, `with_deleted` \
             at line 1 column 5"
        );
    }

    #[test]
    fn other_kinds_of_value_are_refused() {
        assert!(serde_json::from_str::<Visibility>("true").is_err());
        assert!(serde_json::from_str::<Visibility>(r#"{"active":1}"#).is_err());
    }

    #[test]
    fn display_pads() {
        assert_eq!(format!("{:>8}", Visibility::Active), "  active");
    }
}
