//! What compiles and is worth a look; and marker tests that are written wrong.

use super::{
    Scope,
    names::{Place, is_under},
    prove::{conditions, implied_scope, leaves, rejects_nulls},
    request::Grant,
    resolution::{ItemId, RefId, Resolution, Role},
    resolve::display,
};
use crate::{
    diagnostic::{Code, Diagnostic},
    schema::Table,
    syntax::{
        TokenKind,
        ast::{Clause, Constraint, InsertSource, NodeKind, Range, Statement, Tok},
    },
};

/// `marker = NULL`, and unqualified marker tests that several items could mean. The references
/// are returned as well: one fault about them is enough.
pub(super) fn tests(resolution: &Resolution<'_>) -> (Vec<Diagnostic>, Vec<RefId>) {
    let mut errors = Vec::new();
    let mut told = Vec::new();
    for block in 0..resolution.blocks.len() {
        let mut places = conditions(resolution, block);
        let select = resolution.blocks[block].select;
        places.extend(
            select
                .and_then(|select| select.having.as_ref())
                .map(|c| (None, c)),
        );
        for (place, clause) in places {
            told.extend(equals_null(resolution, block, place, clause, &mut errors));
            let cond = resolution.condition(clause);
            leaves(&cond, &mut |leaf| {
                told.extend(ambiguous(resolution, block, place, leaf, &mut errors));
            });
        }
    }
    (errors, told)
}

/// `deleted_at = NULL` finds no row, ever.
fn equals_null(
    resolution: &Resolution<'_>,
    block: usize,
    place: Place,
    clause: &Clause,
    errors: &mut Vec<Diagnostic>,
) -> Vec<RefId> {
    let mut told = Vec::new();
    let range = clause.expr.range;
    for tok in range.start..range.end {
        let inside = clause
            .expr
            .queries
            .iter()
            .any(|query| query.range.contains(tok));
        let compares = ["=", "<>", "!=", "=="]
            .iter()
            .any(|op| resolution.is_op(tok, op));
        if inside || !compares || !resolution.is(tok + 1, "NULL") {
            continue;
        }
        let Some(start) = column_before(resolution, tok) else {
            continue;
        };
        let Some(parts) = resolution.column_parts(Range { start, end: tok }) else {
            continue;
        };
        let Some((item, column)) = resolution.resolve_column(block, place, &parts) else {
            continue;
        };
        let marker_of = resolution
            .column(item, &column)
            .and_then(|col| col.marker_of);
        let Some(reference) = marker_of else {
            continue;
        };
        told.push(reference);
        let op = resolution.text(tok);
        let written = &resolution.parsed.sql[resolution.parsed.bytes(Range { start, end: tok })];
        let right = if op.starts_with('=') {
            "IS NULL"
        } else {
            "IS NOT NULL"
        };
        errors.push(
            Diagnostic::new(
                Code::MarkerEqualsNull,
                format!("`{written} {op} NULL` is never true"),
            )
            .at(
                resolution.parsed.bytes(Range {
                    start,
                    end: tok + 2,
                }),
                "finds no row at all",
            )
            .why("a comparison with NULL gives NULL, for live and deleted rows alike")
            .help(format!("write `{written} {right}`")),
        );
    }
    told
}

/// The first token of the dotted name that ends in front of `tok`.
fn column_before(resolution: &Resolution<'_>, tok: Tok) -> Option<Tok> {
    let mut start = tok.checked_sub(1)?;
    while let Some(dot) = start.checked_sub(1)
        && resolution.kind(dot) == Some(TokenKind::Dot)
    {
        start = dot.checked_sub(1)?;
    }
    Some(start)
}

