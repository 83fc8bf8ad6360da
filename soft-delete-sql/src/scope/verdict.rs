//! The verdict: every rule in order, the edits, and the proof of the edited text.

#[cfg(test)]
mod tests;

use std::rc::Rc;

use super::{
    Checked, Edit, Operation, Reference, Request, Scope, ScopedSql, account,
    edits::{Edits, apply, strip},
    function, model,
    place::{refusal, spot},
    predicate,
    prove::{contradiction, proof},
    request::{Grant, grant},
    resolution::{RefId, Resolution, Role, Top},
    resolve::resolve,
    upsert, verb,
    view::Views,
    warn, write,
};
use crate::{
    Schema,
    diagnostic::{Code, Diagnostic},
    syntax::{
        self,
        ast::{Statement, WhenKind},
    },
};

pub(super) fn check(schema: &Schema, request: &Request<'_>) -> Checked {
    let parsed = match syntax::parse(schema.dialect, request.sql) {
        Ok(parsed) => parsed,
        Err(fault) => {
            return Checked {
                errors: vec![fault],
                ..Checked::default()
            };
        }
    };
    let views = Rc::new(Views::default());
    let resolution = resolve(schema, &parsed, &views);
    let mut errors = resolution.errors.clone();
    errors.extend(function::faults(&resolution));
    errors.extend(account::faults(&resolution));
    errors.extend(write::faults(request, &resolution));
    let (tests, told) = warn::tests(&resolution);
    errors.extend(tests);

    let mut faults = Vec::new();
    let grants = grant(request, &resolution, &mut faults);
    // One fault about a reference is enough.
    let told: Vec<_> = told
        .iter()
        .map(|&id| Some(resolution.span(&resolution.references[id])))
        .collect();
    let unscoped = |fault: &Diagnostic| fault.code == Code::Unscoped && told.contains(&fault.span);
    errors.extend(faults.into_iter().filter(|fault| !unscoped(fault)));
    errors.extend(leaks(&resolution, &grants));
    errors.extend(weak(&resolution, &grants));
    errors.extend(contradictions(&resolution, &grants));

    let mut edits = Edits::default();
    let operation = match request.verb {
        Some(verb) => match verb::apply(&resolution, verb, &mut edits) {
            Ok(operation) => Some(operation),
            Err(fault) => {
                // Nothing else about a statement that is no DELETE is worth saying.
                if fault.code == Code::VerbMisused {
                    errors.retain(|other| other.code != Code::Unscoped);
                }
                errors.push(fault);
                None
            }
        },
        None => None,
    };
    for &(insert, id, item) in &resolution.inserts {
        let before = errors.len();
        upsert::check(
            &resolution,
            (insert, id, item),
            grants[id],
            &mut edits,
            &mut errors,
        );
        if errors.len() > before {
            let span = Some(resolution.span(&resolution.references[id]));
            errors.retain(|fault| fault.code != Code::Unscoped || fault.span != span);
        }
    }
    for (id, grant) in grants.iter().enumerate() {
        errors.extend(filter(&resolution, id, *grant, &mut edits));
    }
    let model = match request.model.then(|| model::model(&resolution)) {
        Some(Ok(model)) => Some(model),
        Some(Err(fault)) => {
            errors.push(fault);
            None
        }
        None => None,
    };

    let mut checked = Checked {
        references: references(&resolution, &grants),
        warnings: Vec::new(),
        errors: deduplicated(without_consequences(errors)),
        scoped: None,
    };
    if !checked.errors.is_empty() {
        return checked;
    }
    let edits = edits.finish(request.sql);
    match scoped(&resolution, &grants, &views, edits, operation) {
        Ok(mut scoped) => {
            scoped.model = model;
            checked.warnings = warn::warnings(&resolution, &grants);
            checked.scoped = Some(scoped);
        }
        Err(fault) => checked.errors.push(fault),
    }
    checked
}

