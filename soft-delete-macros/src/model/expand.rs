//! A model that fits its table to an impl.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;

use super::{ast::Model, marker::IsActive, valid::Resolved};

/// The impl.
pub(super) fn derive(
    model: &Model<'_>,
    resolved: &Resolved<'_>,
    tracked: &TokenStream,
) -> TokenStream {
    let (table, marker) = (&resolved.table, &resolved.marker);
    let body = match &resolved.is_active {
        IsActive::Path(path) => quote_spanned!(path.span()=> (#path)(self)),
        IsActive::Null(field) => {
            let ident = field.ident;
            quote_spanned!(field.ty.span()=> ::core::option::Option::is_none(&self.#ident))
        }
        IsActive::False(field) => {
            let ident = field.ident;
            quote_spanned!(field.ty.span()=> !self.#ident)
        }
        IsActive::NotTrue(field) => {
            let ident = field.ident;
            quote_spanned! {field.ty.span()=>
                !::core::matches!(self.#ident, ::core::option::Option::Some(true))
            }
        }
        IsActive::Zero(field) => {
            let ident = field.ident;
            quote_spanned!(field.ty.span()=> self.#ident == 0)
        }
        IsActive::SomeZero(field) => {
            let ident = field.ident;
            quote_spanned! {field.ty.span()=>
                ::core::matches!(self.#ident, ::core::option::Option::Some(0))
            }
        }
    };
    let key = resolved.lifecycle.key();
    let item = implementation(model, table, marker, key.as_ref(), &body);
    let lifecycle = resolved.lifecycle.implementation(model);
    quote! {
        const _: () = { #tracked };
        #lifecycle
        #item
    }
}

/// `impl SoftDeletable`.
pub(super) fn implementation(
    model: &Model<'_>,
    table: &str,
    marker: &str,
    key: Option<&TokenStream>,
    body: &TokenStream,
) -> TokenStream {
    let krate = krate(model);
    let key = key.map_or_else(|| quote!(#krate::NoKey), Clone::clone);
    let ident = model.ident;
    let (impl_generics, type_generics, where_clause) = model.generics.split_for_impl();
    quote! {
        #[automatically_derived]
        impl #impl_generics #krate::SoftDeletable for #ident #type_generics #where_clause {
            type Key = #key;

            const TABLE: &'static ::core::primitive::str = #table;
            const MARKER: &'static ::core::primitive::str = #marker;

            fn is_active(&self) -> ::core::primitive::bool {
                #body
            }
        }
    }
}

/// The path of the façade.
pub(super) fn krate(model: &Model<'_>) -> TokenStream {
    model
        .attributes
        .krate
        .as_ref()
        .map_or_else(|| quote!(::soft_delete), ToTokens::to_token_stream)
}
