//! The head of a call: which rows, and what they become.

use proc_macro2::{Ident, Span};
use soft_delete_sql::{Code, Diagnostic, Scope, diagnostic::nearest};
use syn::{
    Expr, GenericArgument, LitStr, PathArguments, Token, Type, ext::IdentExt, parse::ParseStream,
    spanned::Spanned,
};

use super::{
    call::{Head, Output, Row, Word, row_name},
    compact::compact,
    parse::{at_sql_or_option, skip_argument},
};
use crate::fault::Faults;

const WORDS: &str = "`active`, `deleted`, `with_deleted`, `unchecked`, `soft_delete`, `purge`, `erase` or `restore`";

/// The head, and whether the type of the query is certain. What cannot be read is a fault; what
/// was most likely meant is returned, so that the SQL is looked at too.
pub(super) fn head(input: ParseStream<'_>, faults: &mut Faults) -> (Head, bool) {
    if input.is_empty() || at_sql_or_option(input) {
        return (Head::Absent, true);
    }
    if input.peek(Token![as]) {
        let as_span = input.span();
        let _ = input.parse::<Token![as]>();
        let Some(output) = output(input, None, as_span, faults) else {
            skip_argument(input);
            return (Head::Absent, false);
        };
        if let Output::Rows(ty) = &output
            && let Some(row) = row_of(ty)
        {
            let said = compact(ty);
            faults.grammar(
                ty.span(),
                format!("`{said}` says the scope itself"),
                format!("drop `as`: `soft_query!({said}, …)`"),
            );
            return (
                Head::Row(Box::new(with_visibility(row, input, faults))),
                false,
            );
        }
        let visibility = visibility(input, faults);
        return (Head::Output(output, visibility), true);
    }
    if input.peek(Ident::peek_any)
        && !input.peek2(Token![::])
        && !input.peek2(Token![<])
        && !input.peek2(Token![!])
        && let Ok(word) = input.fork().call(Ident::parse_any)
        && (Word::of(&word.to_string()).is_some() || looks_like_a_word(&word))
    {
        let _ = input.call(Ident::parse_any);
        return worded(&word, input, faults);
    }
    typed(input, faults)
}

/// Rust types begin with a capital letter and so do constants; words do not.
fn looks_like_a_word(ident: &Ident) -> bool {
    let text = ident.to_string();
    text.starts_with(|c: char| c.is_lowercase() || c == '_')
        && !matches!(
            text.as_str(),
            "dyn" | "impl" | "fn" | "unsafe" | "extern" | "for"
        )
        && !matches!(text.as_str(), "crate" | "self" | "super")
}

fn worded(word: &Ident, input: ParseStream<'_>, faults: &mut Faults) -> (Head, bool) {
    let span = word.span();
    let text = word.to_string();
    let known = Word::of(&text);
    let meant = known.or_else(|| unknown_word(&text, span, input, faults));
    let mut certain = known.is_some();
    let output = if input.peek(Token![as]) {
        let as_span = input.span();
        let _ = input.parse::<Token![as]>();
        let output = output(input, meant, as_span, faults);
        certain &= output.is_some();
        output
    } else if meant.is_some() && input.peek(Ident::peek_any) && !input.peek(Token![in]) {
        // `active Summary`
        let forgotten = input.fork().parse::<Type>().ok();
        if let Some(ty) = &forgotten {
            let _ = input.parse::<Type>();
            faults.grammar(
                ty.span(),
                format!("`as` is missing between `{text}` and `{}`", compact(ty)),
                format!("write `{text} as {}`", compact(ty)),
            );
            certain = false;
        }
        forgotten.map(|ty| Output::Rows(Box::new(ty)))
    } else {
        None
    };
    if input.peek(Token![in]) {
        certain = false;
        in_after_word(&text, output.as_ref(), input, faults);
    }
    let Some(meant) = meant else {
        skip_argument(input);
        return (Head::Absent, false);
    };
    match output {
        Some(Output::Rows(ty)) if row_of(&ty).is_some() => {
            let said = compact(&ty);
            faults.grammar(
                ty.span(),
                format!("`{said}` says the scope itself"),
                format!("drop `{text} as`: `soft_query!({said}, …)`"),
            );
            match row_of(&ty) {
                Some(row) => (Head::Row(Box::new(row)), false),
                None => (Head::Absent, false),
            }
        }
        Some(output) if matches!(meant, Word::Verb(_)) => {
            faults.grammar(
                span,
                format!("`{text}` returns an operation, not rows"),
                format!("drop `as`: `soft_query!({text}, …).execute(&pool)`; it says how many rows it took"),
            );
            (Head::Word(meant, span, Some(output)), false)
        }
        output => (Head::Word(meant, span, output), certain),
    }
}

