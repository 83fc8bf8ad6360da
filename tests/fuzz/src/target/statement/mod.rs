//! Bytes choose among the phrases of a grammar, so that the statement is one that is understood.

mod grammar;

use super::{Outcome, application, check, input};
use grammar::RULES;

/// Statements grow no longer, and nest no deeper, than this.
const LENGTH: usize = 2_000;
const DEPTH: usize = 24;

pub(super) fn run(data: &[u8]) -> Outcome {
    let Some((dialect, choices)) = input::dialect(data) else {
        return Outcome::Refused;
    };
    let mut sql = String::new();
    grow("statement", &mut choices.iter().copied(), 0, &mut sql);
    check::everything(application::schema(dialect), &sql)
}

/// Writes a phrase of the rule; the first one, which leads to an end, where nothing is left to
/// choose by.
fn grow(rule: &str, choices: &mut impl Iterator<Item = u8>, depth: usize, sql: &mut String) {
    let (_, phrases) = RULES
        .iter()
        .find(|(name, _)| *name == rule)
        .unwrap_or_else(|| panic!("no rule is called {rule}"));
    let mut choice = 0;
    if phrases.len() > 1 && depth < DEPTH && sql.len() < LENGTH {
        choice = choices.next().map_or(0, usize::from) % phrases.len();
    }
    let mut rest = phrases[choice];
    while let Some((before, behind)) = rest.split_once('{') {
        let (name, behind) = behind.split_once('}').expect("the name of a rule ends");
        sql.push_str(before);
        grow(name, choices, depth + 1, sql);
        rest = behind;
    }
    sql.push_str(rest);
}
