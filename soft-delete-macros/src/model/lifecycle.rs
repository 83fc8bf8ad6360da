//! The key of a model and the statements of its operations.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use soft_delete_sql::{
    Diagnostic, Dialect, Schema,
    lifecycle::{Plan, plan, record},
    schema::Table,
};
use syn::{GenericArgument, PathArguments, Type};

use super::{
    ast::{Field, Model},
    keyless,
};
use crate::{plan::plan_tokens, purge::database};

/// What the operations of a model need to know.
pub(super) struct Lifecycle<'a> {
    dialect: Dialect,
    /// The statements and the fields of the primary key, in its order; or why there are none.
    keyed: Result<(Plan, Vec<&'a Field<'a>>), Diagnostic>,
    actor: Actor,
    has_reason: bool,
    keeps_operation: bool,
    keeps_moment: bool,
}

/// Who deletes a row.
enum Actor {
    /// The table does not record it.
    None,
    /// Its type, and whether it must be said.
    Of(TokenStream, bool),
}

/// The lifecycle of a model.
pub(super) fn lifecycle<'a>(schema: &Schema, model: &'a Model<'a>, table: usize) -> Lifecycle<'a> {
    let own = &schema.tables[table];
    let field = |column: &String| {
        model
            .fields
            .iter()
            .find(|field| field.is_column() && schema.dialect.fold_quoted(&field.column) == *column)
    };
    let key: Option<Vec<&Field<'_>>> = own.primary_key.iter().map(field).collect();
    let keyed = match (plan(schema, table), key) {
        (Some(plan), Some(key)) => Ok((plan, key)),
        _ => Err(keyless::fault(schema, model, own)),
    };
    Lifecycle {
        dialect: schema.dialect,
        keyed,
        actor: actor(schema, model, own),
        has_reason: record::column(own, record::REASON).is_some(),
        keeps_operation: record::column(own, record::OPERATION).is_some(),
        keeps_moment: own
            .marker
            .as_ref()
            .is_some_and(|marker| record::is_moment(own, marker)),
    }
}