/// A word that is none of ours: what was meant, when that can be told.
fn unknown_word(
    text: &str,
    span: Span,
    input: ParseStream<'_>,
    faults: &mut Faults,
) -> Option<Word> {
    let near = nearest(text, Word::ALL.map(Word::spelling)).or_else(|| synonym(text));
    // `sql`, `query.as_str()`: a variable where the statement should be.
    let names_value = near.is_none() && !input.peek(Token![as]) && !sql_follows(input);
    if names_value {
        sql_not_literal(span, text, faults);
        return None;
    }
    let help = match near {
        Some(word) => format!("did you mean `{word}`?"),
        None => format!("write {WORDS}, or a row type such as `Active<T>`"),
    };
    faults.grammar(span, format!("`{text}` is no word of `soft_query!`"), help);
    near.and_then(Word::of)
}

/// The word of ours for what other tools say.
fn synonym(text: &str) -> Option<&'static str> {
    Some(match text {
        "live" | "kept" | "existing" | "not_deleted" | "undeleted" | "without_deleted"
        | "without_trashed" | "undiscarded" => "active",
        "trash" | "trashed" | "only_deleted" | "only_trashed" | "removed" | "discarded"
        | "archived" | "inactive" => "deleted",
        "all" | "any" | "every" | "everything" | "unscoped" | "with_trashed" | "with_discarded"
        | "include_deleted" | "including_deleted" | "all_with_deleted" => "with_deleted",
        "raw" | "unsafe" | "unscoped_unchecked" => "unchecked",
        "delete" | "remove" | "discard" | "archive" => "soft_delete",
        "hard_delete" | "force_delete" | "really_delete" | "destroy" => "erase",
        "prune" => "purge",
        _ => return None,
    })
}

/// `in` applies to `WithDeleted<T>` and to `as T`.
fn in_after_word(text: &str, output: Option<&Output>, input: ParseStream<'_>, faults: &mut Faults) {
    let span = input.span();
    let _ = input.parse::<Token![in]>();
    let value = input.parse::<Expr>().ok();
    let value = value.map_or_else(|| "visibility".to_owned(), |value| compact(&value));
    let output = match output {
        Some(Output::Rows(ty)) => compact(ty),
        Some(Output::Scalar) => "scalar".to_owned(),
        None => "T".to_owned(),
    };
    faults.grammar(
        span,
        format!("`in` takes the scope from a value, and `{text}` says it already"),
        format!("write `as {output} in {value}`, or drop `in {value}`"),
    );
}

/// What follows `as`.
fn output(
    input: ParseStream<'_>,
    word: Option<Word>,
    as_span: Span,
    faults: &mut Faults,
) -> Option<Output> {
    let before = word.map_or_else(String::new, |word| format!("{} ", word.spelling()));
    let scalar = input
        .fork()
        .call(Ident::parse_any)
        .is_ok_and(|i| i == "scalar")
        && !input.peek2(Token![::])
        && !input.peek2(Token![<]);
    if scalar {
        let _ = input.call(Ident::parse_any);
        return Some(Output::Scalar);
    }
    let empty = input.is_empty() || input.peek(Token![,]) || input.peek(LitStr);
    let ty = if empty {
        None
    } else {
        input.parse::<Type>().ok()
    };
    if let Some(ty) = ty {
        return Some(Output::Rows(Box::new(ty)));
    }
    faults.grammar(
        as_span,
        format!("`{before}as` names no type"),
        format!("write `{before}as Summary`, where `Summary` derives `sqlx::FromRow`, or `{before}as scalar`"),
    );
    None
}

