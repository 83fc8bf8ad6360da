//! The purge and the erasure.

use super::{
    Done, Edge, Graph, Id,
    Policy::{Cascade, Detach, Keep, Restrict},
    Refusal, Row, Rule,
    expected::{add, by_table},
};

impl Graph {
    pub(super) fn remove(&mut self, ids: &[Id], erases: bool) -> Result<Done, Refusal> {
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
