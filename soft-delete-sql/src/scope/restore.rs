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
    schema::{Erasure, Marker, Table},
    syntax::ast::{Assignment, Range, Statement, Tok, Update},
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
    let cleared = match update.assignments.as_slice() {
        [only] => cleared(resolution, only, &soft.marker).zip(Some(only)),
        _ => None,
    };
    let Some((column, assignment)) = cleared else {
        return Err(assigns(resolution, update, &soft.marker));
    };
    let table = &resolution.schema.tables[index];
    leave_erased(resolution, update, id, table, edits);
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
    let prefix = prefix(resolution, column);
    let set: Vec<String> = records
        .into_iter()
        .filter(|name| record::column(table, name).is_some())
        .filter(|name| *name != record::OPERATION || !keeps_operation)
        .map(|name| format!(", {prefix}{} = NULL", dialect.quote(name)))
        .collect();
    let end = resolution.parsed.bytes(assignment.range).end;
    if !set.is_empty() {
        edits.set(end, set.concat());
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

/// What an erasure has left stays deleted.
fn leave_erased(
    resolution: &Resolution<'_>,
    update: &Update,
    id: RefId,
    table: &Table,
    edits: &mut Edits,
) {
    let item = resolution.references[id].item;
    let Some(item) = item.filter(|_| table.settings.erase == Some(Erasure::Overwrite)) else {
        return;
    };
    let qualifier = &resolution.items[item].qualifier;
    let column = resolution.parsed.dialect.quote(record::ERASED);
    let f = format!("{qualifier}.{column} IS NULL");
    match &update.filter {
        Some(clause) => edits.condition(resolution, clause, f),
        None => edits.new_clause(resolution, update.filter_at, "WHERE", f),
    }
}

/// True for the target of the statement itself, not of a CTE.
pub(super) fn is_top(resolution: &Resolution<'_>, id: RefId) -> bool {
    let Statement::Update(update) = &resolution.parsed.statement else {
        return false;
    };
    let at = resolution.references[id].relation.name_range.start;
    update.tables.range.contains(at)
}

/// `c.` of `c.deleted_at`.
fn prefix(resolution: &Resolution<'_>, column: &[Tok]) -> String {
    let [first, .., last] = column else {
        return String::new();
    };
    let qualifier = Range {
        start: *first,
        end: *last,
    };
    resolution.parsed.sql[resolution.parsed.bytes(qualifier)].to_owned()
}

/// The column, where it is the marker and becomes that of a live row.
fn cleared<'a>(
    resolution: &Resolution<'_>,
    assignment: &'a Assignment,
    marker: &Marker,
) -> Option<&'a [Tok]> {
    let [column] = assignment.columns.as_slice() else {
        return None;
    };
    let named = resolution.name(*column.last()?) == marker.column;
    let value = resolution.strip_parens(assignment.value.range);
    let word = record::unmarked(marker.kind);
    let live = resolution.is(value.start, word) || resolution.text(value.start) == word;
    (named && value.end == value.start + 1 && live).then_some(column)
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
