//! Verbs: what a DELETE becomes.

use super::{
    Operation, OperationBind, Verb,
    edits::Edits,
    predicate,
    resolution::{RefId, Resolution, Role},
    resolve::display,
};
use crate::{
    Dialect,
    diagnostic::{Code, Diagnostic},
    lifecycle::record,
    schema::{Column, Policy, Table},
    syntax::{
        Parsed,
        ast::{Delete, Statement, Tok},
        placeholder::{self, Placeholder, Placeholders},
    },
};

/// Turns the DELETE into the operation.
pub(super) fn apply(
    resolution: &Resolution<'_>,
    verb: Verb,
    edits: &mut Edits,
) -> Result<Operation, Diagnostic> {
    let Statement::Delete(delete) = &resolution.parsed.statement else {
        return Err(Diagnostic::new(
            Code::VerbMisused,
            format!("`{}` takes a DELETE statement", verb.word()),
        )
        .help(format!(
            "soft_query!({}, \"DELETE FROM … WHERE …\")",
            verb.word()
        )));
    };
    let mut targets = resolution
        .references
        .iter()
        .enumerate()
        .filter(|(id, reference)| {
            reference.role == Role::DeleteTarget && super::write::is_top(resolution, *id)
        })
        .map(|(id, _)| id);
    let first = targets.next();
    let misused = |message: String, help: &str| {
        let fault = Diagnostic::new(Code::VerbMisused, message).help(help);
        Err(match first {
            Some(id) => fault.at(resolution.span(&resolution.references[id]), ""),
            None => fault,
        })
    };
    let Some(id) = first else {
        return misused(
            format!("`{}` finds no table to delete from", verb.word()),
            "",
        );
    };
    if targets.next().is_some() {
        let message = format!("`{}` deletes from one table at a time", verb.word());
        return misused(message, "write one statement for each table");
    }
    let reference = &resolution.references[id];
    let (Some(_), Some(index)) = (&reference.soft, reference.table) else {
        let message = format!(
            "`{}` on `{}`, which is not a soft-deletable table",
            verb.word(),
            reference.name
        );
        return misused(
            message,
            "a plain DELETE needs no verb: use sqlx's own query macros",
        );
    };
    if delete.returning.is_some() {
        let message = format!("`{}` returns an operation, not rows", verb.word());
        let help = "take out RETURNING; to see the rows, SELECT them first in the same transaction";
        return misused(message, help);
    }
    if delete.current_of {
        return Err(current_of(resolution, id));
    }
    let table = &resolution.schema.tables[index];
    if let Some(fault) = policy_fault(resolution, id, table) {
        return Err(fault);
    }
    if verb == Verb::Purge {
        hold(resolution, delete, id, table, edits);
    }
    let mut binds = Vec::new();
    if verb == Verb::SoftDelete {
        let target = Target {
            resolution,
            delete,
            id,
            table,
        };
        binds = target.update(edits)?;
    }
    Ok(Operation {
        verb,
        table: display(&table.name),
        table_index: index,
        binds,
    })
}

/// A policy that a verb does not carry out.
fn policy_fault(resolution: &Resolution<'_>, id: RefId, table: &Table) -> Option<Diagnostic> {
    let reference = &resolution.references[id];
    if let Some((other, policy)) = table
        .settings
        .references
        .iter()
        .find(|(_, policy)| **policy != Policy::Keep)
    {
        let word = match policy {
            Policy::Cascade => "cascade",
            Policy::Restrict => "restrict",
            Policy::Detach => "detach",
            Policy::Keep => "keep",
        };
        return Some(Diagnostic::new(
            Code::PolicyNotSupported,
            format!(
                "`{}` has `references.{other} = \"{word}\"`, which a verb does not carry out yet",
                reference.name
            ),
        )
        .at(
            resolution.span(reference),
            "its dependent rows would be left as they are",
        )
        .why("a delete that ignores the policy would leave the rows it promises to handle")
        .help(format!(
            "[tables.{}.references]\n{other} = \"keep\"",
            reference.name
        )));
    }
    None
}

/// Rows on hold are no purge's.
fn hold(resolution: &Resolution<'_>, delete: &Delete, id: RefId, table: &Table, edits: &mut Edits) {
    let reference = &resolution.references[id];
    let (Some(hold), Some(soft), Some(item)) =
        (&table.settings.hold, &reference.soft, reference.item)
    else {
        return;
    };
    let qualifier = &resolution.items[item].qualifier;
    let hold = predicate::qualified(resolution.parsed.dialect, hold, &soft.columns, qualifier);
    let f = format!("({hold}) IS NOT TRUE");
    match &delete.filter {
        Some(clause) => edits.condition(resolution, clause, f),
        None => edits.new_clause(resolution, delete.filter_at, "WHERE", f),
    }
}

/// `WHERE CURRENT OF` names no condition a filter can join.
pub(super) fn current_of(resolution: &Resolution<'_>, id: RefId) -> Diagnostic {
    let reference = &resolution.references[id];
    Diagnostic::new(
        Code::CannotScope,
        "WHERE CURRENT OF takes the row of a cursor, and no scope can be added",
    )
    .at(resolution.span(reference), "soft-deletable")
    .why("whether that row is still live is not tested")
    .help("write the key of the row in WHERE")
}

