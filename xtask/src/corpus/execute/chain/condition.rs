//! Conditions that ask whether columns are certain numbers, and what a row must hold to satisfy
//! them. In columns of integers every other value, NULL too, satisfies no more than a number that
//! is not named does.

use std::collections::{BTreeMap, BTreeSet};

use soft_delete_sql::{
    Dialect,
    syntax::{Token, TokenKind},
};

/// How deep they may be nested.
const DEPTH: usize = 40;

#[derive(Debug)]
pub(super) enum Condition {
    /// A column is one of these.
    OneOf(String, BTreeSet<i64>),
    Not(Box<Condition>),
    All(Vec<Condition>),
    Any(Vec<Condition>),
}

/// What is known of a cell.
#[derive(Debug, Clone)]
pub(super) enum Cell {
    Is(i64),
    NoneOf(BTreeSet<i64>),
}

/// Those of one row by their columns; of others nothing is known.
pub(super) type Cells = BTreeMap<String, Cell>;

impl Condition {
    /// `None` where something else is asked, or of something else than the columns.
    pub(super) fn read(
        dialect: Dialect,
        sql: &str,
        tokens: &[Token],
        is_column: &dyn Fn(&str) -> bool,
    ) -> Option<Self> {
        let mut reader = Reader {
            dialect,
            sql,
            tokens,
            is_column,
            at: 0,
        };
        let condition = reader.any(DEPTH)?;
        (reader.at == tokens.len()).then_some(condition)
    }

    pub(super) fn numbers(&self, found: &mut BTreeSet<i64>) {
        match self {
            Self::OneOf(_, numbers) => found.extend(numbers),
            Self::Not(inner) => inner.numbers(found),
            Self::All(parts) | Self::Any(parts) => parts.iter().for_each(|it| it.numbers(found)),
        }
    }

    /// Cells that satisfy it beside those that are known. `None` where there are none, or where the
    /// steps are used up.
    pub(super) fn satisfied(&self, cells: Cells, steps: &mut usize) -> Option<Cells> {
        satisfied(vec![(self, true)], cells, steps)
    }
}

/// Cells with which each condition is true, or the contrary of each is.
fn satisfied(
    mut goals: Vec<(&Condition, bool)>,
    mut cells: Cells,
    steps: &mut usize,
) -> Option<Cells> {
    // What leaves a choice waits until all is known that leaves none.
    let mut choices = Vec::new();
    while let Some((condition, is_true)) = goals.pop() {
        *steps = steps.checked_sub(1)?;
        match (condition, is_true) {
            (Condition::Not(inner), _) => goals.push((inner, !is_true)),
            (Condition::All(parts), true) | (Condition::Any(parts), false) => {
                goals.extend(parts.iter().map(|part| (part, is_true)));
            }
            (Condition::All(parts) | Condition::Any(parts), _) => match parts.as_slice() {
                [one] => goals.push((one, is_true)),
                _ => choices.push((condition, is_true)),
            },
            (Condition::OneOf(column, numbers), true) => match (cells.get(column), numbers.first())
            {
                (Some(Cell::Is(number)), _) if numbers.contains(number) => {}
                (Some(Cell::Is(_)), _) => return None,
                (Some(Cell::NoneOf(others)), Some(one))
                    if numbers.len() == 1 && others.contains(one) =>
                {
                    return None;
                }
                (_, Some(&one)) if numbers.len() == 1 => {
                    cells.insert(column.clone(), Cell::Is(one));
                }
                _ => choices.push((condition, is_true)),
            },
            (Condition::OneOf(column, numbers), false) => {
                let unknown = || Cell::NoneOf(BTreeSet::new());
                match cells.entry(column.clone()).or_insert_with(unknown) {
                    Cell::Is(number) if numbers.contains(number) => return None,
                    Cell::Is(_) => {}
                    Cell::NoneOf(others) => others.extend(numbers),
                }
            }
        }
    }
    let Some((condition, is_true)) = choices.pop() else {
        return Some(cells);
    };
    match condition {
        Condition::OneOf(column, numbers) => {
            let is_free = |number: &&i64| match cells.get(column) {
                Some(Cell::NoneOf(others)) => !others.contains(number),
                Some(Cell::Is(own)) => own == *number,
                None => true,
            };
            numbers.iter().filter(is_free).find_map(|&number| {
                let mut cells = cells.clone();
                cells.insert(column.clone(), Cell::Is(number));
                satisfied(choices.clone(), cells, steps)
            })
        }
        Condition::All(parts) | Condition::Any(parts) => parts.iter().find_map(|part| {
            let goals = choices.iter().copied().chain([(part, is_true)]).collect();
            satisfied(goals, cells.clone(), steps)
        }),
        // Never a choice; were it one, nothing would be known.
        Condition::Not(_) => {
            *steps = 0;
            None
        }
    }
}

struct Reader<'r> {
    dialect: Dialect,
    sql: &'r str,
    tokens: &'r [Token],
    is_column: &'r dyn Fn(&str) -> bool,
    at: usize,
}

