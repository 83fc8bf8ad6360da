//! A call of `soft_query!`, as written.

use proc_macro2::{Span, TokenStream};
use soft_delete_sql::{Scope, Verb};
use syn::{Expr, LitStr, Type};

use super::sql::Sql;

/// Everything the call says.
pub(crate) struct Call {
    /// The path of the façade: `$crate`, so that a renamed dependency works.
    pub(crate) krate: TokenStream,
    /// What stands before the first comma.
    pub(crate) head: Head,
    /// False when the head could not be read, so that the type of the query is unknown.
    pub(crate) head_known: bool,
    /// `alias: scope`.
    pub(crate) scopes: Vec<AliasScope>,
    /// `reason = "…"`.
    pub(crate) reason: Option<LitStr>,
    /// The statement; `None` when there is none to read.
    pub(crate) sql: Option<Sql>,
    /// The bind arguments; `None` when some could not be read, so that counting is idle.
    pub(crate) binds: Option<Vec<Expr>>,
}

/// The scope of one reference.
pub(crate) struct AliasScope {
    /// The alias or table name.
    pub(crate) name: String,
    /// Its scope.
    pub(crate) scope: Scope,
    /// Where the name stands.
    pub(crate) span: Span,
}

/// What the rows are and which of them are seen.
pub(crate) enum Head {
    /// The SQL proves itself and nothing is returned.
    Absent,
    /// `Active<T>` and its kin, optionally `in` a run-time visibility.
    Row(Box<Row>),
    /// A word, optionally with `as`.
    Word(Word, Span, Option<Output>),
    /// `as T`, optionally `in` a run-time visibility.
    Output(Output, Option<Expr>),
}

/// A row type that says its scope.
pub(crate) struct Row {
    /// The scope it says.
    pub(crate) scope: Scope,
    /// The type as written: `soft_delete::Active<Contact>`.
    pub(crate) ty: Type,
    /// Its model: `Contact`.
    pub(crate) model: Type,
    /// The value of `in`.
    pub(crate) visibility: Option<Expr>,
}

/// A word of the vocabulary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Word {
    /// A visibility scope.
    Scope(Scope),
    /// No check at all.
    Unchecked,
    /// An operation.
    Verb(Verb),
}

impl Word {
    /// Every word, in the order of the documentation.
    pub(crate) const ALL: [Self; 8] = [
        Self::Scope(Scope::Active),
        Self::Scope(Scope::Deleted),
        Self::Scope(Scope::WithDeleted),
        Self::Unchecked,
        Self::Verb(Verb::SoftDelete),
        Self::Verb(Verb::Purge),
        Self::Verb(Verb::Erase),
        Self::Verb(Verb::Restore),
    ];

    /// How it is spelled.
    pub(crate) const fn spelling(self) -> &'static str {
        match self {
            Self::Scope(scope) => scope.word(),
            Self::Unchecked => "unchecked",
            Self::Verb(verb) => verb.word(),
        }
    }

    /// The word of this spelling.
    pub(crate) fn of(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|word| word.spelling() == text)
    }
}

/// What a row becomes.
pub(crate) enum Output {
    /// `as T`
    Rows(Box<Type>),
    /// `as scalar`
    Scalar,
}

/// The name of the row type of a scope.
pub(crate) const fn row_name(scope: Scope) -> &'static str {
    match scope {
        Scope::Active => "Active",
        Scope::Deleted => "Deleted",
        Scope::WithDeleted => "WithDeleted",
    }
}

impl Head {
    /// The run-time visibility.
    pub(crate) fn visibility(&self) -> Option<&Expr> {
        match self {
            Self::Row(row) => row.visibility.as_ref(),
            Self::Output(_, visibility) => visibility.as_ref(),
            Self::Absent | Self::Word(..) => None,
        }
    }

    /// True for `unchecked`.
    pub(crate) fn unchecked(&self) -> bool {
        matches!(self, Self::Word(Word::Unchecked, ..))
    }

    /// The verb.
    pub(crate) fn verb(&self) -> Option<Verb> {
        match self {
            Self::Word(Word::Verb(verb), ..) => Some(*verb),
            _ => None,
        }
    }

    /// True when rows are returned.
    pub(crate) fn returns(&self) -> bool {
        match self {
            Self::Absent => false,
            Self::Word(_, _, output) => output.is_some(),
            Self::Row(_) | Self::Output(..) => true,
        }
    }
}
