//! Random sequences of operations, step by step next to a simulation of their rules.

use std::{
    collections::{BTreeMap, BTreeSet},
    env,
};

use chrono::{DateTime, Utc};
use soft_delete::{Error, LeftDeleted, OperationId, Outcome, SoftDeletable, TableRows, Tombstones};
use sqlx::{AssertSqlSafe, Pool, Row as _};

use super::{
    action::{Action, Rows, beginning, sequence},
    model::{Board, Card, Issue, Member, Project, Team, Vote},
    simulation::{Done, Expected, Graph, Id, Policy, Refusal, Row, Rule, Rules, Table},
    world::{run, with_teams},
};
use crate::{Db, sql};

/// How many actions a sequence has.
const LENGTH: usize = 40;
/// How many sequences there are if nobody says it.
const SEQUENCES: u64 = 16;

/// A step's number stays its own when others are left out: it names the operation of the step.
type Step = (usize, Action);

fn variable(name: &str, default: u64) -> u64 {
    let value = env::var(name).ok();
    value.map_or(default, |value| value.parse().expect("a number"))
}

/// `SOFT_DELETE_SEQUENCES` says how many, `SOFT_DELETE_SEED` which is the first.
fn seeds() -> impl Iterator<Item = u64> {
    let first = variable("SOFT_DELETE_SEED", 1);
    first..first + variable("SOFT_DELETE_SEQUENCES", SEQUENCES)
}

fn steps(seed: u64) -> Vec<Step> {
    sequence(seed, LENGTH).into_iter().enumerate().collect()
}

#[tokio::test]
async fn every_sequence_leaves_what_the_rules_say() {
    with_teams(async |pool| {
        for seed in seeds() {
            let mut steps = steps(seed);
            let Err((at, _)) = follow(pool, &steps).await else {
                continue;
            };
            steps.truncate(at + 1);
            for at in (beginning().len()..at).rev() {
                let mut fewer = steps.clone();
                fewer.remove(at);
                if follow(pool, &fewer).await.is_err() {
                    steps = fewer;
                }
            }
            let told: Vec<String> = steps[beginning().len()..]
                .iter()
                .map(|(step, action)| format!("{step}: {action:?}"))
                .collect();
            let (_, fault) = follow(pool, &steps).await.unwrap_err();
            panic!("seed {seed}\n{}\n{fault}", told.join("\n"));
        }
    })
    .await;
}

#[test]
fn every_wrong_rule_would_be_noticed() {
    let mut wrong: Vec<(String, Rules)> = Vec::new();
    for at in 0..Rules::default().edges.len() {
        let mut rules = Rules::default();
        let edge = &mut rules.edges[at];
        edge.policy = match edge.policy {
            Policy::Cascade | Policy::Restrict => Policy::Keep,
            Policy::Keep | Policy::Detach => Policy::Cascade,
        };
        wrong.push((format!("{edge:?}"), rules));
    }
    for rule in [
        Rule::ParentsLive,
        Rule::NamesUnique,
        Rule::SameOperation,
        Rule::PurgesDeleted,
        Rule::Holds,
        Rule::Reattaches,
    ] {
        let rules = Rules {
            broken: Some(rule),
            ..Rules::default()
        };
        wrong.push((format!("{rule:?}"), rules));
    }
    let mut unnoticed = Vec::new();
    for (name, rules) in wrong {
        let differs = |seed| {
            let (mut right, mut other) = (Graph::default(), Graph::default());
            other.rules = rules.clone();
            steps(seed).iter().any(|(step, action)| {
                right.apply(*step, action) != other.apply(*step, action) || right.rows != other.rows
            })
        };
        if !(1..=SEQUENCES).any(differs) {
            unnoticed.push(name);
        }
    }
    assert_eq!(unnoticed, Vec::<String>::new());
}

