//! The graph of teams in memory, and what the operations do to it by their rules.

use std::collections::{BTreeMap, BTreeSet};

use super::action::{Action, Rows};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Table {
    Teams,
    Members,
    Projects,
    Issues,
    Votes,
    Boards,
    Cards,
    Invoices,
    Visits,
}

use Table::{Boards, Cards, Invoices, Issues, Members, Projects, Teams, Visits, Votes};

impl Table {
    pub(super) const ALL: [Self; 9] = [
        Teams, Members, Projects, Issues, Votes, Boards, Cards, Invoices, Visits,
    ];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Teams => "teams",
            Members => "members",
            Projects => "projects",
            Issues => "issues",
            Votes => "votes",
            Boards => "boards",
            Cards => "cards",
            Invoices => "invoices",
            Visits => "visits",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Policy {
    Cascade,
    Restrict,
    Keep,
    Detach,
}

use Policy::{Cascade, Detach, Keep, Restrict};

/// Rows of `child` reference one of `parent` by their reference `at`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Edge {
    pub(super) child: Table,
    pub(super) at: usize,
    pub(super) parent: Table,
    pub(super) policy: Policy,
}

const fn edge(child: Table, at: usize, parent: Table, policy: Policy) -> Edge {
    Edge {
        child,
        at,
        parent,
        policy,
    }
}

const EDGES: [Edge; 12] = [
    edge(Members, 0, Teams, Cascade),
    edge(Projects, 0, Teams, Cascade),
    edge(Projects, 1, Projects, Cascade),
    edge(Issues, 0, Projects, Cascade),
    edge(Issues, 1, Members, Detach),
    edge(Votes, 0, Issues, Cascade),
    edge(Votes, 1, Members, Cascade),
    edge(Boards, 0, Projects, Cascade),
    edge(Boards, 1, Cards, Cascade),
    edge(Cards, 0, Boards, Cascade),
    edge(Invoices, 0, Teams, Restrict),
    edge(Visits, 0, Projects, Keep),
];

/// What holds besides the policies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rule {
    /// A row is not restored under a deleted parent.
    ParentsLive,
    /// A row is not restored next to a live one of its name.
    NamesUnique,
    /// What follows a restore is of the operation that deleted its parent.
    SameOperation,
    /// A purge leaves live rows.
    PurgesDeleted,
    /// A hold keeps a row from being purged.
    Holds,
    /// What was detached comes back.
    Reattaches,
}

/// What the operations go by. A test makes wrong ones.
#[derive(Debug, Clone)]
pub(super) struct Rules {
    pub(super) edges: Vec<Edge>,
    /// A rule that is not followed.
    pub(super) broken: Option<Rule>,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            edges: EDGES.to_vec(),
            broken: None,
        }
    }
}

impl Rules {
    fn hold(&self, rule: Rule) -> bool {
        self.broken != Some(rule)
    }
}

/// Who deleted a row: the step of the sequence that is the operation, and the actor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Deletion {
    pub(super) operation: usize,
    pub(super) actor: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Row {
    pub(super) references: [Option<i64>; 2],
    pub(super) name: usize,
    pub(super) held: bool,
    pub(super) deleted: Option<Deletion>,
    /// The member that the row referenced, and the operation that took it away.
    pub(super) detached: Option<(i64, usize)>,
}

pub(super) type Id = (Table, i64);
type Counts = BTreeMap<&'static str, u64>;

/// What an operation did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Done {
    pub(super) rows: u64,
    pub(super) dependents: Counts,
    pub(super) detached: Counts,
    pub(super) reattached: Counts,
    /// Rows of the table itself that it passed over.
    pub(super) blocked: u64,
    /// Other rows were left deleted.
    pub(super) leaves: bool,
}

