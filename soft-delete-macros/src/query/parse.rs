//! Tokens to a [`Call`]. Every fault is noted and reading goes on behind it.

use std::path::Path;

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::quote;
use soft_delete_sql::{Scope, diagnostic::nearest};
use syn::{
    Expr, Lit, LitStr, Token,
    ext::IdentExt,
    parse::{ParseStream, Parser},
    token,
};

use super::{
    call::{AliasScope, Call, Head},
    compact::compact,
    head::{head, sql_follows, sql_not_literal},
    limits,
    sql::Sql,
};
use crate::fault::Faults;

/// Reads a call; `manifest_dir` is where `file = "…"` starts.
pub(crate) fn parse(tokens: TokenStream, manifest_dir: &Path, faults: &mut Faults) -> Call {
    let mut call = Call {
        krate: quote!(::soft_delete),
        head: Head::Absent,
        head_known: false,
        scopes: Vec::new(),
        reason: None,
        sql: None,
        binds: None,
    };
    if let Some(span) = limits::too_deep(&tokens) {
        faults.grammar(
            span,
            "the call is nested too deep to be read",
            "compute the value before the call and bind the variable",
        );
        return call;
    }
    let parser = |input: ParseStream<'_>| {
        read(input, &mut call, manifest_dir, faults);
        // What could not be read is reported already; the rest must not be.
        let _ = input.parse::<TokenStream>();
        Ok(())
    };
    if let Err(error) = parser.parse2(tokens) {
        faults.grammar(error.span(), error.to_string(), "");
    }
    call
}

fn read(input: ParseStream<'_>, call: &mut Call, manifest_dir: &Path, faults: &mut Faults) {
    if input.peek(token::Bracket)
        && let Ok(TokenTree::Group(group)) = input.parse::<TokenTree>()
    {
        call.krate = group.stream();
    }
    let (head, known) = head(input, faults);
    let absent = matches!(head, Head::Absent);
    (call.head, call.head_known) = (head, known);
    // What stood in the place of the SQL is told already.
    if absent && !known && !sql_follows(input) {
        return;
    }
    if !(absent && known) {
        comma_after_head(input, faults);
    }
    while let Some(option) = option(input) {
        match option {
            Option_::Scope => alias_scope(input, call, faults),
            Option_::Reason => reason(input, call, faults),
        }
        comma_after_option(input, faults);
    }
    call.sql = sql(input, manifest_dir, faults);
    if call.sql.is_some() {
        call.binds = binds(input, faults);
    }
}

fn comma_after_head(input: ParseStream<'_>, faults: &mut Faults) {
    if input.parse::<Token![,]>().is_ok() || input.is_empty() {
        return;
    }
    let span = input.span();
    if at_sql_or_option(input) {
        faults.grammar(
            span,
            "a comma is missing before this",
            "the head of the call ends with a comma: `active, \"SELECT …\"`",
        );
        return;
    }
    let found = skip_argument(input);
    faults.grammar(
        span,
        format!("`{found}` is not expected here"),
        "write a comma, then the SQL: `active, \"SELECT …\"`",
    );
    let _ = input.parse::<Token![,]>();
}

/// What may stand between head and SQL.
enum Option_ {
    Scope,
    Reason,
}

fn option(input: ParseStream<'_>) -> Option<Option_> {
    if at_alias(input) {
        return Some(Option_::Scope);
    }
    at_word(input, "reason").then_some(Option_::Reason)
}

/// `name =`, and not `name ==`.
fn at_word(input: ParseStream<'_>, word: &str) -> bool {
    input.peek2(Token![=])
        && !input.peek2(Token![==])
        && input
            .fork()
            .call(Ident::parse_any)
            .is_ok_and(|ident| ident == word)
}

/// `c:`, `crm.contacts:` or `"Contacts":`, and not `c::`.
fn at_alias(input: ParseStream<'_>) -> bool {
    let ahead = input.fork();
    dotted_name(&ahead).is_some() && ahead.peek(Token![:]) && !ahead.peek(Token![::])
}

