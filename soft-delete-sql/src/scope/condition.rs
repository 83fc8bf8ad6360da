//! Conditions: AND and OR by the dialect's precedence, and the marker tests among their leaves.

use std::rc::Rc;

use super::{
    names::Place,
    resolution::{BlockId, MarkerTest, Resolution},
};
use crate::{
    Dialect,
    syntax::{
        TokenKind,
        ast::{Clause, Range, Tok},
    },
};

/// A condition, split as far as it proves something.
#[derive(Debug)]
pub(super) enum Cond {
    And(Vec<Cond>),
    /// With all of its tokens: a custom condition can be an OR itself.
    Or(Range, Vec<Cond>),
    Leaf(Range),
}

/// What a leaf tests of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Test {
    IsNull,
    IsNotNull,
    /// A comparison: true only where the column is not NULL.
    Compared,
    /// `NOT m`, `m = FALSE`, `m IS FALSE`.
    IsFalse,
    /// `m`, `m = TRUE`, `m IS TRUE`.
    IsTrue,
    IsNotTrue,
    IsNotFalse,
    /// `m = 0`
    IsZero,
    /// `m <> 0`, or equal to another number.
    IsNotZero,
}

/// Parentheses deeper than this are opaque: they prove nothing.
const DEPTH: usize = 100;

