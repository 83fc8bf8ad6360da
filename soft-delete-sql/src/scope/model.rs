//! Model row types: the marker must come out exactly once, from the model's own table.

use super::{
    Model,
    resolution::{Col, Resolution},
};
use crate::{
    Dialect,
    diagnostic::{Code, Diagnostic},
};

/// Where the marker of the model comes from.
pub(super) fn model(resolution: &Resolution<'_>) -> Result<Model, Diagnostic> {
    let fault = |message: String, why: &str, help: String| {
        let fault = Diagnostic::new(Code::MarkerNotSelected, message)
            .why(why)
            .help(help);
        match place(resolution) {
            Some(span) => Err(fault.at(span, "")),
            None => Err(fault),
        }
    };
    // An alias list is as long as the columns, but in PostgreSQL.
    let is_open = resolution.parsed.dialect == Dialect::Postgres;
    let whole = |outputs: &&Vec<Col>| !is_open || !outputs.iter().any(|col| col.followed);
    let Some(outputs) = resolution.outputs.as_ref().filter(whole) else {
        return fault(
            "the columns of this query are not known".to_owned(),
            "a model row carries its marker, and it is checked when the row is decoded",
            "name the columns, or the table whose columns are meant: `c.*`".to_owned(),
        );
    };
    if let Some(star) = bare_star(resolution) {
        let tables: Vec<String> = resolution
            .soft()
            .map(|(_, reference)| format!("`{}.*`", resolution.called(reference)))
            .collect();
        let fault = Diagnostic::new(
            Code::MarkerNotSelected,
            "`*` over several relations does not say which row is the model",
        )
        .at(resolution.parsed.bytes(star), "columns of all of them")
        .why("of two columns with one name the last is decoded: it could be the wrong marker")
        .help(format!("write {}", tables.join(" or ")));
        return Err(fault);
    }
    let found: Vec<_> = outputs
        .iter()
        .filter_map(|col| {
            let reference = &resolution.references[col.marker_of?];
            let marker = &reference.soft.as_ref()?.marker.column;
            let name = col.name.as_ref()?;
            (name == marker).then(|| (reference.name.clone(), name.clone()))
        })
        .collect();
    match found.as_slice() {
        [(table, marker)] => {
            let same = outputs
                .iter()
                .filter(|col| resolution.may_be(col, marker))
                .count();
            if same > 1 {
                return fault(
                    format!("two columns of this query are called `{marker}`"),
                    "of two columns with one name the last is decoded: it could be the wrong marker",
                    format!("give the other one another name, or leave it out of a `{table}` row"),
                );
            }
            Ok(Model {
                table: table.clone(),
                marker: marker.clone(),
            })
        }
        [] => {
            let markers: Vec<String> = resolution
                .soft()
                .filter_map(|(_, reference)| {
                    let marker = &reference.soft.as_ref()?.marker.column;
                    Some(format!("{}.{marker}", resolution.called(reference)))
                })
                .collect();
            fault(
                "the marker of the model is not in the select list".to_owned(),
                "a model row carries its marker, and it is checked when the row is decoded",
                match markers.first() {
                    Some(marker) => format!(
                        "select it: `{marker}`; a row without it is a projection: `active as T`"
                    ),
                    None => "a row of no soft-deletable table is a projection: `as T`".to_owned(),
                },
            )
        }
        several => {
            let tables: Vec<String> = several
                .iter()
                .map(|(table, marker)| format!("`{table}.{marker}`"))
                .collect();
            fault(
                format!(
                    "the select list holds several markers: {}",
                    tables.join(" and ")
                ),
                "the row type is one model, with one marker",
                "select the marker of the model only, or give the other one another name"
                    .to_owned(),
            )
        }
    }
}

fn select_list(resolution: &Resolution<'_>) -> Option<crate::syntax::ast::Range> {
    let select = resolution.blocks[resolution.top?].select?;
    let (first, last) = (select.items.first()?, select.items.last()?);
    Some(crate::syntax::ast::Range {
        start: first.range.start,
        end: last.range.end,
    })
}

fn place(resolution: &Resolution<'_>) -> Option<std::ops::Range<usize>> {
    select_list(resolution).map(|range| resolution.parsed.bytes(range))
}

/// A bare `*` of the outermost SELECT over more than one relation.
fn bare_star(resolution: &Resolution<'_>) -> Option<crate::syntax::ast::Range> {
    let block = &resolution.blocks[resolution.top?];
    if block.items.len() < 2 {
        return None;
    }
    let items = &block.select?.items;
    items
        .iter()
        .find(|item| item.star.as_ref().is_some_and(Vec::is_empty))
        .map(|item| item.range)
}
