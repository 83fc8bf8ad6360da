//! What a cascade takes along, and the soft delete.

use super::{
    Deletion, Done, Edge, Graph, Id,
    Policy::{self, Cascade, Detach, Restrict},
    Refusal, Row, Set,
    expected::{add, by_table},
};

impl Graph {
    /// The rows that reference one of the set by a policy.
    pub(super) fn referencing<'g>(
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
    pub(super) fn cascade(&self, roots: &[Id], takes: impl Fn(&Row) -> bool) -> Set {
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

    pub(super) fn soft_delete(
        &mut self,
        step: usize,
        ids: &[Id],
        actor: i64,
    ) -> Result<Done, Refusal> {
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
}