impl Resolution<'_> {
    /// The condition of a clause.
    pub(super) fn condition(&self, clause: &Clause) -> Rc<Cond> {
        let mut known = self.conditions.borrow_mut();
        let parsed = || Rc::new(self.condition_at(clause.expr.range, 0));
        Rc::clone(known.entry(clause.keyword).or_insert_with(parsed))
    }

    /// The marker a leaf tests, seen from its place in a block.
    pub(super) fn marker_test(
        &self,
        block: BlockId,
        place: Place,
        leaf: Range,
    ) -> Option<MarkerTest> {
        if let Some(known) = self.tests.borrow().get(&leaf) {
            return *known;
        }
        let found = self.test(leaf).and_then(|(parts, test)| {
            let (item, column) = self.resolve_column(block, place, &parts)?;
            let reference = self.column(item, &column)?.marker_of?;
            Some(MarkerTest {
                item,
                reference,
                test,
            })
        });
        self.tests.borrow_mut().insert(leaf, found);
        found
    }

    fn condition_at(&self, range: Range, depth: usize) -> Cond {
        let range = self.strip_parens(range);
        if range.is_empty() || depth > DEPTH || self.is_mode_dependent(range) {
            return Cond::Leaf(range);
        }
        let Some(ors) = self.split(range, "OR") else {
            return Cond::Leaf(range);
        };
        if ors.len() > 1 {
            return Cond::Or(
                range,
                ors.into_iter()
                    .map(|part| self.condition_at(part, depth + 1))
                    .collect(),
            );
        }
        let Some(ands) = self.split(range, "AND") else {
            return Cond::Leaf(range);
        };
        if ands.len() > 1 {
            return Cond::And(
                ands.into_iter()
                    .map(|part| self.condition_at(part, depth + 1))
                    .collect(),
            );
        }
        Cond::Leaf(range)
    }

    /// MySQL's `&&`, `||`, XOR, `!` and `:=` bind as `sql_mode` says: nothing is proven through them.
    fn is_mode_dependent(&self, range: Range) -> bool {
        self.parsed.dialect == Dialect::Mysql
            && self.top_level(range).any(|tok| {
                self.is(tok, "XOR") || ["&&", "||", "!", ":="].iter().any(|op| self.is_op(tok, op))
            })
    }

    /// The tokens of a range outside of parentheses and brackets.
    pub(super) fn top_level(&self, range: Range) -> impl Iterator<Item = Tok> {
        let mut at = range.start;
        std::iter::from_fn(move || {
            let tok = at;
            if tok >= range.end {
                return None;
            }
            at = self.closing[tok as usize].max(tok) + 1;
            Some(tok)
        })
    }

    /// Splits at a connective. `None` when CASE … END does not pair up.
    fn split(&self, range: Range, connective: &str) -> Option<Vec<Range>> {
        let mut parts = Vec::new();
        let (mut start, mut cases, mut betweens) = (range.start, 0_usize, 0_usize);
        let mut opened = false;
        let mut previous: Option<Tok> = None;
        for tok in self.top_level(range) {
            let after_dot = previous.is_some_and(|tok| self.kind(tok) == Some(TokenKind::Dot));
            let before_dot = self.kind(tok + 1) == Some(TokenKind::Dot);
            previous = Some(tok);
            if after_dot || before_dot || self.kind(tok) != Some(TokenKind::Word) {
                continue;
            }
            if self.is(tok, "CASE") {
                cases += 1;
                opened = true;
            } else if self.is(tok, "END") {
                match cases.checked_sub(1) {
                    Some(left) => cases = left,
                    // A column. Behind a CASE it could be one that seemed to close it.
                    None if !opened && self.parsed.dialect != Dialect::Postgres => {}
                    None => return None,
                }
            } else if cases > 0 {
            } else if self.is(tok, "BETWEEN") {
                betweens += 1;
            } else if self.is(tok, "AND") && betweens > 0 {
                betweens -= 1;
            } else if self.is(tok, connective) {
                if start == tok {
                    return None;
                }
                parts.push(Range { start, end: tok });
                start = tok + 1;
            }
        }
        if cases > 0 || betweens > 0 || start >= range.end {
            return None;
        }
        parts.push(Range {
            start,
            end: range.end,
        });
        Some(parts)
    }

    /// The column a leaf tests, and how. Exactly the forms of the rules, nothing near them.
    pub(super) fn test(&self, leaf: Range) -> Option<(Vec<Tok>, Test)> {
        self.test_at(leaf, 0)
    }

    fn test_at(&self, leaf: Range, depth: usize) -> Option<(Vec<Tok>, Test)> {
        if depth > DEPTH {
            return None;
        }
        let leaf = self.strip_parens(leaf);
        let (start, end) = (leaf.start, leaf.end);
        if self.is(start, "NOT") {
            let inner = Range {
                start: start + 1,
                end,
            };
            if self.kind(start + 1) == Some(TokenKind::LParen)
                && self.closing[start as usize + 1] == end - 1
            {
                let (parts, test) = self.test_at(inner, depth + 1)?;
                let negated = match test {
                    Test::IsNull => Test::IsNotNull,
                    Test::IsNotNull => Test::IsNull,
                    Test::IsTrue if self.column_parts(self.strip_parens(inner)).is_some() => {
                        Test::IsFalse
                    }
                    _ => return None,
                };
                return Some((parts, negated));
            }
            return self.column_parts(inner).map(|parts| (parts, Test::IsFalse));
        }
        if self.kind(start) == Some(TokenKind::LParen) {
            let close = self.closing[start as usize];
            let behind = Range {
                start: close + 1,
                end,
            };
            if self.spells(behind, &["=", "TRUE"]) || self.spells(behind, &["IS", "TRUE"]) {
                let inner = Range {
                    start: start + 1,
                    end: close,
                };
                return self.test_at(inner, depth + 1);
            }
        }
        let (parts, behind) = self.column_at(start, end)?;
        let rest = Range { start: behind, end };
        Some((parts, self.test_of(rest)?))
    }

    /// What stands behind the column of a test.
    fn test_of(&self, rest: Range) -> Option<Test> {
        const FORMS: &[(&[&str], Test)] = &[
            (&[], Test::IsTrue),
            (&["IS", "NULL"], Test::IsNull),
            (&["ISNULL"], Test::IsNull),
            (&["IS", "NOT", "DISTINCT", "FROM", "NULL"], Test::IsNull),
            (&["IS", "NOT", "NULL"], Test::IsNotNull),
            (&["NOTNULL"], Test::IsNotNull),
            (&["NOT", "NULL"], Test::IsNotNull),
            (&["IS", "DISTINCT", "FROM", "NULL"], Test::IsNotNull),
            (&["=", "FALSE"], Test::IsFalse),
            (&["IS", "FALSE"], Test::IsFalse),
            (&["=", "TRUE"], Test::IsTrue),
            (&["IS", "TRUE"], Test::IsTrue),
            (&["IS", "NOT", "TRUE"], Test::IsNotTrue),
            (&["IS", "NOT", "FALSE"], Test::IsNotFalse),
        ];
        if let Some((_, test)) = FORMS.iter().find(|(form, _)| self.spells(rest, form)) {
            return Some(*test);
        }
        if let Some(test) = self.number_test(rest) {
            return Some(test);
        }
        let compares = ["<", "<=", ">", ">="]
            .iter()
            .any(|op| self.is_op(rest.start, op));
        let operand = Range {
            start: rest.start + 1,
            end: rest.end,
        };
        if compares && !operand.is_empty() && self.is_plain(operand, false) {
            return Some(Test::Compared);
        }
        if self.is(rest.start, "BETWEEN") && self.is_plain(operand, true) {
            return Some(Test::Compared);
        }
        None
    }

    /// `= 0`, `<> 0`, `= 1`.
    fn number_test(&self, rest: Range) -> Option<Test> {
        let (op, number) = (rest.start, rest.start + 1);
        if rest.end != rest.start + 2 || self.kind(number) != Some(TokenKind::Number) {
            return None;
        }
        let zero = self.text(number) == "0";
        let whole = self.text(number).bytes().all(|b| b.is_ascii_digit());
        match self.text(op) {
            "=" | "==" if zero => Some(Test::IsZero),
            "=" | "==" if whole && self.text(number).bytes().any(|b| b != b'0') => {
                Some(Test::IsNotZero)
            }
            "<>" | "!=" if zero => Some(Test::IsNotZero),
            _ => None,
        }
    }

    /// True when an operand holds no operator that binds looser than a comparison: the
    /// comparison is then the whole of the leaf. (`< ALL (…)` over nothing holds for NULL too.)
    fn is_plain(&self, operand: Range, between: bool) -> bool {
        const LOOSE_WORDS: &[&str] = &[
            "IS", "ISNULL", "NOTNULL", "NOT", "IN", "LIKE", "ILIKE", "SIMILAR", "BETWEEN", "OR",
            "XOR", "REGEXP", "RLIKE", "GLOB", "MATCH", "SOUNDS", "MEMBER", "ESCAPE", "OVERLAPS",
            "CASE", "END", "ALL", "ANY", "SOME",
        ];
        const TIGHT_OPS: &[&str] = &["+", "-", "*", "/", "%", "::", "||"];
        let mut ands = 0;
        let plain = self.top_level(operand).all(|tok| match self.kind(tok) {
            Some(TokenKind::Word) => {
                ands += usize::from(self.is(tok, "AND"));
                !LOOSE_WORDS.iter().any(|word| self.is(tok, word))
            }
            Some(TokenKind::Op) => {
                let tight = TIGHT_OPS.iter().any(|op| self.is_op(tok, op));
                tight && !(self.text(tok) == "||" && self.parsed.dialect == Dialect::Mysql)
            }
            _ => true,
        });
        plain && ands == usize::from(between)
    }

    /// True when the range is exactly these words and operators.
    pub(super) fn spells(&self, range: Range, words: &[&str]) -> bool {
        (range.end.saturating_sub(range.start)) as usize == words.len()
            && words
                .iter()
                .zip(range.start..)
                .all(|(word, tok)| self.is(tok, word) || self.is_op(tok, word))
    }

    /// A conjunct that is NULL or false where `parts`' item is NULL: `t.x = 1`, `t.x IS NOT NULL`.
    pub(super) fn strict(&self, leaf: Range) -> Option<Vec<Tok>> {
        let leaf = self.strip_parens(leaf);
        let (parts, behind) = self.column_at(leaf.start, leaf.end)?;
        let rest = Range {
            start: behind,
            end: leaf.end,
        };
        if self.spells(rest, &["IS", "NOT", "NULL"]) {
            return Some(parts);
        }
        let compares = ["=", "<>", "!=", "<", "<=", ">", ">="]
            .iter()
            .any(|op| self.is_op(rest.start, op));
        let operand = Range {
            start: rest.start + 1,
            end: rest.end,
        };
        (compares && !operand.is_empty() && self.is_plain(operand, false)).then_some(parts)
    }
}