impl Reader<'_> {
    fn any(&mut self, depth: usize) -> Option<Condition> {
        let mut parts = vec![self.all(depth)?];
        while self.passes("OR") {
            parts.push(self.all(depth)?);
        }
        Some(Condition::Any(parts))
    }

    fn all(&mut self, depth: usize) -> Option<Condition> {
        let mut parts = vec![self.one(depth)?];
        while self.passes("AND") {
            parts.push(self.one(depth)?);
        }
        Some(Condition::All(parts))
    }

    fn one(&mut self, depth: usize) -> Option<Condition> {
        let depth = depth.checked_sub(1)?;
        if self.passes("NOT") {
            return Some(Condition::Not(Box::new(self.one(depth)?)));
        }
        if self.passes("(") {
            let inner = self.any(depth)?;
            return self.passes(")").then_some(inner);
        }
        if let Some(number) = self.number() {
            self.passes("=").then_some(())?;
            return Some(Condition::OneOf(self.column()?, [number].into()));
        }
        let column = self.column()?;
        if self.passes("=") {
            return Some(Condition::OneOf(column, [self.number()?].into()));
        }
        let is_not = self.passes("NOT");
        (self.passes("IN") && self.passes("(")).then_some(())?;
        let mut numbers = BTreeSet::from([self.number()?]);
        while self.passes(",") {
            numbers.insert(self.number()?);
        }
        self.passes(")").then_some(())?;
        let is = Condition::OneOf(column, numbers);
        Some(if is_not {
            Condition::Not(Box::new(is))
        } else {
            is
        })
    }

    fn text(&self) -> &str {
        let token = self.tokens.get(self.at);
        token.map_or("", |it| &self.sql[it.start..it.end])
    }

    fn passes(&mut self, text: &str) -> bool {
        let passes = self.text().eq_ignore_ascii_case(text);
        self.at += usize::from(passes);
        passes
    }

    fn number(&mut self) -> Option<i64> {
        let token = self.tokens.get(self.at)?;
        let is_number = token.kind == TokenKind::Number;
        let number = self.text().parse().ok().filter(|_| is_number)?;
        self.at += 1;
        Some(number)
    }

    fn column(&mut self) -> Option<String> {
        let token = self.tokens.get(self.at)?;
        let is_name = matches!(token.kind, TokenKind::Word | TokenKind::Quoted);
        let name = token.name(self.dialect, self.sql).to_ascii_lowercase();
        (is_name && (self.is_column)(&name)).then_some(())?;
        self.at += 1;
        Some(name)
    }
}

#[cfg(test)]
mod tests {
    use soft_delete_sql::{Dialect, syntax::lexer};

    use super::{Cell, Cells, Condition};

    fn read(sql: &str) -> Option<Condition> {
        let tokens = lexer::lex(Dialect::Sqlite, sql).expect("tokens");
        Condition::read(Dialect::Sqlite, sql, &tokens, &|name| {
            ["a", "b"].contains(&name)
        })
    }

    /// Can it be satisfied where `a` is 1?
    fn is_satisfied(sql: &str) -> bool {
        let cells = Cells::from([("a".to_owned(), Cell::Is(1))]);
        let condition = read(sql).expect("a condition");
        condition.satisfied(cells, &mut 1000).is_some()
    }

    #[test]
    fn what_a_row_may_hold_is_told_from_what_it_may_not() {
        for sql in [
            "a = 1 AND b = 2 AND NOT (b = 3)",
            "NOT (a IN (2, 3) OR b = 1)",
            "NOT (a = 1 AND b = 2)",
            "(a = 2 OR b = 3) AND b IN (3, 4)",
            "b NOT IN (1) AND b IN (1, 2) AND 1 = a",
        ] {
            assert!(is_satisfied(sql), "{sql}");
        }
        for sql in [
            "a = 2",
            "NOT (a = 1 OR b = 2)",
            "b IN (1, 2) AND NOT (b = 1 OR b = 2)",
            "(a = 2 OR b = 3) AND b IN (4, 5)",
        ] {
            assert!(!is_satisfied(sql), "{sql}");
        }
    }

    #[test]
    fn what_is_no_question_of_equality_is_not_read() {
        for sql in [
            "a < 1",
            "a = b",
            "a = 1 = 1",
            "a = '1'",
            "a = 1.5",
            "c = 1",
            "a IN (SELECT 1)",
            "a = 1 OR",
            "a IS NULL",
        ] {
            assert!(read(sql).is_none(), "{sql}");
        }
        let deep = format!("{}a = 1{}", "(".repeat(99), ")".repeat(99));
        assert!(read(&deep).is_none());
    }

    #[test]
    fn who_runs_out_of_steps_knows_nothing() {
        let condition = read("b = 1 AND b = 2").expect("a condition");
        let mut steps = 2;
        assert!(condition.satisfied(Cells::new(), &mut steps).is_none() && steps == 0);
    }
}
