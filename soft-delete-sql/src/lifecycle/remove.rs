//! Purge and erase: children before parents, and no row that still references what is removed.

use super::{
    graph::Edge,
    personal,
    plan::{Change, Draft, Effect, Stage, Step, keys, left, roots, update_root},
    record,
    rows::{Absent, Rows, delete, select, update},
    text::Param,
};
use crate::{
    Dialect, Schema,
    schema::{Policy, Table},
};

/// Which rows are removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Deleted ones that are not on hold.
    Purge,
    /// All.
    Erase,
}

/// The purge or erasure of a table.
pub(super) fn change(draft: &Draft<'_>, kind: Kind) -> Change {
    let rows = draft.root();
    let staged = is_staged(draft, kind);
    let is_kept = kind == Kind::Erase && personal::is_kept(rows.table);
    let set = [(record::OPERATION.to_owned(), rows.operation_id())];
    // The stages look at what references the rows of the operation, these and those that follow them.
    let blocks = |edge: &&Edge| !staged && (!is_kept || edge.policy == Some(Policy::Restrict));
    let and_active =
        |child: Rows<'_>, alias: &str| -> Option<String> { is_kept.then(|| child.active(alias)) };
    let absent: Vec<Absent> = references(draft, draft.root)
        .filter(blocks)
        .enumerate()
        .map(|(at, edge)| {
            let alias = format!("r{at}");
            let child = draft.rows(edge.child);
            let on = Some(draft.on(edge, &alias, "c")).into_iter();
            let when: Vec<String> = on.chain(and_active(child, &alias)).collect();
            Absent {
                named: child.named(&alias),
                when: when.join(" AND "),
                present: child.column(&alias, &edge.columns[0]),
            }
        })
        .collect();
    let tests = |condition: String| -> Vec<String> {
        Some(condition)
            .into_iter()
            .chain(eligible(rows, "c", kind))
            .collect()
    };
    let audit = audit(draft, draft.root, kind, "c");
    let roots = roots(draft, kind == Kind::Purge, false, |condition| {
        if staged {
            return update_root(draft, &set, &tests(condition), &absent);
        }
        let gone = delete(rows, &tests(condition), &absent);
        match self::audit(draft, draft.root, kind, "g") {
            Some(insert) if draft.dialect() == Dialect::Postgres => {
                format!("WITH gone AS ({gone} RETURNING c.*) {insert} FROM gone AS g")
            }
            _ => gone,
        }
    });
    let audits = match audit {
        Some(insert) if !staged && draft.dialect() != Dialect::Postgres => draft
            .ways(kind == Kind::Purge)
            .into_iter()
            .map(|(which, condition)| {
                let from = select(rows, &tests(condition), &absent);
                (which, draft.text(&format!("{insert} {from}")))
            })
            .collect(),
        _ => Vec::new(),
    };
    let stays = |edge: &Edge, of: Vec<String>| {
        let more = and_active(draft.rows(edge.child), "c");
        let tests: Vec<String> = of.into_iter().chain(more).collect();
        blocker(draft, edge, &tests)
    };
    let blocking = || references(draft, draft.root).filter(blocks);
    let checks = blocking()
        .map(|edge| stays(edge, vec![rows.of_key("p")]))
        .collect();
    let many = draft.ways_of_many(kind == Kind::Purge);
    let blocks_many = many.iter().flat_map(|(which, of)| {
        let mut tests = vec![of.clone()];
        tests.extend(eligible(rows, "p", kind));
        let stays = &stays;
        blocking().map(move |edge| (*which, stays(edge, tests.clone())))
    });
    let blocks_many = blocks_many.collect();
    Change {
        locks: Vec::new(),
        roots,
        audits,
        keys: keys(draft, kind == Kind::Purge, &eligible(rows, "c", kind)),
        left: if kind == Kind::Purge {
            // What the operation has marked goes later.
            let stays = staged.then(|| of_another(rows));
            left(draft, &stays.into_iter().collect::<Vec<String>>())
        } else {
            Vec::new()
        },
        returns: false,
        checks,
        blocks: blocks_many,
        stages: if staged {
            stages(draft, kind)
        } else {
            Vec::new()
        },
    }
}

