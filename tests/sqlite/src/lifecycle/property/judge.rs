//! Is the result of a step the one expected?

use soft_delete::{Error, LeftDeleted, Outcome, TableRows};

use crate::lifecycle::simulation::{Action, Done, Expected, Refusal};

/// Is the result the one expected?
pub(super) fn judge(
    action: &Action,
    expected: &Expected,
    result: &soft_delete::Result<Option<Outcome>>,
) -> Result<(), String> {
    let fits = match (expected, result) {
        (Expected::Done(_), Ok(None)) => true,
        (Expected::Done(done), Ok(Some(outcome))) => *done == done_by(outcome),
        (Expected::Refused(refusal), Err(error)) => is_refusal(action, refusal, error),
        _ => false,
    };
    if fits {
        return Ok(());
    }
    Err(format!("expected {expected:?}\ngot {result:?}"))
}

fn done_by(outcome: &Outcome) -> Done {
    let counts = |rows: &[TableRows]| rows.iter().map(|rows| (rows.table, rows.rows)).collect();
    let blocked = outcome.left_deleted().iter().map(|left| match left {
        LeftDeleted::Blocked(rows) => rows.rows,
        _ => 0,
    });
    Done {
        rows: outcome.rows_affected(),
        dependents: counts(outcome.dependents()),
        detached: counts(outcome.detached()),
        reattached: counts(outcome.reattached()),
        overwritten: counts(outcome.overwritten()),
        blocked: blocked.sum(),
        leaves: outcome
            .left_deleted()
            .iter()
            .any(|left| !matches!(left, LeftDeleted::Blocked(_))),
    }
}

fn is_refusal(action: &Action, refusal: &Refusal, error: &Error) -> bool {
    let own = match action {
        Action::SoftDelete((own, _), _)
        | Action::Restore((own, _), _)
        | Action::Remove((own, _), _)
        | Action::SoftDeleteAll(own, ..)
        | Action::RestoreAll(own, _)
        | Action::PurgeAll(own, _)
        | Action::EraseAll(own, _) => own.name(),
        _ => return false,
    };
    match (refusal, error) {
        (Refusal::NotFound, Error::NotFound { table })
        | (Refusal::AlreadyDeleted, Error::AlreadyDeleted { table })
        | (Refusal::NotDeleted, Error::NotDeleted { table })
        | (Refusal::Held, Error::Held { table })
        | (Refusal::Erased, Error::Erased { table }) => *table == own,
        (Refusal::Conflict(of), Error::Conflict { table, .. }) => *table == of.name(),
        (Refusal::ParentDeleted(parents), Error::ParentDeleted { table, parent }) => {
            *table == own && parents.iter().any(|of| of.name() == *parent)
        }
        (
            Refusal::Restricted(by),
            Error::Restricted {
                table,
                by: other,
                rows,
            },
        ) => {
            *table == own
                && by
                    .iter()
                    .any(|(of, count)| (of.name(), count) == (*other, rows))
        }
        _ => false,
    }
}