struct Target<'r, 'p> {
    resolution: &'r Resolution<'p>,
    delete: &'r Delete,
    id: RefId,
    table: &'r Table,
}

impl Target<'_, '_> {
    /// `DELETE FROM t … USING …` becomes `UPDATE t SET … FROM …`.
    fn update(&self, edits: &mut Edits) -> Result<Vec<OperationBind>, Diagnostic> {
        let resolution = self.resolution;
        let parsed = resolution.parsed;
        let dialect = parsed.dialect;
        let delete = self.delete;
        let several = !delete.targets.is_empty();
        let start = parsed.tokens[delete.keyword as usize].start;
        let first = parsed.tokens[delete.tables.range.start as usize].start;
        edits.replace(start..first, "UPDATE ");
        let (set, binds) = self.assignments(several)?;
        let end = parsed.bytes(delete.tables.range).end;
        edits.set(end, format!(" SET {}", set.join(", ")));
        if let Some(using) = &delete.using {
            let keyword: Tok = using.range.start - 1;
            let token = parsed.tokens[keyword as usize];
            edits.replace(token.start..token.end, "FROM");
        }
        if dialect == Dialect::Sqlite && !binds.is_empty() {
            self.number_placeholders(edits);
        }
        Ok(binds)
    }

    /// Ours stand in SET, in front of the user's: each plain `?` gets the number it binds by.
    fn number_placeholders(&self, edits: &mut Edits) {
        let parsed = self.resolution.parsed;
        for placeholder in placeholders(parsed).list {
            if parsed.sql.get(placeholder.span.clone()) == Some("?") {
                edits.replace(placeholder.span, format!("?{}", placeholder.number));
            }
        }
    }

    fn assignments(&self, several: bool) -> Result<(Vec<String>, Vec<OperationBind>), Diagnostic> {
        let dialect = self.resolution.parsed.dialect;
        let reference = &self.resolution.references[self.id];
        let called = reference
            .item
            .map(|item| self.resolution.items[item].qualifier.clone());
        let column = |name: &str| match &called {
            Some(called) if several => format!("{called}.{}", dialect.quote(name)),
            _ => dialect.quote(name),
        };
        let mut set = vec![self.marker(&column)?];
        let mut binds = Vec::new();
        let own = placeholders(self.resolution.parsed);
        if let Some(none) = own.list.iter().find(|own| own.number == usize::MAX) {
            return Err(no_placeholder(self.resolution.parsed, none));
        }
        let mut next = own.highest;
        let record = [
            (record::ACTOR, OperationBind::Actor),
            (record::REASON, OperationBind::Reason),
            (record::OPERATION, OperationBind::OperationId),
        ];
        for (name, bind) in record {
            let Some(own) = record::column(self.table, name) else {
                continue;
            };
            next += 1;
            let placeholder = match dialect {
                Dialect::Postgres => format!("${next}"),
                Dialect::Sqlite => format!("?{next}"),
                Dialect::Mysql => "?".to_owned(),
            };
            let value = match bind {
                OperationBind::OperationId => record::operation_id(dialect, own, &placeholder),
                OperationBind::Actor | OperationBind::Reason => placeholder,
            };
            set.push(format!("{} = {value}", column(name)));
            binds.push(bind);
        }
        Ok((set, binds))
    }

    fn marker(&self, column: &dyn Fn(&str) -> String) -> Result<String, Diagnostic> {
        let Some(marker) = &self.table.marker else {
            return Ok(String::new());
        };
        let Some(value) = record::marked(self.resolution.parsed.dialect, self.table) else {
            let own = record::column(self.table, &marker.column);
            return Err(self.no_now(&marker.column, own));
        };
        Ok(format!("{} = {value}", column(&marker.column)))
    }

    /// A number can count seconds or nanoseconds: only the application knows.
    fn no_now(&self, marker: &str, own: Option<&Column>) -> Diagnostic {
        let reference = &self.resolution.references[self.id];
        let kind = own.map_or("", |column| column.sql_type.as_str());
        Diagnostic::new(
            Code::MarkerType,
            format!("what a soft delete writes into `{marker}` ({kind}) is not known"),
        )
        .at(
            self.resolution.span(reference),
            format!("`{marker}` is a {kind}"),
        )
        .why("seconds, milliseconds and text look alike to the schema and not to your queries")
        .help(format!(
            "in soft-delete.toml: [tables.{}]\nnow = \"unixepoch()\"",
            reference.name
        ))
    }
}

/// A number that no argument has.
fn no_placeholder(parsed: &Parsed<'_>, none: &Placeholder) -> Diagnostic {
    let text = &parsed.sql[none.span.clone()];
    Diagnostic::new(Code::BindCount, format!("no argument is number `{text}`"))
        .at(none.span.clone(), "numbers go on from 1")
        .help("number the placeholders as the arguments stand in the call, from 1")
}

fn placeholders(parsed: &Parsed<'_>) -> Placeholders {
    placeholder::placeholders(parsed.dialect, parsed.sql, &parsed.tokens)
}
