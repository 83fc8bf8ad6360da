//! The restore: parents first, and only what the operation deleted.

use std::collections::BTreeSet;

use super::{
    Done, Edge, Graph, Id,
    Policy::{Cascade, Detach, Keep},
    Refusal, Rows, Rule, Set,
    Table::{self, Boards, Cards, Projects, Teams},
    expected::add,
};

impl Graph {
    /// The deleted parents that keep a row deleted; `with` are restored with it. While a restore of the
    /// `root` goes on, those of a circle may come later, but for a row of its table that others bring along.
    fn deleted_parents(
        &self,
        id: Id,
        via: Option<Edge>,
        with: &Set,
        root: Option<Table>,
    ) -> Vec<Table> {
        let row = &self.rows[&id];
        let stays = |edge: &&Edge| {
            let Some(key) = row.references[edge.at].filter(|_| edge.child == id.0) else {
                return false;
            };
            let parent = (edge.parent, key);
            let waits = if edge.child == edge.parent {
                via.is_none() || root != Some(edge.child)
            } else {
                matches!((edge.child, edge.parent), (Boards, Cards) | (Cards, Boards))
            };
            let operation = |id: &Id| self.rows[id].deleted.map(|deleted| deleted.operation);
            edge.policy != Keep
                && Some(**edge) != via
                && parent != id
                && !self.is_live(parent)
                && !with.contains(&parent)
                && !(waits && root.is_some() && operation(&parent) == operation(&id))
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

    pub(super) fn restore_one(&mut self, id: Id, lenient: bool) -> Result<Done, Option<Refusal>> {
        let row = self.rows.get(&id).ok_or(Some(Refusal::NotFound))?;
        if row.deleted.is_none() {
            return Err(Some(Refusal::NotDeleted));
        }
        if row.erased && self.rules.hold(Rule::ErasedStays) {
            return Err(Some(Refusal::Erased));
        }
        let parents = self.deleted_parents(id, None, &Set::new(), Some(id.0));
        if !parents.is_empty() {
            return Err(Some(Refusal::ParentDeleted(parents)));
        }
        if self.has_twin(id) {
            return Err(Some(Refusal::Conflict(id.0)));
        }
        self.restore(id.0, &[id], lenient)
    }

    pub(super) fn restore_all(
        &mut self,
        table: Table,
        rows: &Rows,
    ) -> Result<Done, Option<Refusal>> {
        let all = self.tombstones(table, rows);
        let erased = |id: &Id| self.rows[id].erased && self.rules.hold(Rule::ErasedStays);
        let free = |id: &Id| {
            !erased(id)
                && self
                    .deleted_parents(*id, None, &Set::new(), Some(table))
                    .is_empty()
                && !self.has_twin(*id)
        };
        let roots: Vec<Id> = all.iter().copied().filter(free).collect();
        let mut done = self.restore(table, &roots, true)?;
        done.blocked = (all.len() - roots.len()) as u64;
        Ok(done)
    }

    fn restore(
        &mut self,
        root: Table,
        roots: &[Id],
        lenient: bool,
    ) -> Result<Done, Option<Refusal>> {
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
                self.deleted_parents(*id, Some(*edge), &set, Some(root))
                    .is_empty()
                    && !self.has_twin(*id)
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
        if self.rules.hold(Rule::TakesBack) {
            self.retract(root, &mut set);
        }
        let left = hangs(&set);
        if let Some((id, _)) = left.iter().find(|(id, _)| !lenient && self.has_twin(*id)) {
            return Err(Some(Refusal::Conflict(id.0)));
        }
        let of_left = left
            .iter()
            .flat_map(|(id, edge)| self.deleted_parents(*id, Some(*edge), &set, None));
        let mut parents: Vec<Table> = of_left.filter(|_| !lenient).collect();
        if parents.is_empty() {
            parents = self.orphaned(&set);
        }
        if !parents.is_empty() {
            return Err(Some(Refusal::ParentDeleted(parents)));
        }
        let mut done = Done::of(roots, &set);
        done.leaves = !left.is_empty();
        for edge in self.rules.edges.clone() {
            if edge.policy == Detach && self.rules.hold(Rule::Reattaches) {
                self.reattach(edge, &set, &mut done);
            }
        }
        for id in &set {
            self.rows.get_mut(id).expect("it was found").deleted = None;
        }
        Ok(done)
    }

    /// Takes back what came before its parent, which then did not come; rows of the root's table stay.
    fn retract(&self, root: Table, set: &mut Set) {
        let below = |set: &Set| {
            let mut ids = set.iter().copied().filter(|id| id.0 != root);
            ids.find(|id| !self.deleted_parents(*id, None, set, None).is_empty())
        };
        while let Some(id) = below(set) {
            set.remove(&id);
        }
    }

    /// Gives back what the operation of a row of the set has taken away.
    fn reattach(&mut self, edge: Edge, set: &Set, done: &mut Done) {
        let of_parent = |(table, key): &Id| {
            let deleted = self.rows[&(*table, *key)].deleted?;
            Some((*key, deleted.operation))
        };
        let parents: BTreeSet<(i64, usize)> = set
            .iter()
            .filter(|id| id.0 == edge.parent)
            .filter_map(of_parent)
            .collect();
        for (id, row) in self.rows.iter_mut().filter(|(id, _)| id.0 == edge.child) {
            let Some(detached) = row.detached.filter(|detached| parents.contains(detached)) else {
                continue;
            };
            if row.references[edge.at].is_none() {
                row.references[edge.at] = Some(detached.0);
                row.detached = None;
                add(&mut done.reattached, id.0);
            }
        }
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
}