/// `in expr`, when it is there.
fn visibility(input: ParseStream<'_>, faults: &mut Faults) -> Option<Expr> {
    if !input.peek(Token![in]) {
        return None;
    }
    let span = input.span();
    let _ = input.parse::<Token![in]>();
    if !input.is_empty()
        && !input.peek(Token![,])
        && let Ok(value) = input.parse::<Expr>()
    {
        return Some(value);
    }
    faults.grammar(
        span,
        "`in` names no value",
        "write `in visibility`, where `visibility` is a `soft_delete::Visibility`",
    );
    skip_argument(input);
    None
}

fn with_visibility(mut row: Row, input: ParseStream<'_>, faults: &mut Faults) -> Row {
    let span = input.span();
    row.visibility = visibility(input, faults);
    if let Some(value) = &row.visibility
        && row.scope != Scope::WithDeleted
    {
        let (model, value) = (compact(&row.model), compact(value));
        faults.grammar(
            span,
            format!(
                "with `in {value}` the rows may be in either state, and `{}` holds one of them",
                compact(&row.ty)
            ),
            format!("write `WithDeleted<{model}> in {value}`"),
        );
    }
    row
}

/// A head that begins like a type.
fn typed(input: ParseStream<'_>, faults: &mut Faults) -> (Head, bool) {
    let span = input.span();
    let Ok(ty) = input.fork().parse::<Type>() else {
        let text = skip_argument(input);
        not_a_head(span, &text, input, faults);
        return (Head::Absent, false);
    };
    let text = compact(&ty);
    if matches!(ty, Type::Macro(_)) || !sql_follows_after_type(input) {
        skip_argument(input);
        sql_not_literal(span, &text, faults);
        return (Head::Absent, false);
    }
    let _ = input.parse::<Type>();
    if let Some(row) = row_of(&ty) {
        let row = with_visibility(row, input, faults);
        let certain = row.visibility.is_none() || row.scope == Scope::WithDeleted;
        return (Head::Row(Box::new(row)), certain);
    }
    let head = match row_slip(&ty) {
        Some((scope, Some(model))) => {
            let name = row_name(scope);
            let model_text = compact(&model);
            faults.grammar(
                ty.span(),
                format!("`{text}` is no row type"),
                format!("write `{name}<{model_text}>`"),
            );
            Head::Row(Box::new(Row {
                scope,
                ty,
                model,
                visibility: visibility(input, faults),
            }))
        }
        Some((scope, None)) => {
            let name = row_name(scope);
            faults.grammar(
                ty.span(),
                format!("`{text}` needs one model"),
                format!("write `{name}<T>`, where `T` derives `SoftDeletable`"),
            );
            skip_argument(input);
            Head::Absent
        }
        None => {
            bare_model(&ty, &text, input, faults);
            skip_argument(input);
            Head::Absent
        }
    };
    (head, false)
}

/// `Contact` where `Active<Contact>` is wanted.
fn bare_model(ty: &Type, text: &str, input: ParseStream<'_>, faults: &mut Faults) {
    let rows = format!("`Active<{text}>`, `Deleted<{text}>` or `WithDeleted<{text}>`");
    let after = if input.peek(Token![in]) {
        format!("; with `in`: `WithDeleted<{text}> in …` or `as {text} in …`")
    } else {
        String::new()
    };
    faults.add(
        ty.span(),
        &Diagnostic::new(
            Code::WrongModel,
            format!("`{text}` does not say which rows it may hold"),
        )
        .help(format!(
            "a model of a soft-deletable table: {rows}\nany other row type: `active as {text}`{after}"
        )),
    );
}

