//! `retention_plan!()`, and the statements of a purge as constants.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::quote;
use soft_delete_sql::{
    Dialect,
    lifecycle::purge::{Keys, Param, TablePurge, Text, retention_plan},
};

use crate::{environment::Environment, fault::Faults, schema, track};

/// The expansion of `retention_plan!()`; the tokens are `[$crate]`.
pub(crate) fn plan(tokens: TokenStream, environment: &Environment) -> TokenStream {
    let mut krate = quote!(::soft_delete);
    if let Some(TokenTree::Group(group)) = tokens.into_iter().next() {
        krate = group.stream();
    }
    let span = Span::call_site();
    let mut faults = Faults::default();
    let schema = match schema::load(environment) {
        Ok(schema) => schema,
        Err(unreadable) => {
            if unreadable.first_of(environment) {
                for error in unreadable.errors() {
                    faults.add(span, error);
                }
            } else {
                faults.add(span, &unreadable.again());
            }
            return refused(&faults, &TokenStream::new());
        }
    };
    let tracked = track::once(environment, &schema);
    match retention_plan(&schema) {
        Ok(plan) => {
            let database = database(&krate, schema.dialect);
            let tables = plan.tables.iter().map(|own| table(&krate, own));
            let is_cyclic = plan.is_cyclic;
            quote!({
                #tracked
                const TABLES: &[#krate::__private::purge::TablePurge] = &[#(#tables),*];
                #krate::RetentionPlan::<#database>::new(TABLES, #is_cyclic)
            })
        }
        Err(found) => {
            for fault in &found {
                faults.add(span, fault);
            }
            refused(&faults, &tracked)
        }
    }
}

fn refused(faults: &Faults, tracked: &TokenStream) -> TokenStream {
    let errors: Vec<TokenStream> = faults.iter().map(crate::fault::Fault::to_tokens).collect();
    if let Some((last, first)) = errors.split_last() {
        return quote!({ #tracked #(#first;)* #last });
    }
    quote!(::core::compile_error! { "retention_plan! could not be made" })
}

/// The driver of the dialect.
pub(crate) fn database(krate: &TokenStream, dialect: Dialect) -> TokenStream {
    let name = match dialect {
        Dialect::Postgres => "Postgres",
        Dialect::Sqlite => "Sqlite",
        Dialect::Mysql => "MySql",
    };
    let name = Ident::new(name, Span::call_site());
    quote!(#krate::__private::#name)
}

/// The statements of a table, as an expression.
pub(crate) fn table(krate: &TokenStream, purge: &TablePurge) -> TokenStream {
    let own = quote!(#krate::__private::purge);
    let (name, is_tree) = (&purge.table, purge.is_tree);
    let cutoff = option(purge.cutoff.as_ref().map(|text| sql(&own, text)));
    let cutoff_of_age = sql(&own, &purge.cutoff_of_age);
    let pick = sql(&own, &purge.pick);
    let keys = match purge.keys {
        Keys::Array => quote!(Array),
        Keys::Json => quote!(Json),
        Keys::Range => quote!(Range),
    };
    let recheck = option(purge.recheck.as_ref().map(|text| sql(&own, text)));
    let names = sql(&own, &purge.names);
    let steps = |texts: &[Text]| {
        let texts = texts.iter().map(|text| sql(&own, text));
        quote!(&[#(#texts),*])
    };
    let plain = steps(&purge.plain);
    let audited = option(purge.audited.as_deref().map(steps));
    let snapshot = option(purge.snapshot.as_deref().map(steps));
    let walk = option(purge.walk.as_ref().map(|walk| {
        let sql = |text: &Text| sql(&own, text);
        let (extent, claim) = (sql(&walk.extent), sql(&walk.claim));
        let plain = sql(&walk.plain);
        let audited = option(walk.audited.as_ref().map(sql));
        let snapshot = option(walk.snapshot.as_ref().map(sql));
        quote! {
            #own::Walk {
                extent: #extent,
                claim: #claim,
                plain: #plain,
                audited: #audited,
                snapshot: #snapshot,
            }
        }
    }));
    let (may_stay, tally) = (purge.may_stay, sql(&own, &purge.tally));
    let blockers = &purge.blockers;
    quote! {
        #own::TablePurge {
            table: #name,
            is_tree: #is_tree,
            cutoff: #cutoff,
            cutoff_of_age: #cutoff_of_age,
            pick: #pick,
            keys: #own::Keys::#keys,
            recheck: #recheck,
            names: #names,
            plain: #plain,
            audited: #audited,
            snapshot: #snapshot,
            walk: #walk,
            may_stay: #may_stay,
            tally: #tally,
            blockers: &[#(#blockers),*],
        }
    }
}

fn option(value: Option<TokenStream>) -> TokenStream {
    value.map_or_else(
        || quote!(::core::option::Option::None),
        |value| quote!(::core::option::Option::Some(#value)),
    )
}

fn sql(own: &TokenStream, text: &Text) -> TokenStream {
    let params = text.params.iter().map(|param| {
        let name = match param {
            Param::Cutoff => quote!(Cutoff),
            Param::Age => quote!(Age),
            Param::From => quote!(From),
            Param::To => quote!(To),
            Param::Limit => quote!(Limit),
            Param::Keys => quote!(Keys),
            Param::Run => quote!(Run),
            Param::Part => quote!(Part),
        };
        quote!(#own::Param::#name)
    });
    let text = &text.sql;
    quote!(#own::Sql { text: #text, params: &[#(#params),*] })
}
