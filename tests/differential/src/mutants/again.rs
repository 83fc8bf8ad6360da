//! Judges a statement once more, on rows that are made for it: the rows of a world satisfy few
//! statements so that a row in the wrong state would show.

use super::{agree::agree, hint::tables, witness::Search};
use crate::{
    database::{Database, Side},
    generate::{Case, Mode},
    judge::{Failure, FailureKind, Outcome, Rewriter, judge},
    world::World,
};

/// What failed, and the rows on which it did.
pub(crate) struct Failed {
    pub(crate) world: World,
    pub(crate) case: Case,
    pub(crate) failure: Failure,
}

/// Judges a case on so many sets of rows, and as often with conditions that agree with them.
pub(crate) fn again(
    world: &World,
    database: &mut dyn Database,
    rewriter: &dyn Rewriter,
    case: &Case,
    sets: usize,
    rng: &mut fastrand::Rng,
) -> Option<Failed> {
    let tables = tables(world, &case.statement);
    let mut cases = vec![case.clone()];
    // A proof by hand is one of the conditions.
    if case.mode != Mode::Proven {
        let mut easy = case.clone();
        agree(&mut easy.statement, rng);
        cases.push(easy);
    }
    let mut failed = None;
    for case in cases {
        let search = Search::new(world, &case.statement);
        for _ in 0..sets {
            let rows = search.rows(world, rng);
            for side in [Side::Dirty, Side::Clean] {
                database.refill(side, &rows, &tables);
            }
            match judge(&rows, database, rewriter, &case) {
                Outcome::Agrees => {}
                // The world's rows were not rejected; of these a key may collide with that of a
                // deleted row, and a subquery of one row may find several before a filter.
                Outcome::Failed(failure)
                    if matches!(
                        failure.kind,
                        FailureKind::Rejected | FailureKind::SometimesRejected
                    ) =>
                {
                    break;
                }
                Outcome::Failed(failure) if failed.is_none() => {
                    failed = Some(Failed {
                        world: rows,
                        case: case.clone(),
                        failure,
                    });
                    break;
                }
                // Rows do not change what is refused or rejected for its text.
                _ => break,
            }
        }
    }
    for side in [Side::Dirty, Side::Clean] {
        database.refill(side, world, &tables);
    }
    failed
}
