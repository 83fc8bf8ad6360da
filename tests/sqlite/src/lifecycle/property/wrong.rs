//! A wrong rule and a wrong row would be noticed.

use super::{
    super::{
        simulation::{Action, Graph, Policy, Rule, Rules, Table},
        world::with_teams,
    },
    SEQUENCES, Step, all, beginning,
    compare::differences,
    run, steps,
};

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
        Rule::TakesBack,
        Rule::SameOperation,
        Rule::PurgesDeleted,
        Rule::Holds,
        Rule::Reattaches,
        Rule::Overwrites,
        Rule::ErasedStays,
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
        let connection = &mut *pool.acquire().await.expect("a connection");
        let mut steps: Vec<Step> = beginning().into_iter().enumerate().collect();
        steps.push((50, Action::SoftDelete((Table::Members, 11), 1)));
        steps.push((51, Action::Remove((Table::Customers, 1), true)));
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
            "UPDATE customers SET email = 'mail 1' WHERE id = 1",
            "UPDATE bills SET payer = 'own' WHERE id = 1",
            "UPDATE parcels SET recipient = 'own' WHERE id = 1",
            "UPDATE calls SET caller = 'own' WHERE id = 1",
            "UPDATE calls SET caller = NULL WHERE id = 2",
            "UPDATE payments SET erased_at = NULL WHERE id = 1",
        ] {
            let mut graph = Graph::default();
            let followed = all(connection, &mut graph, &steps).await.unwrap();
            assert_eq!(differences(connection, &graph, &followed.operations).await, "");
            run(connection, wrong).await;
            assert_ne!(differences(connection, &graph, &followed.operations).await, "", "{wrong}");
        }
    })
    .await;
}