#[tokio::test]
async fn every_wrong_row_would_be_noticed() {
    with_teams(async |pool| {
        let mut steps: Vec<Step> = beginning().into_iter().enumerate().collect();
        steps.push((50, Action::SoftDelete((Table::Members, 11), 1)));
        for wrong in [
            "UPDATE members SET deleted_by = 2 WHERE number = 1",
            "UPDATE votes SET deleted_reason = 'none' WHERE issue_id = 1",
            "UPDATE votes SET deleted_at = '2020-01-01 00:00:00' WHERE issue_id = 4 AND team_id = 1",
            "UPDATE votes SET deleted_at = NULL WHERE issue_id = 1",
            "UPDATE votes SET deleted_operation = NULL WHERE issue_id = 1",
            "UPDATE cards SET deleted_operation = (SELECT deleted_operation FROM votes WHERE issue_id = 4 AND team_id = 1)",
            "UPDATE issues SET assignee_team = 2, assignee_number = 1 WHERE id = 1",
            "UPDATE issues SET detached_assignee_team = NULL WHERE id = 1",
            "UPDATE issues SET detached_assignee_team_operation = NULL WHERE id = 1",
            "DELETE FROM visits",
        ] {
            let mut graph = Graph::default();
            let (_, operations) = all(pool, &mut graph, &steps).await.unwrap();
            assert_eq!(differences(pool, &graph, &operations).await, "");
            run(pool, wrong).await;
            assert_ne!(differences(pool, &graph, &operations).await, "", "{wrong}");
        }
    })
    .await;
}

type Operations = BTreeMap<usize, OperationId>;
/// The place of a step among those that were made, and what is wrong after it.
type Fault = (usize, String);

async fn follow(pool: &Pool<Db>, steps: &[Step]) -> Result<(), Fault> {
    all(pool, &mut Graph::default(), steps).await.map(|_| ())
}

/// Makes all steps in the graph and in the database.
async fn all(
    pool: &Pool<Db>,
    graph: &mut Graph,
    steps: &[Step],
) -> Result<(usize, Operations), Fault> {
    run(pool, CLEAR).await;
    let mut operations = Operations::new();
    for (at, (step, action)) in steps.iter().enumerate() {
        let fault = |text: String| (at, text);
        let expected = graph.apply(*step, action);
        if expected == Expected::Nothing {
            continue;
        }
        let result = perform(pool, &operations, *step, action).await;
        if expected == Expected::Unsaid {
            return Ok((at, operations));
        }
        if let Ok(Some(outcome)) = &result
            && let (Action::SoftDelete(..) | Action::SoftDeleteAll(..), Some(id)) =
                (action, outcome.operation_id())
        {
            operations.insert(*step, id);
        }
        judge(action, &expected, &result).map_err(fault)?;
        if at + 1 >= beginning().len() {
            let wrong = differences(pool, graph, &operations).await;
            if !wrong.is_empty() {
                return Err(fault(wrong));
            }
        }
    }
    Ok((steps.len(), operations))
}

const CLEAR: &str = "
UPDATE boards SET front_id = NULL;
UPDATE projects SET parent_id = NULL;
DELETE FROM visits; DELETE FROM invoices; DELETE FROM cards; DELETE FROM boards; DELETE FROM votes;
DELETE FROM issues; DELETE FROM projects; DELETE FROM members; DELETE FROM teams;
";

/// The columns of a key stand in one number.
trait Coded {
    fn of(code: i64) -> Self;
}

impl Coded for i64 {
    fn of(code: i64) -> Self {
        code
    }
}

impl Coded for (i64, i64) {
    fn of(code: i64) -> Self {
        (code / 10, code % 10)
    }
}

impl Coded for (i64, i64, i64) {
    fn of(code: i64) -> Self {
        (code / 100, code / 10 % 10, code % 10)
    }
}

macro_rules! on {
    (@ $Model:ident, $T:ident => $run:expr) => {{
        type $T = $Model;
        $run
    }};
    ($table:expr, $T:ident => $run:expr) => {
        match $table {
            Table::Teams => on!(@ Team, $T => $run),
            Table::Members => on!(@ Member, $T => $run),
            Table::Projects => on!(@ Project, $T => $run),
            Table::Issues => on!(@ Issue, $T => $run),
            Table::Votes => on!(@ Vote, $T => $run),
            Table::Boards => on!(@ Board, $T => $run),
            Table::Cards => on!(@ Card, $T => $run),
            table => panic!("{table:?} has no operations"),
        }
    };
}

