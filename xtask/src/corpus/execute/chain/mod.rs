//! Queries of one table each that UNION, EXCEPT and INTERSECT combine, one behind another as SQLite
//! reads them: which rows show that one of them lets deleted rows through.
//!
//! Such a query returns a value or does not, and what becomes of a value depends on that alone. So
//! all values that the text names, and one that it does not, and all ways in which the arms return
//! them are gone through; where none shows a deleted row, no rows do.

mod condition;

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::RangeInclusive,
};

use soft_delete_sql::{
    Dialect,
    syntax::{Token, TokenKind, lexer},
};

use condition::{Cell, Cells, Condition};

/// Arms whose ways to return a value are gone through.
const ARMS: usize = 10;
/// Steps that it may take to find out whether an arm can return a value.
const STEPS: usize = 10_000;

/// A chain of queries.
pub(super) struct Chain {
    arms: Vec<Arm>,
    /// For each value the cells with which the arms return it.
    values: Vec<Vec<Option<Cells>>>,
    /// A number that the text does not name.
    other: i64,
    /// It was found out of each arm and value whether the one can return the other.
    is_known: bool,
}

struct Arm {
    operator: Operator,
    table: String,
    output: String,
    condition: Condition,
    bytes: RangeInclusive<usize>,
}

/// What combines an arm with all in front of it.
#[derive(Debug, Clone, Copy)]
enum Operator {
    UnionAll,
    Union,
    Except,
    Intersect,
}

/// A row by which a deleted row shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) table: String,
    /// By column.
    pub(super) cells: BTreeMap<String, i64>,
    /// In the columns that are not named.
    pub(super) other: i64,
    pub(super) is_deleted: bool,
}

/// What shows that an arm returns deleted rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Shown {
    By(Vec<Row>),
    Never,
    Unknown,
}

impl Chain {
    /// `None` where a statement is something else, or asks more of a row than which numbers its
    /// columns of integers are.
    pub(super) fn read(sql: &str, is_integer: impl Fn(&str, &str) -> bool) -> Option<Self> {
        let tokens = lexer::lex(Dialect::Sqlite, sql).ok()?;
        let mut arms = Vec::new();
        let mut operator = Operator::UnionAll;
        let mut rest = tokens.as_slice();
        loop {
            let combines = |token: &Token| Operator::of(sql, token).is_some();
            let end = rest.iter().position(combines).unwrap_or(rest.len());
            let to = rest.get(end).map_or(sql.len(), |token| token.start);
            arms.push(Arm::read(sql, &rest[..end], operator, to, &is_integer)?);
            let Some((next, behind)) = rest[end..].split_first() else {
                break;
            };
            (operator, rest) = match (Operator::of(sql, next)?, behind.split_first()) {
                (Operator::Union, Some((all, behind))) if all.is(sql, "ALL") => {
                    (Operator::UnionAll, behind)
                }
                (operator, _) => (operator, behind),
            };
        }
        (arms.len() <= ARMS).then(|| Self::of(arms))
    }

    fn of(arms: Vec<Arm>) -> Self {
        let mut numbers = BTreeSet::new();
        for arm in &arms {
            arm.condition.numbers(&mut numbers);
        }
        let most = numbers.last().copied().unwrap_or(0);
        let other = most.saturating_add(1);
        let mut is_known = other > most;
        let mut values = Vec::new();
        for value in numbers.into_iter().chain([other]) {
            let mut cells = |arm: &Arm| {
                let output = Cells::from([(arm.output.clone(), Cell::Is(value))]);
                let mut steps = STEPS;
                let cells = arm.condition.satisfied(output, &mut steps);
                is_known &= steps > 0;
                cells
            };
            values.push(arms.iter().map(&mut cells).collect());
        }
        Self {
            arms,
            values,
            other,
            is_known,
        }
    }

    /// What shows that the arm at a byte returns deleted rows.
    pub(super) fn shown(&self, byte: usize) -> Shown {
        let mut arms = self.arms.iter();
        let Some(own) = arms.position(|arm| arm.bytes.contains(&byte)) else {
            return Shown::Unknown;
        };
        for cells in &self.values {
            if cells[own].is_none() {
                continue;
            }
            let others = (0..cells.len()).filter(|&at| at != own && cells[at].is_some());
            let others: Vec<u32> = others.map(|at| 1 << at).collect();
            for choice in 0..1_usize << others.len() {
                let chosen = others.iter().enumerate();
                let live = chosen
                    .map(|(bit, arm)| if choice >> bit & 1 == 1 { *arm } else { 0 })
                    .sum::<u32>();
                let all = live | 1 << own;
                if self.times(all) != self.times(live) {
                    let yields = (0..self.arms.len()).filter(|at| all >> at & 1 == 1);
                    let row = |at| self.row(at, cells[at].as_ref(), at == own);
                    return Shown::By(yields.map(row).collect());
                }
            }
        }
        if self.is_known {
            Shown::Never
        } else {
            Shown::Unknown
        }
    }

    /// How often a value comes back that some arms, each a bit, return once. More of the same
    /// changes no more than the first does.
    fn times(&self, returns: u32) -> usize {
        let arms = self.arms.iter().enumerate();
        arms.fold(0, |times, (at, arm)| {
            match (arm.operator, returns >> at & 1 == 1) {
                (Operator::UnionAll, own) => times + usize::from(own),
                (Operator::Union, own) => usize::from(times > 0 || own),
                (Operator::Except, own) => usize::from(times > 0 && !own),
                (Operator::Intersect, own) => usize::from(times > 0 && own),
            }
        })
    }