/// True when other rows go with the root's, or must let go of them first.
fn is_staged(draft: &Draft<'_>, kind: Kind) -> bool {
    let follows = |edge: &Edge| {
        edge.parent == draft.root && matches!(edge.policy, Some(Policy::Cascade | Policy::Detach))
    };
    let overwrites = || kind == Kind::Erase && personal::is_concerned(draft);
    draft.root().operation().is_some()
        && (draft.edges.iter().any(follows) || is_audited(draft.schema) || overwrites())
}

/// True when what is removed is recorded.
pub(super) fn is_audited(schema: &Schema) -> bool {
    matches!(super::audit::find(schema), Ok(Some(_)))
}

/// `INSERT INTO … SELECT …` of the rows behind `row`, where there is an audit table.
fn audit(draft: &Draft<'_>, table: usize, kind: Kind, row: &str) -> Option<String> {
    let word = match kind {
        Kind::Purge => "purge",
        Kind::Erase => "erase",
    };
    let run = Param::Operation.hole();
    super::audit::insert(draft.schema, draft.rows(table).table, row, word, run)
}

/// What makes a row one to remove.
fn eligible(rows: Rows<'_>, alias: &str, kind: Kind) -> Vec<String> {
    if kind == Kind::Erase {
        return Vec::new();
    }
    let held = rows.held(alias);
    let held = held.map(|held| format!("({held}) IS NOT TRUE"));
    Some(rows.deleted(alias)).into_iter().chain(held).collect()
}

/// The foreign keys to a table.
fn references<'d>(draft: &'d Draft<'_>, table: usize) -> impl Iterator<Item = &'d Edge> + 'd {
    draft.edges.iter().filter(move |edge| edge.parent == table)
}

fn blocker(draft: &Draft<'_>, edge: &Edge, conditions: &[String]) -> Step {
    let from = format!(
        "{} JOIN {} ON {}",
        draft.rows(edge.child).named("c"),
        draft.rows(edge.parent).named("p"),
        draft.on(edge, "c", "p")
    );
    let sql = draft.count(&from, conditions);
    draft.step(Effect::Restricted, edge.child, &sql)
}

/// What follows the marking of the root's rows with the operation.
pub(super) fn stages(draft: &Draft<'_>, kind: Kind) -> Vec<Stage> {
    let mut stages: Vec<Stage> = draft
        .lock(draft.root)
        .map(Stage::Once)
        .into_iter()
        .collect();
    stages.extend(draft.stages(false, |edge| {
        let mut steps = vec![mark(draft, edge, kind)];
        steps.extend(draft.lock(edge.child));
        steps
    }));
    let is_kept = |table: usize| kind == Kind::Erase && personal::is_kept(draft.rows(table).table);
    if kind == Kind::Erase {
        stages.extend(personal::overwrites(draft).into_iter().map(Stage::Once));
    }
    for edge in draft.to_reached(Policy::Detach) {
        stages.push(Stage::Once(detach(draft, edge)));
    }
    for table in draft.tables() {
        for edge in references(draft, table) {
            let (child, parent) = (draft.rows(edge.child), draft.rows(edge.parent));
            let mut tests = vec![parent.of_operation("p")];
            if is_kept(edge.parent) {
                if edge.policy != Some(Policy::Restrict) {
                    continue;
                }
                tests.push(child.active("c"));
            }
            // A row that stays holds on to its parent, though it is of the operation.
            if draft.is_reached(edge.child) && (is_kept(edge.parent) || !is_kept(edge.child)) {
                tests.push(of_another(child));
            }
            stages.push(Stage::Once(blocker(draft, edge, &tests)));
        }
    }
    stages.extend(draft.collect(|rows| rows.of_operation("c")));
    for group in draft.groups.iter().rev() {
        let (untied, tied): (Vec<&Edge>, Vec<&Edge>) = draft
            .edges
            .iter()
            .filter(|edge| group.contains(&edge.child) && group.contains(&edge.parent))
            .filter(|edge| !is_kept(edge.parent))
            .partition(|edge| is_nullable(draft.rows(edge.child).table, &edge.columns));
        if draft.is_circle(group) {
            let steps = untied.into_iter().map(|edge| untie(draft, edge));
            stages.extend(steps.map(Stage::Once));
        }
        for table in children_first(group, &tied) {
            if is_kept(table) {
                let steps = personal::overwrite_erased(draft, table);
                stages.extend(steps.into_iter().map(Stage::Once));
                continue;
            }
            let rows = draft.rows(table);
            let own = [rows.of_operation("c")];
            if let Some(insert) = audit(draft, table, kind, "c") {
                let sql = format!("{insert} {}", select(rows, &own, &[]));
                stages.push(Stage::Once(draft.step(Effect::Mark, table, &sql)));
            }
            let followers: Vec<Absent> = tied
                .iter()
                .filter(|edge| draft.dialect() == Dialect::Mysql && edge.child == table)
                .filter(|edge| edge.is_loop())
                .enumerate()
                .map(|(at, edge)| tie(draft, edge, &format!("r{at}")))
                .collect();
            let gone = draft.step(Effect::Change, table, &delete(rows, &own, &followers));
            if followers.is_empty() {
                stages.push(Stage::Once(gone));
                continue;
            }
            // It looks at each row of a DELETE by itself: from the last of a chain up. Of a ring no row
            // can go.
            stages.push(Stage::Repeat(vec![gone]));
            let left = draft.count(&rows.named("c"), &own);
            stages.push(Stage::Once(draft.step(Effect::Restricted, table, &left)));
        }
    }
    stages
}