fn tombstones<T>(operations: &Operations, rows: &Rows) -> Tombstones<T>
where
    T: soft_delete::Lifecycle<
            Database = Db,
            KeepsOperation = soft_delete::Kept,
            RecordsActor: soft_delete::AcceptsActorOf<T, i64>,
            Actor = i64,
            Key: Coded,
        >,
{
    match rows {
        Rows::Keys(keys) => Tombstones::of_keys(keys.iter().map(|key| Coded::of(*key))),
        Rows::Actor(actor) => Tombstones::deleted_by(*actor),
        Rows::Operation(step) => {
            let nothing = OperationId::from_bytes([0; 16]);
            Tombstones::of_operation(operations.get(step).copied().unwrap_or(nothing))
        }
    }
}

/// Makes a step in the database.
async fn perform(
    pool: &Pool<Db>,
    operations: &Operations,
    step: usize,
    action: &Action,
) -> soft_delete::Result<Option<Outcome>> {
    let reason = reason(step);
    let outcome = match action {
        Action::SoftDelete((table, key), actor) => {
            on!(*table, T => T::soft_delete_by_key(Coded::of(*key)).by(*actor).because(reason).execute_with_outcome(pool).await?.1)
        }
        Action::SoftDeleteAll(table, keys, actor) => {
            on!(*table, T => T::soft_delete_by_keys(keys.iter().map(|key| Coded::of(*key))).by(*actor).because(reason).execute(pool).await?)
        }
        Action::Restore((table, key), false) => {
            on!(*table, T => T::restore_by_key(Coded::of(*key)).execute_with_outcome(pool).await?.1)
        }
        Action::Restore((table, key), true) => {
            on!(*table, T => T::restore_by_key(Coded::of(*key)).leave_conflicts().execute_with_outcome(pool).await?.1)
        }
        Action::RestoreAll(table, rows) => {
            on!(*table, T => T::restore_all(tombstones(operations, rows)).execute(pool).await?)
        }
        Action::Remove((table, key), false) => {
            on!(*table, T => T::purge_by_key(Coded::of(*key)).execute(pool).await?)
        }
        Action::Remove((table, key), true) => {
            on!(*table, T => T::erase_by_key(Coded::of(*key)).execute(pool).await?)
        }
        Action::PurgeAll(table, rows) => {
            on!(*table, T => T::purge_all(tombstones(operations, rows)).execute(pool).await?)
        }
        Action::EraseAll(table, keys) => {
            on!(*table, T => T::erase_by_keys(keys.iter().map(|key| Coded::of(*key))).execute(pool).await?)
        }
        write => {
            run(pool, &written(write)).await;
            return Ok(None);
        }
    };
    Ok(Some(outcome))
}

fn reason(step: usize) -> String {
    format!("step {step}")
}

/// What the application itself writes.
fn written(action: &Action) -> String {
    let null = |key: Option<i64>| key.map_or("NULL".to_owned(), |key| key.to_string());
    match action {
        Action::Insert((table, key), row) => {
            let [first, second] = row.references.map(null);
            let (name, table_name) = (row.name, table.name());
            let (columns, values) = match table {
                Table::Teams => ("id, name", format!("{key}, 'name {name}'")),
                Table::Members => (
                    "team_id, number, name",
                    format!("{}, {}, 'name'", key / 10, key % 10),
                ),
                Table::Projects => (
                    "id, team_id, parent_id, name",
                    format!("{key}, {first}, {second}, 'name {name}'"),
                ),
                Table::Issues => {
                    let (team, number) = member(row.references[1]);
                    (
                        "id, project_id, assignee_team, assignee_number, title",
                        format!("{key}, {first}, {team}, {number}, 'title'"),
                    )
                }
                Table::Votes => (
                    "issue_id, team_id, number",
                    format!("{}, {}, {}", key / 100, key / 10 % 10, key % 10),
                ),
                Table::Boards | Table::Visits => ("id, project_id", format!("{key}, {first}")),
                Table::Cards => ("id, board_id", format!("{key}, {first}")),
                Table::Invoices => ("id, team_id, total", format!("{key}, {first}, 1")),
            };
            format!("INSERT INTO {table_name} ({columns}) VALUES ({values})")
        }
        Action::Refer((Table::Issues, key), _, to) => {
            let (team, number) = member(*to);
            format!(
                "UPDATE issues SET assignee_team = {team}, assignee_number = {number} WHERE id = {key}"
            )
        }
        Action::Refer((_, key), _, to) => {
            format!(
                "UPDATE boards SET front_id = {} WHERE id = {key}",
                null(*to)
            )
        }
        Action::Hold(key, held) => {
            format!("UPDATE teams SET legal_hold = {held} WHERE id = {key}")
        }
        Action::Pay(key) => {
            format!("UPDATE invoices SET deleted_at = '2026-01-01 00:00:00' WHERE id = {key}")
        }
        Action::Forget(key) => format!("DELETE FROM visits WHERE id = {key}"),
        operation => panic!("{operation:?} is an operation"),
    }
}

