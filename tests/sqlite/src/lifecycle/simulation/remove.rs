//! The purge and the erasure.

use super::{
    Deletion, Done, Edge, Graph, Id,
    Policy::{Cascade, Detach, Keep, Restrict},
    Refusal, Row, Rule, Set,
    Table::{Bills, Calls, Customers, Parcels, Payments},
    expected::{add, by_table},
};

impl Graph {
    pub(super) fn remove(
        &mut self,
        step: usize,
        ids: &[Id],
        erases: bool,
    ) -> Result<Done, Refusal> {
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
        let stays = |id: Id| erases && matches!(id.0, Customers | Payments);
        let blocking: Vec<Edge> = [Cascade, Restrict, Keep]
            .into_iter()
            .flat_map(|policy| self.referencing(policy, &set))
            .filter(|(id, edge, _)| {
                let forbids = edge.policy == Restrict && self.is_live(*id);
                !set.contains(id) && (forbids || !stays((edge.parent, 0)))
            })
            .map(|(_, edge, _)| edge)
            .collect();
        if !blocking.is_empty() {
            return Err(Refusal::Restricted(by_table(&blocking)));
        }
        let detached: Vec<(Id, Edge, Id)> = self.referencing(Detach, &set).collect();
        let of_table = |id: &&Id| roots.first().is_some_and(|root| root.0 == id.0);
        let own: Vec<Id> = set.iter().filter(of_table).copied().collect();
        let mut done = Done::of(&own, &set);
        if erases && self.rules.hold(Rule::Overwrites) {
            for id in self.concerned(&set) {
                self.rows.get_mut(&id).expect("it was found").overwritten = true;
                add(&mut done.overwritten, id.0);
            }
        }
        for (id, edge, _) in detached {
            self.rows.get_mut(&id).expect("it was found").references[edge.at] = None;
            add(&mut done.detached, id.0);
        }
        self.rows.retain(|id, _| !set.contains(id) || stays(*id));
        for id in set.iter().filter(|id| stays(**id)) {
            let row = self.rows.get_mut(id).expect("it stays");
            let actor = row.deleted.map_or(0, |by| by.actor);
            row.deleted = Some(Deletion {
                operation: step,
                actor,
            });
            row.erased = true;
            row.overwritten = true;
            add(&mut done.overwritten, id.0);
        }
        Ok(done)
    }

    /// The rows that hold data of a person of the set, and are not of it.
    fn concerned(&self, set: &Set) -> Vec<Id> {
        let is_person = |key: Option<i64>| key.is_some_and(|key| set.contains(&(Customers, key)));
        let holds = |(id, row): &(&Id, &Row)| match id.0 {
            Bills => is_person(row.references[0]),
            Calls => is_person(row.references[0]) || is_person(row.detached.map(|(key, _)| key)),
            Parcels => {
                let bill = row.references[0].and_then(|key| self.rows.get(&(Bills, key)));
                is_person(row.references[1])
                    || bill.is_some_and(|bill| is_person(bill.references[0]))
            }
            _ => false,
        };
        self.rows.iter().filter(holds).map(|(id, _)| *id).collect()
    }
}
