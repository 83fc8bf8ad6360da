//! The schema as the migrations leave it: tables, columns, marker, keys, views, functions.

mod catalog;
mod condition;
mod config;
mod cursor;
mod ddl;
mod finish;
mod load;
mod lookup;
mod marker;
mod migrations;
mod script;
#[cfg(test)]
mod tests;

pub(crate) use condition::malformed;
pub use config::{Config, FILE_NAME};
pub(crate) use config::{quoted, spells};
pub use load::{Source, from_path, from_sql, load};
pub use lookup::Found;

use std::{collections::BTreeMap, fmt, path::PathBuf};

use crate::Dialect;

/// Everything the analyser knows about the database.
#[derive(Debug, Clone)]
pub struct Schema {
    /// The dialect of its statements.
    pub dialect: Dialect,
    /// Base tables.
    pub tables: Vec<Table>,
    /// Views, plain and materialized.
    pub views: Vec<View>,
    /// User-defined functions and procedures.
    pub functions: Vec<Function>,
    /// Schemas in which an unqualified name is looked up (`search_path` in soft-delete.toml);
    /// empty stands for the database's default schema.
    pub search_path: Vec<String>,
    /// Relations that the application reads and no migration creates, declared in
    /// soft-delete.toml; never soft-deletable.
    pub external: Vec<ObjectName>,
    /// `typecheck = true`.
    pub typecheck: bool,
    /// `require_actor = true`: every operation must say who did it.
    pub require_actor: bool,
    /// Every file that was read, `soft-delete.toml` included: to be tracked by the compiler.
    pub files: Vec<PathBuf>,
    /// The directory of migrations: a file added to it changes the schema too.
    pub directory: Option<PathBuf>,
}

/// A possibly qualified name, folded as the dialect stores it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ObjectName {
    /// The schema, when it is not the default one (`public`, `main`).
    pub schema: Option<String>,
    /// The name.
    pub name: String,
}

impl fmt::Display for ObjectName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(schema) = &self.schema {
            write!(f, "{schema}.")?;
        }
        f.write_str(&self.name)
    }
}

/// Where a statement stands.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Location {
    /// The file; empty for text that came from none.
    pub file: PathBuf,
    /// The line, from 1.
    pub line: usize,
}

/// A base table.
#[derive(Debug, Clone)]
pub struct Table {
    /// Its name.
    pub name: ObjectName,
    /// Its columns in order; those of parents and partitioned tables included.
    pub columns: Vec<Column>,
    /// False when some columns cannot be known (`CREATE TABLE AS`, virtual tables).
    pub columns_known: bool,
    /// Columns of the primary key, in order; empty when there is none.
    pub primary_key: Vec<String>,
    /// The name of its constraint, given or made up by the database.
    pub primary_key_name: Option<String>,
    /// Unique constraints and unique indexes; the primary key is not among them.
    pub uniques: Vec<Unique>,
    /// Foreign keys from this table.
    pub foreign_keys: Vec<ForeignKey>,
    /// Indexes that are not unique.
    pub indexes: Vec<Index>,
    /// The tables it inherits from or is a partition of.
    pub parents: Vec<ObjectName>,
    /// The marker, when the table is soft-deletable.
    pub marker: Option<Marker>,
    /// What soft-delete.toml says about it.
    pub settings: TableSettings,
    /// Where it was created.
    pub location: Location,
    /// SQLite virtual table (FTS, …).
    pub is_virtual: bool,
    /// SQLite's WITHOUT ROWID.
    pub without_rowid: bool,
    /// What was said of the tables whose rows it shows as its own: the options of a virtual table,
    /// MySQL's `UNION = (…)`, a foreign table's OPTIONS. Empty for most.
    pub over: String,
    /// BEFORE DELETE triggers, rules, RLS policies: raw statements for the schema checks.
    pub attachments: Vec<Attachment>,
    /// PostgreSQL's row-level security.
    pub row_security: RowSecurity,
}

/// Whether the policies of a table apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RowSecurity {
    /// ENABLE ROW LEVEL SECURITY
    pub enabled: bool,
    /// FORCE ROW LEVEL SECURITY: to its owner too.
    pub forced: bool,
}

/// A column.
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is a word of the definition, and none follows from another"
)]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its type as written, lower-cased, spaces normalised; empty when SQLite gives none.
    pub sql_type: String,
    /// May it be NULL?
    pub nullable: bool,
    /// The text of its default.
    pub default: Option<String>,
    /// Filled by the database: identity, serial, `AUTO_INCREMENT`, GENERATED, SQLite's INTEGER
    /// PRIMARY KEY.
    pub generated: bool,
    /// The expression over other columns of its row that fills it: what it holds can be what another
    /// row holds.
    pub computed: Option<String>,
    /// MySQL, MariaDB: `*` and an INSERT without a column list leave it out.
    pub invisible: bool,
}

/// A unique constraint or index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unique {
    /// Its name, when it has one.
    pub name: Option<String>,
    /// Its key: column names, or the text of expressions.
    pub key: Vec<KeyPart>,
    /// The key as written, with collations, operator classes and INCLUDE; the whole EXCLUDE of an
    /// exclusion constraint; empty for a constraint of a column.
    pub written: String,
    /// The predicate of a partial index, as written.
    pub predicate: Option<String>,
    /// True for a constraint, which is never partial.
    pub constraint: bool,
    /// NULLS NOT DISTINCT.
    pub nulls_not_distinct: bool,
    /// Where it was created.
    pub location: Location,
}

/// One part of an index key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyPart {
    /// A column.
    Column(String),
    /// An expression, as written.
    Expression(String),
}

