//! A step in the database.

use soft_delete::{OperationId, Outcome, SoftDeletable, Tombstones};

use super::{
    super::{
        model::{Board, Card, Customer, Issue, Member, Project, Site, Team, Vote},
        simulation::{Action, Rows, Table},
    },
    Operations, reason, run,
    written::written,
};
use crate::{Db, DbConnection};

/// The columns of a key stand in one number.
trait Coded {
    fn of(code: i64) -> Self;
}

impl Coded for i64 {
    fn of(code: i64) -> Self {
        code
    }
}

impl Coded for (i64, i64) {
    fn of(code: i64) -> Self {
        (code / 10, code % 10)
    }
}

impl Coded for (i64, i64, i64) {
    fn of(code: i64) -> Self {
        (code / 100, code / 10 % 10, code % 10)
    }
}

macro_rules! on {
    (@ $Model:ident, $T:ident => $run:expr) => {{
        type $T = $Model;
        $run
    }};
    ($table:expr, $T:ident => $run:expr) => {
        match $table {
            Table::Teams => on!(@ Team, $T => $run),
            Table::Members => on!(@ Member, $T => $run),
            Table::Projects => on!(@ Project, $T => $run),
            Table::Issues => on!(@ Issue, $T => $run),
            Table::Votes => on!(@ Vote, $T => $run),
            Table::Boards => on!(@ Board, $T => $run),
            Table::Cards => on!(@ Card, $T => $run),
            Table::Sites => on!(@ Site, $T => $run),
            Table::Customers => on!(@ Customer, $T => $run),
            table => panic!("{table:?} has no operations"),
        }
    };
}

fn tombstones<T>(operations: &Operations, rows: &Rows) -> Tombstones<T>
where
    T: soft_delete::Lifecycle<
            Database = Db,
            KeepsOperation = soft_delete::Kept,
            RecordsActor: soft_delete::AcceptsActorOf<T, i64>,
            Actor = i64,
            Key: Coded,
        >,
{
    match rows {
        Rows::Keys(keys) => Tombstones::of_keys(keys.iter().map(|key| Coded::of(*key))),
        Rows::Actor(actor) => Tombstones::deleted_by(*actor),
        Rows::Operation(step) => {
            let nothing = OperationId::from_bytes([0; 16]);
            Tombstones::of_operation(operations.get(step).copied().unwrap_or(nothing))
        }
    }
}

/// Makes a step in the database.
pub(super) async fn perform(
    connection: &mut DbConnection,
    operations: &Operations,
    step: usize,
    action: &Action,
) -> soft_delete::Result<Option<Outcome>> {
    let reason = reason(step);
    let outcome = match action {
        Action::SoftDelete((table, key), actor) => {
            on!(*table, T => T::soft_delete_by_key(Coded::of(*key)).by(*actor).because(reason).execute_with_outcome(connection).await?.1)
        }
        Action::SoftDeleteAll(table, keys, actor) => {
            on!(*table, T => T::soft_delete_by_keys(keys.iter().map(|key| Coded::of(*key))).by(*actor).because(reason).execute(connection).await?)
        }
        Action::Restore((table, key), false) => {
            on!(*table, T => T::restore_by_key(Coded::of(*key)).execute_with_outcome(connection).await?.1)
        }
        Action::Restore((table, key), true) => {
            on!(*table, T => T::restore_by_key(Coded::of(*key)).leave_conflicts().execute_with_outcome(connection).await?.1)
        }
        Action::RestoreAll(table, rows) => {
            on!(*table, T => T::restore_all(tombstones(operations, rows)).execute(connection).await?)
        }
        Action::Remove((table, key), false) => {
            on!(*table, T => T::purge_by_key(Coded::of(*key)).execute(connection).await?)
        }
        Action::Remove((table, key), true) => {
            on!(*table, T => T::erase_by_key(Coded::of(*key)).execute(connection).await?)
        }
        Action::PurgeAll(table, rows) => {
            on!(*table, T => T::purge_all(tombstones(operations, rows)).execute(connection).await?)
        }
        Action::EraseAll(table, keys) => {
            on!(*table, T => T::erase_by_keys(keys.iter().map(|key| Coded::of(*key))).execute(connection).await?)
        }
        write => {
            run(connection, &written(write)).await;
            return Ok(None);
        }
    };
    Ok(Some(outcome))
}
