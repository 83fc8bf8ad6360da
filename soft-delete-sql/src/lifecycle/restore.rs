//! Restore: parents first, exactly the rows of an operation, and none under a deleted parent.

use super::{
    graph::Edge,
    plan::{
        Change, Draft, Effect, Restore, Stage, Step, Which, detached, keys, left as left_of,
        locked, returned, roots, update_root,
    },
    record,
    rows::Absent,
    text::Text,
};
use crate::{
    Dialect, Scope,
    schema::{MarkerKind, Policy},
    scope::{self, live_keys},
};

/// Whose rows a stage follows.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Follows {
    /// One operation, a parameter.
    Operation,
    /// The operation of each row restored: it stands in the row until the restore has ended.
    Rows,
}

/// The restore of a table.
pub(super) fn restore(draft: &Draft<'_>) -> Restore {
    let rows = draft.root();
    let stages = stages(draft, Follows::Operation);
    let set = rows.clear(stages.is_empty());
    let blocked = absent(draft, draft.root, None);
    let roots = roots(draft, true, stages.is_empty(), |condition| {
        update_root(draft, &set, &[condition, rows.restorable("c")], &blocked)
    });
    let checks = parents(draft, draft.root)
        .map(|edge| {
            let stays = stays_deleted(draft, edge, "p", true);
            parent_count(
                draft,
                Effect::ParentDeleted,
                edge,
                &[rows.of_key("c")],
                &stays,
            )
        })
        .collect();
    let by_rows = self::stages(draft, Follows::Rows);
    Restore {
        before: by_rows.first().map_or(Vec::new(), |_| unclear(draft)),
        stages: by_rows,
        operation: (!stages.is_empty()).then(|| operation(draft)),
        twins: twins(draft),
        change: Change {
            locks: locks(draft),
            roots,
            audits: Vec::new(),
            keys: keys(draft, true, &[rows.restorable("c")]),
            left: left_of(draft, &[]),
            returns: stages.is_empty() && !draft.returning().is_empty(),
            checks,
            blocks: Vec::new(),
            stages,
        },
    }
}

/// What stands around a statement that restores rows of the table, whatever their operations. All of
/// it holds, or nothing.
pub(super) fn around(draft: &Draft<'_>) -> (Vec<Step>, Vec<Stage>) {
    let own = parents(draft, draft.root)
        .filter(|edge| !draft.in_one_circle(edge.child, edge.parent))
        .map(|edge| Stage::Once(orphan(draft, edge, Follows::Rows)));
    let mut stages: Vec<Stage> = own.collect();
    let follow = self::stages(draft, Follows::Rows);
    if follow.is_empty() && stages.is_empty() {
        return (Vec::new(), Vec::new());
    }
    if follow.is_empty() {
        stages.push(Stage::Once(clear(draft, draft.root, Follows::Rows)));
    }
    stages.extend(follow);
    (unclear(draft), stages)
}

/// The foreign keys of a table whose parent must be live.
pub(super) fn parents<'d>(
    draft: &'d Draft<'_>,
    child: usize,
) -> impl Iterator<Item = &'d Edge> + 'd {
    draft.edges.iter().filter(move |edge| {
        edge.child == child
            && draft.rows(edge.parent).table.marker.is_some()
            && !matches!(edge.policy, None | Some(Policy::Keep))
    })
}

/// The parent (`alias`) of the row (`c`) is deleted and stays so. In a circle a parent may be restored
/// after its child; if it then was not, the child is [taken back](retract), or the restore is refused.
fn stays_deleted(draft: &Draft<'_>, edge: &Edge, alias: &str, begins: bool) -> String {
    let (child, parent) = (draft.rows(edge.child), draft.rows(edge.parent));
    let mut test = parent.deleted(alias);
    if edge.is_loop() {
        let key = &parent.table.primary_key;
        let same: Vec<String> = key
            .iter()
            .map(|column| {
                format!(
                    "{} = {}",
                    parent.column(alias, column),
                    child.column("c", column)
                )
            })
            .collect();
        test = format!("{test} AND NOT ({})", same.join(" AND "));
    }
    let comes_later = begins || !edge.is_loop() || (edge.child != draft.root && takes_back(draft));
    if draft.in_one_circle(edge.child, edge.parent) && comes_later {
        let (own, its) = (
            child.column("c", record::OPERATION),
            parent.column(alias, record::OPERATION),
        );
        test = format!("{test} AND ({own} IS NULL OR {its} IS NULL OR {own} <> {its})");
    }
    test
}

