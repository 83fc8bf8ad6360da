//! One of several left out: an alternative of a pattern, an element of a list.

use std::ops::Range;

use syn::{Macro, Pat, visit::Visit};

use super::{Walk, bytes, short};
use crate::{macros::Matches, mutation::Switch};

impl Walk<'_> {
    /// One element of a list left out.
    pub(super) fn elements(&mut self, whole: &Range<usize>, elements: &[Range<usize>]) {
        let mut cuts = alternatives(elements);
        if let [only] = elements {
            cuts.push((only.clone(), only.clone()));
        }
        for (cut, own) in cuts {
            let text = format!(
                "{}{}",
                &self.source[whole.start..cut.start],
                &self.source[cut.end..whole.end]
            );
            let what = format!("element {} left out", short(self.text(&own)));
            self.instead(what, whole.clone(), &text);
        }
    }

    pub(super) fn matches(&mut self, mac: &Macro, parsed: &Matches) {
        let start = bytes(&mac.path).start;
        let end = bytes(&mac.delimiter.span().close()).end;
        let whole = start..end;
        let cases: Vec<Range<usize>> = match &parsed.pattern {
            Pat::Or(or) => or.cases.iter().map(bytes).collect(),
            _ => Vec::new(),
        };
        for (range, what) in alternatives(&cases) {
            let cut = format!(
                "{}{}",
                &self.source[whole.start..range.start],
                &self.source[range.end..whole.end]
            );
            let what = format!("alternative {} left out", short(self.text(&what)));
            let switch = Switch::Instead {
                bytes: whole.clone(),
                text: cut,
            };
            self.add(what, range, String::new(), switch);
        }
        self.visit_expr(&parsed.value);
        if let Some(guard) = &parsed.guard {
            self.condition(guard, "guard");
            self.visit_expr(guard);
        }
    }
}

/// For each alternative: the bytes to take out, with one of the bars beside it; and its own.
pub(super) fn alternatives(cases: &[Range<usize>]) -> Vec<(Range<usize>, Range<usize>)> {
    if cases.len() < 2 {
        return Vec::new();
    }
    (0..cases.len())
        .map(|at| {
            let cut = if at == 0 {
                cases[0].start..cases[1].start
            } else {
                cases[at - 1].end..cases[at].end
            };
            (cut, cases[at].clone())
        })
        .collect()
}
