//! Personal columns: what an erasure overwrites in rows that stay.

mod column;
mod decided;
mod listing;
#[cfg(test)]
mod tests;

pub use listing::listing;

use super::{
    audit,
    graph::{Edge, edges},
    plan::{Draft, Effect, Step},
    record,
    rows::{Rows, assignments, select, update},
    text::Param,
};
use crate::{
    Diagnostic, Dialect, Schema,
    schema::{Erasure, Table},
    scope,
};

/// What the audit table calls it.
const WORD: &str = "overwrite";

/// What is wrong with the personal columns of the schema; `place` tells where soft-delete.toml speaks of a
/// table.
pub(crate) fn faults(schema: &Schema, place: &dyn Fn(&Table) -> String) -> Vec<Diagnostic> {
    let edges = edges(schema);
    let mut found = Vec::new();
    for (at, table) in schema.tables.iter().enumerate() {
        found.extend(column::faults(schema, &edges, at, &place(table)));
        found.extend(decided::faults(schema, &edges, at, &place(table)));
    }
    found
}

/// True for a personal column of the table.
pub(super) fn is_personal(table: &Table, column: &str) -> bool {
    let personal = table.settings.personal.as_ref();
    personal.is_some_and(|personal| personal.contains_key(column))
}

/// True when an erasure leaves the rows of the table.
pub(super) fn is_kept(table: &Table) -> bool {
    table.settings.erase == Some(Erasure::Overwrite)
}

/// The foreign keys of a table that lead to the person.
fn persons<'e>(schema: &Schema, edges: &'e [Edge], table: usize) -> Vec<&'e Edge> {
    let said = schema.tables[table].settings.person.as_deref();
    let said = said.unwrap_or_default();
    let leads = |edge: &&Edge| {
        let first = edge.columns.first();
        edge.child == table && !edge.is_loop() && first.is_some_and(|first| said.contains(first))
    };
    edges.iter().filter(leads).collect()
}

/// True when an erasure of the draft's table overwrites anything.
pub(super) fn is_concerned(draft: &Draft<'_>) -> bool {
    draft.tables().any(|table| is_kept(draft.rows(table).table)) || !overwrites(draft).is_empty()
}

/// Overwrites the rows that stay though an erased row is the person whose data they hold.
pub(super) fn overwrites(draft: &Draft<'_>) -> Vec<Step> {
    let edges = edges(draft.schema);
    let mut steps = Vec::new();
    for table in 0..draft.schema.tables.len() {
        let rows = draft.rows(table);
        let set = values(rows);
        if set.is_empty() {
            continue;
        }
        let mut paths = Vec::new();
        walk(draft, &edges, table, &mut Vec::new(), &mut paths);
        for (at, edges) in paths.iter().enumerate() {
            let path = Path { draft, rows, edges };
            let mut tests = vec![path.ends("p")];
            if draft.is_reached(table) && rows.operation().is_some() {
                tests.push(super::remove::of_another(rows));
            }
            // A row that several ways lead to is overwritten, recorded and counted once.
            let earlier = paths[..at].iter();
            tests.extend(earlier.map(|edges| Path { draft, rows, edges }.absent()));
            if let Some(insert) = recorded(draft, rows.table) {
                let sql = format!("{insert} {}", path.select(&tests));
                steps.push(draft.step(Effect::Mark, table, &sql));
            }
            let sql = path.update(&set, &tests);
            steps.push(draft.step(Effect::OverwriteKept, table, &sql));
        }
    }
    steps
}

/// Overwrites the rows of the operation, and leaves them deleted.
pub(super) fn overwrite_erased(draft: &Draft<'_>, table: usize) -> Vec<Step> {
    let rows = draft.rows(table);
    let own = [rows.of_operation("c")];
    let mut steps = Vec::new();
    if let Some(insert) = recorded(draft, rows.table) {
        let sql = format!("{insert} {}", select(rows, &own, &[]));
        steps.push(draft.step(Effect::Mark, table, &sql));
    }
    let mut set = Vec::new();
    let marker = rows.table.marker.as_ref();
    if let (Some(marker), Some(marked)) = (marker, record::marked(rows.dialect, rows.table)) {
        let column = rows.column("c", &marker.column);
        let value = format!(
            "CASE WHEN {} THEN {marked} ELSE {column} END",
            rows.active("c")
        );
        set.push((marker.column.clone(), value));
    }
    set.extend(
        record::erased(rows.dialect, rows.table).map(|(column, now)| {
            let own = rows.column("c", &column.name);
            (column.name.clone(), format!("COALESCE({own}, {now})"))
        }),
    );
    set.extend(values(rows));
    let sql = update(rows, &set, &own, &[]);
    steps.push(draft.step(Effect::OverwriteErased, table, &sql));
    steps
}