    fn row(&self, at: usize, cells: Option<&Cells>, is_deleted: bool) -> Row {
        let number = |(column, cell): (&String, &Cell)| match cell {
            Cell::Is(number) => Some((column.clone(), *number)),
            Cell::NoneOf(_) => None,
        };
        let known = cells.into_iter().flatten();
        Row {
            table: self.arms[at].table.clone(),
            cells: known.filter_map(number).collect(),
            other: self.other,
            is_deleted,
        }
    }
}

impl Arm {
    /// `SELECT column FROM table [WHERE condition]`
    fn read(
        sql: &str,
        tokens: &[Token],
        operator: Operator,
        to: usize,
        is_integer: &dyn Fn(&str, &str) -> bool,
    ) -> Option<Self> {
        let [select, output, from, table, rest @ ..] = tokens else {
            return None;
        };
        (select.is(sql, "SELECT") && from.is(sql, "FROM")).then_some(())?;
        let name = |token: &Token| {
            let is_name = matches!(token.kind, TokenKind::Word | TokenKind::Quoted);
            let name = token.name(Dialect::Sqlite, sql).to_ascii_lowercase();
            is_name.then_some(name)
        };
        let (output, table) = (name(output)?, name(table)?);
        let is_column = |column: &str| is_integer(&table, column);
        is_column(&output).then_some(())?;
        let condition = match rest {
            [] => Condition::All(Vec::new()),
            [place, condition @ ..] if place.is(sql, "WHERE") => {
                Condition::read(Dialect::Sqlite, sql, condition, &is_column)?
            }
            _ => return None,
        };
        Some(Self {
            operator,
            output,
            condition,
            bytes: select.start..=to,
            table,
        })
    }
}

impl Operator {
    fn of(sql: &str, token: &Token) -> Option<Self> {
        let words = [
            ("UNION", Self::Union),
            ("EXCEPT", Self::Except),
            ("INTERSECT", Self::Intersect),
        ];
        let mut words = words.into_iter();
        words.find_map(|(word, operator)| token.is(sql, word).then_some(operator))
    }
}

#[cfg(test)]
mod tests {
    use super::{Chain, Shown};

    /// What shows that the query of a table returns deleted rows.
    fn shown(sql: &str, table: &str) -> Shown {
        let chain = Chain::read(sql, |_, column| ["x", "y"].contains(&column));
        let byte = sql.find(&format!("FROM {table}")).expect("the table");
        chain.expect("a chain").shown(byte)
    }

    /// The tables of the rows that show it, and their values of `x`.
    fn rows(sql: &str, table: &str) -> Vec<(String, i64)> {
        let Shown::By(rows) = shown(sql, table) else {
            panic!("{sql}: {table}");
        };
        let deleted: Vec<_> = rows.iter().filter(|row| row.is_deleted).collect();
        assert!(deleted.len() == 1 && deleted[0].table == table, "{rows:?}");
        let rows = rows.into_iter();
        rows.map(|row| (row.table, row.cells["x"])).collect()
    }

    fn row(table: &str, x: i64) -> (String, i64) {
        (table.to_owned(), x)
    }

    #[test]
    fn a_deleted_row_stands_where_nothing_hides_it() {
        let sql = "SELECT x FROM a WHERE y = 1 \
                   INTERSECT SELECT x FROM b WHERE x IN (2, 3) \
                   EXCEPT SELECT x FROM c WHERE x = 2 \
                   UNION SELECT x FROM d \
                   INTERSECT SELECT x FROM e WHERE NOT (x = 2)";
        assert_eq!(rows(sql, "a"), [row("a", 3), row("b", 3), row("e", 3)]);
        assert_eq!(rows(sql, "b"), [row("a", 3), row("b", 3), row("e", 3)]);
        assert_eq!(rows(sql, "d"), [row("d", 1), row("e", 1)]);
        // Only what is 2 could be taken away, and that is gone at the end.
        assert_eq!(shown(sql, "c"), Shown::Never);
    }

    #[test]
    fn a_row_that_takes_something_away_needs_what_it_takes() {
        let sql = "SELECT x FROM a EXCEPT SELECT x FROM b WHERE x = 7 AND y = 8";
        assert_eq!(rows(sql, "b"), [row("a", 7), row("b", 7)]);
    }

    #[test]
    fn what_contradicts_itself_or_is_taken_away_anyhow_never_shows() {
        let contradicts = "SELECT x FROM a WHERE x = 1 AND x = 2 EXCEPT SELECT x FROM b";
        assert_eq!(shown(contradicts, "a"), Shown::Never);
        assert_eq!(shown(contradicts, "b"), Shown::Never);
        let all = "SELECT x FROM a UNION SELECT x FROM b WHERE x = 1 \
                   INTERSECT SELECT x FROM c WHERE x = 2 UNION ALL SELECT x FROM d";
        assert_eq!(shown(all, "b"), Shown::Never);
        assert_eq!(rows(all, "d"), [row("d", 1)]);
    }

    #[test]
    fn a_number_without_another_one_above_it_proves_nothing() {
        let sql = "SELECT x FROM a WHERE x = 9223372036854775807 AND x = 1";
        assert_eq!(shown(sql, "a"), Shown::Unknown);
    }

    #[test]
    fn what_is_no_such_chain_is_not_read() {
        for sql in [
            "SELECT x, y FROM a",
            "SELECT x FROM a, b",
            "SELECT x FROM a AS b",
            "SELECT z FROM a",
            "SELECT DISTINCT x FROM a",
            "SELECT x FROM a WHERE x < 1",
            "SELECT x FROM a UNION SELECT y FROM b ORDER BY 1",
            "SELECT x FROM a UNION",
            "SELECT x FROM a WHERE x IN (SELECT x FROM b UNION SELECT x FROM c)",
            "VALUES (1) UNION SELECT x FROM a",
        ] {
            assert!(Chain::read(sql, |_, name| name < "z").is_none(), "{sql}");
        }
    }
}
