//! Random sequences of what an application does to the graph of teams.

use std::cmp::Reverse;

use crate::lifecycle::simulation::{
    Action, Graph, Row, Rows,
    Table::{
        self, Bills, Boards, Calls, Cards, Customers, Invoices, Issues, Members, Parcels, Payments,
        Projects, Sites, Teams, Visits, Votes,
    },
};

/// `SplitMix64`.
#[derive(Debug)]
pub(super) struct Random(pub(super) u64);

impl Random {
    pub(super) fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^= mixed >> 31;
        let end = u64::try_from(end).expect("a small number");
        usize::try_from(mixed % end).expect("it is below a small number")
    }

    fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }

    fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    fn actor(&mut self) -> i64 {
        self.pick(&[1, 2, 3])
    }
}

/// The tables that have operations.
const MODELS: [Table; 9] = [
    Teams, Members, Projects, Issues, Votes, Boards, Cards, Sites, Customers,
];

fn row(references: [Option<i64>; 2], name: usize) -> Row {
    Row {
        references,
        name,
        ..Row::default()
    }
}

/// A team whose projects hang on one another.
const RINGED: i64 = 3;

/// What every sequence starts with.
pub(super) fn beginning() -> Vec<Action> {
    let rows = [
        ((Teams, 1), row([None, None], 0)),
        ((Teams, 2), row([None, None], 1)),
        ((Teams, RINGED), row([None, None], 2)),
        ((Members, 11), row([Some(1), None], 0)),
        ((Members, 12), row([Some(1), None], 0)),
        ((Members, 21), row([Some(2), None], 0)),
        ((Projects, 10), row([Some(1), None], 0)),
        ((Projects, 11), row([Some(1), Some(10)], 1)),
        ((Projects, 12), row([Some(1), Some(11)], 2)),
        ((Projects, 20), row([Some(2), None], 0)),
        ((Projects, 28), row([Some(RINGED), None], 0)),
        ((Projects, 29), row([Some(RINGED), Some(28)], 1)),
        ((Issues, 1), row([Some(10), Some(11)], 0)),
        ((Issues, 2), row([Some(11), Some(12)], 0)),
        ((Issues, 3), row([Some(12), None], 0)),
        ((Issues, 4), row([Some(20), Some(11)], 0)),
        ((Issues, 5), row([Some(29), None], 0)),
        ((Votes, 111), row([Some(1), Some(11)], 0)),
        ((Votes, 121), row([Some(1), Some(21)], 0)),
        ((Votes, 212), row([Some(2), Some(12)], 0)),
        ((Votes, 411), row([Some(4), Some(11)], 0)),
        ((Votes, 421), row([Some(4), Some(21)], 0)),
        ((Boards, 1), row([Some(10), None], 0)),
        ((Boards, 2), row([Some(20), None], 0)),
        ((Cards, 1), row([Some(1), None], 0)),
        ((Cards, 2), row([Some(1), None], 0)),
        ((Cards, 3), row([Some(2), None], 0)),
        ((Visits, 1), row([Some(12), None], 0)),
        ((Sites, 1), row([None, None], 0)),
        ((Sites, 2), row([Some(1), None], 0)),
        ((Sites, 3), row([Some(2), Some(1)], 0)),
        ((Sites, 4), row([Some(3), Some(2)], 0)),
        ((Sites, 5), row([None, Some(3)], 0)),
        ((Sites, 6), row([Some(5), Some(1)], 0)),
        ((Sites, 7), row([None, None], 0)),
        ((Sites, 8), row([Some(7), None], 0)),
        ((Sites, 9), row([Some(8), Some(7)], 0)),
        ((Customers, 1), row([None, None], 0)),
        ((Customers, 2), row([None, None], 0)),
        ((Customers, 3), row([None, None], 0)),
        ((Payments, 1), row([Some(1), None], 0)),
        ((Payments, 2), row([Some(1), None], 0)),
        ((Payments, 3), row([Some(3), None], 0)),
        ((Bills, 1), row([Some(1), None], 0)),
        ((Bills, 2), row([Some(2), None], 0)),
        ((Parcels, 1), row([Some(1), Some(2)], 0)),
        ((Parcels, 2), row([Some(2), None], 0)),
        ((Calls, 1), row([Some(1), None], 0)),
        ((Calls, 2), row([Some(3), None], 0)),
    ];
    let mut actions: Vec<Action> = rows
        .into_iter()
        .map(|(id, row)| Action::Insert(id, row))
        .collect();
    actions.push(Action::Refer((Boards, 1), 1, Some(1)));
    actions.push(Action::Refer((Projects, 28), 1, Some(29)));
    actions.push(Action::Refer((Sites, 1), 0, Some(3)));
    actions.push(Action::Refer((Sites, 7), 0, Some(9)));
    actions
}

