//! The keywords that give a statement its structure.

use crate::syntax::{Token, TokenKind, keyword::with_lower};

macro_rules! keywords {
    ($($name:ident = $text:literal,)*) => {
        /// A structural keyword; every other token is `None`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(super) enum Kw { None, $($name,)* }

        /// In alphabetical order.
        const WORDS: &[(&str, Kw)] = &[$(($text, Kw::$name),)*];
    };
}

keywords! {
    All = "all",
    And = "and",
    As = "as",
    At = "at",
    Between = "between",
    By = "by",
    Case = "case",
    Collate = "collate",
    Conflict = "conflict",
    Constraint = "constraint",
    Cross = "cross",
    Current = "current",
    Cycle = "cycle",
    Default = "default",
    Delayed = "delayed",
    Delete = "delete",
    Distinct = "distinct",
    Distinctrow = "distinctrow",
    Div = "div",
    Do = "do",
    Duplicate = "duplicate",
    Else = "else",
    End = "end",
    Escape = "escape",
    Except = "except",
    Explain = "explain",
    Fetch = "fetch",
    First = "first",
    For = "for",
    Force = "force",
    From = "from",
    Full = "full",
    Glob = "glob",
    Group = "group",
    Having = "having",
    HighPriority = "high_priority",
    Ignore = "ignore",
    Ilike = "ilike",
    In = "in",
    Index = "index",
    Indexed = "indexed",
    Inner = "inner",
    Insert = "insert",
    Intersect = "intersect",
    Interval = "interval",
    Into = "into",
    Is = "is",
    Join = "join",
    Key = "key",
    Last = "last",
    Lateral = "lateral",
    Left = "left",
    Like = "like",
    Limit = "limit",
    Lock = "lock",
    Locked = "locked",
    LowPriority = "low_priority",
    Match = "match",
    Matched = "matched",
    Materialized = "materialized",
    Merge = "merge",
    Mod = "mod",
    Mode = "mode",
    Natural = "natural",
    Next = "next",
    No = "no",
    Not = "not",
    Nothing = "nothing",
    Nowait = "nowait",
    Nulls = "nulls",
    Of = "of",
    Offset = "offset",
    On = "on",
    Only = "only",
    Or = "or",
    Order = "order",
    Ordinality = "ordinality",
    Outer = "outer",
    Over = "over",
    Overriding = "overriding",
    Partition = "partition",
    Previous = "previous",
    Quick = "quick",
    Read = "read",
    Recursive = "recursive",
    Regexp = "regexp",
    Repeatable = "repeatable",
    Replace = "replace",
    Respect = "respect",
    Returning = "returning",
    Right = "right",
    Rlike = "rlike",
    Row = "row",
    Rows = "rows",
    Search = "search",
    Select = "select",
    Set = "set",
    Share = "share",
    Similar = "similar",
    Skip = "skip",
    Source = "source",
    StraightJoin = "straight_join",
    SystemTime = "system_time",
    Table = "table",
    Tablesample = "tablesample",
    Target = "target",
    Then = "then",
    Time = "time",
    To = "to",
    Union = "union",
    Update = "update",
    Use = "use",
    Using = "using",
    Value = "value",
    Values = "values",
    Wait = "wait",
    When = "when",
    Where = "where",
    Window = "window",
    With = "with",
    Xor = "xor",
    Zone = "zone",
}

impl Kw {
    /// The keyword that a token spells.
    pub(super) fn of(token: Token, sql: &str) -> Self {
        if token.kind != TokenKind::Word {
            return Self::None;
        }
        with_lower(token.text(sql), |word| {
            WORDS
                .binary_search_by_key(&word, |(text, _)| text)
                .map(|at| WORDS[at].1)
                .ok()
        })
        .unwrap_or(Self::None)
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_keywords_are_in_the_order_that_the_search_needs() {
        for pair in super::WORDS.windows(2) {
            assert!(pair[0].0 < pair[1].0, "{pair:?}");
        }
    }
}
