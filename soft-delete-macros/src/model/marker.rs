//! What the field of the marker must satisfy.

use quote::ToTokens;
use soft_delete_sql::{
    Code, Diagnostic, Schema,
    schema::{Marker, MarkerKind, Table},
};
use syn::{ExprPath, GenericArgument, PathArguments, Type};

use super::{
    ast::{Field, Model},
    valid::dotted,
};
use crate::fault::Faults;

/// How a row is known to be live.
pub(super) enum IsActive<'a> {
    /// The function that the user named.
    Path(&'a ExprPath),
    /// The field is `None`.
    Null(&'a Field<'a>),
    /// The field is `false`.
    False(&'a Field<'a>),
    /// The field is not `Some(true)`: as `IS NOT TRUE` in SQL, NULL is live.
    NotTrue(&'a Field<'a>),
    /// The field is 0.
    Zero(&'a Field<'a>),
    /// The field is `Some(0)`.
    SomeZero(&'a Field<'a>),
}

/// How a row of the model is known to be live.
pub(super) fn is_active<'a>(
    schema: &Schema,
    model: &'a Model<'a>,
    table: &Table,
    marker: &Marker,
    faults: &mut Faults,
) -> Option<IsActive<'a>> {
    if let Some(path) = &model.attributes.is_active {
        return Some(IsActive::Path(path));
    }
    let name = dotted(&table.name);
    let attribute = "#[soft_delete(is_active = \"…\")]";
    if let Some(active) = &marker.active {
        faults.add(
            model.ident.span(),
            &Diagnostic::new(
                Code::FieldMismatch,
                format!("a row of `{name}` is live by more than its marker"),
            )
            .why(format!("soft-delete.toml says `active = \"{active}\"`"))
            .help(format!(
                "name a `fn(&{}) -> bool` that tests the same: `{attribute}`",
                model.ident
            )),
        );
        return None;
    }
    if !model.has_fields {
        return None;
    }
    let field = model
        .fields
        .iter()
        .filter(|field| field.is_column())
        .find(|field| schema.dialect.fold_quoted(&field.column) == marker.column);
    let Some(field) = field else {
        let ty = match marker.kind {
            MarkerKind::Timestamp => "Option<DateTime<Utc>>",
            MarkerKind::Boolean => "bool",
            MarkerKind::Integer => "i64",
        };
        let flat = model.fields.iter().any(|field| field.attributes.flatten);
        let help = if flat {
            format!(
                "where a flattened field holds it, name a `fn(&{}) -> bool`: `{attribute}`",
                model.ident
            )
        } else {
            format!("add it: `{}: {ty}`", marker.column)
        };
        faults.add(
            model.ident.span(),
            &Diagnostic::new(
                Code::FieldMismatch,
                format!("no field holds `{}`, the marker of `{name}`", marker.column),
            )
            .why("a row is checked to be live or deleted when it is decoded")
            .help(help),
        );
        return None;
    };
    let test = test(marker, field);
    if test.is_none() {
        wrong_type(&name, marker, field, faults);
    }
    test
}

/// How the field tells, by its type; `None` when it cannot.
fn test<'a>(marker: &Marker, field: &'a Field<'a>) -> Option<IsActive<'a>> {
    use Kind::{Boolean, Integer, Optional, Unknown};
    let kind = Kind::of(field.ty);
    // NULL would not decode.
    if marker.nullable && matches!(kind, Boolean | Integer) {
        return None;
    }
    Some(match (marker.kind, kind) {
        (MarkerKind::Timestamp, Optional(_) | Unknown) => IsActive::Null(field),
        (MarkerKind::Boolean | MarkerKind::Integer, Boolean) | (MarkerKind::Boolean, Unknown) => {
            IsActive::False(field)
        }
        (MarkerKind::Integer, Integer | Unknown) => IsActive::Zero(field),
        (MarkerKind::Boolean | MarkerKind::Integer, Optional(inner)) => match Kind::of(inner) {
            Boolean => IsActive::NotTrue(field),
            Integer if marker.kind == MarkerKind::Integer => IsActive::SomeZero(field),
            Unknown if marker.kind == MarkerKind::Boolean => IsActive::NotTrue(field),
            Unknown => IsActive::SomeZero(field),
            _ => return None,
        },
        _ => return None,
    })
}

fn wrong_type(table: &str, marker: &Marker, field: &Field<'_>, faults: &mut Faults) {
    let ty = spelled(field.ty);
    let column = &marker.column;
    let (is, help) = match marker.kind {
        MarkerKind::Timestamp => (
            "is NULL on live rows",
            format!("write `{}: Option<{ty}>`", field.ident),
        ),
        MarkerKind::Boolean if marker.nullable => (
            "is a boolean that may be NULL",
            format!("write `{}: Option<bool>`", field.ident),
        ),
        MarkerKind::Integer if marker.nullable => (
            "is an integer that may be NULL",
            format!("write `{}: Option<i64>`", field.ident),
        ),
        MarkerKind::Boolean => ("is a boolean", format!("write `{}: bool`", field.ident)),
        MarkerKind::Integer => (
            "is an integer, 0 on live rows",
            format!("write `{}: i64`", field.ident),
        ),
    };
    let help = if field.attributes.converted
        || (marker.kind == MarkerKind::Timestamp && matches!(Kind::of(field.ty), Kind::Boolean))
    {
        "name a function that tests it: `#[soft_delete(is_active = \"…\")]`".to_owned()
    } else {
        help
    };
    faults.add(
        syn::spanned::Spanned::span(field.ty),
        &Diagnostic::new(
            Code::FieldMismatch,
            format!("`{ty}` does not fit `{column}`, the marker of `{table}`, which {is}"),
        )
        .help(help),
    );
}

/// A type as it is shown.
pub(super) fn spelled(ty: &Type) -> String {
    ty.to_token_stream().to_string().replace(' ', "")
}

/// What is known of a type by its name alone: it may be an alias.
#[derive(Clone, Copy)]
pub(super) enum Kind<'a> {
    Optional(&'a Type),
    Boolean,
    Integer,
    /// Surely none of these.
    Other,
    Unknown,
}

impl<'a> Kind<'a> {
    /// True when no value of it stands for NULL.
    pub(super) const fn has_no_null(self) -> bool {
        matches!(self, Self::Boolean | Self::Integer | Self::Other)
    }

    pub(super) fn of(ty: &'a Type) -> Self {
        let path = match ty {
            Type::Path(path) if path.qself.is_none() => &path.path,
            Type::Group(group) => return Self::of(&group.elem),
            Type::Paren(paren) => return Self::of(&paren.elem),
            Type::Reference(_) | Type::Tuple(_) | Type::Array(_) => return Self::Other,
            _ => return Self::Unknown,
        };
        let Some(last) = path.segments.last() else {
            return Self::Unknown;
        };
        match last.ident.to_string().as_str() {
            "Option" => match &last.arguments {
                PathArguments::AngleBracketed(arguments) => match arguments.args.first() {
                    Some(GenericArgument::Type(inner)) => Self::Optional(inner),
                    _ => Self::Unknown,
                },
                _ => Self::Unknown,
            },
            "bool" => Self::Boolean,
            "i8" | "i16" | "i32" | "i64" | "i128" | "isize" | "u8" | "u16" | "u32" | "u64"
            | "u128" | "usize" => Self::Integer,
            "f32" | "f64" | "char" | "str" | "String" | "Vec" | "DateTime" | "NaiveDateTime"
            | "NaiveDate" | "OffsetDateTime" | "PrimitiveDateTime" | "Uuid" => Self::Other,
            _ => Self::Unknown,
        }
    }
}
