//! The texts of what is refused.

use std::path::Path;

use super::Reading;
use crate::{
    Code, Diagnostic,
    schema::{
        Location, ObjectName, Table,
        catalog::Catalog,
        config,
        cursor::{Cursor, Fault},
        script::Script,
    },
    syntax::{TokenKind, lexer::lex},
};

/// The relations a statement is about, as far as its tokens tell.
pub(super) fn subjects(statement: &Cursor<'_>) -> Vec<Vec<String>> {
    let mut found: Vec<Vec<String>> = Vec::new();
    collect(statement, 0, &mut found);
    found
}

fn collect(statement: &Cursor<'_>, depth: usize, found: &mut Vec<Vec<String>>) {
    let index = statement
        .tokens
        .iter()
        .take(4)
        .any(|token| token.is(statement.sql, "index"));
    let mut cursor = *statement;
    while let Some(token) = cursor.next() {
        if token.kind == TokenKind::String && depth < 3 {
            let value = token.value(cursor.dialect, cursor.sql);
            if let Ok(tokens) = lex(cursor.dialect, &value) {
                let inner = Cursor::new(cursor.dialect, &value, &tokens);
                collect(&inner, depth + 1, found);
            }
            continue;
        }
        let names = token.is(cursor.sql, "table")
            || token.is(cursor.sql, "view")
            || index && token.is(cursor.sql, "on");
        if !names {
            continue;
        }
        while cursor.take_any(&["if", "not", "exists", "only", "concurrently"]) {}
        if let Ok(parts) = cursor.dotted()
            && !found.contains(&parts)
        {
            found.push(parts);
        }
    }
}

/// A statement that changes tables and cannot be understood.
pub(super) fn statement(
    script: &Script<'_>,
    statement: &Cursor<'_>,
    fault: &Fault,
    subjects: &[Vec<String>],
    catalog: &Catalog,
) -> Diagnostic {
    let line = script.line(statement.byte());
    let place = place(&script.file, line);
    let mut reason = fault.reason.clone();
    let at = script.line(fault.at);
    if at != line {
        reason = format!("{reason} (line {at})");
    }
    let message =
        format!("{place}this statement changes tables and cannot be understood: {reason}");
    let mut help = String::new();
    for parts in subjects {
        let section = config::quoted(&parts.join("."));
        let columns = match catalog.find_table(parts) {
            Some(at) => columns(&catalog.tables[at].table),
            None => "id = \"bigint not null\", …".to_owned(),
        };
        for part in ["[tables.", &section, "]\ncolumns = { ", &columns, " }\n"] {
            help.push_str(part);
        }
    }
    if !help.is_empty() {
        let head = "declare all columns by hand in soft-delete.toml:\n";
        help = format!("{head}{help}or, when the statement changes no column or key, ");
    }
    help.push_str("pass over it:\n");
    help.push_str(&ignore(&script.file, line));
    Diagnostic::new(Code::Migration, message)
        .why(format!(
            "a marker or a key could be missed\n{}",
            excerpt(statement)
        ))
        .help(help)
}

fn ignore(file: &Path, line: usize) -> String {
    let name = file
        .file_name()
        .map_or_else(|| "schema.sql".into(), |name| name.to_string_lossy());
    format!("ignore = [\"{name}:{line}\"]")
}

fn place(file: &Path, line: usize) -> String {
    if file.as_os_str().is_empty() {
        format!("line {line}: ")
    } else {
        format!("{}:{line}: ", file.display())
    }
}

/// The columns as `columns = { … }` says them.
fn columns(table: &Table) -> String {
    let mut found = Vec::new();
    for column in &table.columns {
        let not_null = if column.nullable { "" } else { " not null" };
        let definition = format!("{}{not_null}", column.sql_type);
        let name = config::quoted(&column.name);
        found.push(format!(
            "{name} = \"{}\"",
            definition.replace('\\', "\\\\").replace('"', "\\\"")
        ));
    }
    found.join(", ")
}

/// The first line of a statement.
fn excerpt(statement: &Cursor<'_>) -> String {
    let text = statement.rest();
    let line = text.lines().next().unwrap_or("").trim_end();
    let mut short: String = line.chars().take(80).collect();
    if short.len() < text.len() {
        short.push_str(" …");
    }
    short
}

/// A file whose tokens cannot be told apart.
pub(super) fn unreadable(file: &Path, line: usize, fault: &Diagnostic) -> Diagnostic {
    let message = format!("{}{}", place(file, line), fault.message);
    Diagnostic::new(Code::Migration, message).why("nothing of this file could be read")
}

/// SQLite's ON CONFLICT REPLACE and IGNORE in a key.
pub(super) fn conflict_clause(table: &ObjectName, location: &Location) -> Diagnostic {
    let message = format!(
        "{}a key of `{table}` says ON CONFLICT REPLACE or IGNORE",
        place(&location.file, location.line)
    );
    let section = config::quoted(&table.to_string());
    Diagnostic::new(Code::SchemaConflictClause, message)
        .why(
            "an INSERT that meets a soft-deleted row would silently destroy that row, or do nothing",
        )
        .help(format!(
            "leave the clause out, and say ON CONFLICT in the statements that mean it; or accept it in soft-delete.toml:\n\
             [tables.{section}]\naccept = [\"conflict_clause\"]"
        ))
}

impl Reading<'_> {
    /// Tables whose marker may be hidden, and views whose text no longer says what they read.
    pub(super) fn refuse_the_unknowable(&mut self) {
        for draft in &self.catalog.tables {
            let Some(location) = &draft.hides_marker else {
                continue;
            };
            let name = draft.table.name.to_string();
            let settled = self.config.tables.iter().any(|entry| {
                entry.value.soft_deletable == Some(false)
                    && config::spells(
                        self.catalog.dialect,
                        &entry.name,
                        std::slice::from_ref(&draft.table.name.name),
                    )
            });
            if settled {
                continue;
            }
            let section = config::quoted(&name);
            let message = format!(
                "{}the columns of `{name}` cannot be told from the query that makes it",
                place(&location.file, location.line)
            );
            let fault = Diagnostic::new(Code::Migration, message)
                .why("a marker may be among them")
                .help(format!(
                    "declare them by hand in soft-delete.toml, or say that none of them marks a row:\n\
                     [tables.{section}]\ncolumns = {{ id = \"bigint not null\", … }}\nsoft_deletable = false"
                ));
            self.faults.push(fault);
        }
        for (view, location) in &self.catalog.stale_views {
            let declared = self.config.views.iter().any(|entry| {
                config::spells(
                    self.catalog.dialect,
                    &entry.name,
                    std::slice::from_ref(&view.name),
                )
            });
            let exists = self.catalog.views.iter().any(|known| known.name == *view);
            if declared || !exists {
                continue;
            }
            let section = config::quoted(&view.to_string());
            let message = format!(
                "{}the view `{view}` reads what is renamed here, and its text still has the old name",
                place(&location.file, location.line)
            );
            let fault = Diagnostic::new(Code::Migration, message)
                .why("the database follows the rename inside the view; its text cannot be judged any more")
                .help(format!(
                    "create the view anew in a migration, or vouch for the rows it shows in soft-delete.toml:\n\
                     [views.{section}]\nscope = \"active\"  # or \"with_deleted\""
                ));
            self.faults.push(fault);
        }
    }
}
