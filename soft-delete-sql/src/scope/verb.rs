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
    lifecycle::{
        follow::{Follow, follow},
        graph::Edge,
        record,
    },
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
    if verb == Verb::Restore {
        return super::restore::apply(resolution, edits);
    }
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
    let (stages, marks) = match follow(resolution.schema, index, verb) {
        Follow::Nothing => (Vec::new(), false),
        Follow::Changed(stages) => (stages, false),
        Follow::Marked(stages) => (stages, true),
        Follow::Unaudited => return Err(unaudited(resolution, id, table)),
        Follow::Refused(edge) => return Err(policy_fault(resolution, id, &edge)),
    };
    if verb == Verb::Purge {
        hold(resolution, delete, id, table, edits);
    }
    let mut binds = Vec::new();
    if verb == Verb::SoftDelete || marks {
        let target = Target {
            resolution,
            delete,
            id,
            table,
            marks,
        };
        binds = target.update(edits)?;
    }
    Ok(Operation {
        verb,
        table: display(&table.name),
        table_index: index,
        binds,
        before: Vec::new(),
        stages,
    })
}

/// The audit table would miss the rows of the statement.
fn unaudited(resolution: &Resolution<'_>, id: RefId, table: &Table) -> Diagnostic {
    let reference = &resolution.references[id];
    let (name, operation) = (&table.name, record::OPERATION);
    let kind = operation_type(resolution.schema.dialect);
    Diagnostic::new(
        Code::AuditTable,
        format!("what is removed from `{}` would not be in the audit table", reference.name),
    )
    .at(resolution.span(reference), format!("has no column `{operation}`"))
    .why("the rows that a statement removes are recorded by the id of its operation, which stands in them")
    .help(format!(
        "write a migration:\nALTER TABLE {name} ADD COLUMN {operation} {kind};\n\
         or let them go unrecorded, in soft-delete.toml:\n\
         [tables.{name}]\naccept = [\"unaudited\"]"
    ))
}

/// The type of `deleted_operation` in a migration.
const fn operation_type(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Postgres => "uuid",
        Dialect::Sqlite => "TEXT",
        Dialect::Mysql => "CHAR(36)",
    }
}

/// A policy that cannot be carried out, as nothing tells the rows of the operation from others.
pub(super) fn policy_fault(resolution: &Resolution<'_>, id: RefId, edge: &Edge) -> Diagnostic {
    let schema = resolution.schema;
    let reference = &resolution.references[id];
    let [parent, child] = [edge.parent, edge.child].map(|table| &schema.tables[table]);
    let lacks = |table: &&Table| record::column(table, record::OPERATION).is_none();
    let cascades = edge.policy == Some(Policy::Cascade);
    let mut missing = vec![parent];
    missing.extend((cascades && child.name != parent.name).then_some(child));
    missing.retain(lacks);
    let names: Vec<String> = missing
        .iter()
        .map(|t| format!("`{}`", display(&t.name)))
        .collect();
    let kind = operation_type(schema.dialect);
    let migration: Vec<String> = missing
        .iter()
        .map(|table| {
            let name = &table.name;
            format!(
                "ALTER TABLE {name} ADD COLUMN {} {kind};",
                record::OPERATION
            )
        })
        .collect();
    Diagnostic::new(
        Code::PolicyNotSupported,
        format!(
            "the rows of `{}` that reference `{}` cannot follow it: {} has no column `{}`",
            display(&child.name),
            display(&parent.name),
            names.join(" and "),
            record::OPERATION
        ),
    )
    .at(
        resolution.span(reference),
        "its dependent rows would be left as they are",
    )
    .why("the rows of one operation are told from all others by its id, here and when they are restored")
    .help(format!("write a migration:\n{}", migration.join("\n")))
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
    /// Only the operation is written: the rows are removed by it afterwards.
    marks: bool,
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
        let mut set = Vec::new();
        if !self.marks {
            set.push(self.marker(&column)?);
        }
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
            if self.marks && bind != OperationBind::OperationId {
                continue;
            }
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
