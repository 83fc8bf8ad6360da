//! `restore`: the UPDATE that takes the marker away becomes one that restores.

use super::{
    Operation, Verb,
    edits::Edits,
    resolution::{RefId, Resolution, Role},
    resolve::display,
};
use crate::{
    diagnostic::{Code, Diagnostic},
    lifecycle::{
        follow::{Restored, restored},
        record,
    },
    schema::Marker,
    syntax::ast::{Assignment, Range, Statement, Update},
};

/// Turns the UPDATE into the operation.
pub(super) fn apply(
    resolution: &Resolution<'_>,
    edits: &mut Edits,
) -> Result<Operation, Diagnostic> {
    let Statement::Update(update) = &resolution.parsed.statement else {
        return Err(misused(
            "`restore` takes an UPDATE of the marker".to_owned(),
        ));
    };
    let mut targets = resolution
        .references
        .iter()
        .enumerate()
        .filter(|(_, reference)| reference.role == Role::UpdateTarget)
        .filter(|(id, _)| is_top(resolution, *id));
    let (Some((id, reference)), None) = (targets.next(), targets.next()) else {
        return Err(misused("`restore` takes an UPDATE of one table".to_owned()));
    };
    let span = resolution.span(reference);
    let (Some(soft), Some(index)) = (&reference.soft, reference.table) else {
        let message = format!(
            "`restore` on `{}`, which is not a soft-deletable table",
            reference.name
        );
        return Err(misused(message).at(span, ""));
    };
    if update.returning.is_some() {
        let fault = misused("`restore` returns an operation, not rows".to_owned());
        return Err(fault.help("take out RETURNING; SELECT the rows in the same transaction"));
    }
    if update.current_of {
        return Err(super::verb::current_of(resolution, id));
    }
    let takes_the_marker_away = match update.assignments.as_slice() {
        [only] => is_cleared(resolution, only, &soft.marker),
        _ => false,
    };
    if !takes_the_marker_away {
        return Err(assigns(resolution, update, &soft.marker));
    }
    let table = &resolution.schema.tables[index];
    let Restored {
        before,
        stages,
        keeps_operation,
    } = match restored(resolution.schema, index) {
        Ok(restored) => restored,
        Err(edge) => return Err(super::verb::policy_fault(resolution, id, &edge)),
    };
    // The marker stands there already; with it goes what the deletion recorded.
    let records = [record::ACTOR, record::REASON, record::OPERATION];
    let dialect = resolution.parsed.dialect;
    let prefix = prefix(resolution, &update.assignments[0]);
    let cleared: Vec<String> = records
        .into_iter()
        .filter(|name| record::column(table, name).is_some())
        .filter(|name| *name != record::OPERATION || !keeps_operation)
        .map(|name| format!(", {prefix}{} = NULL", dialect.quote(name)))
        .collect();
    let end = resolution.parsed.bytes(update.assignments[0].range).end;
    if !cleared.is_empty() {
        edits.set(end, cleared.concat());
    }
    Ok(Operation {
        verb: Verb::Restore,
        table: display(&table.name),
        table_index: index,
        binds: Vec::new(),
        before,
        stages,
    })
}

/// True for the target of the statement itself, not of a CTE.
pub(super) fn is_top(resolution: &Resolution<'_>, id: RefId) -> bool {
    let Statement::Update(update) = &resolution.parsed.statement else {
        return false;
    };
    let at = resolution.references[id].relation.name_range.start;
    update.tables.range.contains(at)
}

/// `c.` of `SET c.deleted_at = NULL`.
fn prefix(resolution: &Resolution<'_>, assignment: &Assignment) -> String {
    let Some([first, .., last]) = assignment.columns.first().map(Vec::as_slice) else {
        return String::new();
    };
    let qualifier = Range {
        start: *first,
        end: *last,
    };
    resolution.parsed.sql[resolution.parsed.bytes(qualifier)].to_owned()
}

fn is_cleared(resolution: &Resolution<'_>, assignment: &Assignment, marker: &Marker) -> bool {
    let [column] = assignment.columns.as_slice() else {
        return false;
    };
    let named = column
        .last()
        .is_some_and(|last| resolution.name(*last) == marker.column);
    let value = resolution.strip_parens(assignment.value.range);
    let word = record::unmarked(marker.kind);
    let live = resolution.is(value.start, word) || resolution.text(value.start) == word;
    named && value.end == value.start + 1 && live
}

fn assigns(resolution: &Resolution<'_>, update: &Update, marker: &Marker) -> Diagnostic {
    let set = format!("SET {} = {}", marker.column, record::unmarked(marker.kind));
    let fault = misused(format!("`restore` takes `{set}` and nothing else")).help(format!(
        "write `{set}`; change other columns by a statement of their own, in the same transaction"
    ));
    match (update.assignments.first(), update.assignments.last()) {
        (Some(first), Some(last)) => fault.at(
            resolution.parsed.bytes(Range {
                start: first.range.start,
                end: last.range.end,
            }),
            "",
        ),
        _ => fault,
    }
}

fn misused(message: String) -> Diagnostic {
    Diagnostic::new(Code::VerbMisused, message).help(
        "soft_query!(restore, \"UPDATE … SET deleted_at = NULL WHERE …\"); one row that is known to \
         be deleted: `deleted.restore()`",
    )
}
