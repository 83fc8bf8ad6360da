//! Views, judged by their bodies: filtered already, filterable from outside, or leaky.

use std::{cell::RefCell, collections::HashMap, rc::Rc};

use super::{
    Scope,
    prove::proof,
    resolution::{Resolution, Soft},
    resolve::resolve,
};
use crate::{
    Schema,
    schema::{Marker, ObjectName, Table, View},
    syntax,
};

/// What is known of the views of a schema; each is judged once per check.
#[derive(Default)]
pub(super) struct Views {
    facts: RefCell<HashMap<ObjectName, Rc<ViewFacts>>>,
}

/// One view.
#[derive(Debug, Clone)]
pub(super) struct ViewFacts {
    pub(super) columns: Option<Vec<String>>,
    pub(super) verdict: Verdict,
    /// Output columns through which a marker, or what records a deletion, could be written.
    pub(super) protected: Vec<String>,
    /// It reads a soft-deletable table, or may.
    pub(super) over_soft: bool,
}

/// Why a condition beside certain joins is no condition.
pub(super) const WEAK: &str =
    "SQLite may forget the WHERE of a UNION ALL's arm when a later arm has a RIGHT or FULL JOIN";

/// How a view may be read.
#[derive(Debug, Clone)]
pub(super) enum Verdict {
    /// Shows no rows that its own text does not say.
    Plain,
    /// Shows deleted rows and their marker: a filter from outside is exact.
    Filterable(Soft),
    /// Shows deleted rows; why they cannot be filtered from outside.
    Leaky(String),
}

impl Views {
    pub(super) fn facts(self: &Rc<Self>, schema: &Schema, view: &View) -> Rc<ViewFacts> {
        if let Some(facts) = self.facts.borrow().get(&view.name) {
            return Rc::clone(facts);
        }
        // A view that reads itself through others is no view of any database.
        let circular = Rc::new(ViewFacts {
            columns: None,
            verdict: Verdict::Leaky("it reads itself".to_owned()),
            protected: Vec::new(),
            over_soft: true,
        });
        self.facts.borrow_mut().insert(view.name.clone(), circular);
        let facts = Rc::new(self.judge(schema, view));
        self.facts
            .borrow_mut()
            .insert(view.name.clone(), Rc::clone(&facts));
        facts
    }

    fn judge(self: &Rc<Self>, schema: &Schema, view: &View) -> ViewFacts {
        let parsed = match syntax::parse(schema.dialect, &view.body) {
            Ok(parsed) => parsed,
            Err(fault) => {
                return ViewFacts {
                    columns: None,
                    verdict: declared(view).unwrap_or_else(|| {
                        Verdict::Leaky(format!("its body is not understood: {}", fault.message))
                    }),
                    protected: Vec::new(),
                    over_soft: true,
                };
            }
        };
        let then = schema_then(schema, view);
        let resolution = resolve(then.as_ref().unwrap_or(schema), &parsed, self);
        let verdict = declared(view).unwrap_or_else(|| verdict(view, &resolution));
        let names = columns(view, &resolution);
        let over_soft = resolution
            .references
            .iter()
            .any(|reference| reference.over_soft || reference.leaky.is_some());
        let protected = resolution
            .outputs
            .iter()
            .flatten()
            .enumerate()
            .filter(|(_, col)| col.protected)
            .filter_map(|(at, _)| names.as_ref()?.get(at).cloned())
            .collect();
        ViewFacts {
            columns: names,
            verdict,
            protected,
            over_soft,
        }
    }
}

/// The schema as the view's `*` saw it, where that differs.
fn schema_then(schema: &Schema, view: &View) -> Option<Schema> {
    let lacks = |table: &Table| {
        let then = view
            .columns_then
            .iter()
            .find(|(name, _)| *name == table.name);
        let columns = then.map(|(_, columns)| columns)?;
        let differs = table
            .columns
            .iter()
            .any(|column| !columns.contains(&column.name));
        differs.then(|| columns.clone())
    };
    schema.tables.iter().find_map(lacks)?;
    let mut then = schema.clone();
    for table in &mut then.tables {
        if let Some(columns) = lacks(table) {
            table
                .columns
                .retain(|column| columns.contains(&column.name));
        }
    }
    Some(then)
}

fn declared(view: &View) -> Option<Verdict> {
    view.declared.map(|_| Verdict::Plain)
}

fn columns(view: &View, resolution: &Resolution<'_>) -> Option<Vec<String>> {
    let outputs = resolution.outputs.as_ref()?;
    let mut names = view.columns.clone();
    for col in outputs.iter().skip(view.columns.len()) {
        names.push(col.name.clone()?);
    }
    Some(names)
}

fn verdict(view: &View, resolution: &Resolution<'_>) -> Verdict {
    if let Some(fault) = resolution.errors.first() {
        return Verdict::Leaky(fault.message.clone());
    }
    if let Some(leaky) = resolution
        .references
        .iter()
        .find(|reference| reference.leaky.is_some())
    {
        return Verdict::Leaky(format!("it reads `{}`", leaky.name));
    }
    if let Some(fault) = super::function::faults(resolution).into_iter().next() {
        return Verdict::Leaky(fault.message);
    }
    if let Some(fault) = super::account::faults(resolution).into_iter().next() {
        return Verdict::Leaky(fault.message);
    }
    let is_weak = resolution.weak_union || resolution.weak_part;
    if is_weak && resolution.soft().next().is_some() {
        return Verdict::Leaky(WEAK.to_owned());
    }
    let mut open = Vec::new();
    let mut any = false;
    for (id, _) in resolution.soft() {
        any = true;
        let proven = Scope::ALL
            .into_iter()
            .any(|scope| proof(resolution, id, scope));
        if !proven {
            open.push(id);
        }
    }
    if any && view.materialized {
        return Verdict::Leaky(
            "it is materialized: rows deleted after its last refresh are still in it".to_owned(),
        );
    }
    match open.as_slice() {
        [] => Verdict::Plain,
        [id] => filterable(view, resolution, *id).map_or_else(
            || {
                Verdict::Leaky(format!(
                    "it shows soft-deleted rows of `{}` and does not give their marker as a plain column",
                    resolution.references[*id].name
                ))
            },
            Verdict::Filterable,
        ),
        ids => {
            let names: Vec<String> =
                ids.iter().map(|&id| format!("`{}`", resolution.references[id].name)).collect();
            Verdict::Leaky(format!("it shows soft-deleted rows of {}", names.join(" and ")))
        }
    }
}

/// Rule 2.7 for a view: one SELECT with FROM and WHERE alone, the marker a bare output column.
fn filterable(view: &View, resolution: &Resolution<'_>, id: usize) -> Option<Soft> {
    let reference = &resolution.references[id];
    let soft = reference.soft.as_ref()?;
    if soft.marker.active.is_some() {
        return None;
    }
    let block = resolution.top?;
    let item = reference.item?;
    if resolution.items[item].block != block
        || !resolution.blocks[block].transparent
        || !resolution.reaches_top(item)
    {
        return None;
    }
    let names = columns(view, resolution)?;
    let at = resolution
        .outputs
        .as_ref()?
        .iter()
        .position(|col| col.marker_of == Some(id))?;
    let column = names.get(at)?.clone();
    if names.iter().filter(|name| **name == column).count() > 1 {
        return None;
    }
    let marker = Marker {
        column,
        ..soft.marker.clone()
    };
    Some(Soft {
        marker,
        columns: names,
    })
}