/// The edited text, proven again.
fn scoped(
    resolution: &Resolution<'_>,
    grants: &[Grant],
    views: &Rc<Views>,
    edits: Vec<Edit>,
    operation: Option<Operation>,
) -> Result<ScopedSql, Diagnostic> {
    let original = resolution.parsed.sql;
    let failed = |what: &str| {
        Diagnostic::new(
            Code::NotReproven,
            "the scoped statement could not be proven",
        )
        .why(format!(
            "{what}; this is a fault of soft-delete, and nothing was let through"
        ))
        .help("please report the query; until then write the filter by hand")
    };
    let Some(sql) = apply(original, &edits) else {
        return Err(failed("its edits overlap"));
    };
    if strip(original, &sql, &edits).as_deref() != Some(original) {
        return Err(failed("taking its edits out does not give the original"));
    }
    let returns_rows = match &resolution.parsed.statement {
        Statement::Query(query) => !into_table(query),
        // What EXPLAIN gives is not known.
        _ => resolution
            .outputs
            .as_ref()
            .is_none_or(|outputs| !outputs.is_empty()),
    };
    if !edits.is_empty() {
        let parsed = syntax::parse(resolution.parsed.dialect, &sql)
            .map_err(|fault| failed(&format!("it does not parse: {}", fault.message)))?;
        let again = resolve(resolution.schema, &parsed, views);
        let same = again.references.len() == resolution.references.len()
            && again
                .references
                .iter()
                .zip(&resolution.references)
                .all(|(new, old)| new.name == old.name && new.is_cte == old.is_cte);
        if !same {
            return Err(failed("it reads other tables than the original"));
        }
        // What is refused as it stands may not be written by us either.
        let guards = [
            again.errors.clone(),
            function::faults(&again),
            account::faults(&again),
        ];
        if let Some(fault) = guards.iter().flatten().next() {
            return Err(failed(&fault.message));
        }
        for (id, grant) in grants.iter().enumerate() {
            let Some(scope @ (Scope::Active | Scope::Deleted)) = grant.scope else {
                continue;
            };
            let reference = &again.references[id];
            if reference.role == Role::InsertTarget || proof(&again, id, scope) {
                continue;
            }
            if reference.role == Role::UpsertTarget {
                return Err(failed("its conflict clause can reach soft-deleted rows"));
            }
            let name = again.called(reference);
            return Err(failed(&format!(
                "the scope of `{name}` does not hold in it"
            )));
        }
    }
    Ok(ScopedSql {
        sql,
        edits,
        model: None,
        returns_rows,
        operation,
    })
}

fn into_table(query: &syntax::ast::Query) -> bool {
    query
        .arms
        .iter()
        .any(|arm| matches!(arm, syntax::ast::Arm::Select(select) if select.into.is_some()))
}