/// Why it did nothing: any of what is listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Refusal {
    NotFound,
    AlreadyDeleted,
    NotDeleted,
    Held,
    Conflict(Table),
    ParentDeleted(Vec<Table>),
    Restricted(Vec<(Table, u64)>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Expected {
    Done(Done),
    Refused(Refusal),
    /// A write that the database itself refuses, or that means nothing: it is left out.
    Nothing,
    /// Two rows that want one name in one operation: it may refuse, or take one.
    Unsaid,
}

#[derive(Debug, Clone, Default)]
pub(super) struct Graph {
    pub(super) rows: BTreeMap<Id, Row>,
    pub(super) rules: Rules,
}

type Set = BTreeSet<Id>;

impl Graph {
    /// Does what the action of a step does.
    pub(super) fn apply(&mut self, step: usize, action: &Action) -> Expected {
        let result = match action {
            Action::Insert(id, row) => return self.insert(*id, row),
            Action::Hold(key, held) => {
                return self.write((Teams, *key), |row| row.held = *held);
            }
            Action::Pay(key) => {
                let paid = Deletion {
                    operation: step,
                    actor: 0,
                };
                return self.write((Invoices, *key), |row| row.deleted = Some(paid));
            }
            Action::Forget(key) => {
                return match self.rows.remove(&(Visits, *key)) {
                    Some(_) => Expected::Done(Done::default()),
                    None => Expected::Nothing,
                };
            }
            Action::Refer(id, at, key) => {
                let target = self
                    .rules
                    .edges
                    .iter()
                    .find(|e| (e.child, e.at) == (id.0, *at));
                let is_there = target.is_none_or(|edge| {
                    key.is_none_or(|key| self.rows.contains_key(&(edge.parent, key)))
                });
                if !is_there {
                    return Expected::Nothing;
                }
                return self.write(*id, |row| row.references[*at] = *key);
            }
            Action::SoftDelete(id, actor) => match self.rows.get(id) {
                None => Err(Refusal::NotFound),
                Some(row) if row.deleted.is_some() => Err(Refusal::AlreadyDeleted),
                Some(_) => self.soft_delete(step, &[*id], *actor),
            },
            Action::SoftDeleteAll(table, keys, actor) => {
                let ids: Vec<Id> = keys.iter().map(|key| (*table, *key)).collect();
                self.soft_delete(step, &ids, *actor)
            }
            Action::Restore(id, lenient) => match self.restore_one(*id, *lenient) {
                Ok(done) => Ok(done),
                Err(Some(refusal)) => Err(refusal),
                Err(None) => return Expected::Unsaid,
            },
            Action::RestoreAll(table, rows) => match self.restore_all(*table, rows) {
                Ok(done) => Ok(done),
                Err(Some(refusal)) => Err(refusal),
                Err(None) => return Expected::Unsaid,
            },
            Action::Remove(id, erases) => match self.rows.get(id) {
                None => Err(Refusal::NotFound),
                Some(row) if !erases && row.deleted.is_none() => Err(Refusal::NotDeleted),
                Some(row) if !erases && row.held && self.rules.hold(Rule::Holds) => {
                    Err(Refusal::Held)
                }
                Some(_) => self.remove(&[*id], *erases),
            },
            Action::PurgeAll(table, rows) => {
                let ids = self.tombstones(*table, rows);
                self.remove(&ids, false)
            }
            Action::EraseAll(table, keys) => {
                let ids: Vec<Id> = keys.iter().map(|key| (*table, *key)).collect();
                self.remove(&ids, true)
            }
        };
        result.map_or_else(Expected::Refused, Expected::Done)
    }

    fn write(&mut self, id: Id, write: impl FnOnce(&mut Row)) -> Expected {
        match self.rows.get_mut(&id) {
            Some(row) => {
                write(row);
                Expected::Done(Done::default())
            }
            None => Expected::Nothing,
        }
    }

    fn insert(&mut self, id: Id, row: &Row) -> Expected {
        let fits = |edge: &Edge| {
            edge.child != id.0
                || row.references[edge.at]
                    .is_none_or(|key| self.rows.contains_key(&(edge.parent, key)))
        };
        let taken = self.rows.contains_key(&id) || self.twin(id, row).is_some();
        if taken || !self.rules.edges.iter().all(fits) {
            return Expected::Nothing;
        }
        self.rows.insert(id, row.clone());
        Expected::Done(Done::default())
    }

    /// The live row of the same name.
    fn twin(&self, id: Id, row: &Row) -> Option<Id> {
        let named = matches!(id.0, Teams | Projects);
        let same = |(other, its): &(&Id, &Row)| {
            other.0 == id.0
                && **other != id
                && its.deleted.is_none()
                && its.name == row.name
                && its.references[0] == row.references[0]
        };
        self.rows
            .iter()
            .filter(|_| named)
            .find(same)
            .map(|(id, _)| *id)
    }

    fn is_live(&self, id: Id) -> bool {
        self.rows.get(&id).is_some_and(|row| row.deleted.is_none())
    }

    /// The rows that reference one of the set by a policy.
    fn referencing<'g>(
        &'g self,
        policy: Policy,
        set: &'g Set,
    ) -> impl Iterator<Item = (Id, Edge, Id)> + 'g {
        let edges = self.rules.edges.iter().filter(move |e| e.policy == policy);
        edges.flat_map(move |edge| {
            self.rows.iter().filter_map(move |(id, row)| {
                let parent = (edge.parent, row.references[edge.at]?);
                (id.0 == edge.child && set.contains(&parent)).then_some((*id, *edge, parent))
            })
        })
    }

    /// The rows that a cascade takes from those of the set.
    fn cascade(&self, roots: &[Id], takes: impl Fn(&Row) -> bool) -> Set {
        let mut set: Set = roots.iter().copied().collect();
        loop {
            let more: Vec<Id> = self
                .referencing(Cascade, &set)
                .map(|(id, ..)| id)
                .filter(|id| !set.contains(id) && takes(&self.rows[id]))
                .collect();
            if more.is_empty() {
                return set;
            }
            set.extend(more);
        }
    }

    fn soft_delete(&mut self, step: usize, ids: &[Id], actor: i64) -> Result<Done, Refusal> {
        let roots: Vec<Id> = ids.iter().copied().filter(|id| self.is_live(*id)).collect();
        let set = self.cascade(&roots, |row| row.deleted.is_none());
        let stays = |id: &Id| self.is_live(*id) && !set.contains(id);
        let restricts: Vec<Edge> = self
            .referencing(Restrict, &set)
            .filter(|(id, ..)| stays(id))
            .map(|(_, edge, _)| edge)
            .collect();
        if !restricts.is_empty() {
            return Err(Refusal::Restricted(by_table(&restricts)));
        }
        let detached: Vec<(Id, Edge, Id)> = self
            .referencing(Detach, &set)
            .filter(|(id, ..)| stays(id))
            .collect();
        let mut done = Done::of(&roots, &set);
        for (id, edge, parent) in detached {
            let row = self.rows.get_mut(&id).expect("it was found");
            row.references[edge.at] = None;
            row.detached = Some((parent.1, step));
            add(&mut done.detached, id.0);
        }
        for id in &set {
            let row = self.rows.get_mut(id).expect("it was found");
            row.deleted = Some(Deletion {
                operation: step,
                actor,
            });
        }
        Ok(done)
    }

    fn tombstones(&self, table: Table, rows: &Rows) -> Vec<Id> {
        let selected = |(id, row): (&Id, &Row)| {
            let deleted = row.deleted.filter(|_| id.0 == table)?;
            let meant = match rows {
                Rows::Keys(keys) => keys.contains(&id.1),
                Rows::Operation(operation) => deleted.operation == *operation,
                Rows::Actor(actor) => deleted.actor == *actor,
            };
            meant.then_some(*id)
        };
        self.rows.iter().filter_map(selected).collect()
    }

    /// The deleted parents that keep a row deleted; `with` are restored with it. In a circle of tables
    /// the parent may come back later, and so may that of a row that the restore begins with.
    fn deleted_parents(&self, id: Id, via: Option<Edge>, with: &Set) -> Vec<Table> {
        let row = &self.rows[&id];
        let stays = |edge: &&Edge| {
            let Some(key) = row.references[edge.at].filter(|_| edge.child == id.0) else {
                return false;
            };
            let parent = (edge.parent, key);
            let circle = edge.child == edge.parent && via.is_none()
                || matches!((edge.child, edge.parent), (Boards, Cards) | (Cards, Boards));
            let operation = |id: &Id| self.rows[id].deleted.map(|deleted| deleted.operation);
            edge.policy != Keep
                && Some(**edge) != via
                && parent != id
                && !self.is_live(parent)
                && !with.contains(&parent)
                && !(circle && operation(&parent) == operation(&id))
        };
        let edges = self
            .rules
            .edges
            .iter()
            .filter(|_| self.rules.hold(Rule::ParentsLive));
        edges.filter(stays).map(|edge| edge.parent).collect()
    }

    fn has_twin(&self, id: Id) -> bool {
        self.rules.hold(Rule::NamesUnique) && self.twin(id, &self.rows[&id]).is_some()
    }

    fn restore_one(&mut self, id: Id, lenient: bool) -> Result<Done, Option<Refusal>> {
        let row = self.rows.get(&id).ok_or(Some(Refusal::NotFound))?;
        if row.deleted.is_none() {
            return Err(Some(Refusal::NotDeleted));
        }
        let parents = self.deleted_parents(id, None, &Set::new());
        if !parents.is_empty() {
            return Err(Some(Refusal::ParentDeleted(parents)));
        }
        if self.has_twin(id) {
            return Err(Some(Refusal::Conflict(id.0)));
        }
        self.restore(&[id], lenient)
    }

    fn restore_all(&mut self, table: Table, rows: &Rows) -> Result<Done, Option<Refusal>> {
        let all = self.tombstones(table, rows);
        let free = |id: &Id| {
            self.deleted_parents(*id, None, &Set::new()).is_empty() && !self.has_twin(*id)
        };
        let roots: Vec<Id> = all.iter().copied().filter(free).collect();
        let mut done = self.restore(&roots, true)?;
        done.blocked = (all.len() - roots.len()) as u64;
        Ok(done)
    }

    fn restore(&mut self, roots: &[Id], lenient: bool) -> Result<Done, Option<Refusal>> {
        let mut set: Set = roots.iter().copied().collect();
        let hangs = |set: &Set| -> Vec<(Id, Edge)> {
            self.referencing(Cascade, set)
                .filter(|(id, _, parent)| {
                    let (own, its) = (self.rows[id].deleted, self.rows[parent].deleted);
                    let one = own.map(|own| own.operation) == its.map(|its| its.operation);
                    own.is_some()
                        && !set.contains(id)
                        && (one || !self.rules.hold(Rule::SameOperation))
                })
                .map(|(id, edge, _)| (id, edge))
                .collect()
        };
        loop {
            let free = |(id, edge): &(Id, Edge)| {
                self.deleted_parents(*id, Some(*edge), &set).is_empty() && !self.has_twin(*id)
            };
            let more: Vec<(Id, Edge)> = hangs(&set).into_iter().filter(free).collect();
            if more.is_empty() {
                break;
            }
            set.extend(more.into_iter().map(|(id, _)| id));
        }
        let mut names = BTreeSet::new();
        for id in set.iter().filter(|id| matches!(id.0, Teams | Projects)) {
            let row = &self.rows[id];
            if !names.insert((id.0, row.references[0], row.name)) {
                return Err(None);
            }
        }
        let left = hangs(&set);
        if let Some((id, _)) = left.iter().find(|(id, _)| !lenient && self.has_twin(*id)) {
            return Err(Some(Refusal::Conflict(id.0)));
        }
        let of_left = left
            .iter()
            .flat_map(|(id, edge)| self.deleted_parents(*id, Some(*edge), &set));
        let mut parents: Vec<Table> = of_left.filter(|_| !lenient).collect();
        if parents.is_empty() {
            parents = self.orphaned(&set);
        }
        if !parents.is_empty() {
            return Err(Some(Refusal::ParentDeleted(parents)));
        }
        let mut done = Done::of(roots, &set);
        done.leaves = !left.is_empty();
        let members: BTreeMap<i64, usize> = set
            .iter()
            .filter(|id| id.0 == Members)
            .filter_map(|id| Some((id.1, self.rows[id].deleted?.operation)))
            .collect();
        for (id, row) in self
            .rows
            .iter_mut()
            .filter(|_| self.rules.hold(Rule::Reattaches))
        {
            let Some((member, operation)) = row.detached else {
                continue;
            };
            if row.references[1].is_none() && members.get(&member) == Some(&operation) {
                row.references[1] = Some(member);
                row.detached = None;
                add(&mut done.reattached, id.0);
            }
        }
        for id in &set {
            self.rows.get_mut(id).expect("it was found").deleted = None;
        }
        Ok(done)
    }

    /// The tables whose rows should have come back with others of a circle, and did not.
    fn orphaned(&self, set: &Set) -> Vec<Table> {
        let lacks = |(id, edge): (&Id, &Edge)| {
            let key = self.rows[id].references[edge.at].filter(|_| edge.child == id.0)?;
            let parent = (edge.parent, key);
            let stays = !self.is_live(parent) && !set.contains(&parent) && parent != *id;
            (edge.policy != Keep && stays).then_some(edge.parent)
        };
        let edges = self
            .rules
            .edges
            .iter()
            .filter(|_| self.rules.hold(Rule::ParentsLive));
        let circles = edges.filter(|edge| {
            edge.child == edge.parent
                || matches!((edge.child, edge.parent), (Boards, Cards) | (Cards, Boards))
        });
        let pairs = circles.flat_map(|edge| set.iter().map(move |id| (id, edge)));
        pairs.filter_map(lacks).collect()
    }

    fn remove(&mut self, ids: &[Id], erases: bool) -> Result<Done, Refusal> {
        let (holds, purges_deleted) = (
            self.rules.hold(Rule::Holds),
            self.rules.hold(Rule::PurgesDeleted),
        );
        let takes = |row: &Row| {
            erases || (row.deleted.is_some() || !purges_deleted) && !(row.held && holds)
        };
        let is_meant = |id: &Id| self.rows.get(id).is_some_and(takes);
        let roots: Vec<Id> = ids.iter().copied().filter(is_meant).collect();
        let set = self.cascade(&roots, takes);
        let blocking: Vec<Edge> = [Cascade, Restrict, Keep]
            .into_iter()
            .flat_map(|policy| self.referencing(policy, &set))
            .filter(|(id, ..)| !set.contains(id))
            .map(|(_, edge, _)| edge)
            .collect();
        if !blocking.is_empty() {
            return Err(Refusal::Restricted(by_table(&blocking)));
        }
        let detached: Vec<(Id, Edge, Id)> = self.referencing(Detach, &set).collect();
        let of_table = |id: &&Id| roots.first().is_some_and(|root| root.0 == id.0);
        let own: Vec<Id> = set.iter().filter(of_table).copied().collect();
        let mut done = Done::of(&own, &set);
        for (id, edge, _) in detached {
            self.rows.get_mut(&id).expect("it was found").references[edge.at] = None;
            add(&mut done.detached, id.0);
        }
        self.rows.retain(|id, _| !set.contains(id));
        Ok(done)
    }
}

impl Done {
    fn of(roots: &[Id], set: &Set) -> Self {
        let distinct: BTreeSet<&Id> = roots.iter().collect();
        let mut done = Self {
            rows: distinct.len() as u64,
            ..Self::default()
        };
        for id in set.iter().filter(|id| !roots.contains(id)) {
            add(&mut done.dependents, id.0);
        }
        done
    }
}

fn add(counts: &mut Counts, table: Table) {
    *counts.entry(table.name()).or_default() += 1;
}

/// How many rows of each foreign key.
fn by_table(edges: &[Edge]) -> Vec<(Table, u64)> {
    let count = |edge: &Edge| edges.iter().filter(|other| *other == edge).count() as u64;
    edges.iter().map(|edge| (edge.child, count(edge))).collect()
}
