//! Bytes to a dialect and a text.

use soft_delete_sql::Dialect;

/// The first byte chooses the dialect, by its initial where it is one, so that seeds can be read;
/// the rest is the text, when it is UTF-8.
pub(super) fn text(data: &[u8]) -> Option<(Dialect, &str)> {
    let (dialect, rest) = dialect(data)?;
    Some((dialect, std::str::from_utf8(rest).ok()?))
}

/// The dialect, and the bytes behind it.
pub(super) fn dialect(data: &[u8]) -> Option<(Dialect, &[u8])> {
    let (first, rest) = data.split_first()?;
    let initial = |dialect: &Dialect| dialect.name().as_bytes().first() == Some(first);
    let dialect = Dialect::ALL.into_iter().find(initial);
    let any = Dialect::ALL[usize::from(*first) % Dialect::ALL.len()];
    Some((dialect.unwrap_or(any), rest))
}