fn member(code: Option<i64>) -> (String, String) {
    code.map_or_else(
        || ("NULL".to_owned(), "NULL".to_owned()),
        |code| ((code / 10).to_string(), (code % 10).to_string()),
    )
}

/// Is the result the one expected?
fn judge(
    action: &Action,
    expected: &Expected,
    result: &soft_delete::Result<Option<Outcome>>,
) -> Result<(), String> {
    let fits = match (expected, result) {
        (Expected::Done(_), Ok(None)) => true,
        (Expected::Done(done), Ok(Some(outcome))) => *done == done_by(action, outcome),
        (Expected::Refused(refusal), Err(error)) => is_refusal(action, refusal, error),
        _ => false,
    };
    if fits {
        return Ok(());
    }
    Err(format!("expected {expected:?}\ngot {result:?}"))
}

fn done_by(action: &Action, outcome: &Outcome) -> Done {
    let counts = |rows: &[TableRows]| rows.iter().map(|rows| (rows.table, rows.rows)).collect();
    let blocked = outcome.left_deleted().iter().map(|left| match left {
        LeftDeleted::Blocked(rows) => rows.rows,
        _ => 0,
    });
    // A purge passes rows on hold over, which is no matter of other rows.
    let restores = matches!(action, Action::Restore(..) | Action::RestoreAll(..));
    Done {
        rows: outcome.rows_affected(),
        dependents: counts(outcome.dependents()),
        detached: counts(outcome.detached()),
        reattached: counts(outcome.reattached()),
        blocked: blocked.filter(|_| restores).sum(),
        leaves: outcome
            .left_deleted()
            .iter()
            .any(|left| !matches!(left, LeftDeleted::Blocked(_))),
    }
}

fn is_refusal(action: &Action, refusal: &Refusal, error: &Error) -> bool {
    let own = match action {
        Action::SoftDelete((own, _), _)
        | Action::Restore((own, _), _)
        | Action::Remove((own, _), _)
        | Action::SoftDeleteAll(own, ..)
        | Action::RestoreAll(own, _)
        | Action::PurgeAll(own, _)
        | Action::EraseAll(own, _) => own.name(),
        _ => return false,
    };
    match (refusal, error) {
        (Refusal::NotFound, Error::NotFound { table })
        | (Refusal::AlreadyDeleted, Error::AlreadyDeleted { table })
        | (Refusal::NotDeleted, Error::NotDeleted { table })
        | (Refusal::Held, Error::Held { table }) => *table == own,
        (Refusal::Conflict(of), Error::Conflict { table, .. }) => *table == of.name(),
        (Refusal::ParentDeleted(parents), Error::ParentDeleted { table, parent }) => {
            *table == own && parents.iter().any(|of| of.name() == *parent)
        }
        (
            Refusal::Restricted(by),
            Error::Restricted {
                table,
                by: other,
                rows,
            },
        ) => {
            *table == own
                && by
                    .iter()
                    .any(|(of, count)| (of.name(), count) == (*other, rows))
        }
        _ => false,
    }
}

/// A row as it should be, and as it is.
#[derive(Debug, PartialEq)]
struct Seen {
    references: [Option<i64>; 2],
    deleted: bool,
    operation: Option<String>,
    actor: Option<i64>,
    reason: Option<String>,
    detached: Option<i64>,
    detached_by: Option<String>,
}

fn hexed(id: &str) -> String {
    id.replace('-', "").to_lowercase()
}

