//! What the text of a statement says about the values of columns.

use std::collections::{BTreeSet, HashMap};

use soft_delete_sql::{
    Dialect,
    syntax::{Token, TokenKind, lexer},
};

const COMPARISONS: [&str; 13] = [
    "=", "==", "<>", "!=", "<", "<=", ">", ">=", "IN", "BETWEEN", "LIKE", "ILIKE", "IS",
];
/// Those that hold of what is not the same.
const UNEQUAL: [&str; 6] = ["<>", "!=", "<", "<=", ">", ">="];
/// Words that may stand between a comparison and what is compared; others begin something new, but
/// for the names of functions.
const PASSED: [&str; 7] = ["NOT", "ANY", "SOME", "ALL", "CAST", "DATE", "TIMESTAMP"];
/// Words that combine queries.
const COMBINED: [&str; 3] = ["UNION", "EXCEPT", "INTERSECT"];
/// Words before a parenthesis that name no function.
const NO_FUNCTIONS: [&str; 16] = [
    "SELECT", "AND", "OR", "WHERE", "ON", "IN", "EXISTS", "HAVING", "WHEN", "THEN", "ELSE", "FROM",
    "JOIN", "AS", "USING", "VALUES",
];

/// Columns that are compared, and with what.
pub(super) struct Comparisons {
    dialect: Dialect,
    /// The set of a column name: those that are compared with each other share one.
    sets: HashMap<String, usize>,
    /// What the columns of a set are compared with.
    values: HashMap<usize, Vec<String>>,
    /// Columns of which one is less than the other, or another.
    unequal: Vec<(String, String)>,
    /// The sets of these.
    ordered: BTreeSet<usize>,
    /// Columns that may have to be NULL.
    nulls: BTreeSet<String>,
    /// Every literal.
    pub(super) literals: Vec<String>,
    /// Some queries are combined.
    pub(super) has_arms: bool,
}

/// A column, or a literal.
#[derive(Clone)]
enum Operand {
    Column(String),
    Literal(String),
}

/// A comparison whose right side is still to come.
struct Compared<'s> {
    left: Operand,
    /// In capital letters.
    sign: &'s str,
    is_negated: bool,
    /// Parentheses around it.
    depth: usize,
    /// The right side is what a subquery returns: its first column.
    is_query: bool,
}

/// The name of the column that a name in the text means: its qualifier, itself, and where.
type Resolve<'r> = dyn Fn(Option<&str>, &str, usize) -> Option<String> + 'r;

