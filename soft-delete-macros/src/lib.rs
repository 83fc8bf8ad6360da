//! The macros of `soft-delete`: `soft_query!` and `#[derive(SoftDeletable)]`.
//!
//! Applications use them through the `soft-delete` crate. The macros read tokens, ask
//! `soft-delete-sql`, and write the verdict as Rust; no rule about SQL lives here.

mod environment;
mod fault;
mod model;
mod plan;
mod purge;
mod query;
mod schema;
mod track;
mod warning;

use environment::Environment;

/// What `soft_delete::soft_query!` expands to; the first tokens are `[$crate]`.
#[doc(hidden)]
#[proc_macro]
pub fn soft_query_impl(tokens: proc_macro::TokenStream) -> proc_macro::TokenStream {
    query::expand(tokens.into(), &Environment::current()).into()
}

/// What `soft_delete::retention_plan!` expands to; the tokens are `[$crate]`.
#[doc(hidden)]
#[proc_macro]
pub fn retention_plan_impl(tokens: proc_macro::TokenStream) -> proc_macro::TokenStream {
    purge::plan(tokens.into(), &Environment::current()).into()
}

/// Makes a struct the model of a soft-deletable table, so that `Active<T>`, `Deleted<T>` and
/// `WithDeleted<T>` can hold its rows.
///
/// The table is the one whose name is that of the struct in snake case, as a plural or as it is:
/// `Contact` is a row of `contacts`, `OrderLine` of `order_lines`. The fields are compared with the
/// columns that the migrations create, as `sqlx::FromRow` reads them (`#[sqlx(rename)]`,
/// `rename_all`, `skip`, `default` and `flatten` count), and the field of the marker says whether
/// a row is live.
///
/// ```ignore
/// use soft_delete::SoftDeletable;
///
/// #[derive(Debug, sqlx::FromRow, SoftDeletable)]
/// struct Contact {
///     id: i64,
///     email: String,
///     deleted_at: Option<DateTime<Utc>>,
/// }
/// ```
///
/// # Attributes
///
/// - `#[soft_delete(table = "crm.contacts")]`: the table, where the name of the struct is another.
/// - `#[soft_delete(is_active = "Contact::is_live")]`: a `fn(&T) -> bool` that says whether a row
///   is live. It is needed where soft-delete.toml gives the table an `active` condition of its
///   own, which the field of the marker cannot decide alone.
/// - `#[soft_delete(crate = "renamed")]`: the path of the `soft-delete` crate, where Cargo.toml
///   renames it.
#[proc_macro_derive(SoftDeletable, attributes(soft_delete, sqlx))]
pub fn derive_soft_deletable(tokens: proc_macro::TokenStream) -> proc_macro::TokenStream {
    model::expand(tokens.into(), &Environment::current()).into()
}
