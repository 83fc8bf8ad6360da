//! What a quoted name or a string spells.

use std::borrow::Cow;

use crate::Dialect;

/// The text of a quoted token without its quotes, prefix and escapes.
pub(super) fn unquote(dialect: Dialect, text: &str) -> Cow<'_, str> {
    let prefix = text
        .find(['\'', '"', '`', '[', '$'])
        .unwrap_or(text.len())
        .min(2);
    let (prefix, quoted) = text.split_at(prefix);
    let Some(quote) = quoted.chars().next() else {
        return Cow::Borrowed(text);
    };
    if quote == '$' {
        let tag = quoted[1..].find('$').map_or(quoted.len(), |at| at + 2);
        return Cow::Borrowed(quoted.get(tag..quoted.len() - tag).unwrap_or(""));
    }
    let body = quoted.get(1..quoted.len() - 1).unwrap_or("");
    let escapes = match dialect {
        Dialect::Mysql => quote == '\'' || quote == '"',
        Dialect::Postgres => prefix.eq_ignore_ascii_case("e"),
        Dialect::Sqlite => false,
    };
    let unicode = dialect == Dialect::Postgres && prefix.eq_ignore_ascii_case("u&");
    if quote == '[' || !body.contains([quote, '\\']) {
        return Cow::Borrowed(body);
    }
    let mut out = String::with_capacity(body.len());
    let mut rest = body.chars();
    while let Some(c) = rest.next() {
        if c == quote {
            // Inside the quotes it always stands doubled.
            rest.next();
            out.push(c);
        } else if c == '\\' && unicode {
            let (decoded, length) = decode_unicode(rest.as_str());
            out.push(decoded);
            rest = rest.as_str()[length..].chars();
        } else if c == '\\' && escapes {
            out.push(match rest.next() {
                Some('n') => '\n',
                Some('t') => '\t',
                Some('r') => '\r',
                Some(other) => other,
                None => '\\',
            });
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

/// What stands behind the backslash of `U&"…"`: the character and the bytes that spell it. A
/// spelling that PostgreSQL refuses stays a backslash.
fn decode_unicode(rest: &str) -> (char, usize) {
    if rest.starts_with('\\') {
        return ('\\', 1);
    }
    let (skip, digits) = if rest.starts_with('+') {
        (1, 6)
    } else {
        (0, 4)
    };
    rest.get(skip..skip + digits)
        .filter(|hex| hex.bytes().all(|b| b.is_ascii_hexdigit()))
        .and_then(|hex| u32::from_str_radix(hex, 16).ok())
        .and_then(char::from_u32)
        .map_or(('\\', 0), |c| (c, skip + digits))
}