fn not_a_head(span: Span, text: &str, input: ParseStream<'_>, faults: &mut Faults) {
    if sql_follows(input) {
        faults.grammar(
            span,
            format!("`{text}` is no scope and no row type"),
            format!(
                "write {WORDS}, or a row type such as `Active<T>`; bind arguments follow the SQL"
            ),
        );
    } else {
        sql_not_literal(span, text, faults);
    }
}

/// The statement is read while compiling, so it must be in the source.
pub(super) fn sql_not_literal(span: Span, text: &str, faults: &mut Faults) {
    let help = if text.starts_with("include_str") {
        "name the file: `file = \"queries/x.sql\"`, relative to the directory of Cargo.toml"
    } else if text.starts_with("concat") {
        "join literals with `+`: `\"SELECT … \" + \"FROM …\"`; `concat!` is not supported"
    } else if text.starts_with("format") {
        "write the statement out and bind the values: `\"… WHERE id = ?\", id`"
    } else if text.starts_with("b\"") || text.starts_with("br") || text.starts_with("c\"") {
        "write a plain string literal: `\"SELECT …\"`"
    } else {
        "write it as a string literal, as literals joined with `+`, or as `file = \"queries/x.sql\"`"
    };
    faults.add(
        span,
        &Diagnostic::new(
            Code::Grammar,
            format!("the SQL must be a literal, and `{text}` is none"),
        )
        .why("the statement is checked while compiling, before any value exists")
        .help(help),
    );
}

/// The row type that a type spells.
fn row_of(ty: &Type) -> Option<Row> {
    let (name, model) = last_segment(ty)?;
    let scope = Scope::ALL
        .into_iter()
        .find(|scope| name == row_name(*scope))?;
    Some(Row {
        scope,
        ty: ty.clone(),
        model: model?,
        visibility: None,
    })
}

/// The row type that a type nearly spells: `active<Contact>`, `Actve<Contact>`, `Active`.
fn row_slip(ty: &Type) -> Option<(Scope, Option<Type>)> {
    let (name, model) = last_segment(ty)?;
    let text = name.to_string();
    if model.is_none() {
        let scope = Scope::ALL
            .into_iter()
            .find(|scope| text == row_name(*scope))?;
        return Some((scope, None));
    }
    let near = Word::of(&text)
        .and_then(|word| match word {
            Word::Scope(scope) => Some(row_name(scope)),
            _ => None,
        })
        .or_else(|| nearest(&text, Scope::ALL.map(row_name)))?;
    let scope = Scope::ALL
        .into_iter()
        .find(|scope| near == row_name(*scope))?;
    Some((scope, model))
}

/// The last segment of a path and its only type argument.
fn last_segment(ty: &Type) -> Option<(Ident, Option<Type>)> {
    let path = match ty {
        Type::Path(path) if path.qself.is_none() => path,
        Type::Group(group) => return last_segment(&group.elem),
        Type::Paren(paren) => return last_segment(&paren.elem),
        _ => return None,
    };
    let segment = path.path.segments.last()?;
    let model = match &segment.arguments {
        PathArguments::AngleBracketed(arguments) if arguments.args.len() == 1 => {
            match arguments.args.first() {
                Some(GenericArgument::Type(model)) => Some(model.clone()),
                _ => None,
            }
        }
        _ => None,
    };
    Some((segment.ident.clone(), model))
}

/// True when a string literal or an option stands behind the next comma, or right here.
pub(super) fn sql_follows(input: ParseStream<'_>) -> bool {
    let ahead = input.fork();
    loop {
        if at_sql_or_option(&ahead) {
            return true;
        }
        skip_argument(&ahead);
        if ahead.parse::<Token![,]>().is_err() {
            return false;
        }
    }
}

fn sql_follows_after_type(input: ParseStream<'_>) -> bool {
    let ahead = input.fork();
    ahead.parse::<Type>().is_ok() && sql_follows(&ahead)
}