/// The row (`alias`) that keeps one of its own table (`c`).
fn tie(draft: &Draft<'_>, edge: &Edge, alias: &str) -> Absent {
    let rows = draft.rows(edge.child);
    Absent {
        named: rows.named(alias),
        when: draft.on(edge, alias, "c"),
        present: rows.column(alias, &edge.columns[0]),
    }
}

fn is_nullable(table: &Table, columns: &[String]) -> bool {
    let mut columns = columns.iter().map(|name| record::column(table, name));
    columns.all(|column| column.is_some_and(|column| column.nullable))
}

/// The tables of a circle by the foreign keys that hold on until the rows are gone.
fn children_first(group: &[usize], tied: &[&Edge]) -> Vec<usize> {
    let mut left = group.to_vec();
    let mut ordered = Vec::new();
    while !left.is_empty() {
        let is_free = |table: &usize| {
            !tied
                .iter()
                .any(|edge| edge.parent == *table && !edge.is_loop() && left.contains(&edge.child))
        };
        // A circle of keys that are all NOT NULL is one that the database itself must let go.
        let at = left.iter().position(is_free).unwrap_or(0);
        ordered.push(left.remove(at));
    }
    ordered
}

/// The row (`c`) is not of the operation.
pub(super) fn of_another(rows: Rows<'_>) -> String {
    let column = rows.column("c", record::OPERATION);
    format!("({column} IS NULL OR {column} <> {})", rows.operation_id())
}

fn mark(draft: &Draft<'_>, edge: &Edge, kind: Kind) -> Step {
    let (child, parent) = (draft.rows(edge.child), draft.rows(edge.parent));
    let set = [(record::OPERATION.to_owned(), child.operation_id())];
    let mut tests = vec![parent.of_operation("p"), of_another(child)];
    tests.extend(eligible(child, "c", kind));
    let sql = draft.joined(edge).update(&set, &tests, &[]);
    draft.step(Effect::Mark, edge.child, &sql)
}

/// What is removed can be given back to nobody: nothing is remembered.
fn detach(draft: &Draft<'_>, edge: &Edge) -> Step {
    let parent = draft.rows(edge.parent);
    let set: Vec<(String, String)> = edge
        .columns
        .iter()
        .map(|column| (column.clone(), "NULL".to_owned()))
        .collect();
    let sql = draft
        .joined(edge)
        .update(&set, &[parent.of_operation("p")], &[]);
    draft.step(Effect::Detach, edge.child, &sql)
}

/// Rows that go together reference one another no longer, so that each can go.
fn untie(draft: &Draft<'_>, edge: &Edge) -> Step {
    let child = draft.rows(edge.child);
    let set: Vec<(String, String)> = edge
        .columns
        .iter()
        .map(|column| (column.clone(), "NULL".to_owned()))
        .collect();
    let sql = update(child, &set, &[child.of_operation("c")], &[]);
    draft.step(Effect::Mark, edge.child, &sql)
}
