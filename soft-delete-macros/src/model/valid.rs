//! What a model must satisfy: its table and its columns.

use soft_delete_sql::{
    Code, Diagnostic, Schema,
    diagnostic::nearest,
    fact,
    schema::{Found, Marker, ObjectName, Table},
};

use super::{
    ast::{Field, Model},
    lifecycle::{Lifecycle, lifecycle},
    marker::{self, IsActive, Kind},
    name::tables_of,
    personal,
};
use crate::fault::Faults;

/// A model that fits its table.
pub(super) struct Resolved<'a> {
    /// The table's name, as references name it.
    pub(super) table: String,
    /// The marker column.
    pub(super) marker: String,
    /// How a row is known to be live.
    pub(super) is_active: IsActive<'a>,
    /// Its key and its operations.
    pub(super) lifecycle: Lifecycle<'a>,
}

/// Finds the table and checks the fields against it.
pub(super) fn resolve<'a>(
    schema: &Schema,
    model: &'a Model<'a>,
    faults: &mut Faults,
) -> Option<Resolved<'a>> {
    let at = table(schema, model, faults)?;
    let table = &schema.tables[at];
    for fact in fact::check(schema, at) {
        faults.add(model.table_span(), &fact);
    }
    if model.has_fields {
        columns(schema, model, table, faults);
        nulls(schema, model, at, faults);
        personal::listed(schema, model, at, faults);
    }
    let marker = marker_of(model, table, faults)?;
    let is_active = marker::is_active(schema, model, table, marker, faults)?;
    Some(Resolved {
        table: dotted(&table.name),
        marker: marker.column.clone(),
        is_active,
        lifecycle: lifecycle(schema, model, at),
    })
}

/// A name as references spell it.
pub(super) fn dotted(name: &ObjectName) -> String {
    match &name.schema {
        Some(schema) => format!("{schema}.{}", name.name),
        None => name.name.clone(),
    }
}

/// The table, by its index.
fn table(schema: &Schema, model: &Model<'_>, faults: &mut Faults) -> Option<usize> {
    let names = match &model.attributes.table {
        Some(table) => vec![table.value()],
        None => tables_of(&model.ident.to_string()),
    };
    let mut found: Vec<(usize, &Table)> = Vec::new();
    let (mut view, mut ambiguous) = (None, false);
    for name in &names {
        match find(schema, name) {
            Found::Table(at) => {
                if !found.iter().any(|(known, _)| *known == at) {
                    found.push((at, &schema.tables[at]));
                }
            }
            Found::View(found) => view = view.or(Some(found)),
            Found::Ambiguous => ambiguous = true,
            Found::External | Found::Unknown => {}
        }
    }
    let fault = match (found.as_slice(), view) {
        ([(at, _)], _) => return Some(*at),
        ([(_, first), (_, second), ..], _) => Diagnostic::new(
            Code::ModelTable,
            format!(
                "`{}` may be a row of `{}` or of `{}`",
                model.ident,
                dotted(&first.name),
                dotted(&second.name)
            ),
        )
        .help(format!(
            "say which: `#[soft_delete(table = \"{}\")]`",
            dotted(&first.name)
        )),
        ([], Some(view)) => Diagnostic::new(
            Code::ModelTable,
            format!(
                "`{}` is a view, and a model is a row of a table",
                dotted(&view.name)
            ),
        )
        .help(format!(
            "query the view with a plain row type: `active as {}`",
            model.ident
        )),
        ([], None) if ambiguous => Diagnostic::new(
            Code::ModelTable,
            format!("several schemas have a table `{}`", names[0]),
        )
        .help("name the schema: `#[soft_delete(table = \"crm.contacts\")]`"),
        ([], None) => unknown_table(schema, model, &names),
    };
    faults.add(model.table_span(), &fault);
    None
}

/// A name as SQL reads it: as it is when some table is spelled so, else folded.
fn find<'s>(schema: &'s Schema, name: &str) -> Found<'s> {
    let parts = |fold: fn(soft_delete_sql::Dialect, &str) -> String| -> Vec<String> {
        name.split('.')
            .map(|part| fold(schema.dialect, part))
            .collect()
    };
    match schema.find(&parts(soft_delete_sql::Dialect::fold_quoted)) {
        Found::Unknown => schema.find(&parts(soft_delete_sql::Dialect::fold)),
        found => found,
    }
}