/// A string literal; another token stays where it is.
fn string(input: ParseStream<'_>) -> Option<LitStr> {
    if input.peek(LitStr) {
        input.parse().ok()
    } else {
        None
    }
}

fn dotted_name(input: ParseStream<'_>) -> Option<String> {
    if let Some(quoted) = string(input) {
        return Some(quoted.value());
    }
    let mut name = input.call(Ident::parse_any).ok()?.unraw().to_string();
    while input.peek(Token![.]) && !input.peek(Token![..]) {
        let _ = input.parse::<Token![.]>();
        name.push('.');
        name.push_str(&input.call(Ident::parse_any).ok()?.unraw().to_string());
    }
    Some(name)
}

/// True at the SQL, or at what may stand before it.
pub(super) fn at_sql_or_option(input: ParseStream<'_>) -> bool {
    input.peek(LitStr) || at_word(input, "file") || option(input).is_some()
}

fn alias_scope(input: ParseStream<'_>, call: &mut Call, faults: &mut Faults) {
    let span = input.span();
    let Some(name) = dotted_name(input) else {
        return;
    };
    let _ = input.parse::<Token![:]>();
    let word_span = input.span();
    let word = match input.call(Ident::parse_any) {
        Ok(word) => word.to_string(),
        Err(_) => skip_argument(input),
    };
    let scope = word.parse::<Scope>().ok();
    let near = nearest(&word, Scope::ALL.map(Scope::word)).and_then(|near| near.parse().ok());
    if scope.is_none() {
        let help = match near {
            Some(near) => format!("did you mean `{name}: {near}`?"),
            None => format!("write `{name}: active`, `{name}: deleted` or `{name}: with_deleted`"),
        };
        let message = if word.is_empty() {
            format!("`{name}:` is followed by no scope")
        } else {
            format!("`{word}` is no scope")
        };
        faults.grammar(
            if word.is_empty() { span } else { word_span },
            message,
            help,
        );
    }
    if call.scopes.iter().any(|known| known.name == name) {
        faults.grammar(
            span,
            format!("the scope of `{name}` is said twice"),
            "keep one of the two",
        );
        return;
    }
    if let Some(scope) = scope.or(near) {
        call.scopes.push(AliasScope { name, scope, span });
    }
}

fn reason(input: ParseStream<'_>, call: &mut Call, faults: &mut Faults) {
    let span = input.span();
    let _ = input.call(Ident::parse_any);
    let _ = input.parse::<Token![=]>();
    if call.reason.is_some() {
        faults.grammar(span, "the reason is given twice", "keep one of the two");
    }
    if let Some(text) = string(input) {
        call.reason = Some(text);
        return;
    }
    let found = skip_argument(input);
    faults.grammar(
        span,
        format!("the reason must be a literal, and `{found}` is none"),
        "write `reason = \"why this is right\"`: reasons are listed from the source",
    );
    call.reason = Some(LitStr::new("unreadable", span));
}

fn comma_after_option(input: ParseStream<'_>, faults: &mut Faults) {
    if input.parse::<Token![,]>().is_ok() || input.is_empty() {
        return;
    }
    let span = input.span();
    if !at_sql_or_option(input) {
        skip_argument(input);
        let _ = input.parse::<Token![,]>();
    }
    faults.grammar(
        span,
        "a comma is missing before this",
        "write `c: with_deleted, \"SELECT …\"`",
    );
}

fn sql(input: ParseStream<'_>, manifest_dir: &Path, faults: &mut Faults) -> Option<Sql> {
    let span = input.span();
    if input.is_empty() {
        // One fault is enough when the head is what is wrong.
        if faults.is_empty() {
            faults.grammar(
                span,
                "the SQL is missing",
                "write `soft_query!(active, \"UPDATE contacts SET name = ? WHERE id = ?\", name, id)`",
            );
        }
        return None;
    }
    if at_word(input, "file") {
        let _ = input.call(Ident::parse_any);
        let _ = input.parse::<Token![=]>();
        if let Some(named) = string(input) {
            return Sql::file(named, manifest_dir, faults);
        }
        let found = skip_argument(input);
        faults.grammar(
            span,
            format!("the name of the SQL file must be a literal, and `{found}` is none"),
            "write `file = \"queries/x.sql\"`",
        );
        return None;
    }
    let mut literals = vec![literal(input, faults)?];
    while input.peek(Token![+]) {
        let _ = input.parse::<Token![+]>();
        literals.push(literal(input, faults)?);
    }
    if input.peek(LitStr) {
        faults.grammar(
            input.span(),
            "two literals stand side by side",
            "join them with `+`: `\"SELECT … \" + \"FROM …\"`",
        );
        return None;
    }
    Some(Sql::literals(literals))
}