/// A plain index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Index {
    /// Its name.
    pub name: Option<String>,
    /// Its key.
    pub key: Vec<KeyPart>,
    /// The predicate of a partial index, as written.
    pub predicate: Option<String>,
}

/// A foreign key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForeignKey {
    /// Its name, when it has one.
    pub name: Option<String>,
    /// The referencing columns.
    pub columns: Vec<String>,
    /// The table referenced.
    pub references: ObjectName,
    /// The columns referenced; empty for the primary key.
    pub referenced_columns: Vec<String>,
    /// ON DELETE.
    pub on_delete: Action,
    /// Where it was created.
    pub location: Location,
}

/// A referential action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Action {
    /// NO ACTION, the default.
    #[default]
    NoAction,
    /// RESTRICT.
    Restrict,
    /// CASCADE.
    Cascade,
    /// SET NULL.
    SetNull,
    /// SET DEFAULT.
    SetDefault,
}

/// A statement attached to a table that the schema checks look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// What it is.
    pub kind: AttachmentKind,
    /// Its name.
    pub name: String,
    /// The statement, as written; those that alter it stand behind it.
    pub sql: String,
    /// Where it was created.
    pub location: Location,
}

/// Kinds of [`Attachment`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttachmentKind {
    /// CREATE TRIGGER.
    Trigger,
    /// CREATE RULE.
    Rule,
    /// CREATE POLICY.
    Policy,
}

/// What makes a row of a table soft-deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Marker {
    /// The column.
    pub column: String,
    /// How it marks.
    pub kind: MarkerKind,
    /// Whether the column may be NULL.
    pub nullable: bool,
    /// The condition of a live row when it is more than the marker's own test; `active` in
    /// soft-delete.toml. Column names in it are unqualified.
    pub active: Option<String>,
}

/// How a marker column marks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MarkerKind {
    /// NULL is live: a nullable timestamp, or any other nullable non-boolean column.
    Timestamp,
    /// FALSE is live.
    Boolean,
    /// 0 is live.
    Integer,
}

/// `[tables.NAME]` of soft-delete.toml.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TableSettings {
    /// `retention`, as written ("90 days").
    pub retention: Option<String>,
    /// `hold`: SQL condition of rows that the purge must not touch.
    pub hold: Option<String>,
    /// `references`: referencing table (as written) to policy.
    pub references: BTreeMap<String, Policy>,
    /// `accept`: names of schema facts and refusals that are accepted for this table, each with the
    /// reason; a name may be narrowed to one constraint by a dot and its name.
    pub accept: BTreeMap<String, String>,
    /// `now`: SQL expression that the soft delete writes into the marker.
    pub now: Option<String>,
    /// `require_actor`, where it differs from the top level.
    pub require_actor: Option<bool>,
    /// `personal`: the columns that an erasure overwrites, each with the SQL of its new value.
    pub personal: Option<BTreeMap<String, String>>,
    /// `erase`: what an erasure does with a row of the table itself.
    pub erase: Option<Erasure>,
    /// `person`: the first columns of the foreign keys that lead to the person whose data the personal
    /// columns are.
    pub person: Option<Vec<String>>,
}

/// What an erasure does with a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Erasure {
    /// It removes it.
    Remove,
    /// It overwrites the personal columns, and leaves the row deleted.
    Overwrite,
}

impl TableSettings {
    /// True when this fact or refusal is accepted, whatever it is about.
    #[must_use]
    pub fn accepts(&self, what: &str) -> bool {
        self.accept.contains_key(what)
    }

    /// True when this fact is accepted, for this constraint at least.
    #[must_use]
    pub fn accepts_of(&self, what: &str, subject: &str) -> bool {
        self.accepts(what) || self.accept.contains_key(&format!("{what}.{subject}"))
    }
}

/// What a soft delete does to rows that reference the deleted one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Policy {
    /// They are soft-deleted too.
    Cascade,
    /// They forbid it while they are live.
    Restrict,
    /// They stay as they are.
    Keep,
    /// Their reference is set to NULL.
    Detach,
}

/// A view.
#[derive(Debug, Clone)]
pub struct View {
    /// Its name.
    pub name: ObjectName,
    /// Its column list; empty when the body names them.
    pub columns: Vec<String>,
    /// The query.
    pub body: String,
    /// The columns its tables had when it was created. PostgreSQL and MySQL expand `*` then, so
    /// later ones are not in it; SQLite expands it at use.
    pub columns_then: Vec<(ObjectName, Vec<String>)>,
    /// Materialized: its rows are as old as its last refresh.
    pub materialized: bool,
    /// `[views.NAME] scope` of soft-delete.toml: what the user vouches for.
    pub declared: Option<crate::Scope>,
    /// Where it was created.
    pub location: Location,
}

/// A user-defined function.
#[derive(Debug, Clone)]
pub struct Function {
    /// Its name; the symbol of an operator, the types of a cast.
    pub name: ObjectName,
    /// How a statement calls it.
    pub called: Called,
    /// Its body as written, or the definition that names the functions behind it; empty when it
    /// is in no SQL text (C functions).
    pub body: String,
    /// `[functions.NAME] reads` of soft-delete.toml: what the user vouches for.
    pub declared: Option<crate::Scope>,
    /// `reads = "nothing"`: the user vouches that it reads no row of a soft-deletable table.
    pub reads_nothing: bool,
    /// Where it was created.
    pub location: Location,
}

/// How a statement calls a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Called {
    /// `f(…)`: functions, procedures, aggregates.
    ByName,
    /// `a ## b`
    AsOperator,
    /// `CAST(a AS b)`, and wherever the database converts without being told.
    AsCast,
}