fn actor(schema: &Schema, model: &Model<'_>, table: &Table) -> Actor {
    let Some(column) = record::column(table, record::ACTOR) else {
        return Actor::None;
    };
    let required = table.settings.require_actor.unwrap_or(schema.require_actor);
    let field = model.fields.iter().find(|field| {
        field.is_column() && schema.dialect.fold_quoted(&field.column) == record::ACTOR
    });
    let ty = match (&model.attributes.actor, field) {
        (Some(actor), _) => quote!(#actor),
        (None, Some(field)) => {
            let ty = inside_option(field.ty);
            quote!(#ty)
        }
        (None, None) => match of_column(schema.dialect, &column.sql_type) {
            Some("i64") => quote!(::core::primitive::i64),
            Some("i32") => quote!(::core::primitive::i32),
            Some(_) => quote!(::std::string::String),
            None => {
                let krate = super::expand::krate(model);
                quote!(#krate::UnknownActor)
            }
        },
    };
    Actor::Of(ty, required)
}

/// `T` of `Option<T>`.
fn inside_option(ty: &Type) -> &Type {
    if let Type::Path(path) = ty
        && let Some(last) = path.path.segments.last()
        && last.ident == "Option"
        && let PathArguments::AngleBracketed(arguments) = &last.arguments
        && let Some(GenericArgument::Type(inside)) = arguments.args.first()
    {
        return inside;
    }
    ty
}

/// The type that sqlx has for a column, where there is one only and it needs no feature.
pub(super) fn of_column(dialect: Dialect, sql_type: &str) -> Option<&'static str> {
    let base = sql_type.split('(').next().unwrap_or_default().trim();
    Some(match (dialect, base) {
        (_, "bigint" | "int8") | (Dialect::Sqlite, "integer" | "int") => "i64",
        (_, "integer" | "int" | "int4") => "i32",
        (_, "text" | "varchar" | "character varying") => "String",
        _ => return None,
    })
}

impl Lifecycle<'_> {
    /// The type of the key; `None` where the model does not hold it.
    pub(super) fn key(&self) -> Option<TokenStream> {
        let (_, fields) = self.keyed.as_ref().ok()?;
        Some(if let [only] = fields.as_slice() {
            only.ty.to_token_stream()
        } else {
            let types = fields.iter().map(|field| field.ty);
            quote!((#(#types),*))
        })
    }

    /// `impl Model` and `impl KeyedBy`.
    pub(super) fn implementation(&self, model: &Model<'_>) -> TokenStream {
        let krate = super::expand::krate(model);
        let ident = model.ident;
        let (impl_generics, type_generics, _) = model.generics.split_for_impl();
        let own = predicates(model);
        let database = database(&krate, self.dialect);
        let (actor, records_actor) = match &self.actor {
            Actor::None => (quote!(#krate::NoActor), quote!(#krate::NoActor)),
            Actor::Of(ty, true) => (ty.clone(), quote!(#krate::RequiresActor)),
            Actor::Of(ty, false) => (ty.clone(), quote!(#krate::TakesActor)),
        };
        let records_reason = if self.has_reason {
            quote!(#krate::TakesReason)
        } else {
            quote!(#krate::NoReason)
        };
        let [keeps_operation, keeps_moment] =
            [self.keeps_operation, self.keeps_moment].map(|kept| {
                if kept {
                    quote!(#krate::Kept)
                } else {
                    quote!(#krate::NotKept)
                }
            });
        let types = quote! {
            type Database = #database;
            type Actor = #actor;
            type RecordsActor = #records_actor;
            type RecordsReason = #records_reason;
            type KeepsOperation = #keeps_operation;
            type KeepsMoment = #keeps_moment;
        };
        let (plan, fields) = match &self.keyed {
            Ok(keyed) => keyed,
            Err(fault) => return keyless::implementation(model, &types, fault),
        };
        let plan = plan_tokens(plan, fields.len(), &quote!(#krate::__private));
        let key = self.key();
        let names: Vec<_> = fields.iter().map(|field| field.ident).collect();
        let field_types: Vec<_> = fields.iter().map(|field| field.ty).collect();
        let (value, bind) = if let [only] = names.as_slice() {
            (
                quote!(::core::clone::Clone::clone(&row.#only)),
                quote!(binder.column(key);),
            )
        } else {
            let at = (0..names.len()).map(syn::Index::from);
            (
                quote!((#(::core::clone::Clone::clone(&row.#names)),*)),
                quote!(#(binder.column(&key.#at);)*),
            )
        };
        // A bound with a lifetime of its own is looked at where the operation is used, not here: a
        // model of which only queries are made need not meet it.
        let bounds = quote! {
            #own
            for<'r> Self: 'static,
            #(
                for<'r> #field_types: ::core::clone::Clone + ::core::marker::Send
                    + ::core::marker::Sync + 'static,
                for<'r> &'r #field_types: #krate::__private::Encode<'r, #database>
                    + #krate::__private::Type<#database>,
            )*
        };
        quote! {
            #[automatically_derived]
            impl #impl_generics #krate::Model for #ident #type_generics
            where
                #bounds
            {
                #types

                const PLAN: &'static #krate::__private::Plan = &#plan;

                fn bind_key(
                    key: &Self::Key,
                    binder: &mut #krate::__private::KeyBinder<'_, Self::Database>,
                ) {
                    #bind
                }
            }

            #[automatically_derived]
            impl #impl_generics #krate::KeyedBy<#key> for #ident #type_generics
            where
                #bounds
            {
                fn into_key(key: #key) -> Self::Key {
                    key
                }

                fn key_of(row: &Self) -> #key {
                    #value
                }
            }
        }
    }
}

/// The conditions of the struct itself.
pub(super) fn predicates(model: &Model<'_>) -> TokenStream {
    let predicates = model.generics.where_clause.iter();
    let predicates = predicates.flat_map(|clause| &clause.predicates);
    quote!(#(#predicates,)*)
}
