//! Conditions that no row satisfies, whatever it holds.

use std::collections::BTreeSet;

use soft_delete_sql::{
    Dialect,
    syntax::{Token, TokenKind, lexer},
};

/// Words that end a WHERE.
const BEHIND: [&str; 5] = ["GROUP", "HAVING", "ORDER", "LIMIT", "WINDOW"];
/// Words that let a statement have rows for which its first WHERE is not true.
const ELSEWHERE: [&str; 6] = [
    "UNION",
    "EXCEPT",
    "INTERSECT",
    "WITH",
    "VALUES",
    "RETURNING",
];

/// What is known where every conjunct is true.
#[derive(Default)]
struct Known {
    /// One term is at most another; `true` where it is less.
    order: Vec<(String, String, bool)>,
    /// Columns in terms that are compared: none of them is NULL.
    compared: BTreeSet<String>,
    nulls: BTreeSet<String>,
}

/// Does the WHERE of a SELECT contradict itself? Columns that may hold texts beside numbers follow
/// no one order: of conditions that name one, nothing is said.
pub(super) fn contradicts(dialect: Dialect, sql: &str, is_mixed: impl Fn(&str) -> bool) -> bool {
    let tokens = lexer::lex(dialect, sql).unwrap_or_default();
    let is_one_of = |token: &Token, words: &[&str]| words.iter().any(|it| token.is(sql, it));
    let is_select = tokens.first().is_some_and(|token| token.is(sql, "SELECT"));
    if !is_select || tokens.iter().any(|token| is_one_of(token, &ELSEWHERE)) {
        return false;
    }
    let (mut depth, mut start, mut end) = (0_usize, None, tokens.len());
    for (at, token) in tokens.iter().enumerate() {
        match token.kind {
            TokenKind::LParen => depth += 1,
            TokenKind::RParen => depth = depth.saturating_sub(1),
            _ if depth > 0 => {}
            _ if token.is(sql, "WHERE") => start = Some(at + 1),
            _ if start.is_some() && is_one_of(token, &BEHIND) => {
                end = at;
                break;
            }
            _ => {}
        }
    }
    let Some(condition) = start.and_then(|start| tokens.get(start..end)) else {
        return false;
    };
    let mut known = Known::default();
    known.conjuncts(dialect, sql, condition);
    let names = known.compared.iter().chain(&known.nulls);
    !names.into_iter().any(|name| is_mixed(name)) && known.is_impossible()
}

impl Known {
    /// Learns from what must be true. What is not understood says nothing.
    fn conjuncts(&mut self, dialect: Dialect, sql: &str, tokens: &[Token]) {
        if let [open, inner @ .., close] = tokens
            && open.kind == TokenKind::LParen
            && close.kind == TokenKind::RParen
            && closes_last(tokens)
        {
            return self.conjuncts(dialect, sql, inner);
        }
        let mut parts = vec![0];
        let (mut depth, mut is_between) = (0_usize, false);
        for (at, token) in tokens.iter().enumerate() {
            match token.kind {
                TokenKind::LParen => depth += 1,
                TokenKind::RParen => depth = depth.saturating_sub(1),
                _ if depth > 0 => {}
                _ if token.is(sql, "OR") || token.is(sql, "CASE") => return,
                _ if token.is(sql, "BETWEEN") => is_between = true,
                _ if token.is(sql, "AND") && !std::mem::take(&mut is_between) => {
                    parts.push(at + 1);
                }
                _ => {}
            }
        }
        if parts.len() == 1 {
            return self.comparison(dialect, sql, tokens);
        }
        for (at, &start) in parts.iter().enumerate() {
            let end = parts.get(at + 1).map_or(tokens.len(), |next| next - 1);
            self.conjuncts(dialect, sql, &tokens[start..end]);
        }
    }

    fn comparison(&mut self, dialect: Dialect, sql: &str, tokens: &[Token]) {
        let at = |words: &[&str]| {
            let mut all = tokens.iter();
            all.position(|token| {
                let text = &sql[token.start..token.end];
                words.iter().any(|word| text.eq_ignore_ascii_case(word))
            })
        };
        if let [column, is, null] = tokens
            && is.is(sql, "IS")
            && null.is(sql, "NULL")
        {
            self.nulls
                .extend(Term::of(dialect, sql, &[*column]).map(|it| it.text));
            return;
        }
        if let (Some(between), Some(and)) = (at(&["BETWEEN"]), at(&["AND"])) {
            let parts = [
                &tokens[..between],
                &tokens[between + 1..and],
                &tokens[and + 1..],
            ];
            let [value, low, high] = parts.map(|part| Term::of(dialect, sql, part));
            if let (Some(value), Some(low), Some(high)) = (value, low, high) {
                self.at_most(&low, &value, false);
                self.at_most(&value, &high, false);
            }
            return;
        }
        let Some(sign) = at(&["<", "<=", ">", ">=", "=", "=="]) else {
            return;
        };
        let parts = [&tokens[..sign], &tokens[sign + 1..]];
        let [left, right] = parts.map(|part| Term::of(dialect, sql, part));
        let (Some(left), Some(right)) = (left, right) else {
            return;
        };
        match &sql[tokens[sign].start..tokens[sign].end] {
            "<" => self.at_most(&left, &right, true),
            "<=" => self.at_most(&left, &right, false),
            ">" => self.at_most(&right, &left, true),
            ">=" => self.at_most(&right, &left, false),
            _ => {
                self.at_most(&left, &right, false);
                self.at_most(&right, &left, false);
            }
        }
    }

