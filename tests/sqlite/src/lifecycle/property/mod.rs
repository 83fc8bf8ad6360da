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
use sqlx::Pool;

use self::{
    compare::differences,
    judge::judge,
    perform::perform,
    sequence::{beginning, sequence},
};
use super::{
    simulation::{Action, Expected, Graph},
    world::{run, with_teams},
};
use crate::Db;

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
UPDATE sites SET next_id = NULL, friend_id = NULL;
DELETE FROM visits; DELETE FROM invoices; DELETE FROM cards; DELETE FROM boards; DELETE FROM votes;
DELETE FROM issues; DELETE FROM projects; DELETE FROM members; DELETE FROM teams; DELETE FROM sites;
";

fn reason(step: usize) -> String {
    format!("step {step}")
}
