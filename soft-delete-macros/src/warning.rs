//! Warnings: a stable macro has none of its own, so one is a deprecated constant that is used.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote_spanned;
use soft_delete_sql::{Code, Diagnostic};

/// True for a slip in this statement. What the design of the schema brings about would be said
/// at every statement of a table, again with every build; the command line lists it.
pub(crate) fn is_shown(code: Code) -> bool {
    matches!(code, Code::VacuousTest | Code::JoinedOnMarker)
}

/// Tokens that rustc warns about, at `span`, unless `#[allow(deprecated)]` stands around them.
pub(crate) fn tokens(span: Span, diagnostic: &Diagnostic, sql: &str) -> TokenStream {
    let text = format!("\n{}", diagnostic.render(sql));
    let name = Ident::new(&format!("soft_delete_{}", diagnostic.code), span);
    quote_spanned! {span=> {
        #[deprecated(note = #text)]
        #[allow(non_upper_case_globals)]
        const #name: () = ();
        let _ = #name;
    }}
}
