//! The graph of teams in memory, and what the operations do to it by their rules.

mod action;
mod cascade;
mod expected;
mod remove;
mod restore;
mod row;
mod rules;

use std::collections::{BTreeMap, BTreeSet};

use self::rules::Table::{Invoices, Projects, Teams, Visits};
pub(crate) use self::{
    action::{Action, Rows},
    expected::{Done, Expected, Refusal},
    row::{Deletion, Id, Row},
    rules::{Edge, Policy, Rule, Rules, Table},
};

#[derive(Debug, Clone, Default)]
pub(crate) struct Graph {
    pub(crate) rows: BTreeMap<Id, Row>,
    pub(crate) rules: Rules,
}

type Set = BTreeSet<Id>;

impl Graph {
    /// Does what the action of a step does.
    pub(crate) fn apply(&mut self, step: usize, action: &Action) -> Expected {
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
                Some(_) => self.remove(step, &[*id], *erases),
            },
            Action::PurgeAll(table, rows) => {
                let ids = self.tombstones(*table, rows);
                let held = ids.iter().filter(|id| self.rows[id].held).count() as u64;
                self.remove(step, &ids, false).map(|done| Done {
                    blocked: held,
                    ..done
                })
            }
            Action::EraseAll(table, keys) => {
                let ids: Vec<Id> = keys.iter().map(|key| (*table, *key)).collect();
                self.remove(step, &ids, true)
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
}
