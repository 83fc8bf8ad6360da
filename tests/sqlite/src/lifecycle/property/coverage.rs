//! What the sequences of a plain run meet.

use std::collections::{BTreeMap, BTreeSet};

use super::{SEQUENCES, steps};
use crate::lifecycle::simulation::{
    Action, Expected, Graph, Id,
    Policy::Cascade,
    Refusal, Row,
    Table::{Projects, Teams},
};

/// The rings: rows of one table, each of which hangs on the next by a cascade.
fn rings(graph: &Graph) -> BTreeSet<Vec<Id>> {
    let mut found = BTreeSet::new();
    let edges = graph.rules.edges.iter();
    for edge in edges.filter(|edge| edge.child == edge.parent && edge.policy == Cascade) {
        for start in graph.rows.keys().filter(|id| id.0 == edge.child) {
            let mut ring = vec![*start];
            while let Some(key) = graph.rows[&ring[ring.len() - 1]].references[edge.at] {
                let next = (edge.parent, key);
                if next == *start {
                    ring.sort_unstable();
                    found.insert(ring);
                    break;
                }
                if ring.contains(&next) {
                    break;
                }
                ring.push(next);
            }
        }
    }
    found
}

/// What became of a ring, if all of its rows went the same way.
fn fate(ring: &[Id], before: &Graph, after: &Graph, action: &Action) -> Option<&'static str> {
    let all = |graph: &Graph, is: &dyn Fn(&Row) -> bool| {
        ring.iter().all(|id| graph.rows.get(id).is_some_and(is))
    };
    let operation = |graph: &Graph| graph.rows.get(&ring[0])?.deleted.map(|by| by.operation);
    let live = |row: &Row| row.deleted.is_none();
    let of_one = |graph: &Graph| {
        let one = operation(graph);
        one.is_some() && all(graph, &|row| row.deleted.map(|by| by.operation) == one)
    };
    let gone = ring.iter().all(|id| !after.rows.contains_key(id));
    let erases = matches!(action, Action::Remove(_, true) | Action::EraseAll(..));
    match gone {
        true if erases => Some("erased"),
        true => Some("purged"),
        false if all(before, &live) && of_one(after) => Some("deleted"),
        false if of_one(before) && all(after, &live) => Some("restored"),
        false => None,
    }
}

#[test]
fn the_sequences_meet_rings_in_every_operation() {
    let mut met: BTreeMap<(&str, usize), usize> = BTreeMap::new();
    for seed in 1..=SEQUENCES {
        let mut graph = Graph::default();
        for (step, action) in steps(seed) {
            let before = graph.clone();
            graph.apply(step, &action);
            let fates = rings(&before).into_iter().filter_map(|ring| {
                let fate = fate(&ring, &before, &graph, &action)?;
                Some((fate, ring.len()))
            });
            for fate in fates {
                *met.entry(fate).or_default() += 1;
            }
        }
    }
    println!("{met:?}");
    for fate in ["deleted", "restored", "purged", "erased"] {
        let of_many = met
            .iter()
            .filter(|((its, rows), _)| *its == fate && *rows > 2);
        let count: usize = of_many.map(|(_, count)| count).sum();
        assert!(count >= 3, "{count} rings of three rows or more are {fate}");
    }
}

#[test]
fn the_sequences_meet_rings_below_a_row_that_is_restored() {
    let (mut came, mut stayed) = (0, 0);
    for seed in 1..=SEQUENCES {
        let mut graph = Graph::default();
        for (step, action) in steps(seed) {
            let before = graph.clone();
            graph.apply(step, &action);
            if !matches!(
                action,
                Action::Restore((Teams, _), _) | Action::RestoreAll(Teams, _)
            ) {
                continue;
            }
            for ring in rings(&before).iter().filter(|ring| ring.len() > 1) {
                let live = |graph: &Graph, id: Id| graph.rows[&id].deleted.is_none();
                let above = |id: &Id| graph.rows[id].references[0].map(|team| (Teams, team));
                let hang = ring.iter().all(|id| {
                    let restored = |team: &Id| !live(&before, *team) && live(&graph, *team);
                    id.0 == Projects && above(id).as_ref().is_some_and(restored)
                });
                match fate(ring, &before, &graph, &action) {
                    Some("restored") if hang => came += 1,
                    None if hang && !live(&graph, ring[0]) => stayed += 1,
                    _ => {}
                }
            }
        }
    }
    println!("{came} came back, {stayed} stayed");
    assert!(
        came >= 3 && stayed >= 3,
        "{came} came back, {stayed} stayed"
    );
}

#[test]
fn the_sequences_meet_erasures_that_overwrite() {
    let mut met: BTreeMap<&str, usize> = BTreeMap::new();
    for seed in 1..=SEQUENCES {
        let mut graph = Graph::default();
        for (step, action) in steps(seed) {
            match graph.apply(step, &action) {
                Expected::Done(done) => {
                    for table in done.overwritten.keys() {
                        *met.entry(table).or_default() += 1;
                    }
                }
                Expected::Refused(Refusal::Erased) => *met.entry("refused").or_default() += 1,
                _ => {}
            }
        }
    }
    println!("{met:?}");
    for what in [
        "customers",
        "payments",
        "bills",
        "parcels",
        "calls",
        "refused",
    ] {
        let count = met.get(what).copied().unwrap_or_default();
        assert!(count >= 3, "{what}: {count}");
    }
}