/// An unqualified marker that several items expose: an error in every database.
fn ambiguous(
    resolution: &Resolution<'_>,
    block: usize,
    place: Place,
    leaf: Range,
    errors: &mut Vec<Diagnostic>,
) -> Vec<RefId> {
    let Some((parts, _)) = resolution.test(leaf) else {
        return Vec::new();
    };
    let [tok] = parts.as_slice() else {
        return Vec::new();
    };
    let name = resolution.name(*tok);
    let having: Vec<ItemId> = resolution.blocks[block]
        .items
        .iter()
        .copied()
        .filter(|&item| !resolution.items[item].qualified_only && resolution.visible(item, place))
        .filter(|&item| resolution.column(item, &name).is_some())
        .collect();
    let soft: Vec<RefId> = having
        .iter()
        .filter_map(|&item| resolution.column(item, &name)?.marker_of)
        .collect();
    if having.len() < 2 || soft.is_empty() || resolution.merges(block, &name) {
        return Vec::new();
    }
    let choices: Vec<String> = having
        .iter()
        .map(|&item| format!("`{}.{name}`", resolution.items[item].qualifier))
        .collect();
    errors.push(
        Diagnostic::new(
            Code::AmbiguousMarker,
            format!("`{name}` could be {}", choices.join(" or ")),
        )
        .at(
            resolution.parsed.bytes(Range {
                start: *tok,
                end: *tok + 1,
            }),
            "which table does this test?",
        )
        .why("databases refuse an ambiguous column, and what it would filter is not certain")
        .help(format!("qualify it: {}", choices.join(" or "))),
    );
    soft
}

/// A marker test of the reference in WHERE, while it stands on the nullable side of an outer join.
pub(super) fn misplaced(resolution: &Resolution<'_>, id: RefId) -> Option<Range> {
    let reference = &resolution.references[id];
    let (soft, item) = (reference.soft.as_ref()?, reference.item?);
    let own = &resolution.items[item];
    let clause = resolution.blocks[own.block].filter?;
    if resolution.reaches_top(item) {
        return None;
    }
    let dialect = resolution.parsed.dialect;
    let mut found = None;
    leaves(&resolution.condition(clause), &mut |leaf| {
        let Some(found_test) = resolution.marker_test(own.block, None, leaf) else {
            return;
        };
        let implied = implied_scope(dialect, soft, found_test.test);
        if found_test.reference == id && implied == Some(Scope::Active) {
            found = Some(leaf);
        }
    });
    found
}

/// Warnings of an accepted statement.
pub(super) fn warnings(resolution: &Resolution<'_>, grants: &[Grant]) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (id, _) in resolution.soft() {
        if grants[id].scope == Some(Scope::Active)
            && !rejects_nulls(resolution, id, Scope::Active)
            && let Some(leaf) = misplaced(resolution, id)
        {
            found.push(vacuous(resolution, id, leaf));
        }
    }
    found.extend(joined_on_marker(resolution));
    found.extend(parents_of_inserts(resolution));
    found.extend(children_alone(resolution));
    found
}

fn vacuous(resolution: &Resolution<'_>, id: RefId, leaf: Range) -> Diagnostic {
    let name = resolution.called(&resolution.references[id]);
    Diagnostic::new(
        Code::VacuousTest,
        format!("this test of `{name}` is always true: ON has filtered it already"),
    )
    .at(resolution.parsed.bytes(leaf), "true for every row that is left")
    .why(format!(
        "rows whose `{name}` is deleted stay in the result, with NULL in its columns"
    ))
    .help(format!(
        "take it out; if rows without a live `{name}` are not wanted, write JOIN instead of LEFT JOIN"
    ))
}