/// Writes f of one reference where it is not proven.
fn filter(
    resolution: &Resolution<'_>,
    id: RefId,
    grant: Grant,
    edits: &mut Edits,
) -> Option<Diagnostic> {
    let reference = &resolution.references[id];
    let (soft, item) = (reference.soft.as_ref()?, reference.item?);
    let scope = grant.scope.filter(|scope| *scope != Scope::WithDeleted)?;
    if grant.proven || reference.role == Role::InsertTarget {
        return None;
    }
    let own = &resolution.items[item];
    let dialect = resolution.parsed.dialect;
    if reference.role == Role::UpsertTarget {
        // Guarded by the rules of upserts; `deleted` has no meaning there.
        return (scope == Scope::Deleted).then(|| {
            Diagnostic::new(
                Code::CannotScope,
                format!(
                    "an upsert writes live rows: `{}` cannot be `deleted`",
                    reference.name
                ),
            )
            .at(
                resolution.span(reference),
                "written by INSERT … ON CONFLICT",
            )
        });
    }
    let current_of = resolution
        .updates
        .iter()
        .any(|(update, block)| update.current_of && *block == own.block);
    if current_of {
        return Some(verb::current_of(resolution, id));
    }
    let seen = seen_columns(resolution, id);
    let spot = match &seen {
        Some(_) => spot(resolution, item),
        None => super::place::Spot::Replace,
    };
    if seen.is_none()
        && let Some(alias) = &reference.relation.alias
        && alias.range.end < reference.relation.range.end
    {
        let message = format!("the columns of `{}` are renamed here", own.qualifier);
        return Some(
            Diagnostic::new(Code::CannotScope, message)
                .at(
                    resolution.span(reference),
                    "its custom condition needs them",
                )
                .help("leave the column list of the alias out"),
        );
    }
    if matches!(spot, super::place::Spot::Replace)
        && let Some(fault) = refusal(resolution, id)
    {
        return Some(fault);
    }
    let written = resolution.written(reference.relation);
    let inside = predicate::text(dialect, soft, scope, &written);
    // A derived table keeps the alias inside, where the block may not see it.
    let alias = reference
        .relation
        .alias
        .as_ref()
        .and_then(|alias| alias.name);
    let qualifier = match (spot, alias) {
        (super::place::Spot::Replace, Some(tok)) => resolution.spelled(tok),
        _ => own.qualifier.clone(),
    };
    let outside = predicate::text(dialect, seen.as_ref().unwrap_or(soft), scope, &qualifier);
    let block = &resolution.blocks[own.block];
    if let (Some(merge), Role::MergeTarget) = (block.merge, reference.role)
        && let Top::On(_) = block.trees[own.tree].top
    {
        for when in merge
            .whens
            .iter()
            .filter(|when| when.kind == WhenKind::NotMatchedBySource)
        {
            if let Some(clause) = &when.condition {
                edits.condition(resolution, clause, outside.clone());
            } else {
                let then = resolution.parsed.tokens[when.then as usize].start;
                edits.insert(then, format!("AND {outside} "));
            }
        }
    }
    edits.put(resolution, id, spot, outside, &inside);
    None
}

/// The marker as the block sees it: a column alias list renames it by position. `None` when it
/// has no name there.
fn seen_columns(resolution: &Resolution<'_>, id: RefId) -> Option<super::resolution::Soft> {
    let reference = &resolution.references[id];
    let soft = reference.soft.as_ref()?;
    let renames = reference
        .relation
        .alias
        .as_ref()
        .is_some_and(|alias| !alias.columns.is_empty());
    if !renames {
        return Some(soft.clone());
    }
    if soft.marker.active.is_some() {
        return None;
    }
    let columns = resolution.items[reference.item?].columns.as_ref()?;
    let marker = columns.iter().find(|col| col.marker_of == Some(id))?;
    let column = marker.name.clone()?;
    let unique = columns
        .iter()
        .filter(|col| col.name.as_ref() == Some(&column))
        .count()
        == 1;
    unique.then(|| {
        let mut soft = soft.clone();
        soft.marker.column = column;
        soft
    })
}

/// Views and parents that show deleted rows and cannot be filtered.
fn leaks(resolution: &Resolution<'_>, grants: &[Grant]) -> Vec<Diagnostic> {
    let mut errors = Vec::new();
    for (reference, grant) in resolution.references.iter().zip(grants) {
        let Some(why) = &reference.leaky else {
            continue;
        };
        // It is never proven, so that somebody has said it.
        let said = grant.scope == Some(Scope::WithDeleted);
        if said || matches!(reference.role, Role::InsertTarget | Role::Wholesale) {
            continue;
        }
        let name = resolution.called(reference);
        let (message, help) = if reference.is_view {
            (
                format!(
                    "the view `{}` shows soft-deleted rows and cannot be filtered here",
                    reference.name
                ),
                format!(
                    "filter inside the view, or select the marker in it as a plain column\n\
                     or say that deleted rows are wanted: `{name}: with_deleted`\n\
                     or, in soft-delete.toml: [views.{}] scope = \"with_deleted\"",
                    reference.name
                ),
            )
        } else {
            let said = format!("say that deleted rows are wanted: `{name}: with_deleted`");
            let table = reference.table.map(|at| &resolution.schema.tables[at]);
            let cure = match table {
                Some(table) if !table.over.is_empty() => format!(
                    "{said}\nor, in soft-delete.toml: [tables.{}] accept = [\"leaky\"]",
                    reference.name
                ),
                Some(table) if table.marker.is_none() => {
                    format!("write `ONLY {}`, or {said}", reference.name)
                }
                _ => said,
            };
            let message = format!(
                "`{}` shows soft-deleted rows and cannot be filtered here",
                reference.name
            );
            (message, cure)
        };
        errors.push(
            Diagnostic::new(Code::LeakyView, message)
                .at(resolution.span(reference), "deleted rows would be returned")
                .why(why.clone())
                .help(help),
        );
    }
    errors
}

