//! Random sequences of operations, step by step next to a simulation of their rules.

mod compare;
mod coverage;
mod judge;
mod perform;
mod sequence;
mod written;
mod wrong;

use std::{collections::BTreeMap, env};

use soft_delete::OperationId;
use sqlx::AssertSqlSafe;

use self::{
    compare::differences,
    judge::judge,
    perform::perform,
    sequence::{beginning, sequence},
    written::written,
};
use super::{
    simulation::{Action, Expected, Graph},
    world::with_teams,
};
use crate::DbConnection;

/// How many actions a sequence has.
const LENGTH: usize = 40;
/// How many sequences there are if nobody says it.
const SEQUENCES: u64 = 32;

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
        let connection = &mut *pool.acquire().await.expect("a connection");
        let (mut sequences, mut made) = (0, 0);
        for seed in seeds() {
            let mut steps = steps(seed);
            let at = match all(connection, &mut Graph::default(), &steps).await {
                Ok(followed) => {
                    sequences += 1;
                    made += followed.made;
                    continue;
                }
                Err((at, _)) => at,
            };
            steps.truncate(at + 1);
            for at in (beginning().len()..at).rev() {
                let mut fewer = steps.clone();
                fewer.remove(at);
                if all(connection, &mut Graph::default(), &fewer)
                    .await
                    .is_err()
                {
                    steps = fewer;
                }
            }
            let told: Vec<String> = steps[beginning().len()..]
                .iter()
                .map(|(step, action)| format!("{step}: {action:?}"))
                .collect();
            let result = all(connection, &mut Graph::default(), &steps).await;
            let (_, fault) = result.expect_err("it failed before");
            panic!("seed {seed}\n{}\n{fault}", told.join("\n"));
        }
        println!("{sequences} sequences, {made} steps");
    })
    .await;
}

type Operations = BTreeMap<usize, OperationId>;
/// The place of a step among those that were made, and what is wrong after it.
type Fault = (usize, String);

/// What became of a sequence.
#[derive(Debug)]
struct Followed {
    operations: Operations,
    /// How many of its steps were made behind the beginning, each compared.
    made: usize,
}

/// Makes all steps in the graph and in the database.
async fn all(
    connection: &mut DbConnection,
    graph: &mut Graph,
    steps: &[Step],
) -> Result<Followed, Fault> {
    let (first, others) = steps.split_at(beginning().len());
    let mut script = CLEAR.to_owned();
    for (step, action) in first {
        let expected = graph.apply(*step, action);
        assert!(matches!(expected, Expected::Done(_)), "{action:?}");
        script.push_str(&written(action));
        script.push(';');
    }
    run(connection, &script).await;
    let mut followed = Followed {
        operations: Operations::new(),
        made: 0,
    };
    for (at, (step, action)) in others.iter().enumerate() {
        let fault = |text: String| (first.len() + at, text);
        let expected = graph.apply(*step, action);
        if expected == Expected::Nothing {
            continue;
        }
        let result = perform(connection, &followed.operations, *step, action).await;
        if expected == Expected::Unsaid {
            break;
        }
        if let Ok(Some(outcome)) = &result
            && let (
                Action::SoftDelete(..)
                | Action::SoftDeleteAll(..)
                | Action::Remove(_, true)
                | Action::EraseAll(..),
                Some(id),
            ) = (action, outcome.operation_id())
        {
            followed.operations.insert(*step, id);
        }
        judge(action, &expected, &result).map_err(fault)?;
        let wrong = differences(connection, graph, &followed.operations).await;
        if !wrong.is_empty() {
            return Err(fault(wrong));
        }
        followed.made += 1;
    }
    Ok(followed)
}

/// Runs SQL that no operation stands for.
async fn run(connection: &mut DbConnection, sql: &str) {
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))
        .execute(connection)
        .await
        .expect("the statement runs");
}

const CLEAR: &str = "
UPDATE boards SET front_id = NULL;
UPDATE projects SET parent_id = NULL;
UPDATE sites SET next_id = NULL, friend_id = NULL;
DELETE FROM visits; DELETE FROM invoices; DELETE FROM cards; DELETE FROM boards; DELETE FROM votes;
DELETE FROM issues; DELETE FROM projects; DELETE FROM members; DELETE FROM teams; DELETE FROM sites;
DELETE FROM parcels; DELETE FROM calls; DELETE FROM payments; DELETE FROM bills; DELETE FROM customers;
";

fn reason(step: usize) -> String {
    format!("step {step}")
}
