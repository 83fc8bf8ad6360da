//! What a model that does not fit expands to: its faults, and a stand-in so that the code that
//! uses it is not blamed too.

use proc_macro2::TokenStream;
use quote::quote;

use super::{ast::Model, expand::implementation};
use crate::fault::{Fault, Faults};

/// The faults and the stand-in. Its empty names tell `soft_query!` not to compare them.
pub(super) fn stub(model: &Model<'_>, faults: &Faults, tracked: &TokenStream) -> TokenStream {
    let errors = faults.iter().map(Fault::to_tokens);
    let item = implementation(model, "", "", None, &quote!(false));
    quote! {
        const _: () = { #tracked };
        #(#errors)*
        #item
    }
}