/// The rows (`c`) whose parent (`p`) is deleted and stays so. No parent is deleted from then on until the
/// restore is committed.
fn parent_count(
    draft: &Draft<'_>,
    effect: Effect,
    edge: &Edge,
    conditions: &[String],
    stays: &str,
) -> Step {
    let from = format!(
        "{} JOIN {} ON {}",
        draft.rows(edge.child).named("c"),
        draft.rows(edge.parent).named("p"),
        draft.on(edge, "c", "p")
    );
    let tests = conditions.join(" AND ");
    let sql = if draft.dialect() == Dialect::Postgres {
        // A count cannot lock, and what stands in a WHERE is tested before the lock.
        format!(
            "SELECT count(*) FILTER (WHERE stays) FROM (SELECT {stays} AS stays FROM {from} \
             WHERE {tests} FOR SHARE OF p) AS parents"
        )
    } else {
        draft.count(&from, &[tests, stays.to_owned()])
    };
    draft.step(effect, edge.parent, &sql)
}

/// Locks the parents of the root's rows for each way to name many of them: what the statement then sees
/// of them is still so when it is committed. Other databases lock what it reads.
fn locks(draft: &Draft<'_>) -> Vec<(Which, Step)> {
    if draft.dialect() != Dialect::Postgres {
        return Vec::new();
    }
    let rows = draft.root();
    let many = |(which, _): &(Which, String)| *which != Which::Key;
    parents(draft, draft.root)
        .flat_map(|edge| {
            let ways = draft.ways(true).into_iter().filter(many);
            ways.map(move |(which, condition)| {
                let sql = format!(
                    "SELECT 1 FROM {} JOIN {} ON {} WHERE {condition} AND {} FOR SHARE OF p",
                    rows.named("c"),
                    draft.rows(edge.parent).named("p"),
                    draft.on(edge, "c", "p"),
                    rows.deleted("c")
                );
                (which, draft.step(Effect::Lock, edge.parent, &sql))
            })
        })
        .collect()
}

/// Locks the other parents of the rows that [`child`] restores, as [`locks`] does.
fn lock_others(draft: &Draft<'_>, edge: &Edge, follows: Follows) -> Vec<Step> {
    if draft.dialect() != Dialect::Postgres {
        return Vec::new();
    }
    let rows = draft.rows(edge.child);
    let mut tests = belongs(draft, edge, follows).to_vec();
    tests.push(rows.deleted("c"));
    let others = parents(draft, edge.child).filter(|other| *other != edge);
    others
        .map(|other| {
            let sql = format!(
                "SELECT 1 FROM {} JOIN {} ON {} JOIN {} ON {} WHERE {} FOR SHARE OF o",
                rows.named("c"),
                draft.rows(edge.parent).named("p"),
                draft.on(edge, "c", "p"),
                draft.rows(other.parent).named("o"),
                draft.on(other, "c", "o"),
                tests.join(" AND ")
            );
            draft.step(Effect::Lock, other.parent, &sql)
        })
        .collect()
}

/// What keeps a row (`c`) from being restored: a parent that stays deleted, a live row with its unique
/// key. `via` is the parent that is restored with it.
fn absent(draft: &Draft<'_>, table: usize, via: Option<&Edge>) -> Vec<Absent> {
    let mut absent = Vec::new();
    for (at, edge) in parents(draft, table).enumerate() {
        if via == Some(edge) {
            continue;
        }
        let alias = format!("p{at}");
        let parent = draft.rows(edge.parent);
        let stays = stays_deleted(draft, edge, &alias, via.is_none());
        absent.push(Absent {
            named: parent.named(&alias),
            when: format!("{} AND {stays}", draft.on(edge, "c", &alias)),
            present: parent.column(&alias, &edge.parent_columns[0]),
        });
    }
    for (at, key) in live_keys(draft.schema, draft.rows(table).table)
        .iter()
        .enumerate()
    {
        let alias = format!("w{at}");
        absent.push(Absent {
            named: draft.rows(table).named(&alias),
            when: twin(draft, table, key, &alias),
            present: draft
                .rows(table)
                .column(&alias, &draft.rows(table).table.primary_key[0]),
        });
    }
    absent
}

