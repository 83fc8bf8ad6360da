//! Verdicts to tokens.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use soft_delete_sql::{
    Dialect, Schema,
    scope::{Model, Operation, OperationBind, Verb},
};
use syn::{Expr, LitStr, Type, spanned::Spanned};

use super::{
    call::{Call, Head, Output, row_name},
    compact::compact,
    rules::place,
    typecheck,
    verdict::{Variant, Verdict},
};
use crate::{
    environment::Environment, fault::Faults, plan::Out, schema::Unreadable, track, warning,
};

/// A call that may run.
pub(super) fn query(
    schema: &Schema,
    call: &Call,
    verdict: &Verdict,
    tracked: &TokenStream,
) -> TokenStream {
    let Some(sql) = &call.sql else {
        return faults(call, &Faults::default(), tracked);
    };
    let krate = &call.krate;
    // Located at the SQL, resolved in the macro: errors point there, lints know it is generated.
    let span = sql.span().resolved_at(Span::mixed_site());
    let file = sql.tracked().map(track::file);
    let models = models(call, verdict);
    let typecheck = typecheck::dead_code(schema, call, verdict);
    let warnings = verdict
        .warnings
        .iter()
        .filter(|found| warning::is_shown(found.code))
        .map(|warning| warning::tokens(sql.span(), warning, &sql.text));

    let binds: Vec<&Expr> = call.binds.iter().flatten().map(uncast).collect();
    let names: Vec<Ident> = binds
        .iter()
        .enumerate()
        .map(|(at, bind)| {
            format_ident!("a{at}", span = bind.span().resolved_at(Span::mixed_site()))
        })
        .collect();
    let values = binds
        .iter()
        .map(|bind| quote_spanned!(bind.span()=> &(#bind)));
    let visibility = call
        .head
        .visibility()
        .map(|value| quote_spanned!(value.span()=> #krate::__private::visibility(#value),));
    let scope = call
        .head
        .visibility()
        .map(|_| quote_spanned!(span=> scope,));
    let text = text(call, verdict, span);
    let database = database(schema.dialect, krate, span);
    let binder = binder(schema, call, verdict, &database, &names, &text, span);
    quote_spanned! {span=> {
        #tracked
        #file
        #models
        #(#warnings)*
        #typecheck
        let query = match (#visibility #(#values,)*) {
            (#scope #(#names,)*) => #binder,
        };
        query
    }}
}

/// `expr as _` tells sqlx not to compare the type; what is bound is `expr`.
fn uncast(bind: &Expr) -> &Expr {
    match bind {
        Expr::Cast(cast) if matches!(*cast.ty, Type::Infer(_)) => &cast.expr,
        bind => bind,
    }
}

fn binder(
    schema: &Schema,
    call: &Call,
    verdict: &Verdict,
    database: &TokenStream,
    names: &[Ident],
    text: &TokenStream,
    span: Span,
) -> TokenStream {
    let krate = &call.krate;
    let operation = verdict
        .variants
        .first()
        .and_then(|(_, variant)| variant.scoped())
        .and_then(|scoped| scoped.operation.as_ref());
    let binds = names
        .iter()
        .map(|name| quote_spanned!(name.span()=> .bind(#name)));
    if let Some(operation) = operation {
        let records = records(schema, operation, krate, span);
        return quote_spanned! {span=>
            #krate::__private::OperationBinder::<#database>::new() #(#binds)*
        }
        .into_iter()
        .chain(operation_call(operation, text, &records, krate, span))
        .collect();
    }
    let end = match &call.head {
        Head::Row(row) => rows(&row.ty, text, span),
        Head::Word(_, _, Some(output)) | Head::Output(output, _) => match output {
            Output::Rows(ty) => rows(ty, text, span),
            Output::Scalar => quote_spanned!(span=> .scalar(#text)),
        },
        Head::Absent | Head::Word(_, _, None) => quote_spanned!(span=> .execute(#text)),
    };
    quote_spanned!(span=> #krate::__private::Binder::<#database>::new() #(#binds)* #end)
}

/// A type that does not decode is shown at the type, not at the SQL.
fn rows(ty: &Type, text: &TokenStream, span: Span) -> TokenStream {
    let mut tokens = quote_spanned!(ty.span()=> .rows::<#ty>);
    tokens.extend(quote_spanned!(span=> (#text)));
    tokens
}

fn records(schema: &Schema, operation: &Operation, krate: &TokenStream, span: Span) -> TokenStream {
    let has = |bind| operation.binds.contains(&bind);
    let required = schema
        .tables
        .get(operation.table_index)
        .and_then(|table| table.settings.require_actor)
        .unwrap_or(schema.require_actor);
    let actor = match (has(OperationBind::Actor), required) {
        (true, true) => "RequiresActor",
        (true, false) => "TakesActor",
        (false, _) => "NoActor",
    };
    let reason = if has(OperationBind::Reason) {
        "TakesReason"
    } else {
        "NoReason"
    };
    let (actor, reason) = (Ident::new(actor, span), Ident::new(reason, span));
    quote_spanned!(span=> #krate::__private::#actor, #krate::__private::#reason)
}

fn operation_call(
    operation: &Operation,
    text: &TokenStream,
    records: &TokenStream,
    krate: &TokenStream,
    span: Span,
) -> TokenStream {
    let records_id = operation.binds.contains(&OperationBind::OperationId);
    if operation.stages.is_empty() && operation.verb != Verb::Restore {
        return quote_spanned!(span=> .operation::<#records>(#text, #records_id));
    }
    let private = quote_spanned!(span=> #krate::__private);
    let out = Out { private: &private };
    let (before, stages) = (out.steps(&operation.before), out.stages(&operation.stages));
    let table = &operation.table;
    let kind = match operation.verb {
        Verb::SoftDelete => "SoftDelete",
        Verb::Purge => "Purge",
        Verb::Erase => "Erase",
        Verb::Restore => "Restore",
    };
    let kind = Ident::new(kind, span);
    quote_spanned! {span=>
        .followed::<#records>(#text, #records_id, const {
            &#private::Follow {
                table: #table,
                kind: #private::Kind::#kind,
                before: #before,
                stages: #stages,
            }
        })
    }
}

/// The text that runs, chosen by the visibility where there is one.
fn text(call: &Call, verdict: &Verdict, span: Span) -> TokenStream {
    let literal = |variant: &Variant| {
        let text = match variant {
            Variant::Checked { scoped, .. } => &scoped.sql,
            Variant::AsWritten(sql) => sql,
        };
        LitStr::new(text, span).into_token_stream()
    };
    let krate = &call.krate;
    let arms: Vec<TokenStream> = verdict
        .variants
        .iter()
        .filter_map(|(scope, variant)| {
            let visibility = Ident::new(row_name((*scope)?), span);
            let text = literal(variant);
            Some(quote_spanned!(span=> #krate::Visibility::#visibility => #text,))
        })
        .collect();
    if let [(None, variant)] = verdict.variants.as_slice() {
        return literal(variant);
    }
    quote_spanned!(span=> match scope { #(#arms)* })
}

fn database(dialect: Dialect, krate: &TokenStream, span: Span) -> TokenStream {
    let name = match dialect {
        Dialect::Postgres => "Postgres",
        Dialect::Sqlite => "Sqlite",
        Dialect::Mysql => "MySql",
    };
    let name = Ident::new(name, span);
    quote_spanned!(span=> #krate::__private::#name)
}

/// The table and the marker that the query yields are those of the type named in the call.
fn models(call: &Call, verdict: &Verdict) -> Option<TokenStream> {
    let Head::Row(row) = &call.head else {
        return None;
    };
    let model = verdict
        .variants
        .iter()
        .find_map(|(_, variant)| variant.scoped()?.model.as_ref())?;
    Some(model_is(&row.model, model, &call.krate))
}

fn model_is(ty: &Type, model: &Model, krate: &TokenStream) -> TokenStream {
    let name = compact(ty);
    let (table, marker) = (&model.table, &model.marker);
    let wrong_table = format!(
        "`{name}` is not the model of `{table}`, the table whose marker this query returns [SD025]"
    );
    let wrong_marker = format!(
        "`{name}` does not read its marker from `{marker}`, the column that this query returns [SD025]"
    );
    let span = ty.span();
    let ty = without_lifetimes(ty.to_token_stream());
    let check = |constant: Ident, expected: &str, message: &str| {
        // A type that is no model, and the stand-in for a model that does not compile, have empty
        // names: their fault is told elsewhere.
        quote_spanned! {span=>
            let _: [(); {
                use #krate::__private::NoModel as _;
                const NAME: &::core::primitive::str = #krate::__private::ModelOf::<#ty>::#constant;
                if !NAME.is_empty() && !#krate::__private::same(NAME, #expected) {
                    ::core::panic!("{}", #message)
                }
                0
            }] = [];
        }
    };
    let table = check(Ident::new("TABLE", span), table, &wrong_table);
    let marker = check(Ident::new("MARKER", span), marker, &wrong_marker);
    quote!(#table #marker)
}

/// A call that may not run: its errors, and nothing else to complain about. The value is an
/// error, so that the code around it is not blamed.
pub(super) fn faults(call: &Call, faults: &Faults, tracked: &TokenStream) -> TokenStream {
    let file = call
        .sql
        .as_ref()
        .and_then(super::sql::Sql::tracked)
        .map(track::file);
    let used = used(call);
    let errors: Vec<TokenStream> = faults.iter().map(crate::fault::Fault::to_tokens).collect();
    let Some((last, first)) = errors.split_last() else {
        // Fail closed: no verdict and no fault is a fault of ours.
        return quote!(::core::compile_error! { "soft_query! could not judge this call" });
    };
    quote!({
        #tracked
        #file
        #used
        #(#first;)*
        #last
    })
}

/// Uses the arguments and the types, lest their variables and imports be called unused.
fn used(call: &Call) -> TokenStream {
    let values = call.binds.iter().flatten().map(uncast);
    let visibility = call.head.visibility().into_iter();
    let ty = match &call.head {
        // `Actve<T>` names no type, and is told already.
        Head::Row(row) => {
            let spelled = compact(&row.ty).contains(&format!("{}<", row_name(row.scope)));
            spelled.then_some(&row.ty)
        }
        Head::Word(_, _, Some(Output::Rows(ty))) | Head::Output(Output::Rows(ty), _) => Some(&**ty),
        Head::Absent | Head::Word(..) | Head::Output(..) => None,
    };
    let ty = ty.into_iter();
    quote! {
        #(let _ = ::core::marker::PhantomData::<#ty>;)*
        let _ = (#(&(#visibility),)* #(&(#values),)*);
    }
}

/// A call whose schema cannot be read. The first of a crate says why; the others have the type
/// that they would have, and never run.
pub(super) fn without_schema(
    call: &Call,
    found: &Faults,
    unreadable: &Unreadable,
    environment: &Environment,
) -> TokenStream {
    let mut all = Faults::default();
    for fault in found.iter() {
        all.push(fault.clone());
    }
    let first = unreadable.first_of(environment);
    if first {
        for error in unreadable.errors() {
            all.add(place(call), error);
        }
    }
    if !all.is_empty() {
        return faults(call, &all, &TokenStream::new());
    }
    let krate = &call.krate;
    let &[dialect] = environment.features.as_slice() else {
        all.add(place(call), &unreadable.again());
        return faults(call, &all, &TokenStream::new());
    };
    let database = database(dialect, krate, Span::mixed_site());
    let output = match &call.head {
        Head::Row(row) => row.ty.to_token_stream(),
        Head::Word(_, _, Some(Output::Rows(ty))) | Head::Output(Output::Rows(ty), _) => {
            ty.to_token_stream()
        }
        Head::Word(_, _, Some(Output::Scalar)) | Head::Output(Output::Scalar, _) => quote!(_),
        Head::Absent | Head::Word(_, _, None) => quote!(#krate::NoRows),
    };
    let ty = if call.head.verb().is_some() {
        quote!(#krate::Operation<#database, #krate::__private::TakesActor, #krate::__private::TakesReason>)
    } else {
        quote!(#krate::ScopedQuery<#database, #output>)
    };
    let used = used(call);
    quote!({
        fn unreadable<T>() -> T {
            ::core::panic!("the schema of this query could not be read when it was compiled")
        }
        #used
        unreadable::<#ty>()
    })
}

/// A type whose lifetimes are all `'static`: those of a function have no meaning in a constant.
fn without_lifetimes(tokens: TokenStream) -> TokenStream {
    let mut after_tick = false;
    tokens
        .into_iter()
        .map(|token| match token {
            TokenTree::Ident(ident) if std::mem::take(&mut after_tick) => {
                TokenTree::Ident(Ident::new("static", ident.span()))
            }
            TokenTree::Punct(punct) => {
                after_tick = punct.as_char() == '\'';
                TokenTree::Punct(punct)
            }
            TokenTree::Group(group) => TokenTree::Group(proc_macro2::Group::new(
                group.delimiter(),
                without_lifetimes(group.stream()),
            )),
            token => token,
        })
        .collect()
}
