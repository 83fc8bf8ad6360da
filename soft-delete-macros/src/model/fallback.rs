//! What a model that does not fit expands to: its faults, and a stand-in so that the code that
//! uses it is not blamed too.

use proc_macro2::TokenStream;
use quote::quote;
use soft_delete_sql::Dialect;

use super::{
    ast::Model,
    expand::{implementation, krate},
    keyless::keyed_by_anything,
};
use crate::{
    fault::{Fault, Faults},
    purge::database,
};

/// The faults and the stand-in. Its empty names tell `soft_query!` not to compare them.
pub(super) fn stub(
    model: &Model<'_>,
    dialect: Option<Dialect>,
    faults: &Faults,
    tracked: &TokenStream,
) -> TokenStream {
    let krate = krate(model);
    let errors = faults.iter().map(Fault::to_tokens);
    let database = dialect.map_or_else(
        || quote!(#krate::__private::AnyDatabase),
        |dialect| database(&krate, dialect),
    );
    let unjudged = quote!(#krate::__private::Unjudged);
    let types = quote! {
        type Database = #database;
        type Actor = #unjudged;
        type RecordsActor = #unjudged;
        type RecordsReason = #unjudged;
        type KeepsOperation = #unjudged;
        type KeepsMoment = #unjudged;
    };
    let text = "the model does not compile";
    let absent = quote!(::core::unreachable!());
    let operations = keyed_by_anything(model, &types, text, &TokenStream::new(), &absent);
    let item = implementation(model, "", "", None, &quote!(false));
    let ident = model.ident;
    let (impl_generics, type_generics, where_clause) = model.generics.split_for_impl();
    quote! {
        const _: () = { #tracked };
        #(#errors)*
        #operations

        #[automatically_derived]
        impl #impl_generics #krate::Purgeable for #ident #type_generics #where_clause {
            type Database = #database;
            type Age = #krate::AgeKnown;
            const PURGE: &'static #krate::__private::purge::TablePurge = ::core::panic!(#text);
        }

        #item
    }
}