fn wanted(id: Id, row: &Row, operations: &Operations) -> Seen {
    let hex = |step: usize| operations.get(&step).map(|id| hexed(&id.to_string()));
    let by = row.deleted.filter(|_| id.0 != Table::Invoices);
    Seen {
        references: row.references,
        deleted: row.deleted.is_some(),
        operation: by.and_then(|by| hex(by.operation)),
        actor: by.map(|by| by.actor),
        reason: by.map(|by| reason(by.operation)),
        detached: row.detached.map(|(member, _)| member),
        detached_by: row.detached.and_then(|(_, step)| hex(step)),
    }
}

/// The key and the references of a table's rows.
fn columns(table: Table) -> [&'static str; 3] {
    match table {
        Table::Teams => ["id", "", ""],
        Table::Members => ["team_id * 10 + number", "team_id", ""],
        Table::Projects => ["id", "team_id", "parent_id"],
        Table::Issues => ["id", "project_id", "assignee_team * 10 + assignee_number"],
        Table::Votes => [
            "issue_id * 100 + team_id * 10 + number",
            "issue_id",
            "team_id * 10 + number",
        ],
        Table::Boards => ["id", "project_id", "front_id"],
        Table::Cards => ["id", "board_id", ""],
        Table::Invoices => ["id", "team_id", ""],
        Table::Visits => ["id", "project_id", ""],
    }
}

/// Everything in which the database is not what the graph is.
async fn differences(pool: &Pool<Db>, graph: &Graph, operations: &Operations) -> String {
    let mut seen: BTreeMap<Id, Seen> = BTreeMap::new();
    let mut moments: BTreeMap<String, BTreeSet<DateTime<Utc>>> = BTreeMap::new();
    for table in Table::ALL {
        let [key, first, second] = columns(table);
        let mut select = vec![format!("{key} AS row_key")];
        let references = [("first", first), ("second", second)];
        for (name, column) in references.iter().filter(|(_, column)| !column.is_empty()) {
            select.push(format!("{column} AS {name}_reference"));
        }
        if table != Table::Visits {
            select.push("deleted_at".to_owned());
        }
        let recorded = !matches!(table, Table::Visits | Table::Invoices);
        if recorded {
            let operation = sql::operation("deleted_operation");
            select.push(format!(
                "deleted_by, deleted_reason, {operation} AS operation"
            ));
        }
        if table == Table::Issues {
            let operation = sql::operation("detached_assignee_team_operation");
            select.push(format!(
                "detached_assignee_team * 10 + detached_assignee_number AS detached, {operation} AS detached_by"
            ));
        }
        let text = format!("SELECT {} FROM {}", select.join(", "), table.name());
        for row in sqlx::query(AssertSqlSafe(text))
            .fetch_all(pool)
            .await
            .expect("the rows are read")
        {
            let number = |name: &str| -> Option<i64> { row.try_get(name).ok().flatten() };
            let text = |name: &str| -> Option<String> { row.try_get(name).ok().flatten() };
            let deleted_at: Option<DateTime<Utc>> = row.try_get("deleted_at").ok().flatten();
            let operation = text("operation").map(|id| hexed(&id));
            if let (Some(operation), Some(moment)) = (&operation, deleted_at) {
                moments.entry(operation.clone()).or_default().insert(moment);
            }
            let found = Seen {
                references: ["first_reference", "second_reference"].map(number),
                deleted: deleted_at.is_some(),
                operation,
                actor: number("deleted_by"),
                reason: text("deleted_reason"),
                detached: number("detached"),
                detached_by: text("detached_by").map(|id| hexed(&id)),
            };
            let key: i64 = row.try_get("row_key").expect("a key");
            seen.insert((table, key), found);
        }
    }
    let mut found = Vec::new();
    let ids: BTreeSet<Id> = seen.keys().chain(graph.rows.keys()).copied().collect();
    for id in ids {
        let should = graph.rows.get(&id).map(|row| wanted(id, row, operations));
        if should.as_ref() != seen.get(&id) {
            found.push(format!(
                "{id:?}\n  is {:?}\n  should be {should:?}",
                seen.get(&id)
            ));
        }
    }
    for (operation, moments) in moments.iter().filter(|(_, moments)| moments.len() > 1) {
        found.push(format!("operation {operation} has the moments {moments:?}"));
    }
    found.join("\n")
}
