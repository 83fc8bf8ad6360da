//! A model whose deleted rows have an age.

use proc_macro2::TokenStream;
use quote::quote;
use soft_delete_sql::{Schema, lifecycle::purge::purge};

use super::{ast::Model, expand::krate, valid::dotted};
use crate::{
    fault::Faults,
    purge::{database, table},
};

/// `impl Purgeable`; nothing for a table that cannot be purged by age, which is a fault where
/// soft-delete.toml gives it a retention.
pub(super) fn implementation(
    schema: &Schema,
    model: &Model<'_>,
    name: &str,
    faults: &mut Faults,
) -> TokenStream {
    let at = schema
        .tables
        .iter()
        .position(|table| dotted(&table.name) == name);
    let Some(at) = at else {
        return TokenStream::new();
    };
    let is_retained = schema.tables[at].settings.retention.is_some();
    let statements = match purge(schema, at) {
        Ok(statements) => statements,
        Err(fault) if is_retained => {
            faults.add(model.table_span(), &fault);
            return TokenStream::new();
        }
        Err(_) => return TokenStream::new(),
    };
    let krate = krate(model);
    let statements = table(&krate, &statements);
    let database = database(&krate, schema.dialect);
    let age = if is_retained {
        quote!(AgeKnown)
    } else {
        quote!(AgeMissing)
    };
    let ident = model.ident;
    let (impl_generics, type_generics, where_clause) = model.generics.split_for_impl();
    quote! {
        #[automatically_derived]
        impl #impl_generics #krate::Purgeable for #ident #type_generics #where_clause {
            type Database = #database;
            type Age = #krate::#age;
            const PURGE: &'static #krate::__private::purge::TablePurge = &#statements;
        }
    }
}
