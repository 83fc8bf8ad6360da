//! Writing: the marker belongs to the operations, DELETE needs a verb, REPLACE destroys.

use super::{
    Request, Verb,
    resolution::{BlockId, RefId, Resolution, Role},
};
use crate::{
    Dialect,
    diagnostic::{Code, Diagnostic},
    schema::MarkerKind,
    syntax::ast::{
        Arm, Assignment, ConflictAction, Expr, Insert, InsertSource, Query, Range, Statement, Tok,
        Update, WhenAction,
    },
};

/// Faults of what the statement writes.
pub(super) fn faults(request: &Request<'_>, resolution: &Resolution<'_>) -> Vec<Diagnostic> {
    let mut errors = Vec::new();
    let top = match &resolution.parsed.statement {
        Statement::Update(update) => update.range.start,
        _ => Tok::MAX,
    };
    for (update, block) in &resolution.updates {
        if update.replaces
            && let Some(id) = target(resolution, *block, Role::UpdateTarget)
        {
            errors.push(super::upsert::replaces(resolution, id));
        }
        // `restore` looks at its own SET itself.
        let restores = request.verb == Some(Verb::Restore) && update.range.start == top;
        if !restores {
            assignments(resolution, update, *block, &mut errors);
        }
    }
    for (insert, id, _) in &resolution.inserts {
        inserted(resolution, insert, *id, &mut errors);
    }
    for (merge, id) in &resolution.merges {
        for when in &merge.whens {
            match &when.action {
                WhenAction::Update(list) => protect(resolution, *id, list, &mut errors),
                WhenAction::Insert {
                    columns: Some(columns),
                    values,
                } => {
                    let names: Vec<String> =
                        columns.iter().map(|&tok| resolution.name(tok)).collect();
                    row(resolution, *id, &names, values, &mut errors);
                }
                WhenAction::Insert {
                    columns: None,
                    values,
                } => {
                    let names = columns_of(resolution, *id);
                    row(resolution, *id, &names, values, &mut errors);
                }
                WhenAction::Delete => {
                    if resolution.references[*id].over_soft {
                        errors.push(delete(resolution, *id));
                    }
                }
                WhenAction::Nothing => {}
            }
        }
    }
    let top_verb = request.verb.is_some();
    for (id, reference) in resolution.references.iter().enumerate() {
        if reference.role == Role::DeleteTarget
            && (reference.over_soft || reference.leaky.is_some())
            && !(top_verb && is_top(resolution, id))
        {
            errors.push(delete(resolution, id));
        }
    }
    errors
}

/// True for the target of the statement itself, not of a CTE.
pub(super) fn is_top(resolution: &Resolution<'_>, id: RefId) -> bool {
    let crate::syntax::ast::Statement::Delete(delete) = &resolution.parsed.statement else {
        return false;
    };
    let at = resolution.references[id].relation.name_range.start;
    delete.tables.range.contains(at)
}

fn target(resolution: &Resolution<'_>, block: BlockId, role: Role) -> Option<RefId> {
    resolution.blocks[block].items.iter().find_map(|&item| {
        let id = resolution.items[item].reference?;
        let reference = &resolution.references[id];
        (reference.role == role && reference.soft.is_some()).then_some(id)
    })
}

fn delete(resolution: &Resolution<'_>, id: RefId) -> Diagnostic {
    let reference = &resolution.references[id];
    let name = &reference.name;
    Diagnostic::new(
        Code::DeleteNeedsVerb,
        format!("DELETE on `{name}` does not say whether it soft-deletes, purges or erases"),
    )
    .at(resolution.span(reference), "soft-deletable: its rows would be gone for good")
    .why("a physical DELETE takes live rows and the record of earlier deletions alike")
    .help(format!(
        "soft_query!(soft_delete, \"DELETE FROM {name} …\")   sets the marker\n\
         soft_query!(purge, \"DELETE FROM {name} …\")         removes rows that are already deleted\n\
         soft_query!(erase, \"DELETE FROM {name} …\")         removes rows whatever their state"
    ))
}

fn written(resolution: &Resolution<'_>, id: RefId, column: &str, range: Range) -> Diagnostic {
    let role = resolution.references[id].role;
    let is_new = matches!(role, Role::InsertTarget | Role::UpsertTarget);
    written_by(resolution, id, column, range, is_new)
}

fn written_by(
    resolution: &Resolution<'_>,
    id: RefId,
    column: &str,
    range: Range,
    is_new: bool,
) -> Diagnostic {
    let reference = &resolution.references[id];
    let name = &reference.name;
    let help = if is_new {
        format!("leave `{column}` out: a new row is live")
    } else {
        format!(
            "to delete: `.soft_delete()`, or soft_query!(soft_delete, \"DELETE FROM {name} …\")\n\
             to bring back: `.restore()`; otherwise leave `{column}` out"
        )
    };
    Diagnostic::new(
        Code::MarkerWritten,
        format!("`{column}` of `{name}` is written by the operations only"),
    )
    .at(resolution.parsed.bytes(range), "written here")
    .why(
        "a marker set by hand re-stamps tombstones, revives them, or skips what depends on the row",
    )
    .help(help)
}

