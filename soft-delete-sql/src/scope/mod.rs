//! Resolve, prove, rewrite, prove again.

mod account;
mod behind;
mod condition;
mod edits;
mod function;
mod key;
mod model;
mod names;
mod place;
mod predicate;
mod prove;
mod request;
mod resolution;
mod resolve;
mod restore;
mod upsert;
mod verb;
mod verdict;
mod view;
mod warn;
mod write;

pub(crate) use key::{LiveKey, live_keys};
pub(crate) use key::{implies, is_null_for_tombstones, unique_counts_tombstones};
pub(crate) use predicate::live;

use std::{fmt, ops::Range, str::FromStr};

use crate::{
    Diagnostic, Dialect, Schema,
    lifecycle::{Stage, Step},
    schema::Table,
};

/// The condition of the rows that a scope sees, for a table's columns behind `qualifier`; `None`
/// for a table without marker.
pub(crate) fn condition_of(
    dialect: Dialect,
    table: &Table,
    scope: Scope,
    qualifier: &str,
) -> Option<String> {
    let marker = table.marker.clone()?;
    let columns = columns_of(table);
    let soft = resolution::Soft { marker, columns };
    Some(predicate::text(dialect, &soft, scope, qualifier))
}

/// A condition of soft-delete.toml with its columns behind `qualifier`.
pub(crate) fn qualified(
    dialect: Dialect,
    condition: &str,
    table: &Table,
    qualifier: &str,
) -> String {
    predicate::qualified(dialect, condition, &columns_of(table), qualifier)
}

/// The columns of a table that an expression of soft-delete.toml or of a migration mentions.
pub(crate) fn mentioned(dialect: Dialect, text: &str, table: &Table) -> Vec<String> {
    predicate::mentioned(dialect, text, &columns_of(table))
}

fn columns_of(table: &Table) -> Vec<String> {
    let columns = table.columns.iter();
    columns.map(|column| column.name.clone()).collect()
}

/// Which rows of a soft-deletable table a query may see.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// Live rows only.
    Active,
    /// Soft-deleted rows only.
    Deleted,
    /// All rows.
    WithDeleted,
}

impl Scope {
    /// Every scope, in the order of the documentation.
    pub const ALL: [Self; 3] = [Self::Active, Self::Deleted, Self::WithDeleted];

    /// The word of the macro, the configuration and the command line.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Deleted => "deleted",
            Self::WithDeleted => "with_deleted",
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl FromStr for Scope {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|scope| scope.word() == text)
            .ok_or_else(|| {
                format!("unknown scope `{text}`; expected `active`, `deleted` or `with_deleted`")
            })
    }
}

/// What a DELETE on a soft-deletable table becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verb {
    /// An UPDATE that sets the marker and skips tombstones.
    SoftDelete,
    /// A DELETE of rows that are already soft-deleted and not on hold.
    Purge,
    /// A DELETE whatever the state.
    Erase,
    /// The UPDATE that takes the marker away, of rows that are soft-deleted, with all that a restore does.
    Restore,
}

impl Verb {
    /// The word of the macro.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::SoftDelete => "soft_delete",
            Self::Purge => "purge",
            Self::Erase => "erase",
            Self::Restore => "restore",
        }
    }
}

/// What the caller asks of a statement.
#[derive(Debug, Clone, Default)]
pub struct Request<'a> {
    /// The statement.
    pub sql: &'a str,
    /// The scope of the head; `None` when the SQL must prove itself.
    pub scope: Option<Scope>,
    /// `alias: scope`: names as written by the user, an alias or a table name.
    pub scopes: Vec<(String, Scope)>,
    /// A verb in place of a scope.
    pub verb: Option<Verb>,
    /// The head is a model row type (`Active<T>` …): the select list must yield the marker
    /// exactly once.
    pub model: bool,
}

/// The verdict on a statement. The references are there whenever the statement was understood.
#[derive(Debug, Clone, Default)]
pub struct Checked {
    /// Every table reference, in source order.
    pub references: Vec<Reference>,
    /// Faults; empty exactly when `scoped` is there.
    pub errors: Vec<Diagnostic>,
    /// What compiles and is worth a look.
    pub warnings: Vec<Diagnostic>,
    /// The scoped statement.
    pub scoped: Option<ScopedSql>,
}

/// A table reference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// The table's name as the schema has it, dotted where it is qualified; as the statement
    /// spells it (folded) when the schema has none.
    pub table: String,
    /// The alias.
    pub alias: Option<String>,
    /// The bytes of the dotted name.
    pub span: Range<usize>,
    /// Is the table soft-deletable?
    pub soft_deletable: bool,
    /// The scope it has now: requested or proven.
    pub scope: Option<Scope>,
    /// True when the statement as written proves the scope.
    pub proven: bool,
    /// Written only, as the target of a plain INSERT: needs no scope.
    pub insert_target: bool,
}

/// A statement that may run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScopedSql {
    /// Its text.
    pub sql: String,
    /// The edits that made it, in order; empty when the text is unchanged.
    pub edits: Vec<Edit>,
    /// Where a model row type's marker comes from.
    pub model: Option<Model>,
    /// True when it returns rows.
    pub returns_rows: bool,
    /// The operation, when a verb was asked for.
    pub operation: Option<Operation>,
}

/// An insertion into the original text, or the replacement of bytes of it (verbs only).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// The bytes replaced; empty for an insertion.
    pub span: Range<usize>,
    /// The text put there.
    pub text: String,
}

/// The table a model row type reads, and how its marker comes out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Model {
    /// The table, as [`Reference::table`].
    pub table: String,
    /// The name of the output column that holds the marker.
    pub marker: String,
}

/// A verb, resolved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation {
    /// The verb.
    pub verb: Verb,
    /// The table written.
    pub table: String,
    /// Index of the table in [`Schema::tables`].
    pub table_index: usize,
    /// Columns of the table that record the operation, where it has them: each stands in the
    /// text as a placeholder of ours, in this order, numbered behind the user's placeholders
    /// (PostgreSQL, SQLite) or before them (MySQL, where SET precedes WHERE).
    pub binds: Vec<OperationBind>,
    /// What comes before the statement.
    pub before: Vec<Step>,
    /// What follows the statement, for the rows of its operation.
    pub stages: Vec<Stage>,
}

/// A value that an operation binds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OperationBind {
    /// `deleted_by`
    Actor,
    /// `deleted_reason`
    Reason,
    /// `deleted_operation`
    OperationId,
}

/// Checks one statement against a schema and scopes it.
///
/// ```
/// use soft_delete_sql::{Dialect, Request, Scope, check, schema};
///
/// let migrations = "CREATE TABLE contacts (id INTEGER PRIMARY KEY, name TEXT, deleted_at TEXT);";
/// let schema = schema::from_sql(Dialect::Sqlite, migrations, &schema::Config::default()).unwrap();
/// let sql = "SELECT id FROM contacts WHERE name = ?";
/// let checked = check(&schema, &Request { sql, scope: Some(Scope::Active), ..Request::default() });
/// assert_eq!(
///     checked.scoped.unwrap().sql,
///     "SELECT id FROM contacts WHERE contacts.deleted_at IS NULL AND (name = ?)",
/// );
///
/// let checked = check(&schema, &Request { sql, ..Request::default() });
/// assert_eq!(checked.errors[0].code.as_str(), "SD001");
/// ```
#[must_use]
pub fn check(schema: &Schema, request: &Request<'_>) -> Checked {
    verdict::check(schema, request)
}