impl Comparisons {
    /// Reads a statement about tables with these columns; a parameter is one by its text.
    pub(super) fn new<'c>(
        dialect: Dialect,
        sql: &str,
        columns: impl Iterator<Item = &'c String>,
    ) -> Self {
        Self::resolved(dialect, sql, columns, &|_, name, _| Some(name.to_owned()))
    }

    /// The same where a name alone does not tell what it means.
    pub(super) fn resolved<'c>(
        dialect: Dialect,
        sql: &str,
        columns: impl Iterator<Item = &'c String>,
        resolve: &Resolve<'_>,
    ) -> Self {
        let tokens = lexer::lex(dialect, sql).unwrap_or_default();
        let mut comparisons = Self {
            dialect,
            sets: HashMap::new(),
            values: HashMap::new(),
            unequal: Vec::new(),
            ordered: BTreeSet::new(),
            nulls: BTreeSet::new(),
            literals: Vec::new(),
            has_arms: false,
        };
        for (set, name) in columns.enumerate() {
            let name = comparisons.key(name);
            comparisons.sets.insert(name, set);
        }
        comparisons.learn(sql, &tokens, resolve);
        comparisons.combine(sql, &tokens, resolve);
        comparisons.meet();
        comparisons
    }

    fn key(&self, column: &str) -> String {
        match self.dialect {
            Dialect::Postgres => column.to_owned(),
            Dialect::Sqlite | Dialect::Mysql => column.to_ascii_lowercase(),
        }
    }

    /// The set of a column.
    pub(super) fn set(&self, column: &str) -> Option<usize> {
        self.sets.get(&self.key(column)).copied()
    }

    /// What a column is compared with.
    pub(super) fn values(&self, column: &str) -> Option<&[String]> {
        let values = self.values.get(&self.set(column)?)?;
        Some(values)
    }

    /// Is a column less than another one, or unlike it?
    pub(super) fn is_ordered(&self, column: &str) -> bool {
        self.set(column)
            .is_some_and(|set| self.ordered.contains(&set))
    }

    /// Is a column compared with NULL?
    pub(super) fn is_compared_with_null(&self, column: &str) -> bool {
        self.nulls.contains(&self.key(column))
    }

    /// What the columns of each set are compared with, in order.
    pub(super) fn sets(&self) -> Vec<(usize, &[String])> {
        let mut sets: Vec<_> = self
            .values
            .iter()
            .map(|(&set, it)| (set, it.as_slice()))
            .collect();
        sets.sort_unstable();
        sets
    }

    fn learn(&mut self, sql: &str, tokens: &[Token], resolve: &Resolve<'_>) {
        let is_one_of = |token: &Token, words: &[&str]| words.iter().any(|it| token.is(sql, it));
        // What stands directly before, and what stands in front of the last comparison.
        let (mut before, mut compared): (Option<Operand>, Option<Compared<'_>>) = (None, None);
        // The first column in each parenthesis that is open: what a function is about.
        let mut first: Vec<Option<Operand>> = Vec::new();
        let (mut bounds, mut is_negated) = (false, false);
        for (at, token) in tokens.iter().enumerate() {
            let next = tokens.get(at + 1).map(|token| token.kind);
            if token.kind == TokenKind::Dot || next == Some(TokenKind::Dot) {
                continue;
            }
            let mut operand = self.operand(sql, tokens, at, resolve);
            let sign = COMPARISONS.iter().find(|sign| {
                token.is(sql, sign) || sql[token.start..token.end].eq_ignore_ascii_case(sign)
            });
            if let Some(operand) = &operand {
                compared = compared.filter(|compared| {
                    let is_column = matches!(operand, Operand::Column(_));
                    if is_column || !compared.is_query {
                        self.meets(compared, operand);
                    }
                    !is_column || !compared.is_query
                });
                if let (Operand::Column(_), Some(first @ None)) = (operand, first.last_mut()) {
                    *first = Some(operand.clone());
                }
            } else if let Some(sign) = sign {
                bounds = *sign == "BETWEEN";
                compared = before.take().map(|left| Compared {
                    left,
                    sign,
                    is_negated,
                    depth: first.len(),
                    is_query: false,
                });
            } else if bounds && token.is(sql, "AND") {
                bounds = false;
            } else if token.kind == TokenKind::LParen {
                first.push(None);
            } else if token.kind == TokenKind::RParen {
                operand = first.pop().flatten();
                compared = compared.filter(|it| it.depth < first.len());
            } else if token.kind == TokenKind::Comma {
                compared = compared.filter(|it| it.depth < first.len());
            } else if let (true, Some(Operand::Column(column))) =
                (token.is(sql, "NULL"), compared.as_ref().map(|it| &it.left))
            {
                self.nulls.insert(column.clone());
            } else if let (true, Some(TokenKind::LParen), Some(compared)) = (
                token.is(sql, "SELECT"),
                at.checked_sub(1).map(|before| tokens[before].kind),
                &mut compared,
            ) {
                compared.is_query = true;
            } else if token.kind == TokenKind::Word
                && !is_one_of(token, &PASSED)
                && (next != Some(TokenKind::LParen) || is_one_of(token, &NO_FUNCTIONS))
            {
                compared = None;
            }
            if let Some(Operand::Literal(literal)) = &operand {
                self.literals.push(literal.clone());
            }
            is_negated = token.is(sql, "NOT");
            if !is_negated {
                before = operand;
            }
        }
    }

    fn operand(
        &self,
        sql: &str,
        tokens: &[Token],
        at: usize,
        resolve: &Resolve<'_>,
    ) -> Option<Operand> {
        let token = &tokens[at];
        let text = &sql[token.start..token.end];
        match token.kind {
            TokenKind::Number | TokenKind::String => Some(Operand::Literal(text.to_owned())),
            TokenKind::Word if ["TRUE", "FALSE"].iter().any(|it| token.is(sql, it)) => {
                Some(Operand::Literal(text.to_owned()))
            }
            TokenKind::Param => {
                let is_known = self.sets.contains_key(text);
                is_known.then(|| Operand::Column(text.to_owned()))
            }
            TokenKind::Word | TokenKind::Quoted => {
                let qualifier = match tokens[..at] {
                    [.., qualifier, dot] if dot.kind == TokenKind::Dot => {
                        Some(qualifier.name(self.dialect, sql))
                    }
                    _ => None,
                };
                let name = token.name(self.dialect, sql);
                let name = resolve(qualifier.as_deref(), &name, token.start)?;
                let name = self.key(&name);
                let is_column = self.sets.contains_key(&name);
                is_column.then_some(Operand::Column(name))
            }
            _ => None,
        }
    }

    /// Two sides of a comparison.
    fn meets(&mut self, compared: &Compared<'_>, right: &Operand) {
        match (&compared.left, right) {
            (Operand::Column(one), Operand::Column(two)) if UNEQUAL.contains(&compared.sign) => {
                self.unequal.push((one.clone(), two.clone()));
            }
            (Operand::Column(one), Operand::Column(two)) => self.share(one, two),
            (Operand::Column(column), Operand::Literal(literal))
            | (Operand::Literal(literal), Operand::Column(column)) => {
                let values = self.around(literal, compared);
                if let Some(&set) = self.sets.get(column) {
                    self.values.entry(set).or_default().extend(values);
                }
            }
            (Operand::Literal(_), Operand::Literal(_)) => {}
        }
    }

    /// A literal that something is compared with, and what is on each side of it.
    fn around(&self, literal: &str, compared: &Compared<'_>) -> Vec<String> {
        let text = literal
            .strip_prefix('\'')
            .and_then(|it| it.strip_suffix('\''));
        let mut values = vec![literal.to_owned(); 2];
        if let (Some(text), "LIKE" | "ILIKE") = (text, compared.sign) {
            let like = text.replace('%', "").replace('_', "a");
            values = vec![format!("'{like}'"); 2];
        }
        if let Ok(number) = literal.parse::<i64>() {
            let beside = [number.saturating_sub(1), number.saturating_add(1)];
            values.extend(beside.map(|it| it.to_string()));
        } else if let Ok(number) = literal.parse::<f64>() {
            let beside = [number - 1.0, number + 1.0, number - 0.01, number + 0.01];
            values.extend(beside.map(|it| format!("{it:.2}")));
        } else if text.is_some_and(is_day) {
            values.extend(["-1 day", "+1 day"].map(|offset| match self.dialect {
                Dialect::Sqlite => format!("date({literal}, '{offset}')"),
                Dialect::Postgres => format!("({literal}::date + interval '{offset}')::date"),
                Dialect::Mysql => format!("({literal} + INTERVAL {offset})"),
            }));
        } else if text.is_some() && (compared.is_negated || UNEQUAL.contains(&compared.sign)) {
            values.extend(["'a'", "'b'"].map(str::to_owned));
        }
        values
    }

    /// What the arms of UNION, EXCEPT and INTERSECT return meets.
    fn combine(&mut self, sql: &str, tokens: &[Token], resolve: &Resolve<'_>) {
        let is_one_of = |at: usize, words: &[&str]| words.iter().any(|it| tokens[at].is(sql, it));
        // The columns of the last SELECT at each depth, and whether it is to be combined.
        let mut open: Vec<(Vec<Option<String>>, bool)> = vec![(Vec::new(), false)];
        for (at, token) in tokens.iter().enumerate() {
            match token.kind {
                TokenKind::LParen => open.push((Vec::new(), false)),
                TokenKind::RParen if open.len() > 1 => _ = open.pop(),
                TokenKind::Word if is_one_of(at, &COMBINED) => {
                    self.has_arms = true;
                    if let Some((_, is_combined)) = open.last_mut() {
                        *is_combined = true;
                    }
                }
                TokenKind::Word if is_one_of(at, &["SELECT"]) => {
                    let items = self.items(sql, tokens, at + 1, resolve);
                    let Some((last, is_combined)) = open.last_mut() else {
                        continue;
                    };
                    let before = std::mem::replace(last, items.clone());
                    if std::mem::take(is_combined) {
                        for (one, two) in before.iter().zip(&items) {
                            if let (Some(one), Some(two)) = (one, two) {
                                self.share(one, two);
                            }
                        }
                    }
                }
                _ => {}
            }
        }
    }

    /// The items of a select list, where they are columns.
    fn items(
        &self,
        sql: &str,
        tokens: &[Token],
        start: usize,
        resolve: &Resolve<'_>,
    ) -> Vec<Option<String>> {
        let mut items = vec![None];
        let mut depth = 0_usize;
        for at in start..tokens.len() {
            match tokens[at].kind {
                TokenKind::LParen => depth += 1,
                TokenKind::RParen if depth == 0 => break,
                TokenKind::RParen => depth -= 1,
                TokenKind::Comma if depth == 0 => items.push(None),
                TokenKind::Word if depth == 0 && tokens[at].is(sql, "FROM") => break,
                _ => {
                    let is_qualifier = tokens
                        .get(at + 1)
                        .is_some_and(|it| it.kind == TokenKind::Dot);
                    if let (false, Some(item @ None), Some(Operand::Column(name))) = (
                        is_qualifier,
                        items.last_mut(),
                        self.operand(sql, tokens, at, resolve),
                    ) {
                        *item = Some(name);
                    }
                }
            }
        }
        items
    }

    /// What is less than something may be beside whatever that is compared with.
    fn meet(&mut self) {
        for (one, two) in std::mem::take(&mut self.unequal) {
            let (Some(&one), Some(&two)) = (self.sets.get(&one), self.sets.get(&two)) else {
                continue;
            };
            self.ordered.extend([one, two]);
            let [left, right] = [one, two].map(|it| self.values.get(&it).cloned());
            if one != two {
                self.values
                    .entry(one)
                    .or_default()
                    .extend(right.into_iter().flatten());
                self.values
                    .entry(two)
                    .or_default()
                    .extend(left.into_iter().flatten());
            }
        }
        self.values.retain(|_, values| !values.is_empty());
    }

    fn share(&mut self, one: &str, two: &str) {
        let (Some(&one), Some(&two)) = (self.sets.get(one), self.sets.get(two)) else {
            return;
        };
        for set in self.sets.values_mut().filter(|set| **set == two) {
            *set = one;
        }
        if one != two
            && let Some(values) = self.values.remove(&two)
        {
            self.values.entry(one).or_default().extend(values);
        }
    }
}

