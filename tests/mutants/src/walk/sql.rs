//! Mutants of a statement that stands in a string: a condition that is always true, no lock.

use std::ops::Range;

use super::Walk;
use crate::area::Area;

/// What stands in front of a condition.
const OPENS: [&str; 4] = ["WHERE ", " AND ", " ON ", " WHEN "];

/// What ends one.
const ENDS: [&str; 13] = [
    " AND ",
    " OR ",
    " WHERE ",
    " FOR ",
    " LOCK ",
    " LIMIT ",
    " RETURNING ",
    " ORDER ",
    " GROUP ",
    " JOIN ",
    " LEFT ",
    " SET ",
    " THEN ",
];

/// What makes more than a condition of a string.
const BEGINS: [&str; 8] = [
    "SELECT", "UPDATE", "DELETE", "INSERT", "FROM", "CASE", "WHEN", "WHERE",
];

/// Clauses that lock rows.
const LOCKS: [&str; 7] = [
    " FOR SHARE OF p",
    " FOR SHARE OF o",
    " FOR SHARE",
    " FOR UPDATE",
    " FOR KEY SHARE",
    " LOCK IN SHARE MODE",
    " SKIP LOCKED",
];

impl Walk<'_> {
    /// True in a file that writes statements.
    pub(super) fn holds_sql(&self) -> bool {
        self.file.starts_with(Area::Lifecycle.folder()) && !self.function.is_empty()
    }

    /// A string, and the expression that it stands in.
    pub(super) fn sql(&mut self, whole: Range<usize>, literal: Range<usize>) {
        if !self.holds_sql() || !self.source[literal.start..].starts_with('"') {
            return;
        }
        for (what, text) in mutants(self.text(&literal)) {
            let text = format!(
                "{}{text}{}",
                &self.source[whole.start..literal.start],
                &self.source[literal.end..whole.end]
            );
            let what = what.split_whitespace().collect::<Vec<_>>().join(" ");
            self.instead(what, whole.clone(), &text);
        }
    }
}

/// What a string with one of its conditions made true, or one of its locks left out, is instead.
pub(crate) fn mutants(literal: &str) -> Vec<(String, String)> {
    let conditions = conditions(literal).into_iter().map(|range| {
        let own = &literal[range.clone()];
        let text = format!(
            "{}({own} OR 1 = 1){}",
            &literal[..range.start],
            &literal[range.end..]
        );
        (format!("condition `{}` always true", own.trim()), text)
    });
    let mut found: Vec<(String, String)> = conditions.collect();
    let mut at = 0;
    while at < literal.len() {
        let here = LOCKS.iter().find(|lock| literal[at..].starts_with(**lock));
        if let Some(lock) = here {
            let text = format!("{}{}", &literal[..at], &literal[at + lock.len()..]);
            found.push((format!("lock `{}` left out", lock.trim()), text));
            at += lock.len();
        } else {
            at += literal[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    found
}

/// Where conditions stand.
fn conditions(literal: &str) -> Vec<Range<usize>> {
    let mut starts: Vec<usize> = OPENS
        .iter()
        .flat_map(|open| literal.match_indices(open).map(|(at, _)| at + open.len()))
        .collect();
    let whole = 1..literal.len().saturating_sub(1);
    let is_condition =
        literal.contains(" AND ") && !BEGINS.iter().any(|word| literal.contains(word));
    starts.extend(is_condition.then_some(whole.start));
    starts.sort_unstable();
    let ranges = starts
        .into_iter()
        .map(|start| start..end(literal, start, whole.end));
    ranges
        .filter(|range| !literal[range.clone()].trim().is_empty())
        .collect()
}

fn end(literal: &str, start: usize, last: usize) -> usize {
    let mut depth = 0_usize;
    for (at, c) in literal[start..last].char_indices() {
        match c {
            '(' => depth += 1,
            ')' if depth == 0 => return start + at,
            ')' => depth -= 1,
            _ => {}
        }
        let rest = &literal[start + at..];
        if depth == 0 && ENDS.iter().any(|end| rest.starts_with(end)) {
            return start + at;
        }
    }
    last
}