/// SET of an UPDATE, for every table it can mean.
fn assignments(
    resolution: &Resolution<'_>,
    update: &Update,
    block: BlockId,
    errors: &mut Vec<Diagnostic>,
) {
    let targets: Vec<RefId> = resolution.blocks[block]
        .items
        .iter()
        .filter_map(|&item| resolution.items[item].reference)
        .filter(|&id| resolution.references[id].role == Role::UpdateTarget)
        .collect();
    for assignment in &update.assignments {
        for column in &assignment.columns {
            let Some((&last, qualifier)) = column.split_last() else {
                continue;
            };
            let name = resolution.name(last);
            let qualifier = qualifier.last().map(|&tok| resolution.name(tok));
            // An unqualified column can be any target's.
            let hit = targets.iter().copied().find(|&id| {
                let reference = &resolution.references[id];
                let called = resolution.called(reference);
                qualifier.as_ref().is_none_or(|q| *q == called)
                    && reference.protected.contains(&name)
            });
            if let Some(id) = hit {
                let range = Range {
                    start: column[0],
                    end: last + 1,
                };
                errors.push(written(resolution, id, &name, range));
            }
        }
    }
}

/// SET of a conflict clause or MERGE action.
fn protect(
    resolution: &Resolution<'_>,
    id: RefId,
    list: &[Assignment],
    errors: &mut Vec<Diagnostic>,
) {
    let protected = &resolution.references[id].protected;
    for assignment in list {
        for &tok in assignment.columns.iter().flatten() {
            let name = resolution.name(tok);
            if protected.contains(&name) {
                let column = Range {
                    start: tok,
                    end: tok + 1,
                };
                // The row of a conflict clause or MERGE is there already.
                errors.push(written_by(resolution, id, &name, column, false));
            }
        }
    }
}

fn inserted(resolution: &Resolution<'_>, insert: &Insert, id: RefId, errors: &mut Vec<Diagnostic>) {
    for conflict in &insert.conflicts {
        if let ConflictAction::Update { assignments, .. } = &conflict.action {
            protect(resolution, id, assignments, errors);
        }
    }
    protect(
        resolution,
        id,
        insert.on_duplicate.as_deref().unwrap_or_default(),
        errors,
    );
    let names: Vec<String> = match &insert.columns {
        Some(columns) => columns.iter().map(|&tok| resolution.name(tok)).collect(),
        None => implicit(resolution, id),
    };
    match &insert.source {
        InsertSource::Default => {}
        InsertSource::Set(list) => {
            for assignment in list {
                for tok in assignment.columns.iter().flatten() {
                    let name = resolution.name(*tok);
                    value(resolution, id, &name, &assignment.value, errors);
                }
            }
        }
        InsertSource::Query(query) => rows(resolution, id, &names, query, errors),
    }
}

fn columns_of(resolution: &Resolution<'_>, id: RefId) -> Vec<String> {
    let item = resolution.references[id].item;
    item.and_then(|item| resolution.items[item].columns.as_ref())
        .map(|columns| columns.iter().filter_map(|col| col.name.clone()).collect())
        .unwrap_or_default()
}

/// The columns that an INSERT without a list fills: not the invisible ones, and in SQLite not the
/// computed ones.
fn implicit(resolution: &Resolution<'_>, id: RefId) -> Vec<String> {
    let is_sqlite = resolution.parsed.dialect == Dialect::Sqlite;
    let table = resolution.references[id].table;
    let table = table.map(|at| &resolution.schema.tables[at]);
    let left_out = |name: &String| {
        let column = table.and_then(|table| table.columns.iter().find(|own| own.name == *name));
        column.is_some_and(|column| column.invisible || is_sqlite && column.computed.is_some())
    };
    let mut names = columns_of(resolution, id);
    names.retain(|name| !left_out(name));
    names
}

/// The rows of an INSERT, arm by arm.
fn rows(
    resolution: &Resolution<'_>,
    id: RefId,
    names: &[String],
    query: &Query,
    errors: &mut Vec<Diagnostic>,
) {
    let protected = &resolution.references[id].protected;
    for arm in &query.arms {
        match arm {
            Arm::Values(values) => {
                for values in &values.rows {
                    row(resolution, id, names, values, errors);
                }
            }
            Arm::Select(select) => {
                let star = select.items.iter().position(|item| item.star.is_some());
                for (at, name) in names.iter().enumerate() {
                    if !protected.contains(name) {
                        continue;
                    }
                    match (star, select.items.get(at)) {
                        (Some(star), _) if star <= at => {
                            errors.push(written(resolution, id, name, select.items[star].range));
                        }
                        (_, Some(item)) => value(resolution, id, name, &item.expr, errors),
                        (_, None) => {}
                    }
                }
            }
            Arm::Table { relation, .. } => {
                if let Some(name) = names.iter().find(|name| protected.contains(name)) {
                    errors.push(written(resolution, id, name, relation.range));
                }
            }
            Arm::Nested(query) => rows(resolution, id, names, query, errors),
        }
    }
}

fn row(
    resolution: &Resolution<'_>,
    id: RefId,
    names: &[String],
    values: &[Expr],
    errors: &mut Vec<Diagnostic>,
) {
    for (name, expr) in names.iter().zip(values) {
        value(resolution, id, name, expr, errors);
    }
}

/// A protected column takes NULL or DEFAULT, a marker also what says live.
fn value(
    resolution: &Resolution<'_>,
    id: RefId,
    name: &String,
    expr: &Expr,
    errors: &mut Vec<Diagnostic>,
) {
    let reference = &resolution.references[id];
    if !reference.protected.contains(name) {
        return;
    }
    let range = resolution.strip_parens(expr.range);
    let is_live_word = reference.soft.as_ref().is_some_and(|soft| {
        soft.marker.column == *name
            && soft.marker.kind != MarkerKind::Timestamp
            && (resolution.is(range.start, "FALSE") || resolution.text(range.start) == "0")
    });
    let is_null = resolution.is(range.start, "NULL") || resolution.is(range.start, "DEFAULT");
    if range.end == range.start + 1 && (is_null || is_live_word) {
        return;
    }
    errors.push(written(resolution, id, name, expr.range));
}