/// The personal columns of a table (`c`), and what they get.
fn values(rows: Rows<'_>) -> Vec<(String, String)> {
    let personal = rows.table.settings.personal.iter().flatten();
    personal
        .map(|(column, value)| {
            let value = scope::qualified(rows.dialect, value, rows.table, "c");
            (column.clone(), value)
        })
        .collect()
}

fn recorded(draft: &Draft<'_>, table: &Table) -> Option<String> {
    let run = Param::Operation.hole();
    audit::insert(draft.schema, table, "c", WORD, run)
}

/// Every way along the foreign keys to the person that ends in a table whose rows are erased.
fn walk(
    draft: &Draft<'_>,
    edges: &[Edge],
    table: usize,
    way: &mut Vec<Edge>,
    found: &mut Vec<Vec<Edge>>,
) {
    for edge in persons(draft.schema, edges, table) {
        // A circle is refused where the schema is read.
        if way.iter().any(|known| known.child == edge.parent) {
            continue;
        }
        let remembered = remembered(draft.schema, edge);
        for edge in Some(edge.clone()).into_iter().chain(remembered) {
            let parent = edge.parent;
            way.push(edge);
            if draft.is_reached(parent) && draft.rows(parent).operation().is_some() {
                found.push(way.clone());
            }
            walk(draft, edges, parent, way, found);
            way.pop();
        }
    }
}

/// The reference that a soft delete has set to NULL.
fn remembered(schema: &Schema, edge: &Edge) -> Option<Edge> {
    let (columns, _) = super::plan::detached(&edge.columns);
    let table = &schema.tables[edge.child];
    let all = columns
        .iter()
        .all(|name| record::column(table, name).is_some());
    all.then(|| Edge {
        columns,
        ..edge.clone()
    })
}

/// A way from a row (`c`) to the row that is erased.
struct Path<'d, 's> {
    draft: &'d Draft<'s>,
    rows: Rows<'s>,
    edges: &'d [Edge],
}

impl Path<'_, '_> {
    /// The last row of the way is one of the operation.
    fn ends(&self, alias: &str) -> String {
        let last = self.edges.len() - 1;
        let parent = self.edges[last].parent;
        self.draft
            .rows(parent)
            .of_operation(&format!("{alias}{last}"))
    }

    /// The table that each step leads to, and the condition under which it does.
    fn steps(&self, alias: &str) -> Vec<(String, String)> {
        let steps = self.edges.iter().enumerate();
        steps
            .map(|(at, edge)| {
                let own = format!("{alias}{at}");
                let before = at.checked_sub(1).map(|before| format!("{alias}{before}"));
                let on = self.draft.on(edge, before.as_deref().unwrap_or("c"), &own);
                (self.draft.rows(edge.parent).named(&own), on)
            })
            .collect()
    }

    /// `first JOIN second ON …`, and how the row meets the first.
    fn from(&self, alias: &str) -> (String, String) {
        let mut steps = self.steps(alias).into_iter();
        let (first, meets) = steps.next().unwrap_or_default();
        (first + &joined(steps), meets)
    }

    /// `t AS c JOIN first ON …`
    fn whole(&self) -> String {
        self.rows.named("c") + &joined(self.steps("p").into_iter())
    }

    fn select(&self, tests: &[String]) -> String {
        format!("FROM {} WHERE {}", self.whole(), tests.join(" AND "))
    }

    fn update(&self, set: &[(String, String)], tests: &[String]) -> String {
        let (dialect, tests) = (self.rows.dialect, tests.join(" AND "));
        if dialect == Dialect::Mysql {
            let set = assignments(dialect, set, "c.");
            return format!("UPDATE {} SET {set} WHERE {tests}", self.whole());
        }
        let (named, set) = (self.rows.named("c"), assignments(dialect, set, ""));
        let (from, meets) = self.from("p");
        format!("UPDATE {named} SET {set} FROM {from} WHERE {meets} AND {tests}")
    }

    /// The way leads the row to none that is erased.
    fn absent(&self) -> String {
        let (from, meets) = self.from("q");
        format!(
            "NOT EXISTS (SELECT 1 FROM {from} WHERE {meets} AND {})",
            self.ends("q")
        )
    }
}

/// ` JOIN … ON …` for each.
fn joined(steps: impl Iterator<Item = (String, String)>) -> String {
    let joins: Vec<String> = steps
        .map(|(named, on)| format!(" JOIN {named} ON {on}"))
        .collect();
    joins.concat()
}
