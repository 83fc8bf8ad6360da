//! The key of a model and the statements of its operations.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use soft_delete_sql::{
    Dialect, Schema,
    lifecycle::{
        Change, Effect, KEYS, Param, Plan, Restore, Stage, Step, Text, Which, plan, record,
    },
    schema::Table,
};
use syn::{GenericArgument, PathArguments, Type};

use super::ast::{Field, Model};

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
        let plan = tokens(&self.plan, self.key.len(), &quote!(#krate::__private));
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

/// The plan as a constant.
fn tokens(plan: &Plan, columns: usize, private: &TokenStream) -> TokenStream {
    let out = Out { private };
    let table = &plan.table;
    let [row, state, lock_active] =
        [&plan.row, &plan.state, &plan.lock_active].map(|text| out.text(text));
    let [soft_delete, purge, erase] =
        [&plan.soft_delete, &plan.purge, &plan.erase].map(|change| out.change(change));
    let restore = out.restore(&plan.restore);
    quote! {
        #private::Plan {
            table: #table,
            row: #row,
            state: #state,
            lock_active: #lock_active,
            keys: (#KEYS, #columns),
            soft_delete: #soft_delete,
            restore: #restore,
            purge: #purge,
            erase: #erase,
        }
    }
}

/// Where the types of the plan are.
pub(crate) struct Out<'p> {
    pub(crate) private: &'p TokenStream,
}

impl Out<'_> {
    fn text(&self, text: &Text) -> TokenStream {
        let (private, sql, params) = (self.private, &text.sql, letters(&text.params));
        quote!(#private::Text { sql: #sql, params: #params })
    }

    fn texts(&self, texts: &[(Which, Text)]) -> TokenStream {
        let private = self.private;
        let texts = texts.iter().map(|(which, text)| {
            let which = format_ident!(
                "{}",
                match which {
                    Which::Key => "Key",
                    Which::Keys => "Keys",
                    Which::DeletedBy => "DeletedBy",
                    Which::Operation => "Operation",
                    Which::Between => "Between",
                }
            );
            let text = self.text(text);
            quote!((#private::Which::#which, #text))
        });
        quote!(&[#(#texts),*])
    }

    fn step(&self, step: &Step) -> TokenStream {
        let (private, table, text) = (self.private, &step.table, self.text(&step.text));
        let effect = format_ident!(
            "{}",
            match step.effect {
                Effect::Change => "Change",
                Effect::Detach => "Detach",
                Effect::Reattach => "Reattach",
                Effect::Mark => "Mark",
                Effect::Lock => "Lock",
                Effect::Restricted => "Restricted",
                Effect::ParentDeleted => "ParentDeleted",
                Effect::Orphaned => "Orphaned",
                Effect::Conflict => "Conflict",
            }
        );
        quote!(#private::Step { effect: #private::Effect::#effect, table: #table, text: #text })
    }

    fn steps(&self, steps: &[Step]) -> TokenStream {
        let steps = steps.iter().map(|step| self.step(step));
        quote!(&[#(#steps),*])
    }

    pub(crate) fn stages(&self, stages: &[Stage]) -> TokenStream {
        let private = self.private;
        let stages = stages.iter().map(|stage| match stage {
            Stage::Once(step) => {
                let step = self.step(step);
                quote!(#private::Stage::Once(#step))
            }
            Stage::Repeat(steps) => {
                let steps = self.steps(steps);
                quote!(#private::Stage::Repeat(#steps))
            }
            Stage::Collect(tables) => {
                let tables = tables.iter().map(|(table, text)| {
                    let text = self.text(text);
                    quote!((#table, #text))
                });
                quote!(#private::Stage::Collect(&[#(#tables),*]))
            }
        });
        quote!(&[#(#stages),*])
    }

    fn change(&self, change: &Change) -> TokenStream {
        let (private, returns) = (self.private, change.returns);
        let (roots, keys) = (self.texts(&change.roots), self.texts(&change.keys));
        let left = self.texts(&change.left);
        let (checks, stages) = (self.steps(&change.checks), self.stages(&change.stages));
        quote! {
            #private::Change {
                roots: #roots,
                keys: #keys,
                left: #left,
                returns: #returns,
                checks: #checks,
                stages: #stages,
            }
        }
    }

    fn restore(&self, restore: &Restore) -> TokenStream {
        let (private, change) = (self.private, self.change(&restore.change));
        let (before, stages) = (self.steps(&restore.before), self.stages(&restore.stages));
        let operation = restore.operation.as_ref().map_or_else(
            || quote!(::core::option::Option::None),
            |text| {
                let text = self.text(text);
                quote!(::core::option::Option::Some(#text))
            },
        );
        let twins = restore.twins.iter().map(|(name, text)| {
            let text = self.text(text);
            quote!((#name, #text))
        });
        quote! {
            #private::Restore {
                change: #change,
                before: #before,
                stages: #stages,
                operation: #operation,
                twins: &[#(#twins),*],
            }
        }
    }
}

/// A letter for each parameter, as `soft_delete_core::private` reads them.
fn letters(params: &[Param]) -> String {
    let mut letters = String::new();
    for param in params {
        letters.push(match param {
            // Many keys are bound one after the other, all at once.
            Param::Keys(0) => 'K',
            Param::Keys(_) => continue,
            Param::Key(at) => char::from(b'0' + u8::try_from(*at).unwrap_or(u8::MAX - b'0')),
            Param::Actor => 'a',
            Param::Reason => 'r',
            Param::Operation => 'o',
            Param::Selected => 's',
            Param::DeletedBy => 'b',
            Param::From => 'f',
            Param::Until => 'u',
        });
    }
    letters
}
