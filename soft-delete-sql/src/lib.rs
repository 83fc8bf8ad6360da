//! The analyser behind `soft-delete`: SQL text and a schema in, a verdict and the scoped SQL out.
//!
//! No macro, no database, no async. [`check`] is a pure function; everything else serves it:
//! [`schema`] reads migrations and `soft-delete.toml`, [`syntax`] finds the table references of
//! a statement by byte, [`scope`] resolves, proves and rewrites, [`diagnostic`] says what is wrong.

pub mod diagnostic;
pub mod dialect;
pub mod fact;
pub mod lifecycle;
pub mod schema;
pub mod scope;
pub mod syntax;

pub use diagnostic::{Code, Diagnostic, Severity};
pub use dialect::Dialect;
pub use schema::Schema;
pub use scope::{Checked, Reference, Request, Scope, ScopedSql, Verb, check};
