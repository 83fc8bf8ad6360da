//! The parser ends, without a panic; what it reads stands where it says, and what it refuses is
//! drawn.

use soft_delete_sql::syntax::{
    ast::{Expr, Query, Relation},
    overrides, parse, placeholder,
    visit::{self, Visitor},
};

use super::{Outcome, input, oracle};

/// Every range is made of whole tokens of the statement.
struct Inside(u32);

impl Visitor for Inside {
    fn relation(&mut self, relation: &Relation) {
        assert!(relation.range.start < relation.range.end && relation.range.end <= self.0);
    }

    fn expr(&mut self, expr: &Expr) {
        assert!(expr.range.start <= expr.range.end && expr.range.end <= self.0);
    }

    fn query(&mut self, query: &Query) {
        assert!(query.range.start < query.range.end && query.range.end <= self.0);
    }
}

pub(super) fn run(data: &[u8]) -> Outcome {
    let Some((dialect, sql)) = input::text(data) else {
        return Outcome::Refused;
    };
    let parsed = match parse(dialect, sql) {
        Ok(parsed) => parsed,
        Err(fault) => {
            oracle::drawn(&fault, sql);
            return Outcome::Refused;
        }
    };
    let tokens = u32::try_from(parsed.tokens.len()).expect("an input is small");
    visit::statement(&parsed.statement, &mut Inside(tokens));
    let _ = placeholder::count(&parsed);
    // What runs has no overrides: taking them out twice takes out no more.
    let plain = overrides::strip_overrides(dialect, sql);
    assert_eq!(overrides::strip_overrides(dialect, &plain), plain);
    Outcome::Accepted
}
