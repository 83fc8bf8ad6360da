//! Faults of one invocation, collected so that all of them are reported at once.

use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;
use soft_delete_sql::{Code, Diagnostic};

/// One fault: where it is shown and what is said.
#[derive(Debug, Clone)]
pub(crate) struct Fault {
    span: Span,
    text: String,
}

impl Fault {
    /// A diagnostic that is drawn over `sql`.
    pub(crate) fn drawn(span: Span, diagnostic: &Diagnostic, sql: &str) -> Self {
        Self {
            span,
            text: diagnostic.render(sql),
        }
    }

    /// What is said.
    #[cfg(test)]
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// `compile_error!` at the place of the fault.
    pub(crate) fn to_tokens(&self) -> TokenStream {
        let (span, text) = (self.span, &self.text);
        quote_spanned!(span=> ::core::compile_error! { #text })
    }
}

/// The faults found so far.
#[derive(Debug, Default)]
pub(crate) struct Faults(Vec<Fault>);

impl Faults {
    /// Adds a fault that is about the Rust tokens, not about a place in the SQL.
    pub(crate) fn add(&mut self, span: Span, diagnostic: &Diagnostic) {
        self.push(Fault::drawn(span, diagnostic, ""));
    }

    /// Adds a fault; the same text is said once.
    pub(crate) fn push(&mut self, fault: Fault) {
        if !self.0.iter().any(|known| known.text == fault.text) {
            self.0.push(fault);
        }
    }

    /// A call that does not follow the grammar: what is wrong, and what to write.
    pub(crate) fn grammar(
        &mut self,
        span: Span,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.add(span, &Diagnostic::new(Code::Grammar, message).help(help));
    }

    /// True when nothing is wrong.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The faults in the order they were found.
    pub(crate) fn iter(&self) -> std::slice::Iter<'_, Fault> {
        self.0.iter()
    }
}