fn unknown_table(schema: &Schema, model: &Model<'_>, names: &[String]) -> Diagnostic {
    let tables: Vec<String> = schema
        .tables
        .iter()
        .map(|table| dotted(&table.name))
        .collect();
    let soft: Vec<&str> = schema
        .tables
        .iter()
        .zip(&tables)
        .filter_map(|(table, name)| table.marker.is_some().then_some(name.as_str()))
        .collect();
    let near = names
        .iter()
        .find_map(|name| nearest(name, soft.iter().copied()))
        .or_else(|| {
            names
                .iter()
                .find_map(|name| nearest(name, tables.iter().map(String::as_str)))
        });
    let message = if model.attributes.table.is_some() {
        format!("no migration creates a table `{}`", names[0])
    } else {
        format!(
            "no migration creates a table `{}` for `{}`",
            names[0], model.ident
        )
    };
    let help = match (near, soft.as_slice()) {
        (Some(near), _) => format!("did you mean `#[soft_delete(table = \"{near}\")]`?"),
        (None, []) => "name the table: `#[soft_delete(table = \"…\")]`; no table of the schema is \
             soft-deletable"
            .to_owned(),
        (None, soft) => format!(
            "name the table: `#[soft_delete(table = \"…\")]`; soft-deletable: {}",
            listed(soft)
        ),
    };
    Diagnostic::new(Code::ModelTable, message).help(help)
}

/// A few names; a list of hundreds helps nobody.
fn listed(names: &[&str]) -> String {
    const SHOWN: usize = 8;
    let shown: Vec<String> = names
        .iter()
        .take(SHOWN)
        .map(|name| format!("`{name}`"))
        .collect();
    let more = names.len().saturating_sub(SHOWN);
    let rest = if more > 0 {
        format!(" and {more} more")
    } else {
        String::new()
    };
    shown.join(", ") + &rest
}

/// Every field that is read from a row has a column.
fn columns(schema: &Schema, model: &Model<'_>, table: &Table, faults: &mut Faults) {
    if !table.columns_known {
        return;
    }
    let is_default = |field: &Field<'_>| field.attributes.default || model.attributes.default;
    for field in &model.fields {
        let name = schema.dialect.fold_quoted(&field.column);
        let known = table.columns.iter().any(|column| column.name == name);
        // A default stands in for a column that is not there.
        if known || !field.is_column() || is_default(field) {
            continue;
        }
        let unused = table
            .columns
            .iter()
            .map(|column| column.name.as_str())
            .filter(|column| {
                !model
                    .fields
                    .iter()
                    .any(|other| schema.dialect.fold_quoted(&other.column) == *column)
            });
        let help = match nearest(&name, unused) {
            Some(near) => format!("did you mean `{near}`? Name it so, or write `#[sqlx(rename = \"{near}\")]`"),
            None => "if no column holds it: `#[sqlx(skip)]`; if only some queries return it: `#[sqlx(default)]`"
                .to_owned(),
        };
        faults.add(
            field.span(),
            &Diagnostic::new(
                Code::FieldMismatch,
                format!("`{}` has no column `{}`", dotted(&table.name), field.column),
            )
            .help(help),
        );
    }
}

/// A field whose type surely has no NULL stands for a column that has none.
fn nulls(schema: &Schema, model: &Model<'_>, at: usize, faults: &mut Faults) {
    let marker = schema.tables[at].marker.as_ref();
    for field in model.fields.iter().filter(|field| field.is_column()) {
        let name = schema.dialect.fold_quoted(&field.column);
        let own = &field.attributes;
        let is_marker = marker.is_some_and(|marker| marker.column == name);
        let is_default = own.default || model.attributes.default;
        if is_marker || is_default || own.converted || !Kind::of(field.ty).has_no_null() {
            continue;
        }
        let ty = marker::spelled(field.ty);
        if let Some(fault) = fact::nullable_column(schema, at, &name, &ty) {
            faults.add(syn::spanned::Spanned::span(field.ty), &fault);
        }
    }
}

/// The marker of the table.
fn marker_of<'s>(model: &Model<'_>, table: &'s Table, faults: &mut Faults) -> Option<&'s Marker> {
    if table.marker.is_none() {
        let name = dotted(&table.name);
        let columns: Vec<&str> = table
            .columns
            .iter()
            .map(|column| column.name.as_str())
            .collect();
        faults.add(
            model.table_span(),
            &Diagnostic::new(Code::ModelTable, format!("`{name}` is not soft-deletable"))
                .why(format!("no column of it is a marker: {}", listed(&columns)))
                .help(format!(
                    "its rows need no scope: drop the derive and query with `as {}`\nto make it \
                     soft-deletable, add the marker in a migration, or name it in `markers` of \
                     soft-delete.toml",
                    model.ident
                )),
        );
    }
    table.marker.as_ref()
}