/// Scopes that SQLite would not keep.
fn weak(resolution: &Resolution<'_>, grants: &[Grant]) -> Vec<Diagnostic> {
    let mut errors = Vec::new();
    for (id, reference) in resolution.soft() {
        let kept = matches!(grants[id].scope, None | Some(Scope::WithDeleted));
        // A proof may reach into the arm from elsewhere, so that no reference is let through.
        if kept || !resolution.weak_part {
            continue;
        }
        errors.push(
            Diagnostic::new(
                Code::CannotScope,
                format!(
                    "the scope of `{}` would be lost here",
                    resolution.called(reference)
                ),
            )
            .at(resolution.span(reference), "deleted rows would be returned")
            .why(super::view::WEAK)
            .help("put the RIGHT or FULL JOIN into a subquery of its own, or write LEFT JOIN"),
        );
    }
    errors
}

fn contradictions(resolution: &Resolution<'_>, grants: &[Grant]) -> Vec<Diagnostic> {
    let mut errors = Vec::new();
    for (id, reference) in resolution.soft() {
        let Some(scope) = grants[id].scope else {
            continue;
        };
        let Some(leaf) = contradiction(resolution, id, scope) else {
            continue;
        };
        let name = resolution.called(reference);
        let bytes = resolution.parsed.bytes(leaf);
        let text = &resolution.parsed.sql[bytes.clone()];
        let said = if grants[id].said {
            "asked for"
        } else {
            "tested elsewhere"
        };
        let other = if scope == Scope::Active {
            Scope::Deleted
        } else {
            Scope::Active
        };
        errors.push(
            Diagnostic::new(
                Code::Contradiction,
                format!("`{text}` contradicts the scope `{scope}` of `{name}`"),
            )
            .at(
                bytes,
                format!("true for `{other}` rows only, and `{scope}` is {said}"),
            )
            .why("together they find nothing, or rows of one scope where the other is meant")
            .help(format!(
                "take the test out, or ask for `{name}: {other}` or `{name}: with_deleted`"
            )),
        );
    }
    errors
}

fn references(resolution: &Resolution<'_>, grants: &[Grant]) -> Vec<Reference> {
    resolution
        .references
        .iter()
        .zip(grants)
        .filter(|(reference, _)| !reference.is_cte)
        .map(|(reference, grant)| Reference {
            table: reference.name.clone(),
            alias: resolution.alias(reference),
            span: resolution.span(reference),
            soft_deletable: reference.soft.is_some() || reference.leaky.is_some(),
            scope: grant.scope,
            proven: grant.proven,
            insert_target: reference.role == Role::InsertTarget,
        })
        .collect()
}

/// Takes out what follows from another fault of the list: one slip, one error.
fn without_consequences(mut errors: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let has = |errors: &[Diagnostic], code| errors.iter().any(|error| error.code == code);
    // Whether a scope means anything is not known while what the statement reads is not.
    let unsure = [
        Code::UnknownRelation,
        Code::Wholesale,
        Code::UnexplainedToken,
        Code::OpaqueFunction,
    ];
    if unsure.into_iter().any(|code| has(&errors, code)) {
        errors.retain(|error| error.code != Code::MeaninglessScope);
    }
    if has(&errors, Code::MeaninglessScope) {
        errors.retain(|error| error.code != Code::MarkerNotSelected);
    }
    errors
}

/// The same fault at the same place is told once.
fn deduplicated(errors: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let mut kept: Vec<Diagnostic> = Vec::new();
    for error in errors {
        if !kept.contains(&error) {
            kept.push(error);
        }
    }
    kept
}
