//! `typecheck = true`: sqlx's own macros over every statement that the call can run, in dead code.

use proc_macro2::TokenStream;
use quote::quote_spanned;
use soft_delete_sql::Schema;
use syn::{Expr, LitStr, Type};

use super::{
    call::{Call, Head, Output},
    verdict::Verdict,
};

/// The dead code; empty when nothing is to be checked.
pub(super) fn dead_code(schema: &Schema, call: &Call, verdict: &Verdict) -> TokenStream {
    let Some(sql) = call.sql.as_ref().filter(|_| schema.typecheck) else {
        return TokenStream::new();
    };
    let span = sql.span();
    let binds = call.binds.as_deref().unwrap_or_default();
    let calls =
        verdict.variants.iter().filter_map(|(_, variant)| {
            let scoped = variant.scoped()?;
            let text = LitStr::new(variant.with_overrides()?, span);
            let ours = scoped.operation.iter().flat_map(|operation| &operation.binds).map(|_| {
            // Of whatever type the column has: `as _` keeps sqlx from comparing it.
            quote_spanned!(span=> ::core::option::Option::None::<::std::string::String> as _)
        });
            let arguments = arguments(schema, binds, ours.collect());
            let sqlx = match output(call) {
                Checks::As(ty) => quote_spanned!(span=> ::sqlx::query_as!(#ty, #text #arguments)),
                Checks::Scalar => quote_spanned!(span=> ::sqlx::query_scalar!(#text #arguments)),
                Checks::Statement => quote_spanned!(span=> ::sqlx::query!(#text #arguments)),
            };
            Some(quote_spanned!(span=> let _ = #sqlx;))
        });
    quote_spanned! {span=>
        #[allow(unreachable_code, unused, clippy::all, clippy::pedantic)]
        if false {
            #(#calls)*
        }
    }
}

enum Checks<'a> {
    As(&'a Type),
    Scalar,
    Statement,
}

fn output(call: &Call) -> Checks<'_> {
    let output = match &call.head {
        Head::Row(row) => return as_type(&row.model),
        Head::Output(output, _) => Some(output),
        Head::Word(_, _, output) => output.as_ref(),
        Head::Absent => None,
    };
    match output {
        Some(Output::Rows(ty)) => as_type(ty),
        Some(Output::Scalar) => Checks::Scalar,
        None => Checks::Statement,
    }
}

/// sqlx builds the row as a struct, field by field; a tuple is none.
fn as_type(ty: &Type) -> Checks<'_> {
    match ty {
        Type::Path(_) => Checks::As(ty),
        Type::Tuple(tuple) if tuple.elems.len() == 1 => Checks::Scalar,
        _ => Checks::Statement,
    }
}

/// The arguments in the order of the placeholders: ours come last, and in MySQL first.
fn arguments(schema: &Schema, binds: &[Expr], ours: Vec<TokenStream>) -> TokenStream {
    let theirs = binds
        .iter()
        .map(|bind| quote_spanned!(syn::spanned::Spanned::span(bind)=> #bind));
    let all: Vec<TokenStream> = if schema.dialect == soft_delete_sql::Dialect::Mysql {
        ours.into_iter().chain(theirs).collect()
    } else {
        theirs.chain(ours).collect()
    };
    quote::quote!(#(, #all)*)
}
