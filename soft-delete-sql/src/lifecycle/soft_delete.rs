//! Soft delete, and what it does to the rows that reference the deleted ones.

use super::{
    graph::Edge,
    plan::{Change, Draft, Effect, Stage, Step, detached, keys, roots, update_root},
    record,
    rows::Absent,
};
use crate::{Dialect, schema::Policy};

/// The soft delete of a table; `None` where what its marker gets is not known.
pub(super) fn change(draft: &Draft<'_>) -> Option<Change> {
    let rows = draft.root();
    let marked = record::marked(draft.dialect(), rows.table)?;
    let set = rows.stamp(&marked);
    // Where no operation stands in the rows, the statement itself looks at what restricts it.
    let alone = rows.operation().is_none();
    let restricts = || {
        draft.edges.iter().filter(|edge| {
            alone && edge.parent == draft.root && edge.policy == Some(Policy::Restrict)
        })
    };
    let absent: Vec<Absent> = restricts()
        .enumerate()
        .map(|(at, edge)| {
            let alias = format!("r{at}");
            let child = draft.rows(edge.child);
            Absent {
                named: child.named(&alias),
                when: format!(
                    "{} AND {}",
                    draft.on(edge, &alias, "c"),
                    child.active(&alias)
                ),
                present: child.column(&alias, &edge.columns[0]),
            }
        })
        .collect();
    let restricted = |edge: &Edge, of: String| {
        let (child, parent) = (draft.rows(edge.child), draft.rows(edge.parent));
        let from = format!(
            "{} JOIN {} ON {}",
            child.named("c"),
            parent.named("p"),
            draft.on(edge, "c", "p")
        );
        let sql = draft.count(&from, &[of, parent.active("p"), child.active("c")]);
        draft.step(Effect::Restricted, edge.child, &sql)
    };
    let checks = restricts()
        .map(|edge| restricted(edge, rows.of_key("p")))
        .collect();
    let many = draft.ways_of_many(false);
    let blocks = many.iter().flat_map(|(which, of)| {
        let restricted = &restricted;
        restricts().map(move |edge| (*which, restricted(edge, of.clone())))
    });
    let blocks = blocks.collect();
    let roots = roots(draft, false, true, |condition| {
        update_root(draft, &set, &[condition, rows.active("c")], &absent)
    });
    // A row that restricts may come meanwhile; in other databases the statement itself locks it.
    let locks = if draft.dialect() == Dialect::Postgres && restricts().next().is_some() {
        let ways = draft.ways(false).into_iter();
        ways.map(|(which, condition)| {
            let condition = format!("{condition} AND {}", rows.active("c"));
            (which, draft.guard(draft.root, &condition))
        })
        .collect()
    } else {
        Vec::new()
    };
    Some(Change {
        locks,
        roots,
        audits: Vec::new(),
        keys: keys(draft, false, &[rows.active("c")]),
        left: Vec::new(),
        returns: !draft.returning().is_empty(),
        checks,
        blocks,
        stages: stages(draft),
    })
}

/// What follows a soft delete, for the rows of its operation.
pub(super) fn stages(draft: &Draft<'_>) -> Vec<Stage> {
    if draft.root().operation().is_none() {
        return Vec::new();
    }
    let mut stages: Vec<Stage> = draft
        .lock(draft.root)
        .map(Stage::Once)
        .into_iter()
        .collect();
    stages.extend(draft.stages(false, |edge| {
        let deleted = cascade(draft, edge);
        deleted.into_iter().chain(draft.lock(edge.child)).collect()
    }));
    let detached = draft
        .to_reached(Policy::Detach)
        .map(|edge| detach(draft, edge));
    stages.extend(detached.map(Stage::Once));
    let restricted = draft
        .to_reached(Policy::Restrict)
        .map(|edge| restrict(draft, edge));
    stages.extend(restricted.map(Stage::Once));
    stages.extend(draft.collect(|rows| rows.of_operation("c")));
    stages
}

fn cascade(draft: &Draft<'_>, edge: &Edge) -> Option<Step> {
    let (child, parent) = (draft.rows(edge.child), draft.rows(edge.parent));
    let set = child.stamp(&child.moment(parent, "p")?);
    let sql = draft
        .joined(edge)
        .update(&set, &[parent.of_operation("p"), child.active("c")], &[]);
    Some(draft.step(Effect::Change, edge.child, &sql))
}

fn detach(draft: &Draft<'_>, edge: &Edge) -> Step {
    let (child, parent) = (draft.rows(edge.child), draft.rows(edge.parent));
    let (remembered, operation) = detached(&edge.columns);
    let own = record::column(child.table, &operation).or_else(|| parent.operation());
    let hole = super::text::Param::Operation.hole();
    let id = own.map_or(hole.clone(), |own| {
        record::operation_id(draft.dialect(), own, &hole)
    });
    let mut set: Vec<(String, String)> = remembered
        .into_iter()
        .zip(edge.columns.iter().map(|column| child.column("c", column)))
        .collect();
    set.push((operation, id));
    set.extend(
        edge.columns
            .iter()
            .map(|column| (column.clone(), "NULL".to_owned())),
    );
    let sql = draft
        .joined(edge)
        .update(&set, &[parent.of_operation("p"), child.active("c")], &[]);
    draft.step(Effect::Detach, edge.child, &sql)
}

fn restrict(draft: &Draft<'_>, edge: &Edge) -> Step {
    let (child, parent) = (draft.rows(edge.child), draft.rows(edge.parent));
    let from = format!(
        "{} JOIN {} ON {}",
        child.named("c"),
        parent.named("p"),
        draft.on(edge, "c", "p")
    );
    let sql = draft.count(&from, &[parent.of_operation("p"), child.active("c")]);
    draft.step(Effect::Restricted, edge.child, &sql)
}