/// The live row (`alias`) has the unique key that the row `c` would have.
fn twin(draft: &Draft<'_>, table: usize, key: &scope::LiveKey, alias: &str) -> String {
    let rows = draft.rows(table);
    let side = |text: &str, alias: &str| scope::qualified(draft.dialect(), text, rows.table, alias);
    let mut tests: Vec<String> = key
        .parts
        .iter()
        .map(|part| format!("{} = {}", side(part, alias), side(part, "c")))
        .collect();
    tests.push(rows.active(alias));
    let own = scope::condition_of(draft.dialect(), rows.table, Scope::Active, "_");
    let own = own.map(|own| own.replace("_.", ""));
    let more = key
        .predicate
        .as_ref()
        .filter(|predicate| own.as_deref() != Some(predicate.trim()));
    tests.extend(more.map(|predicate| format!("({})", side(predicate, alias))));
    tests.join(" AND ")
}

fn twins(draft: &Draft<'_>) -> Vec<(String, Text)> {
    let rows = draft.root();
    live_keys(draft.schema, rows.table)
        .iter()
        .map(|key| {
            let sql = format!(
                "SELECT {} FROM {} JOIN {} ON {} WHERE {} LIMIT 1",
                rows.key_text("w"),
                rows.named("c"),
                rows.named("w"),
                twin(draft, draft.root, key, "w"),
                rows.of_key("c")
            );
            let name = key.name.clone().unwrap_or_else(|| key.parts.join(", "));
            (name, draft.text(&sql))
        })
        .collect()
}

/// The operation of a deleted row, as text.
fn operation(draft: &Draft<'_>) -> Text {
    let rows = draft.root();
    let column = rows.column(returned(rows), record::OPERATION);
    let kind = rows.operation().map_or("", |column| &column.sql_type);
    let text = match draft.dialect() {
        Dialect::Postgres => format!("CAST({column} AS text)"),
        Dialect::Sqlite if kind == "blob" => format!("lower(hex({column}))"),
        Dialect::Mysql if kind.starts_with("binary") => format!("LOWER(HEX({column}))"),
        Dialect::Sqlite | Dialect::Mysql => column,
    };
    let tests = [rows.of_key("c"), rows.deleted("c")].join(" AND ");
    draft.text(&locked(rows, &text, &tests))
}

/// Takes the operation off live rows, where something else than a restore has left it.
fn unclear(draft: &Draft<'_>) -> Vec<Step> {
    draft
        .tables()
        .filter(|table| draft.rows(*table).operation().is_some())
        .map(|table| clear(draft, table, Follows::Rows))
        .collect()
}

fn clear(draft: &Draft<'_>, table: usize, follows: Follows) -> Step {
    let rows = draft.rows(table);
    let of = match follows {
        Follows::Operation => rows.of_operation("c"),
        Follows::Rows => format!("{} IS NOT NULL", rows.column("c", record::OPERATION)),
    };
    let set = [(record::OPERATION.to_owned(), "NULL".to_owned())];
    let sql = super::rows::update(rows, &set, &[of, rows.active("c")], &[]);
    draft.step(Effect::Mark, table, &sql)
}

fn stages(draft: &Draft<'_>, follows: Follows) -> Vec<Stage> {
    let dependents = draft.groups.len() > 1
        || draft.groups.iter().any(|group| draft.is_circle(group))
        || draft.to_reached(Policy::Detach).next().is_some();
    // Without the column in the root's table no foreign key to it has a policy that makes one.
    if !dependents {
        return Vec::new();
    }
    let mut stages = draft.stages(true, |edge| {
        let mut steps = lock_others(draft, edge, follows);
        steps.push(child(draft, edge, follows));
        steps
    });
    if takes_back(draft) {
        let below = belows(draft).filter(|edge| edge.child != draft.root);
        let steps = below.map(|edge| retract(draft, edge, follows));
        stages.push(Stage::Repeat(steps.collect()));
    }
    let mut once = |step: Step| stages.push(Stage::Once(step));
    for edge in draft.to_reached(Policy::Detach) {
        once(reattach(draft, edge, follows));
    }
    let mut parents_left = Vec::new();
    for edge in draft.to_reached(Policy::Cascade) {
        let (conflicts, others): (Vec<Step>, Vec<Step>) = left(draft, edge, follows)
            .into_iter()
            .partition(|step| step.effect == Effect::Conflict);
        conflicts.into_iter().for_each(&mut once);
        parents_left.extend(others);
    }
    parents_left.into_iter().for_each(&mut once);
    for edge in draft.to_reached(Policy::Cascade) {
        once(remaining(draft, edge, follows));
    }
    for edge in belows(draft).filter(|e| draft.in_one_circle(e.child, e.parent)) {
        once(orphan(draft, edge, follows));
    }
    let reached = |rows: super::rows::Rows<'_>| {
        let of = match follows {
            Follows::Operation => rows.of_operation("c"),
            Follows::Rows => format!("{} IS NOT NULL", rows.column("c", record::OPERATION)),
        };
        format!("{of} AND {}", rows.active("c"))
    };
    stages.extend(draft.collect(reached));
    for table in draft.tables() {
        stages.push(Stage::Once(clear(draft, table, follows)));
    }
    stages
}

