//! A model, as written.

use proc_macro2::{Ident, Span};
use soft_delete_sql::{Code, Diagnostic};
use syn::{Data, DeriveInput, Fields, Generics, Type, ext::IdentExt, spanned::Spanned};

use super::attr::{FieldAttributes, StructAttributes};
use crate::fault::Faults;

/// A struct that is to be a model.
pub(super) struct Model<'a> {
    /// Its name.
    pub(super) ident: &'a Ident,
    /// Its generics.
    pub(super) generics: &'a Generics,
    /// Its attributes.
    pub(super) attributes: StructAttributes,
    /// Its fields.
    pub(super) fields: Vec<Field<'a>>,
    /// False when it has no named fields at all, so that nothing can be said about them.
    pub(super) has_fields: bool,
}

/// A field.
pub(super) struct Field<'a> {
    /// Its name.
    pub(super) ident: &'a Ident,
    /// Its type.
    pub(super) ty: &'a Type,
    /// Its attributes.
    pub(super) attributes: FieldAttributes,
    /// The column that `sqlx::FromRow` reads it from.
    pub(super) column: String,
}

impl Field<'_> {
    /// Where it is named.
    pub(super) fn span(&self) -> Span {
        match &self.attributes.rename {
            Some(rename) => rename.span(),
            None => self.ident.span(),
        }
    }

    /// True when it stands for one column.
    pub(super) fn is_column(&self) -> bool {
        !self.attributes.skip && !self.attributes.flatten
    }
}

impl<'a> Model<'a> {
    pub(super) fn read(input: &'a DeriveInput, faults: &mut Faults) -> Self {
        let attributes = StructAttributes::read(&input.attrs, faults);
        let named = match &input.data {
            Data::Struct(data) => match &data.fields {
                Fields::Named(fields) => Some(fields),
                Fields::Unnamed(_) | Fields::Unit => None,
            },
            Data::Enum(_) | Data::Union(_) => None,
        };
        if named.is_none() {
            let what = match &input.data {
                Data::Struct(_) => "this struct has none",
                Data::Enum(_) => "this is an enum",
                Data::Union(_) => "this is a union",
            };
            faults.add(
                input.ident.span(),
                &Diagnostic::new(
                    Code::FieldMismatch,
                    format!("a model is a struct with named fields, and {what}"),
                )
                .help("write one field for each column: `struct Contact { id: i64, … }`"),
            );
        }
        let fields = named.into_iter().flat_map(|fields| &fields.named);
        let fields = fields
            .filter_map(|field| {
                let ident = field.ident.as_ref()?;
                let own = FieldAttributes::read(&field.attrs, faults);
                let column = match (&own.rename, attributes.rename_all) {
                    (Some(rename), _) => rename.value(),
                    (None, Some(case)) => case.apply(&ident.unraw().to_string()),
                    (None, None) => ident.unraw().to_string(),
                };
                Some(Field {
                    ident,
                    ty: &field.ty,
                    attributes: own,
                    column,
                })
            })
            .collect();
        Self {
            ident: &input.ident,
            generics: &input.generics,
            attributes,
            fields,
            has_fields: named.is_some(),
        }
    }

    /// Where the table is named.
    pub(super) fn table_span(&self) -> Span {
        self.attributes
            .table
            .as_ref()
            .map_or_else(|| self.ident.span(), Spanned::span)
    }
}
