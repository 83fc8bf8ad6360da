//! What the targets share.

use soft_delete_sql::{
    Dialect, Schema,
    schema::{Config, from_sql},
    scope::Edit,
};

/// The first byte chooses the dialect; the rest is the SQL, when it is UTF-8.
pub fn input(data: &[u8]) -> Option<(Dialect, &str)> {
    let (first, rest) = data.split_first()?;
    let dialect = Dialect::ALL[usize::from(*first) % Dialect::ALL.len()];
    Some((dialect, std::str::from_utf8(rest).ok()?))
}

/// Takes insertions out of a text again.
pub fn without(scoped: &str, edits: &[Edit]) -> String {
    let (mut out, mut at, mut inserted) = (String::new(), 0, 0);
    for edit in edits {
        let place = edit.span.start + inserted;
        out.push_str(&scoped[at..place]);
        assert_eq!(&scoped[place..place + edit.text.len()], edit.text);
        assert!(edit.span.is_empty(), "a scope replaces nothing");
        at = place + edit.text.len();
        inserted += edit.text.len();
    }
    out.push_str(&scoped[at..]);
    out
}

/// A few tables, with markers of two kinds, and a view.
pub fn schema(dialect: Dialect) -> Schema {
    from_sql(dialect, include_str!("../schema.sql"), &Config::default()).expect("a valid schema")
}
