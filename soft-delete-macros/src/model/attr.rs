//! The attributes of a model and of its fields.

use proc_macro2::Span;
use soft_delete_sql::diagnostic::nearest;
use syn::{Attribute, Expr, ExprPath, LitStr, Path, Token, Type, meta::ParseNestedMeta, token};

use super::name::Case;
use crate::fault::Faults;

/// What stands on the struct.
#[derive(Default)]
pub(super) struct StructAttributes {
    /// `#[soft_delete(table = "…")]`
    pub(super) table: Option<LitStr>,
    /// `#[soft_delete(is_active = "…")]`
    pub(super) is_active: Option<ExprPath>,
    /// `#[soft_delete(actor = "…")]`
    pub(super) actor: Option<Type>,
    /// `#[soft_delete(crate = "…")]`
    pub(super) krate: Option<Path>,
    /// `#[sqlx(rename_all = "…")]`
    pub(super) rename_all: Option<Case>,
    /// `#[sqlx(default)]`: every column may be absent.
    pub(super) default: bool,
}

/// What stands on a field.
#[derive(Default)]
#[allow(clippy::struct_excessive_bools, reason = "one for each attribute")]
pub(super) struct FieldAttributes {
    /// `#[sqlx(rename = "…")]`
    pub(super) rename: Option<LitStr>,
    /// `#[sqlx(skip)]`
    pub(super) skip: bool,
    /// `#[sqlx(flatten)]`
    pub(super) flatten: bool,
    /// `#[sqlx(default)]`
    pub(super) default: bool,
    /// `#[sqlx(try_from = "…")]`, `#[sqlx(json)]`: the column's type is another.
    pub(super) converted: bool,
    /// `#[soft_delete(personal)]`, and where it stands.
    pub(super) personal: Option<Personal>,
}

/// `#[soft_delete(personal)]`, `#[soft_delete(personal = "…")]`
pub(super) struct Personal {
    /// Where the word stands.
    pub(super) span: Span,
    /// The SQL of the new value.
    pub(super) value: Option<LitStr>,
}

const KNOWN: [&str; 4] = ["table", "is_active", "actor", "crate"];

impl StructAttributes {
    pub(super) fn read(attributes: &[Attribute], faults: &mut Faults) -> Self {
        let mut read = Self::default();
        for attribute in attributes {
            if attribute.path().is_ident("soft_delete") {
                let result = attribute.parse_nested_meta(|meta| read.ours(&meta, faults));
                report(result, faults);
            } else if attribute.path().is_ident("sqlx") {
                // What does not parse is sqlx's to report.
                let _ = attribute.parse_nested_meta(|meta| read.sqlx(&meta));
            }
        }
        read
    }

    fn ours(&mut self, meta: &ParseNestedMeta<'_>, faults: &mut Faults) -> syn::Result<()> {
        let name = meta
            .path
            .get_ident()
            .map(ToString::to_string)
            .unwrap_or_default();
        let span = syn::spanned::Spanned::span(&meta.path);
        let twice = match name.as_str() {
            "table" => self.table.replace(meta.value()?.parse()?).is_some(),
            "is_active" => self.is_active.replace(path_value(meta)?).is_some(),
            "actor" => self.actor.replace(type_value(meta)?).is_some(),
            "crate" => self.krate.replace(path_value(meta)?.path).is_some(),
            _ => {
                skip_value(meta)?;
                let help = nearest(&name, KNOWN).map_or_else(
                    || {
                        "there are `table = \"…\"`, `is_active = \"…\"`, `actor = \"…\"` and `crate = \"…\"`"
                            .to_owned()
                    },
                    |near| format!("did you mean `{near}`?"),
                );
                faults.grammar(
                    span,
                    format!("`{name}` is no attribute of `soft_delete`"),
                    help,
                );
                false
            }
        };
        if twice {
            faults.grammar(
                span,
                format!("`{name}` is said twice"),
                "keep one of the two",
            );
        }
        Ok(())
    }

    fn sqlx(&mut self, meta: &ParseNestedMeta<'_>) -> syn::Result<()> {
        if meta.path.is_ident("rename_all") {
            self.rename_all = Case::named(&meta.value()?.parse::<LitStr>()?.value());
            return Ok(());
        }
        self.default |= meta.path.is_ident("default");
        skip_value(meta)
    }
}

impl FieldAttributes {
    pub(super) fn read(attributes: &[Attribute], faults: &mut Faults) -> Self {
        let mut read = Self::default();
        for attribute in attributes {
            if attribute.path().is_ident("soft_delete") {
                let result = attribute.parse_nested_meta(|meta| read.ours(&meta, faults));
                if let Err(error) = result {
                    faults.grammar(
                        error.span(),
                        format!("`#[soft_delete(…)]` cannot be read: {error}"),
                        "write `#[soft_delete(personal)]`",
                    );
                }
            } else if attribute.path().is_ident("sqlx") {
                let _ = attribute.parse_nested_meta(|meta| read.sqlx(&meta));
            }
        }
        read
    }

    fn ours(&mut self, meta: &ParseNestedMeta<'_>, faults: &mut Faults) -> syn::Result<()> {
        let span = syn::spanned::Spanned::span(&meta.path);
        if !meta.path.is_ident("personal") {
            skip_value(meta)?;
            faults.grammar(
                span,
                "on a field stands `#[soft_delete(personal)]` and nothing else",
                "the other attributes stand on the struct; the field of the marker is found by its column, and \
                 `#[sqlx(rename = \"…\")]` names it",
            );
            return Ok(());
        }
        let value = if meta.input.peek(Token![=]) {
            Some(meta.value()?.parse()?)
        } else {
            None
        };
        if self.personal.replace(Personal { span, value }).is_some() {
            faults.grammar(span, "`personal` is said twice", "keep one of the two");
        }
        Ok(())
    }

    fn sqlx(&mut self, meta: &ParseNestedMeta<'_>) -> syn::Result<()> {
        if meta.path.is_ident("rename") {
            self.rename = Some(meta.value()?.parse()?);
            return Ok(());
        }
        self.skip |= meta.path.is_ident("skip");
        self.flatten |= meta.path.is_ident("flatten");
        self.default |= meta.path.is_ident("default");
        self.converted |= meta.path.is_ident("try_from") || meta.path.is_ident("json");
        skip_value(meta)
    }
}

/// `= "path"` or `= path`.
fn path_value(meta: &ParseNestedMeta<'_>) -> syn::Result<ExprPath> {
    let value = meta.value()?;
    if value.peek(LitStr) {
        value.parse::<LitStr>()?.parse()
    } else {
        value.parse()
    }
}

/// `= "T"` or `= T`.
fn type_value(meta: &ParseNestedMeta<'_>) -> syn::Result<Type> {
    let value = meta.value()?;
    if value.peek(LitStr) {
        value.parse::<LitStr>()?.parse()
    } else {
        value.parse()
    }
}

/// Takes `= value` or `(…)`, whatever it is.
fn skip_value(meta: &ParseNestedMeta<'_>) -> syn::Result<()> {
    if meta.input.peek(Token![=]) {
        meta.value()?.parse::<Expr>()?;
    } else if meta.input.peek(token::Paren) {
        meta.input.parse::<proc_macro2::Group>()?;
    }
    Ok(())
}

fn report(result: syn::Result<()>, faults: &mut Faults) {
    if let Err(error) = result {
        faults.grammar(
            error.span(),
            format!("`#[soft_delete(…)]` cannot be read: {error}"),
            "write `#[soft_delete(table = \"contacts\")]`",
        );
    }
}
