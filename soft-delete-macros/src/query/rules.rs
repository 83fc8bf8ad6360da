//! What a call may combine.

use proc_macro2::Span;
use soft_delete_sql::{Code, Diagnostic, Scope};

use super::call::{Call, Head, Word};
use crate::fault::Faults;

/// Checks what can be told from the call alone.
pub(super) fn check(call: &Call, faults: &mut Faults) {
    unchecked(call, faults);
    reason(call, faults);
}

fn unchecked(call: &Call, faults: &mut Faults) {
    let Head::Word(Word::Unchecked, span, _) = &call.head else {
        return;
    };
    if call.reason.is_none() {
        faults.add(
            *span,
            &Diagnostic::new(Code::ReasonMissing, "`unchecked` needs a reason")
                .why("nothing is checked here, so the source must say why that is right")
                .help("write `unchecked, reason = \"…\", \"SELECT …\"`"),
        );
    }
    for scope in &call.scopes {
        faults.grammar(
            scope.span,
            format!(
                "`{}: {}` has no effect under `unchecked`",
                scope.name, scope.scope
            ),
            "drop it: an unchecked statement runs as written",
        );
    }
}

fn reason(call: &Call, faults: &mut Faults) {
    let Some(reason) = &call.reason else {
        return;
    };
    if reason.value().trim().is_empty() {
        faults.add(
            reason.span(),
            &Diagnostic::new(Code::ReasonMissing, "the reason is empty")
                .help("say why, in words that a reviewer can judge"),
        );
    }
    if call.head_known && !takes_reason(call) {
        faults.grammar(
            reason.span(),
            "nothing in this call takes a reason",
            "`unchecked`, `with_deleted`, `deleted`, `purge` and `erase` do: drop it here",
        );
    }
}

/// What opens more than the live rows may say why.
fn takes_reason(call: &Call) -> bool {
    let head = match &call.head {
        Head::Word(Word::Unchecked, ..) => true,
        Head::Word(Word::Scope(scope), ..) => *scope != Scope::Active,
        Head::Word(Word::Verb(verb), ..) => *verb != soft_delete_sql::Verb::SoftDelete,
        Head::Row(row) => row.scope != Scope::Active,
        Head::Output(_, visibility) => visibility.is_some(),
        Head::Absent => false,
    };
    head || call.scopes.iter().any(|scope| scope.scope != Scope::Active)
}

/// The place that stands for the whole call.
pub(super) fn place(call: &Call) -> Span {
    call.sql
        .as_ref()
        .map_or_else(Span::call_site, super::sql::Sql::span)
}