/// The parent (`p`) was restored in this transaction, and the child's row (`c`) belongs to it.
fn belongs(draft: &Draft<'_>, edge: &Edge, follows: Follows) -> [String; 3] {
    let (child, parent) = (draft.rows(edge.child), draft.rows(edge.parent));
    let its = match follows {
        Follows::Operation => parent.of_operation("p"),
        Follows::Rows => format!("{} IS NOT NULL", parent.column("p", record::OPERATION)),
    };
    let own = match follows {
        Follows::Operation => child.of_operation("c"),
        Follows::Rows => format!(
            "{} = {}",
            child.column("c", record::OPERATION),
            parent.column("p", record::OPERATION)
        ),
    };
    [its, parent.active("p"), own]
}

fn child(draft: &Draft<'_>, edge: &Edge, follows: Follows) -> Step {
    let rows = draft.rows(edge.child);
    let mut tests = belongs(draft, edge, follows).to_vec();
    tests.push(rows.restorable("c"));
    let absent = absent(draft, edge.child, Some(edge));
    let sql = draft
        .joined(edge)
        .update(&rows.clear(false), &tests, &absent);
    draft.step(Effect::Change, edge.child, &sql)
}

/// The foreign keys between the tables reached whose parent must be live.
fn belows<'d>(draft: &'d Draft<'_>) -> impl Iterator<Item = &'d Edge> + 'd {
    let all = draft.tables().flat_map(|table| parents(draft, table));
    all.filter(|edge| draft.is_reached(edge.parent))
}

/// A restore brings back rows of a circle below the root before it knows whether all of them come, and
/// takes back those that are below a deleted one: where that loses nothing of what the soft delete wrote.
fn takes_back(draft: &Draft<'_>) -> bool {
    let has_circle = belows(draft)
        .any(|edge| edge.child != draft.root && draft.in_one_circle(edge.child, edge.parent));
    let mut below = belows(draft).filter(|edge| edge.child != draft.root);
    has_circle && below.all(|edge| is_lossless(draft, edge))
}

/// What a soft delete writes into the child stands in the parent too.
fn is_lossless(draft: &Draft<'_>, edge: &Edge) -> bool {
    let (child, parent) = (draft.rows(edge.child), draft.rows(edge.parent));
    let (Some(marker), Some(its)) = (&child.table.marker, &parent.table.marker) else {
        return false;
    };
    let one_moment = child.moment(parent, "p") == Some(parent.column("p", &its.column));
    let records = [record::ACTOR, record::REASON].iter().all(|name| {
        let kind = |rows: super::rows::Rows<'_>| {
            record::column(rows.table, name).map(|column| column.sql_type.clone())
        };
        kind(child).is_none() || kind(child) == kind(parent)
    });
    // An erasure may have overwritten the reason.
    let is_kept = super::personal::is_kept(parent.table);
    // A flag is always the same, a number that `now` counts is not.
    let is_flag = marker.kind != MarkerKind::Timestamp && child.table.settings.now.is_none();
    (one_moment || is_flag) && records && !is_kept
}

/// Deletes again what was restored below a row of the operation that stays deleted.
fn retract(draft: &Draft<'_>, edge: &Edge, follows: Follows) -> Step {
    let (child, parent) = (draft.rows(edge.child), draft.rows(edge.parent));
    let marker = child.table.marker.as_ref();
    let moment = marker.and_then(|own| Some((own.column.clone(), child.moment(parent, "p")?)));
    let records = [record::ACTOR, record::REASON]
        .into_iter()
        .filter(|name| record::column(child.table, name).is_some())
        .map(|name| (name.to_owned(), parent.column("p", name)));
    let set: Vec<(String, String)> = moment.into_iter().chain(records).collect();
    let [its, _, own] = belongs(draft, edge, follows);
    let tests = [its, parent.deleted("p"), own, child.active("c")];
    let sql = draft.joined(edge).update(&set, &tests, &[]);
    draft.step(Effect::Retract, edge.child, &sql)
}

