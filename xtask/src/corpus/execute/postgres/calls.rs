//! One statement, called with arguments until a call tells all that there is to tell.

use super::{
    super::{Asked, Execution},
    judge::Case,
    plan::Plan,
    session::{Fault, Session},
    world::World,
};

/// Calls tried of a statement with parameters.
pub(super) const TRIED: usize = 96;
/// Calls judged of those that return or write rows.
const JUDGED: usize = 24;

/// A statement and what its calls have in common.
pub(super) struct Calls<'c> {
    pub(super) session: &'c mut Session,
    pub(super) world: &'c World,
    pub(super) sql: &'c str,
    pub(super) asked: &'c Asked,
    pub(super) plan: &'c Plan<'c>,
    /// The worth of an execution that ends the calls.
    pub(super) wanted: usize,
}

impl Calls<'_> {
    /// The execution that says most; a call that fails says nothing, and one without rows not
    /// much.
    pub(super) fn judge(&mut self, calls: &[Vec<String>]) -> Result<Execution, Fault> {
        let wanted = if self.plan.tables.is_empty() {
            Execution::RUNS
        } else {
            self.wanted
        };
        let (mut empty, mut failing) = (None, None);
        let mut best = Execution::Unjudged("no call was made".to_owned());
        let mut judged = 0;
        for arguments in calls {
            match self.case(arguments).shows()? {
                None => failing = Some(arguments),
                Some(false) => empty = Some(arguments),
                Some(true) => {
                    self.better(&mut best, arguments);
                    judged += 1;
                }
            }
            if best.worth() >= wanted
                || judged == JUDGED
                || (wanted == Execution::RUNS && empty.is_some())
            {
                break;
            }
        }
        for arguments in [empty, failing].into_iter().flatten() {
            if best.worth() < Execution::RUNS {
                self.better(&mut best, arguments);
            }
        }
        Ok(best)
    }

    fn better(&mut self, best: &mut Execution, arguments: &[String]) {
        let execution = self.case(arguments).judge();
        if execution.worth() >= best.worth() {
            *best = execution;
        }
    }

    fn case<'a>(&'a mut self, arguments: &'a [String]) -> Case<'a> {
        Case {
            session: self.session,
            world: self.world,
            sql: self.sql,
            asked: self.asked,
            plan: self.plan,
            arguments,
        }
    }
}
