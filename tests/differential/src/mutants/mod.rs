//! Mutants: the scoped statement with one predicate of ours left out. Each must be killed: some
//! rows exist on which it gives something else. A predicate that no rows can miss tells nothing
//! about the rows that the statement hides.

pub(crate) mod again;
mod agree;
mod hint;
mod hunt;
mod teeth;
mod witness;

use std::ops::Range;

use soft_delete_sql::{
    Dialect, ScopedSql,
    scope::Edit,
    syntax::{Token, TokenKind, lexer::lex},
};

pub(crate) use hunt::hunt;
pub(crate) use teeth::Teeth;

/// The scoped statement without one predicate.
#[derive(Debug, Clone)]
pub(crate) struct Mutant {
    pub(crate) sql: String,
    /// FALSE in its place: what the reference gives, nothing.
    pub(crate) emptied: String,
    /// What was left out.
    pub(crate) predicate: String,
    place: Place,
}

/// Where a predicate stands.
#[derive(Debug, Clone)]
struct Place {
    /// Index of the edit.
    edit: usize,
    /// Bytes of its text.
    range: Range<usize>,
}

impl Place {
    fn overlaps(&self, other: &Self) -> bool {
        self.edit == other.edit
            && self.range.start < other.range.end
            && other.range.start < self.range.end
    }
}

/// Every mutant of a scoped statement. TRUE in place of a predicate is the same as leaving it out.
pub(crate) fn mutants(dialect: Dialect, original: &str, scoped: &ScopedSql) -> Vec<Mutant> {
    let mut found = Vec::new();
    for (edit, Edit { text, .. }) in scoped.edits.iter().enumerate() {
        for range in predicates(dialect, text) {
            let predicate = text[range.clone()].to_owned();
            let place = Place { edit, range };
            found.push(Mutant {
                sql: without(original, scoped, &[&place], "TRUE"),
                emptied: without(original, scoped, &[&place], "FALSE"),
                predicate,
                place,
            });
        }
    }
    found
}

/// The scoped statement with a word in place of some predicates.
fn without(original: &str, scoped: &ScopedSql, places: &[&Place], word: &str) -> String {
    let mut edits = scoped.edits.clone();
    let mut places = places.to_vec();
    // From the back, so that the bytes in front stay where they are.
    places.sort_by_key(|place| std::cmp::Reverse(place.range.start));
    for place in places {
        edits[place.edit]
            .text
            .replace_range(place.range.clone(), word);
    }
    let mut sql = String::new();
    let mut copied = 0;
    for edit in edits {
        sql.push_str(&original[copied..edit.span.start]);
        sql.push_str(&edit.text);
        copied = edit.span.end;
    }
    sql + &original[copied..]
}

/// The predicates in the text of an edit, and the parts of those that are a conjunction.
fn predicates(dialect: Dialect, text: &str) -> Vec<Range<usize>> {
    let tokens = lex(dialect, text).unwrap_or_else(|fault| panic!("{fault:?}: {text}"));
    let is_condition = |token: &Token| {
        ["WHERE", "ON", "AND"]
            .iter()
            .any(|word| token.is(text, word))
    };
    if !tokens.iter().any(is_condition) {
        return Vec::new();
    }
    // What stands before WHERE or ON is no condition; before AND it is one.
    let start = tokens
        .iter()
        .position(|token| token.is(text, "WHERE") || token.is(text, "ON"))
        .map_or(0, |at| at + 1);
    let mut found = Vec::new();
    for conjunct in conjuncts(text, &tokens[start..]) {
        found.push(conjunct.first().map_or(0, |t| t.start)..conjunct.last().map_or(0, |t| t.end));
        if let [open, inner @ .., close] = conjunct
            && open.kind == TokenKind::LParen
            && close.kind == TokenKind::RParen
        {
            let parts = conjuncts(text, inner);
            if parts.len() > 1 {
                found.extend(
                    parts
                        .iter()
                        .map(|part| part[0].start..part[part.len() - 1].end),
                );
            }
        }
    }
    found
}

/// The operands of AND, up to a parenthesis that closes what was open before.
fn conjuncts<'t>(text: &str, tokens: &'t [Token]) -> Vec<&'t [Token]> {
    let mut found = Vec::new();
    let (mut depth, mut start, mut end) = (0_usize, 0, tokens.len());
    for (at, token) in tokens.iter().enumerate() {
        match token.kind {
            TokenKind::LParen => depth += 1,
            TokenKind::RParen if depth == 0 => {
                end = at;
                break;
            }
            TokenKind::RParen => depth -= 1,
            _ if depth == 0 && token.is(text, "AND") => {
                found.push(&tokens[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    // A parenthesis that stays open holds the condition of the user.
    if depth == 0 {
        found.push(&tokens[start..end]);
    }
    found.retain(|conjunct| !conjunct.is_empty());
    found
}

#[cfg(test)]
mod tests {
    use super::predicates;
    use soft_delete_sql::Dialect;

    fn texts(text: &str) -> Vec<&str> {
        let found = predicates(Dialect::Sqlite, text);
        found.into_iter().map(|range| &text[range]).collect()
    }

    #[test]
    fn the_predicates_of_an_edit_are_found_and_nothing_else() {
        assert_eq!(
            texts(" WHERE a.deleted_at IS NULL AND NOT b.is_deleted"),
            ["a.deleted_at IS NULL", "NOT b.is_deleted"]
        );
        assert_eq!(texts("a.removed = 0 AND ("), ["a.removed = 0"]);
        assert_eq!(
            texts(" WHERE t.deleted_at IS NULL) AS t"),
            ["t.deleted_at IS NULL"]
        );
        assert_eq!(texts("AND t.removed <> 0 "), ["t.removed <> 0"]);
        assert_eq!(
            texts(" ON (d.deleted_at IS NULL AND d.status <> 'archived')"),
            [
                "(d.deleted_at IS NULL AND d.status <> 'archived')",
                "d.deleted_at IS NULL",
                "d.status <> 'archived'"
            ]
        );
        assert_eq!(
            texts("(d.a IS NULL AND d.b = 1) IS NOT TRUE AND ("),
            ["(d.a IS NULL AND d.b = 1) IS NOT TRUE"]
        );
        for nothing in [")", "(SELECT * FROM ", "SELECT * FROM ", " AS t"] {
            assert_eq!(texts(nothing), Vec::<&str>::new(), "{nothing}");
        }
    }
}