/// `1994-01-01`, and a time perhaps.
fn is_day(text: &str) -> bool {
    let day = text.get(..10).unwrap_or_default();
    let mut parts = day.split('-');
    let mut is_number = |length| {
        let is = |part: &str| part.len() == length && part.bytes().all(|it| it.is_ascii_digit());
        parts.next().is_some_and(is)
    };
    is_number(4) && is_number(2) && is_number(2)
}

#[cfg(test)]
mod tests {
    use soft_delete_sql::Dialect;

    use super::Comparisons;

    #[test]
    fn what_is_compared_shares_its_values() {
        let sql = "SELECT x FROM a, b WHERE a.x = b.p AND 40 = x AND y NOT IN (50, 60) \
                   AND z BETWEEN 70 AND 80 OR q > x + 1 AND r = true";
        let columns = ["x", "y", "z", "p", "q", "r"].map(str::to_owned);
        let comparisons = Comparisons::new(Dialect::Sqlite, sql, columns.iter());
        let of = |column: &str| comparisons.values(column).unwrap_or_default();
        assert_eq!(comparisons.set("x"), comparisons.set("P"));
        assert!(of("p").contains(&"40".to_owned()));
        assert_eq!(of("y"), ["50", "50", "49", "51", "60", "60", "59", "61"]);
        assert_eq!(of("z"), ["70", "70", "69", "71", "80", "80", "79", "81"]);
        assert_eq!(of("r"), ["true", "true"]);
    }