    fn at_most(&mut self, less: &Term, more: &Term, is_less: bool) {
        for term in [less, more] {
            self.compared.extend(term.columns.iter().cloned());
        }
        self.order
            .push((less.text.clone(), more.text.clone(), is_less));
    }

    /// A NULL that is compared, or a term that is less than itself.
    fn is_impossible(&self) -> bool {
        let is_cyclic =
            |(less, more, is_less): &(String, String, bool)| *is_less && self.leads(more, less);
        !self.nulls.is_disjoint(&self.compared) || self.order.iter().any(is_cyclic)
    }

    /// Is one term at most another?
    fn leads(&self, from: &str, to: &str) -> bool {
        let mut seen = BTreeSet::from([from]);
        let mut next = vec![from];
        while let Some(term) = next.pop() {
            if term == to {
                return true;
            }
            for (less, more, _) in &self.order {
                if less == term && seen.insert(more) {
                    next.push(more);
                }
            }
        }
        false
    }
}

/// Columns and numbers, added and multiplied: NULL where one of them is.
struct Term {
    text: String,
    columns: Vec<String>,
}

impl Term {
    fn of(dialect: Dialect, sql: &str, tokens: &[Token]) -> Option<Self> {
        let mut term = Self {
            text: String::new(),
            columns: Vec::new(),
        };
        let mut was_operand = false;
        for token in tokens {
            let text = &sql[token.start..token.end];
            let is_operand = matches!(token.kind, TokenKind::Word | TokenKind::Number);
            match token.kind {
                TokenKind::Word => {
                    let name = token.name(dialect, sql);
                    let is_constant = ["NULL", "TRUE", "FALSE", "NOT"]
                        .iter()
                        .any(|it| token.is(sql, it));
                    if was_operand || is_constant {
                        return None;
                    }
                    term.text.push_str(&name);
                    term.columns.push(name);
                }
                TokenKind::Number if !was_operand => term.text.push_str(text),
                _ if was_operand && ["+", "-", "*"].contains(&text) => term.text.push_str(text),
                _ => return None,
            }
            was_operand = is_operand;
        }
        was_operand.then_some(term)
    }
}

/// Is the first parenthesis closed by the last token?
fn closes_last(tokens: &[Token]) -> bool {
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate() {
        match token.kind {
            TokenKind::LParen => depth += 1,
            TokenKind::RParen => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return at + 1 == tokens.len();
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use soft_delete_sql::Dialect;

    fn contradicts(condition: &str) -> bool {
        let sql = format!("SELECT a, (SELECT 1 WHERE a < b) FROM t WHERE {condition} ORDER BY 1");
        super::contradicts(Dialect::Sqlite, &sql, |name| name == "mixed")
    }

    #[test]
    fn what_is_less_than_itself_or_a_null_that_is_compared_is_impossible() {
        for condition in [
            "a>b AND e+d BETWEEN a+b-10 AND c+130 AND (e>a AND e<b)",
            "(a < b AND (b <= c)) AND c BETWEEN d AND a",
            "a < b + 1 AND b + 1 = a",
            "a < a",
            "a IS NULL AND c > d AND a > b",
            "e+d BETWEEN a+b-10 AND c AND a IS NULL",
        ] {
            assert!(contradicts(condition), "{condition}");
        }
    }

    #[test]
    fn what_some_row_satisfies_is_possible() {
        for condition in [
            "a > b AND e > a OR e < b",
            "a > b AND (e > a OR e < b) AND e < b",
            "a >= b AND b >= a",
            "a > b - 2 AND a < b + 2 AND e > a AND e < b",
            "d NOT BETWEEN a AND b AND a IS NULL",
            "a IS NULL AND coalesce(a, b) > c",
            "a IS NOT NULL AND a > b",
            "NOT (a < a)",
            "a > b AND CASE WHEN a < b THEN 1 END",
            "mixed < a AND a < mixed",
            "a < b AND x.b < a",
            "a IS NULL AND a NOT IN (1) AND b < c",
        ] {
            assert!(!contradicts(condition), "{condition}");
        }
    }

    #[test]
    fn only_a_select_by_itself_is_judged() {
        for sql in [
            "SELECT a FROM t WHERE a < a UNION SELECT b FROM t",
            "WITH c AS (SELECT 1) SELECT a FROM t WHERE a < a",
            "SELECT a FROM t WHERE a IN (SELECT b FROM t WHERE a < a)",
            "UPDATE t SET a = 1 WHERE a < a",
        ] {
            assert!(
                !super::contradicts(Dialect::Sqlite, sql, |_| false),
                "{sql}"
            );
        }
    }
}
