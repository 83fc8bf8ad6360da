//! Whatever stands in a call, it expands to an expression; whatever is derived, to items.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::quote;

use super::{Outcome, input};
use crate::{environment::Environment, model, query};

pub(super) fn run(data: &[u8]) -> Outcome {
    let Some((dialect, text)) = input::text(data) else {
        return Outcome::Refused;
    };
    // `file = "…"` is read: no input may name a device or another's file.
    if text.contains("file") && text.contains(['/', '\\']) {
        return Outcome::Refused;
    }
    let Ok(tokens) = text.parse::<TokenStream>() else {
        return Outcome::Refused;
    };
    let environment = Environment::on(dialect);
    let call = |arguments: TokenStream| {
        let expansion = query::expand(quote!([::soft_delete] #arguments), &environment);
        let refused = expansion.to_string().contains("compile_error");
        if let Err(error) = syn::parse2::<syn::Expr>(expansion) {
            panic!("a call expands to no expression: {error}");
        }
        !refused
    };
    let accepted = call(tokens.clone());
    call(as_captured(tokens.clone()));
    if let Err(error) = syn::parse2::<syn::File>(model::expand(tokens, &environment)) {
        panic!("a derive expands to no items: {error}");
    }
    Outcome::accepted_if(accepted)
}

/// Every `{…}` becomes a group without delimiters, as `macro_rules!` passes on what it captured.
fn as_captured(tokens: TokenStream) -> TokenStream {
    let captured = tokens.into_iter().map(|token| match token {
        TokenTree::Group(group) => {
            let delimiter = match group.delimiter() {
                Delimiter::Brace => Delimiter::None,
                other => other,
            };
            TokenTree::Group(Group::new(delimiter, as_captured(group.stream())))
        }
        token => token,
    });
    captured.collect()
}