    #[test]
    fn a_parameter_shares_the_values_of_what_it_is_compared_with() {
        let sql = "SELECT 1 FROM a WHERE x = ANY ($1::int[]) AND y IS NOT NULL AND z = $2";
        let columns = ["x", "y", "z", "$1", "$2"].map(str::to_owned);
        let comparisons = Comparisons::new(Dialect::Postgres, sql, columns.iter());
        assert_eq!(comparisons.set("x"), comparisons.set("$1"));
        assert_eq!(comparisons.set("z"), comparisons.set("$2"));
        assert_ne!(comparisons.set("x"), comparisons.set("z"));
        assert!(comparisons.is_compared_with_null("y"));
        assert!(!comparisons.is_compared_with_null("z"));
    }
    #[test]
    fn a_bound_has_a_day_on_each_side_and_a_pattern_a_text_that_matches() {
        let sql = "SELECT 1 FROM a WHERE d >= CAST('1994-01-01' AS date) AND d < date '1995-01-01' \
                   AND e > d AND t LIKE '%green_%' AND u NOT LIKE 'b%' AND sum(n) > 300";
        let columns = ["d", "e", "t", "u", "n"].map(str::to_owned);
        let comparisons = Comparisons::new(Dialect::Postgres, sql, columns.iter());
        let of = |column: &str| comparisons.values(column).unwrap_or_default();
        let before = "('1995-01-01'::date + interval '-1 day')::date".to_owned();
        assert!(of("d").contains(&"'1994-01-01'".to_owned()) && of("d").contains(&before));
        assert!(of("e").contains(&before));
        assert_ne!(comparisons.set("d"), comparisons.set("e"));
        assert_eq!(of("t"), ["'greena'", "'greena'"]);
        assert_eq!(of("u"), ["'b'", "'b'", "'a'", "'b'"]);
        assert_eq!(of("n"), ["300", "300", "299", "301"]);
        assert!(comparisons.is_ordered("e") && !comparisons.is_ordered("t"));
    }
    #[test]
    fn the_arms_of_a_combination_return_the_same() {
        let sql = "SELECT x, y + 1 FROM a UNION SELECT z, q FROM b WHERE p = (SELECT 1)";
        let columns = ["x", "y", "z", "p", "q"].map(str::to_owned);
        let comparisons = Comparisons::new(Dialect::Sqlite, sql, columns.iter());
        assert!(comparisons.has_arms);
        assert_eq!(comparisons.set("x"), comparisons.set("z"));
        assert_eq!(comparisons.set("y"), comparisons.set("q"));
        assert_ne!(comparisons.set("x"), comparisons.set("p"));
    }

    #[test]
    fn a_subquery_returns_what_its_column_is_compared_with() {
        let sql = "SELECT 1 FROM a WHERE x IN (SELECT y + z FROM b WHERE z = 1) AND \
                   p < (SELECT 0.2 * avg(q) FROM b)";
        let columns = ["x", "y", "z", "p", "q"].map(str::to_owned);
        let comparisons = Comparisons::new(Dialect::Postgres, sql, columns.iter());
        assert_eq!(comparisons.set("x"), comparisons.set("y"));
        assert_ne!(comparisons.set("x"), comparisons.set("z"));
        assert!(comparisons.is_ordered("p") && comparisons.is_ordered("q"));
        assert_eq!(comparisons.values("p"), None);
    }
}
