//! The key of a model and the statements of its operations.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use soft_delete_sql::{
    Dialect, Schema,
    lifecycle::{Plan, plan, record},
    schema::Table,
};
use syn::{GenericArgument, PathArguments, Type};

use super::ast::{Field, Model};
use crate::plan::plan_tokens;

/// What the operations of a model need to know.
pub(super) struct Lifecycle<'a> {
    dialect: Dialect,
    plan: Plan,
    /// The fields of the primary key, in its order.
    key: Vec<&'a Field<'a>>,
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

/// The lifecycle of a model; `None` where it does not hold the key of its table.
pub(super) fn lifecycle<'a>(
    schema: &Schema,
    model: &'a Model<'a>,
    table: usize,
) -> Option<Lifecycle<'a>> {
    let own = &schema.tables[table];
    let field = |column: &String| {
        model
            .fields
            .iter()
            .find(|field| field.is_column() && schema.dialect.fold_quoted(&field.column) == *column)
    };
    let key: Option<Vec<&Field<'_>>> = own.primary_key.iter().map(field).collect();
    Some(Lifecycle {
        dialect: schema.dialect,
        plan: plan(schema, table)?,
        key: key?,
        actor: actor(schema, model, own),
        has_reason: record::column(own, record::REASON).is_some(),
        keeps_operation: record::column(own, record::OPERATION).is_some(),
        keeps_moment: own
            .marker
            .as_ref()
            .is_some_and(|marker| record::is_moment(own, marker)),
    })
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
        (None, None) => of_column(schema.dialect, &column.sql_type, model),
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
fn of_column(dialect: Dialect, sql_type: &str, model: &Model<'_>) -> TokenStream {
    let base = sql_type.split('(').next().unwrap_or_default().trim();
    match (dialect, base) {
        (_, "bigint" | "int8") | (Dialect::Sqlite, "integer" | "int") => {
            quote!(::core::primitive::i64)
        }
        (_, "integer" | "int" | "int4") => quote!(::core::primitive::i32),
        (_, "text" | "varchar" | "character varying") => quote!(::std::string::String),
        _ => {
            let krate = super::expand::krate(model);
            quote!(#krate::UnknownActor)
        }
    }
}

impl Lifecycle<'_> {
    /// The type of the key.
    pub(super) fn key(&self) -> TokenStream {
        match self.key.as_slice() {
            [only] => {
                let ty = only.ty;
                quote!(#ty)
            }
            fields => {
                let types = fields.iter().map(|field| field.ty);
                quote!((#(#types),*))
            }
        }
    }

    /// `impl Lifecycle`.
    pub(super) fn implementation(&self, model: &Model<'_>) -> TokenStream {
        let krate = super::expand::krate(model);
        let ident = model.ident;
        let (impl_generics, type_generics, where_clause) = model.generics.split_for_impl();
        let own = where_clause.map(|clause| {
            let predicates = clause.predicates.iter();
            quote!(#(#predicates,)*)
        });
        let database = format_ident!(
            "{}",
            match self.dialect {
                Dialect::Postgres => "Postgres",
                Dialect::Sqlite => "Sqlite",
                Dialect::Mysql => "MySql",
            }
        );
        let database = quote!(#krate::__private::#database);
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
        let fields: Vec<_> = self.key.iter().map(|field| field.ident).collect();
        let types = self.key.iter().map(|field| field.ty);
        let (key, bind) = if let [only] = fields.as_slice() {
            (
                quote!(::core::clone::Clone::clone(&self.#only)),
                quote!(binder.column(key);),
            )
        } else {
            let at = (0..fields.len()).map(syn::Index::from);
            (
                quote!((#(::core::clone::Clone::clone(&self.#fields)),*)),
                quote!(#(binder.column(&key.#at);)*),
            )
        };
        let plan = plan_tokens(&self.plan, self.key.len(), &quote!(#krate::__private));
        // A bound with a lifetime of its own is looked at where the operation is used, not here: a
        // model of which only queries are made need not meet it.
        quote! {
            #[automatically_derived]
            impl #impl_generics #krate::Lifecycle for #ident #type_generics
            where
                #own
                Self: for<'r> #krate::__private::FromRow<
                    'r,
                    <#database as #krate::__private::Database>::Row,
                >,
                for<'r> Self: ::core::marker::Send + ::core::marker::Unpin + 'static,
                #(
                    for<'r> #types: ::core::clone::Clone + ::core::marker::Send
                        + ::core::marker::Sync + 'static,
                    for<'r> &'r #types: #krate::__private::Encode<'r, #database>
                        + #krate::__private::Type<#database>,
                )*
            {
                type Database = #database;
                type Actor = #actor;
                type RecordsActor = #records_actor;
                type RecordsReason = #records_reason;
                type KeepsOperation = #keeps_operation;
                type KeepsMoment = #keeps_moment;

                const PLAN: &'static #krate::__private::Plan = &#plan;

                fn key(&self) -> Self::Key {
                    #key
                }

                fn bind_key(
                    key: &Self::Key,
                    binder: &mut #krate::__private::KeyBinder<'_, Self::Database>,
                ) {
                    #bind
                }
            }
        }
    }
}
