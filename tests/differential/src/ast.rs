//! The statements that the generator makes: as much of SQL as the properties need.

use soft_delete_sql::Scope;

/// The type of an expression. A column name always has the same type, so that a name which
/// another block captures still fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Type {
    Int,
    Text,
    Bool,
    Time,
}

#[derive(Debug, Clone)]
#[allow(clippy::large_enum_variant, reason = "one of them exists at a time")]
pub(crate) enum Statement {
    Query(Query),
    Update(Update),
    Insert(Insert),
    Delete(Delete),
    /// PostgreSQL.
    Merge(Merge),
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Query {
    pub(crate) with: With,
    pub(crate) body: Body,
    /// Output positions, from 1, and whether descending. Either every position or none.
    pub(crate) order: Vec<(usize, bool)>,
    /// LIMIT and OFFSET.
    pub(crate) limit: Option<(u32, u32)>,
    /// A query in place of LIMIT's number.
    pub(crate) limit_by: Option<Box<Query>>,
    /// A locking clause, as written.
    pub(crate) lock: Option<String>,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct With {
    pub(crate) recursive: bool,
    pub(crate) ctes: Vec<Cte>,
}

#[derive(Debug, Clone)]
pub(crate) struct Cte {
    pub(crate) name: String,
    pub(crate) columns: Vec<String>,
    pub(crate) materialized: Option<bool>,
    pub(crate) body: Box<Statement>,
}

#[derive(Debug, Clone)]
pub(crate) enum Body {
    Select(Box<Select>),
    Values(Vec<Vec<Expr>>),
    /// `TABLE t`
    Table(Ref),
    Combine {
        op: &'static str,
        left: Box<Self>,
        right: Box<Self>,
    },
    Paren(Box<Query>),
}

impl Default for Body {
    fn default() -> Self {
        Self::Values(vec![vec![Expr::literal("1")]])
    }
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Select {
    pub(crate) distinct: bool,
    pub(crate) distinct_on: Option<Expr>,
    pub(crate) items: Vec<Item>,
    /// Items separated by commas.
    pub(crate) from: Vec<From>,
    pub(crate) filter: Option<Expr>,
    pub(crate) group: Vec<Expr>,
    /// ROLLUP, CUBE or GROUPING SETS of the keys.
    pub(crate) grouping: Option<&'static str>,
    pub(crate) having: Option<Expr>,
    pub(crate) window: Option<(String, Over)>,
    /// What ORDER BY sorts by before the positions, where the query has an ORDER BY.
    pub(crate) sort: Option<Expr>,
    /// Places at which the printer puts a comment, one bit each.
    pub(crate) comments: u8,
}

#[derive(Debug, Clone)]
pub(crate) enum Item {
    Star,
    QualifiedStar(String),
    Expr { expr: Expr, alias: Option<String> },
}

#[derive(Debug, Clone)]
pub(crate) enum From {
    Table(Ref),
    Cte {
        name: String,
        alias: Option<String>,
    },
    Derived {
        query: Box<Query>,
        alias: String,
        columns: Vec<String>,
        lateral: bool,
    },
    Join(Box<Join>),
    /// Parentheses; PostgreSQL gives them a name, which hides the names inside.
    Paren {
        inner: Box<Self>,
        alias: Option<String>,
    },
}

#[derive(Debug, Clone)]
pub(crate) struct Join {
    /// Unique in the statement.
    pub(crate) id: usize,
    pub(crate) kind: JoinKind,
    pub(crate) left: From,
    pub(crate) right: From,
    pub(crate) constraint: Constraint,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum JoinKind {
    Inner,
    /// MySQL's `STRAIGHT_JOIN`.
    Straight,
    Cross,
    Left,
    Right,
    Full,
}

#[derive(Debug, Clone)]
pub(crate) enum Constraint {
    None,
    On(Expr),
    Using(Vec<String>),
    Natural,
}

/// A reference to a base table.
#[derive(Debug, Clone)]
pub(crate) struct Ref {
    /// Unique in the statement.
    pub(crate) id: usize,
    /// Index in the world's tables.
    pub(crate) table: usize,
    /// The name as written.
    pub(crate) spelled: String,
    pub(crate) alias: Option<String>,
    /// A column alias list (PostgreSQL).
    pub(crate) columns: Vec<String>,
    pub(crate) hint: Hint,
    /// The rows that the request lets it see.
    pub(crate) scope: Scope,
}

impl Ref {
    /// The name that qualifies its columns.
    pub(crate) fn qualifier(&self) -> &str {
        self.alias.as_deref().unwrap_or(&self.spelled)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hint {
    None,
    /// PostgreSQL's `ONLY t`.
    Only,
    /// PostgreSQL's `t *`.
    Descendants,
    /// PostgreSQL's TABLESAMPLE, of all rows.
    SampleAll,
    /// SQLite's NOT INDEXED, MySQL's USE INDEX ().
    NotIndexed,
}

#[derive(Debug, Clone)]
pub(crate) enum Expr {
    Column {
        qualifier: Option<String>,
        name: String,
    },
    Literal(String),
    Not(Box<Self>),
    /// `expr IS NULL` and its kin.
    Postfix(Box<Self>, &'static str),
    Binary(Box<Self>, &'static str, Box<Self>),
    All(Vec<Self>),
    Any(Vec<Self>),
    Between(Box<Self>, Box<Self>, Box<Self>),
    In(Box<Self>, bool, Vec<Self>),
    InQuery(Box<Self>, bool, Box<Query>),
    Exists(bool, Box<Query>),
    /// `expr = ANY (query)` (PostgreSQL).
    Quantified(Box<Self>, &'static str, Box<Query>),
    Scalar(Box<Query>),
    Case(Vec<(Self, Self)>, Box<Self>),
    Call {
        name: &'static str,
        distinct: bool,
        args: Vec<Self>,
        filter: Option<Box<Self>>,
        over: Option<Over>,
    },
    Cast(Box<Self>, &'static str),
    Paren(Box<Self>),
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Over {
    pub(crate) name: Option<String>,
    pub(crate) partition: Vec<Expr>,
    pub(crate) order: Vec<Expr>,
    pub(crate) frame: Option<&'static str>,
}

impl Expr {
    pub(crate) fn literal(text: impl Into<String>) -> Self {
        Self::Literal(text.into())
    }

    pub(crate) fn column(qualifier: Option<&str>, name: &str) -> Self {
        Self::Column {
            qualifier: qualifier.map(str::to_owned),
            name: name.to_owned(),
        }
    }

    pub(crate) fn binary(left: Self, op: &'static str, right: Self) -> Self {
        Self::Binary(Box::new(left), op, Box::new(right))
    }

    pub(crate) fn call(name: &'static str, args: Vec<Self>) -> Self {
        Self::Call {
            name,
            distinct: false,
            args,
            filter: None,
            over: None,
        }
    }

    pub(crate) fn postfix(self, op: &'static str) -> Self {
        Self::Postfix(Box::new(self), op)
    }

    pub(crate) fn negated(self) -> Self {
        Self::Not(Box::new(self))
    }

    /// `old AND new`, flat.
    pub(crate) fn and(old: Option<Self>, new: Self) -> Self {
        match old {
            None => new,
            Some(Self::All(mut parts)) => {
                parts.push(new);
                Self::All(parts)
            }
            Some(old) => Self::All(vec![old, new]),
        }
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Update {
    pub(crate) with: With,
    pub(crate) target: Ref,
    pub(crate) set: Vec<(String, Expr)>,
    /// How the target is joined to the first of the others, and on what (MySQL).
    pub(crate) joined: Option<(JoinKind, Expr)>,
    pub(crate) from: Vec<From>,
    pub(crate) filter: Option<Expr>,
    pub(crate) returning: Vec<Expr>,
}

#[derive(Debug, Clone)]
pub(crate) struct Delete {
    pub(crate) with: With,
    pub(crate) target: Ref,
    /// As in [`Update`].
    pub(crate) joined: Option<(JoinKind, Expr)>,
    pub(crate) using: Vec<From>,
    pub(crate) filter: Option<Expr>,
    pub(crate) returning: Vec<Expr>,
}

#[derive(Debug, Clone)]
pub(crate) struct Insert {
    pub(crate) with: With,
    pub(crate) target: Ref,
    pub(crate) columns: Vec<String>,
    pub(crate) source: Query,
    pub(crate) conflict: Option<Conflict>,
    pub(crate) returning: Vec<Expr>,
}

#[derive(Debug, Clone)]
pub(crate) struct Conflict {
    /// None for any conflict.
    pub(crate) column: Option<String>,
    /// The conflict target's own WHERE.
    pub(crate) predicate: Option<Expr>,
    /// DO UPDATE SET; empty for DO NOTHING.
    pub(crate) set: Vec<(String, Expr)>,
    pub(crate) filter: Option<Expr>,
}

#[derive(Debug, Clone)]
pub(crate) struct Merge {
    pub(crate) target: Ref,
    pub(crate) source: From,
    pub(crate) on: Expr,
    pub(crate) clauses: Vec<When>,
}

#[derive(Debug, Clone)]
pub(crate) struct When {
    /// WHEN NOT MATCHED BY SOURCE
    pub(crate) by_source: bool,
    pub(crate) filter: Option<Expr>,
    pub(crate) action: Action,
}

#[derive(Debug, Clone)]
pub(crate) enum Action {
    /// WHEN MATCHED THEN DO NOTHING
    Keep,
    /// WHEN MATCHED THEN UPDATE
    Update(Vec<(String, Expr)>),
    /// WHEN NOT MATCHED THEN INSERT
    Insert(Vec<(String, Expr)>),
}