/// The actions of a seed.
pub(super) fn sequence(seed: u64, length: usize) -> Vec<Action> {
    let mut random = Random(seed);
    let mut graph = Graph::default();
    let mut actions = beginning();
    for (step, action) in actions.iter().enumerate() {
        graph.apply(step, action);
    }
    for _ in 0..length {
        let action = next(&mut random, &graph, actions.len());
        graph.apply(actions.len(), &action);
        actions.push(action);
    }
    actions
}

/// A key of the table: one of a row in the state wanted, if there is one and chance will.
fn key(random: &mut Random, graph: &Graph, table: Table, deleted: Option<bool>) -> i64 {
    let wanted = deleted.filter(|_| !random.chance(8));
    let keys: Vec<i64> = graph
        .rows
        .iter()
        .filter(|((its, _), row)| {
            *its == table && wanted.is_none_or(|deleted| row.deleted.is_some() == deleted)
        })
        .map(|((_, key), _)| *key)
        .collect();
    if keys.is_empty() || random.chance(2) {
        return 99;
    }
    random.pick(&keys)
}

fn keys(random: &mut Random, graph: &Graph, table: Table, deleted: bool) -> Vec<i64> {
    let count = 1 + random.below(3);
    (0..count)
        .map(|_| key(random, graph, table, Some(deleted)))
        .collect()
}

fn rows(random: &mut Random, graph: &Graph, table: Table, steps: usize) -> Rows {
    match random.below(4) {
        0 => Rows::Keys(keys(random, graph, table, true)),
        1 => Rows::Actor(random.actor()),
        _ => {
            let tombstones = graph.rows.iter().filter(|((its, _), _)| *its == table);
            let operations: Vec<usize> = tombstones
                .filter_map(|(_, row)| Some(row.deleted?.operation))
                .collect();
            Rows::Operation(if operations.is_empty() {
                random.below(steps)
            } else {
                random.pick(&operations)
            })
        }
    }
}

fn next(random: &mut Random, graph: &Graph, steps: usize) -> Action {
    // Deletions high in the graph leave little to do.
    let table = if random.chance(12) {
        Teams
    } else if random.chance(25) {
        // Nothing else reaches them.
        random.pick(&[Sites, Sites, Customers])
    } else {
        random.pick(&MODELS[1..])
    };
    let mut held = graph.rows.iter().filter(|(_, row)| row.held);
    if let Some((id, _)) = held.next().filter(|_| random.chance(15)) {
        return Action::Remove(*id, false);
    }
    let tombstones = graph
        .rows
        .iter()
        .filter(|(id, row)| id.0 != Invoices && row.deleted.is_some());
    let last =
        tombstones.max_by_key(|(id, row)| (row.deleted.map(|by| by.operation), Reverse(**id)));
    if let Some((id, _)) = last.filter(|_| random.chance(10)) {
        return Action::Restore(*id, random.chance(50));
    }
    let ringed = graph.rows.get(&(Teams, RINGED));
    if let Some(team) = ringed.filter(|_| random.chance(8)) {
        return ring(random, graph, team);
    }
    if table == Customers && random.chance(20) {
        let id = (table, key(random, graph, table, None));
        return Action::Remove(id, true);
    }
    if table == Sites && random.chance(15) {
        let id = (table, key(random, graph, table, Some(true)));
        return Action::Remove(id, false);
    }
    match random.below(100) {
        0..18 => insert(random, graph),
        18..24 => refer(random, graph),
        24..27 => Action::Hold(key(random, graph, Teams, Some(true)), random.chance(70)),
        27..29 => Action::Pay(key(random, graph, Invoices, Some(false))),
        29..31 => Action::Forget(key(random, graph, Visits, None)),
        31..48 => {
            let key = key(random, graph, table, Some(false));
            Action::SoftDelete((table, key), random.actor())
        }
        48..58 => {
            let keys = keys(random, graph, table, false);
            Action::SoftDeleteAll(table, keys, random.actor())
        }
        58..74 => {
            let key = key(random, graph, table, Some(true));
            Action::Restore((table, key), random.chance(50))
        }
        74..84 => Action::RestoreAll(table, rows(random, graph, table, steps)),
        84..91 => Action::Remove((table, key(random, graph, table, Some(true))), false),
        91..95 => Action::PurgeAll(table, rows(random, graph, table, steps)),
        95..98 => Action::Remove((table, key(random, graph, table, None)), true),
        _ => Action::EraseAll(table, keys(random, graph, table, true)),
    }
}

