//! What the text of a statement says about the values of columns.

use std::collections::{BTreeSet, HashMap};

use soft_delete_sql::{
    Dialect,
    syntax::{Token, TokenKind, lexer},
};

const COMPARISONS: [&str; 12] = [
    "=", "==", "<>", "!=", "<", "<=", ">", ">=", "IN", "BETWEEN", "LIKE", "IS",
];

/// Columns that are compared, and with what.
pub(super) struct Comparisons {
    dialect: Dialect,
    /// The set of a column name: those that are compared with each other share one.
    sets: HashMap<String, usize>,
    /// What the columns of a set are compared with.
    values: HashMap<usize, Vec<String>>,
    /// Columns that may have to be NULL.
    nulls: BTreeSet<String>,
    /// Every literal.
    pub(super) literals: Vec<String>,
}

/// A column, or a literal.
enum Operand {
    Column(String),
    Literal(String),
}

impl Comparisons {
    /// Reads a statement about tables with these columns; a parameter is one by its text.
    pub(super) fn new<'c>(
        dialect: Dialect,
        sql: &str,
        columns: impl Iterator<Item = &'c String>,
    ) -> Self {
        let tokens = lexer::lex(dialect, sql).unwrap_or_default();
        let mut comparisons = Self {
            dialect,
            sets: HashMap::new(),
            values: HashMap::new(),
            nulls: BTreeSet::new(),
            literals: Vec::new(),
        };
        for (set, name) in columns.enumerate() {
            let name = comparisons.key(name);
            comparisons.sets.insert(name, set);
        }
        comparisons.learn(sql, &tokens);
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

    fn learn(&mut self, sql: &str, tokens: &[Token]) {
        let is_one_of = |token: &Token, words: &[&str]| words.iter().any(|it| token.is(sql, it));
        // What stands directly before, and what stands in front of the last comparison.
        let (mut before, mut compared): (Option<Operand>, Option<Operand>) = (None, None);
        let mut bounds = false;
        for (at, token) in tokens.iter().enumerate() {
            let next = tokens.get(at + 1).map(|token| token.kind);
            if token.kind == TokenKind::Dot || next == Some(TokenKind::Dot) {
                continue;
            }
            let operand = self.operand(sql, token);
            if let Some(operand) = &operand {
                match (&compared, operand) {
                    (Some(Operand::Column(one)), Operand::Column(two)) => self.share(one, two),
                    (Some(Operand::Column(column)), Operand::Literal(literal))
                    | (Some(Operand::Literal(literal)), Operand::Column(column)) => {
                        self.compared(column, literal);
                    }
                    _ => {}
                }
            } else if is_one_of(token, &COMPARISONS)
                || COMPARISONS.contains(&&sql[token.start..token.end])
            {
                bounds = token.is(sql, "BETWEEN");
                compared = before.take();
            } else if bounds && token.is(sql, "AND") {
                bounds = false;
            } else if let (true, Some(Operand::Column(column))) = (token.is(sql, "NULL"), &compared)
            {
                self.nulls.insert(column.clone());
            } else if (token.kind == TokenKind::Word && !is_one_of(token, &["NOT", "ANY"]))
                || token.kind == TokenKind::RParen
            {
                compared = None;
            }
            if let Some(Operand::Literal(literal)) = &operand {
                self.literals.push(literal.clone());
            }
            if !token.is(sql, "NOT") {
                before = operand;
            }
        }
    }

    fn operand(&self, sql: &str, token: &Token) -> Option<Operand> {
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
                let name = token.name(self.dialect, sql);
                let is_column = self.sets.contains_key(&name);
                is_column.then_some(Operand::Column(name))
            }
            _ => None,
        }
    }

    fn compared(&mut self, column: &str, literal: &str) {
        let Some(&set) = self.sets.get(column) else {
            return;
        };
        let values = self.values.entry(set).or_default();
        values.extend([literal.to_owned(), literal.to_owned()]);
        // Beside a bound there is something on each side of it.
        if let Ok(number) = literal.parse::<i64>() {
            values.extend(
                [number.saturating_sub(1), number.saturating_add(1)].map(|it| it.to_string()),
            );
        }
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
}
