//! What must hold of every verdict.

use soft_delete_sql::{
    Diagnostic, Reference, Request, Schema, Scope, ScopedSql, check, syntax::parse,
};

/// A diagnostic can be shown, and marks whole characters of the text.
pub(super) fn drawn(fault: &Diagnostic, sql: &str) {
    assert!(!fault.message.is_empty() && !fault.message.contains('\n'));
    if let Some(span) = &fault.span {
        assert!(sql.get(span.clone()).is_some(), "{fault:?} of {sql:?}");
    }
    assert!(fault.render(sql).contains(fault.code.as_str()));
}

/// Faults of a file, each drawn without its text.
pub(super) fn told(faults: &[Diagnostic]) {
    assert!(!faults.is_empty());
    for fault in faults {
        assert!(fault.render("").contains(fault.code.as_str()));
    }
}

/// Asks, and looks at the answer; true when the statement may run.
pub(super) fn judge(schema: &Schema, request: &Request<'_>) -> bool {
    let checked = check(schema, request);
    assert_eq!(checked.errors.is_empty(), checked.scoped.is_some());
    for fault in checked.errors.iter().chain(&checked.warnings) {
        drawn(fault, request.sql);
    }
    for reference in &checked.references {
        assert!(request.sql.get(reference.span.clone()).is_some());
    }
    let Some(scoped) = &checked.scoped else {
        return false;
    };
    let broken = broken(schema, request, &checked.references, scoped);
    assert!(
        broken.is_empty(),
        "{}: {broken:#?}\n asked: {request:?}\nscoped: {}",
        schema.dialect,
        scoped.sql
    );
    true
}

/// The promises that an accepted statement breaks.
#[must_use]
pub fn broken(
    schema: &Schema,
    request: &Request<'_>,
    references: &[Reference],
    scoped: &ScopedSql,
) -> Vec<String> {
    let mut broken = Vec::new();
    if without(request.sql, scoped).as_deref() != Some(request.sql) {
        broken.push("taking its edits out does not give the original".to_owned());
    }
    if request.verb.is_some() {
        if scoped.operation.is_none() {
            broken.push("a verb without an operation".to_owned());
        }
        if let Err(fault) = parse(schema.dialect, &scoped.sql) {
            broken.push(format!("the operation does not parse: {}", fault.message));
        }
        return broken;
    }
    for reference in references {
        let open = reference.soft_deletable && !reference.insert_target;
        if open && reference.scope.is_none() {
            broken.push(format!("`{}` has no scope", reference.table));
        }
        let other = reference.scope != Some(Scope::Active);
        if open && other && request.scope == Some(Scope::Active) && request.scopes.is_empty() {
            broken.push(format!("`{}` is not active", reference.table));
        }
    }
    let shows_all = |reference: &Reference| reference.scope == Some(Scope::WithDeleted);
    if !references.iter().any(shows_all) {
        let own = Request {
            sql: &scoped.sql,
            ..Request::default()
        };
        broken.extend(stays(schema, &own, references, scoped, "asked for nothing"));
    }
    // A derived table may take the name that the scope was said for.
    if request.scopes.is_empty() {
        let same = Request {
            sql: &scoped.sql,
            scope: request.scope,
            ..Request::default()
        };
        broken.extend(stays(schema, &same, references, scoped, "asked again"));
    }
    broken
}

/// The scoped text is accepted, unchanged, with every reference as it was.
fn stays(
    schema: &Schema,
    request: &Request<'_>,
    references: &[Reference],
    scoped: &ScopedSql,
    how: &str,
) -> Vec<String> {
    let again = check(schema, request);
    let mut broken = Vec::new();
    for fault in &again.errors {
        broken.push(format!("{how}: refused, {}", fault.render(request.sql)));
    }
    let Some(unchanged) = &again.scoped else {
        return broken;
    };
    if unchanged.sql != request.sql || !unchanged.edits.is_empty() {
        broken.push(format!("{how}: edited again, {}", unchanged.sql));
    }
    if unchanged.returns_rows != scoped.returns_rows {
        broken.push(format!("{how}: another result, {unchanged:?}"));
    }
    // What is written only has no rows to choose from.
    let kept = |reference: &Reference| {
        let scope = reference.scope.filter(|_| !reference.insert_target);
        (reference.table.clone(), scope, reference.soft_deletable)
    };
    let (before, now): (Vec<_>, Vec<_>) = (
        references.iter().map(kept).collect(),
        again.references.iter().map(kept).collect(),
    );
    if before != now {
        broken.push(format!("{how}: {before:?} became {now:?}"));
    }
    broken
}

/// Takes the edits out of a text again; `None` when they are not in it.
fn without(original: &str, scoped: &ScopedSql) -> Option<String> {
    let (mut out, mut at, mut shift) = (String::new(), 0, 0_isize);
    for edit in &scoped.edits {
        let start = edit.span.start.checked_add_signed(shift)?;
        let end = start + edit.text.len();
        if scoped.sql.get(start..end)? != edit.text {
            return None;
        }
        out.push_str(scoped.sql.get(at..start)?);
        out.push_str(original.get(edit.span.clone())?);
        at = end;
        shift += isize::try_from(edit.text.len()).ok()? - isize::try_from(edit.span.len()).ok()?;
    }
    out.push_str(scoped.sql.get(at..)?);
    Some(out)
}
