//! `#[derive(SoftDeletable)]`: attributes and fields to a model, the model against the schema.

mod ast;
mod attr;
mod expand;
mod fallback;
mod keyless;
mod lifecycle;
mod marker;
mod name;
mod personal;
mod purge;
#[cfg(test)]
mod tests;
mod valid;

use proc_macro2::TokenStream;
use syn::DeriveInput;

use crate::{environment::Environment, fault::Faults, schema, track};

/// The expansion of one derive.
pub(crate) fn expand(tokens: TokenStream, environment: &Environment) -> TokenStream {
    let input = match syn::parse2::<DeriveInput>(tokens) {
        Ok(input) => input,
        Err(error) => return error.into_compile_error(),
    };
    let mut faults = Faults::default();
    let model = ast::Model::read(&input, &mut faults);
    let schema = match schema::load(environment) {
        Ok(schema) => schema,
        Err(unreadable) => {
            if unreadable.first_of(environment) {
                for error in unreadable.errors() {
                    faults.add(input.ident.span(), error);
                }
            }
            return fallback::stub(&model, None, &faults, &TokenStream::new());
        }
    };
    let tracked = track::once(environment, &schema);
    let resolved = valid::resolve(&schema, &model, &mut faults);
    let purge = resolved
        .as_ref()
        .map(|resolved| purge::implementation(&schema, &model, &resolved.table, &mut faults));
    match resolved {
        Some(resolved) if faults.is_empty() => {
            let mut items = expand::derive(&model, &resolved, &tracked);
            items.extend(purge);
            items
        }
        _ => fallback::stub(&model, Some(schema.dialect), &faults, &tracked),
    }
}