/// What happens to the team whose projects hang on one another, so that it comes back with them, or
/// without them as one has a twin.
fn ring(random: &mut Random, graph: &Graph, team: &Row) -> Action {
    let id = (Teams, RINGED);
    let Some(by) = team.deleted else {
        return Action::SoftDelete(id, random.actor());
    };
    let twin = twin(random, graph, 29).filter(|_| random.chance(30));
    twin.unwrap_or_else(|| {
        if random.chance(30) {
            Action::RestoreAll(Teams, Rows::Operation(by.operation))
        } else {
            Action::Restore(id, random.chance(50))
        }
    })
}

/// A project of the name that another one has.
fn twin(random: &mut Random, graph: &Graph, of: i64) -> Option<Action> {
    let its = graph.rows.get(&(Projects, of))?;
    let id = 31 + i64::try_from(random.below(9)).expect("a small number");
    Some(Action::Insert(
        (Projects, id),
        row(its.references, its.name),
    ))
}

fn insert(random: &mut Random, graph: &Graph) -> Action {
    if random.chance(15) {
        let deleted = key(random, graph, Projects, Some(true));
        if let Some(twin) = twin(random, graph, deleted) {
            return twin;
        }
    }
    let table = random.pick(&Table::ALL);
    let name = random.below(3);
    let state = random.chance(30).then_some(true);
    let mut parent = |table: Table| key(random, graph, table, state);
    let (id, references) = match table {
        Teams | Customers => (None, [None, None]),
        Members | Invoices => (None, [Some(parent(Teams)), None]),
        Projects => {
            let (team, above) = (parent(Teams), parent(Projects));
            (None, [Some(team), Some(above).filter(|key| key % 2 == 0)])
        }
        Issues => {
            let (project, member) = (parent(Projects), parent(Members));
            (None, [Some(project), Some(member).filter(|_| name > 0)])
        }
        Votes => {
            let (issue, member) = (parent(Issues), parent(Members));
            (Some(issue * 100 + member), [Some(issue), Some(member)])
        }
        Payments | Bills | Calls => (None, [Some(parent(Customers)), None]),
        Parcels => {
            let sender = Some(parent(Customers)).filter(|_| name > 0);
            // These bills are always there.
            (None, [Some(1 + i64::from(name == 2)), sender])
        }
        Boards | Visits => (None, [Some(parent(Projects)), None]),
        Cards => (None, [Some(parent(Boards)), None]),
        Sites => {
            let (next, friend) = (parent(Sites), parent(Sites));
            let next = Some(next).filter(|_| name < 2);
            (None, [next, Some(friend).filter(|_| name > 0)])
        }
    };
    // The keys of a member's and a vote's columns stand in one number.
    let id = match (table, id, references[0]) {
        (_, Some(id), _) => id,
        (Teams, ..) => 1 + i64::try_from(random.below(5)).expect("a small number"),
        (Members, _, Some(team)) => team * 10 + 1 + i64::try_from(name).expect("a small number"),
        _ => 1 + i64::try_from(random.below(30)).expect("a small number"),
    };
    Action::Insert((table, id), row(references, name))
}

fn refer(random: &mut Random, graph: &Graph) -> Action {
    let is_set = random.chance(80);
    let (table, at, parent) = random.pick(&[
        (Boards, 1, Cards),
        (Issues, 1, Members),
        (Projects, 1, Projects),
        (Sites, 0, Sites),
        (Sites, 1, Sites),
    ]);
    let id = (table, key(random, graph, table, None));
    let mut key = key(random, graph, parent, None);
    let is_hung = matches!((table, at), (Sites, 0) | (Projects, 1));
    if is_hung && random.chance(60) {
        // The last of those that lead to the row: a ring.
        key = id.1;
        let before = |key: i64| {
            let mut rows = graph.rows.iter().filter(|(id, _)| id.0 == table);
            rows.find(|(_, row)| row.references[at] == Some(key))
        };
        for _ in 0..graph.rows.len() {
            match before(key) {
                Some((before, _)) if before.1 != id.1 => key = before.1,
                _ => break,
            }
        }
    }
    Action::Refer(id, at, is_set.then_some(key))
}