fn reattach(draft: &Draft<'_>, edge: &Edge, follows: Follows) -> Step {
    let (child, parent) = (draft.rows(edge.child), draft.rows(edge.parent));
    let (remembered, operation) = detached(&edge.columns);
    let mut set: Vec<(String, String)> = edge
        .columns
        .iter()
        .zip(&remembered)
        .map(|(column, remembered)| (column.clone(), child.column("c", remembered)))
        .collect();
    let forgotten = remembered.iter().chain(Some(&operation));
    set.extend(forgotten.map(|column| (column.clone(), "NULL".to_owned())));
    let own = child.column("c", &operation);
    let id = record::column(child.table, &operation)
        .or_else(|| parent.operation())
        .map_or(String::new(), |column| {
            record::operation_id(
                draft.dialect(),
                column,
                &super::text::Param::Operation.hole(),
            )
        });
    let mut tests = vec![match follows {
        Follows::Operation => format!("{own} = {id}"),
        Follows::Rows => format!("{own} = {}", parent.column("p", record::OPERATION)),
    }];
    let its = belongs(draft, edge, follows);
    tests.extend(its.into_iter().take(2));
    tests.extend(
        edge.columns
            .iter()
            .map(|column| format!("{} IS NULL", child.column("c", column))),
    );
    let mut joined = draft.joined(edge);
    let pairs = remembered.iter().zip(&edge.parent_columns);
    let on: Vec<String> = pairs
        .map(|(own, its)| format!("{} = {}", child.column("c", own), parent.column("p", its)))
        .collect();
    joined.on = on.join(" AND ");
    draft.step(
        Effect::Reattach,
        edge.child,
        &joined.update(&set, &tests, &[]),
    )
}

/// What stays deleted though its parent was restored: by a parent of its own, by a live twin.
fn left(draft: &Draft<'_>, edge: &Edge, follows: Follows) -> Vec<Step> {
    let rows = draft.rows(edge.child);
    let from = format!(
        "{} JOIN {} ON {}",
        rows.named("c"),
        draft.rows(edge.parent).named("p"),
        draft.on(edge, "c", "p")
    );
    let mut tests = belongs(draft, edge, follows).to_vec();
    tests.push(rows.deleted("c"));
    let mut steps = Vec::new();
    for (at, other) in parents(draft, edge.child).enumerate() {
        if other == edge {
            continue;
        }
        let alias = format!("p{at}");
        let parent = draft.rows(other.parent);
        let from = format!(
            "{from} JOIN {} ON {}",
            parent.named(&alias),
            draft.on(other, "c", &alias)
        );
        let mut tests = tests.clone();
        tests.push(parent.deleted(&alias));
        let sql = draft.count(&from, &tests);
        steps.push(draft.step(Effect::ParentDeleted, other.parent, &sql));
    }
    for (at, key) in live_keys(draft.schema, rows.table).iter().enumerate() {
        let alias = format!("w{at}");
        let from = format!(
            "{from} JOIN {} ON {}",
            rows.named(&alias),
            twin(draft, edge.child, key, &alias)
        );
        let sql = draft.count(&from, &tests);
        steps.push(draft.step(Effect::Conflict, edge.child, &sql));
    }
    steps
}

/// What stays deleted for whatever reason: no row is left behind untold.
fn remaining(draft: &Draft<'_>, edge: &Edge, follows: Follows) -> Step {
    let rows = draft.rows(edge.child);
    let from = format!(
        "{} JOIN {} ON {}",
        rows.named("c"),
        draft.rows(edge.parent).named("p"),
        draft.on(edge, "c", "p")
    );
    let mut tests = belongs(draft, edge, follows).to_vec();
    tests.push(rows.deleted("c"));
    let sql = draft.count(&from, &tests);
    draft.step(Effect::Remaining, edge.child, &sql)
}

/// A row that was restored before its parent, which then was not.
fn orphan(draft: &Draft<'_>, edge: &Edge, follows: Follows) -> Step {
    let (child, parent) = (draft.rows(edge.child), draft.rows(edge.parent));
    let of = match follows {
        Follows::Operation => child.of_operation("c"),
        Follows::Rows => format!("{} IS NOT NULL", child.column("c", record::OPERATION)),
    };
    let restored = [of, child.active("c")];
    parent_count(
        draft,
        Effect::Orphaned,
        edge,
        &restored,
        &parent.deleted("p"),
    )
}