fn literal(input: ParseStream<'_>, faults: &mut Faults) -> Option<LitStr> {
    let span = input.span();
    if let Ok(Lit::Str(text)) = input.fork().parse::<Lit>()
        && text.suffix().is_empty()
    {
        let _ = input.parse::<Lit>();
        return Some(text);
    }
    // What stands here is no statement; one may still follow.
    if let Some(span) = late_sql(input) {
        faults.grammar(
            span,
            "the bind arguments stand before the SQL",
            "they follow it: `soft_query!(active, \"… WHERE id = ?\", id)`",
        );
        return None;
    }
    let found = skip_argument(input);
    if found.is_empty() {
        faults.grammar(
            span,
            "the SQL is missing before this",
            "drop the comma, or write the SQL",
        );
    } else {
        sql_not_literal(span, &found, faults);
    }
    None
}

/// A string literal in a later argument.
fn late_sql(input: ParseStream<'_>) -> Option<Span> {
    let ahead = input.fork();
    loop {
        skip_argument(&ahead);
        ahead.parse::<Token![,]>().ok()?;
        if ahead.peek(LitStr) || at_word(&ahead, "file") {
            return Some(ahead.span());
        }
    }
}

fn binds(input: ParseStream<'_>, faults: &mut Faults) -> Option<Vec<Expr>> {
    let mut binds = Some(Vec::new());
    while !input.is_empty() {
        let span = input.span();
        if input.parse::<Token![,]>().is_err() {
            let found = skip_argument(input);
            faults.grammar(
                span,
                format!("`{found}` is not expected behind the SQL"),
                "write a comma, then the bind arguments",
            );
            binds = None;
            continue;
        }
        if input.is_empty() {
            break;
        }
        match bind(input, faults) {
            Some(bind) => {
                if let Some(binds) = &mut binds {
                    binds.push(bind);
                }
            }
            None => binds = None,
        }
    }
    binds
}

fn bind(input: ParseStream<'_>, faults: &mut Faults) -> Option<Expr> {
    let span = input.span();
    if at_word(input, "reason") || at_word(input, "file") || (at_alias(input) && scope_ahead(input))
    {
        let found = skip_argument(input);
        faults.grammar(
            span,
            format!("`{found}` stands behind the SQL"),
            "scopes and the reason come first: `active, c: with_deleted, \"SELECT …\", id`",
        );
        return None;
    }
    let ahead = input.fork();
    match ahead.parse::<Expr>() {
        Ok(_) => input.parse::<Expr>().ok(),
        Err(error) => {
            let found = skip_argument(input);
            let message = if found.is_empty() {
                "a bind argument is missing between two commas".to_owned()
            } else {
                format!("`{found}` is no expression to bind: {error}")
            };
            faults.grammar(
                span,
                message,
                "bind arguments follow the SQL, one for each placeholder",
            );
            None
        }
    }
}

fn scope_ahead(input: ParseStream<'_>) -> bool {
    let ahead = input.fork();
    dotted_name(&ahead).is_some()
        && ahead.parse::<Token![:]>().is_ok()
        && ahead
            .call(Ident::parse_any)
            .is_ok_and(|word| word.to_string().parse::<Scope>().is_ok())
}

/// Takes the tokens up to the next comma of this level; what they were.
pub(super) fn skip_argument(input: ParseStream<'_>) -> String {
    let mut tokens = TokenStream::new();
    while !input.is_empty() && !input.peek(Token![,]) {
        match input.parse::<TokenTree>() {
            Ok(token) => tokens.extend([token]),
            Err(_) => break,
        }
    }
    compact(&tokens)
}