/// NATURAL JOIN or USING that joins on the marker.
fn joined_on_marker(resolution: &Resolution<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for block in &resolution.blocks {
        for (tree, from) in block.trees.iter().enumerate() {
            let Some(from) = from.from else { continue };
            for node in &from.nodes {
                let NodeKind::Join(join) = &node.kind else {
                    continue;
                };
                let below = |side: usize| {
                    block.items.iter().copied().filter(move |&item| {
                        let own = &resolution.items[item];
                        own.tree == tree && own.node.is_some_and(|at| is_under(from, side, at))
                    })
                };
                let marker_of = |item: ItemId| {
                    let reference = &resolution.references[resolution.items[item].reference?];
                    Some(&reference.soft.as_ref()?.marker.column)
                };
                let merges = |marker: &str| match &join.constraint {
                    Constraint::Using(names) => {
                        names.iter().any(|&tok| resolution.name(tok) == marker)
                    }
                    Constraint::None | Constraint::On(_) => join.natural,
                };
                let sides = [(join.left, join.right), (join.right, join.left)];
                let hit = sides.into_iter().find_map(|(side, other)| {
                    below(side).filter_map(marker_of).find(|marker| {
                        merges(marker)
                            && below(other).any(|item| resolution.column(item, marker).is_some())
                    })
                });
                found.extend(hit.map(|marker| {
                    Diagnostic::new(
                        Code::JoinedOnMarker,
                        format!("this join also compares the marker `{marker}`"),
                    )
                    .at(resolution.parsed.bytes(node.range), "joined on the marker")
                    .why("NULL equals nothing, so live rows never meet")
                    .help("write ON with the columns that are meant")
                }));
            }
        }
    }
    found
}

/// An INSERT of a child whose parent may be a tombstone.
fn parents_of_inserts(resolution: &Resolution<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (insert, id, _) in &resolution.inserts {
        let Some(table) = resolution.references[*id].table else {
            continue;
        };
        let table = &resolution.schema.tables[table];
        let named = |column: &String| match &insert.columns {
            Some(columns) => columns.iter().any(|&tok| resolution.name(tok) == *column),
            None => !matches!(insert.source, InsertSource::Default),
        };
        for key in &table.foreign_keys {
            let Some(parent) = soft_parent(resolution, &display(&key.references)) else {
                continue;
            };
            if !key.columns.iter().any(named) || reads(resolution, &parent) {
                continue;
            }
            let reference = &resolution.references[*id];
            let columns = key.columns.join(", ");
            found.push(
                Diagnostic::new(
                    Code::ParentMayBeDeleted,
                    format!(
                        "the `{parent}` that this row of `{}` points to may be soft-deleted",
                        reference.name
                    ),
                )
                .at(
                    resolution.span(reference),
                    format!("`{columns}` references `{parent}`"),
                )
                .why("a foreign key sees tombstones: a live child of a deleted parent is accepted")
                .help(format!(
                    "to guard it, write INSERT … SELECT … FROM {parent} WHERE … under `active`"
                )),
            );
        }
    }
    found
}

fn soft_parent(resolution: &Resolution<'_>, name: &str) -> Option<String> {
    let parts: Vec<String> = name.split('.').map(str::to_owned).collect();
    let table: &Table = resolution.schema.table(&parts)?;
    table.marker.as_ref().map(|_| display(&table.name))
}

fn reads(resolution: &Resolution<'_>, table: &str) -> bool {
    resolution.references.iter().any(|reference| {
        reference.name == table
            && !matches!(reference.role, Role::InsertTarget | Role::UpsertTarget)
    })
}

/// A table without marker, read without the soft-deletable parent that each of its rows needs.
fn children_alone(resolution: &Resolution<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    if !matches!(resolution.parsed.statement, Statement::Query(_)) {
        return found;
    }
    for reference in &resolution.references {
        let (Some(table), None, Role::Read) = (reference.table, &reference.soft, reference.role)
        else {
            continue;
        };
        let table = &resolution.schema.tables[table];
        for key in &table.foreign_keys {
            let required = key.columns.iter().all(|name| {
                table
                    .columns
                    .iter()
                    .any(|column| column.name == *name && !column.nullable)
            });
            let Some(parent) = soft_parent(resolution, &display(&key.references)) else {
                continue;
            };
            if !required || reads(resolution, &parent) {
                continue;
            }
            let columns = key.columns.join(", ");
            found.push(
                Diagnostic::new(
                    Code::ChildReadAlone,
                    format!(
                        "rows of `{}` whose `{parent}` is soft-deleted are read too",
                        reference.name
                    ),
                )
                .at(
                    resolution.span(reference),
                    format!("`{columns}` references `{parent}`"),
                )
                .why(format!("`{}` has no marker of its own", reference.name))
                .help(format!("to leave them out, join `{parent}` under `active`")),
            );
        }
    }
    found
}
