//! A model whose rows no operation can find: it can be queried, and each use of an operation says why not.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use soft_delete_sql::{Code, Diagnostic, Schema, fact, schema::Table};
use syn::parse_quote;

use super::{
    ast::Model,
    expand::krate,
    lifecycle::{of_column, predicates},
    valid::dotted,
};

/// Why the model has no operations.
pub(super) fn fault(schema: &Schema, model: &Model<'_>, table: &Table) -> Diagnostic {
    if table.primary_key.is_empty() {
        return fact::no_key(schema, table);
    }
    let name = dotted(&table.name);
    let has = |column: &&String| {
        let mut fields = model.fields.iter();
        fields
            .any(|field| field.is_column() && schema.dialect.fold_quoted(&field.column) == **column)
    };
    let missing: Vec<&String> = table.primary_key.iter().filter(|own| !has(own)).collect();
    let Some(first) = missing.first() else {
        let marker = table.marker.as_ref();
        let marker = marker.map_or("", |marker| marker.column.as_str());
        return Diagnostic::new(
            Code::MarkerType,
            format!("what a soft delete writes into `{marker}` of `{name}` is not known"),
        )
        .why("seconds, milliseconds and text look alike to the schema and not to your queries")
        .help(format!(
            "say it in soft-delete.toml:\n[tables.{name}]\nnow = \"unixepoch()\""
        ));
    };
    let columns = table.columns.iter();
    let fields = columns.filter(|column| missing.contains(&&column.name));
    let fields: Vec<String> = fields
        .map(|column| {
            let ty = of_column(schema.dialect, &column.sql_type);
            format!("{}: {},", column.name, ty.unwrap_or("…"))
        })
        .collect();
    let what = if missing.len() == table.primary_key.len() {
        "the primary key"
    } else {
        "a part of the primary key"
    };
    Diagnostic::new(
        Code::FieldMismatch,
        format!(
            "`{}` has no field for `{first}`, {what} of `{name}`",
            model.ident
        ),
    )
    .why("an operation finds its row by the primary key")
    .help(format!("add to the struct:\n{}", fields.join("\n")))
}

/// `impl Model`, and an `impl KeyedBy` whose condition never holds: what is told then is the text of the trait
/// in it.
pub(super) fn implementation(
    model: &Model<'_>,
    types: &TokenStream,
    fault: &Diagnostic,
) -> TokenStream {
    let text = fault.render("");
    // In a format string of rustc's.
    let message = text.replace('{', "{{").replace('}', "}}");
    let krate = krate(model);
    // At a place of the user's: of a derive rustc says that an implementation by hand would do.
    let condition = quote_spanned!(model.ident.span()=> for<'r> (): PrimaryKey,);
    let absent = quote!(<() as #krate::__private::Absent>::absent());
    let items = keyed_by_anything(model, types, &text, &condition, &absent);
    quote! {
        const _: () = {
            #[diagnostic::on_unimplemented(
                message = #message,
                label = "an operation on a row needs its key"
            )]
            pub trait PrimaryKey: #krate::__private::Absent {}

            // With one at least, rustc does not propose to write the first.
            #[diagnostic::do_not_recommend]
            impl<T: #krate::__private::Absent> PrimaryKey for T {}

            #items
        };
    }
}

/// `impl Model` without statements, and `impl KeyedBy` for every type under a condition.
pub(super) fn keyed_by_anything(
    model: &Model<'_>,
    types: &TokenStream,
    text: &str,
    condition: &TokenStream,
    absent: &TokenStream,
) -> TokenStream {
    let krate = krate(model);
    let ident = model.ident;
    let (impl_generics, type_generics, _) = model.generics.split_for_impl();
    let own = predicates(model);
    let mut keyed = model.generics.clone();
    keyed.params.push(parse_quote!(__Key));
    let (keyed_generics, _, _) = keyed.split_for_impl();
    quote! {
        #[automatically_derived]
        impl #impl_generics #krate::Model for #ident #type_generics
        where
            #own
            for<'r> Self: 'static,
        {
            #types

            // Nothing is compiled that asks for it.
            const PLAN: &'static #krate::__private::Plan = ::core::panic!(#text);

            fn bind_key(
                key: &Self::Key,
                _: &mut #krate::__private::KeyBinder<'_, Self::Database>,
            ) {
                match *key {}
            }
        }

        #[automatically_derived]
        impl #keyed_generics #krate::KeyedBy<__Key> for #ident #type_generics
        where
            #own
            for<'r> Self: 'static,
            #condition
        {
            fn into_key(_: __Key) -> Self::Key {
                #absent
            }

            fn key_of(_: &Self) -> __Key {
                #absent
            }
        }
    }
}
