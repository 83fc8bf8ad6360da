//! Rows made for one statement: they satisfy its conditions by what its text compares.

use std::collections::HashMap;

use fastrand::Rng;
use soft_delete_sql::{
    Dialect,
    syntax::{Token, TokenKind, lexer},
};

use super::{
    super::{outcome::Row, scopes::quote},
    world::Table,
};

/// Values of columns that nothing is said about.
const FREE: [&str; 3] = ["1", "2", "3"];

const COMPARISONS: [&str; 12] = [
    "=", "==", "<>", "!=", "<", "<=", ">", ">=", "IN", "BETWEEN", "LIKE", "IS",
];

/// What the text of a statement says about the values of columns.
pub(super) struct Witness<'w> {
    /// With rows that they hold.
    tables: Vec<(&'w Table, Vec<Row>)>,
    /// The set of a column name: those that are compared with each other share one.
    sets: HashMap<String, usize>,
    /// What the columns of a set are compared with.
    values: HashMap<usize, Vec<String>>,
    /// Every literal.
    pool: Vec<String>,
}

/// Where the values of a data set come from.
enum Style {
    /// From what the columns are compared with, and a few others.
    Compared {
        sets: HashMap<usize, Vec<String>>,
        free: Vec<String>,
    },
    /// Numbers close to each other.
    Near { base: i64, spread: i64 },
    /// From rows that were in the table.
    Sampled,
}

/// A column, or a literal.
enum Operand {
    Column(String),
    Literal(String),
}

impl<'w> Witness<'w> {
    pub(super) fn new(sql: &str, tables: Vec<(&'w Table, Vec<Row>)>) -> Self {
        let tokens = lexer::lex(Dialect::Sqlite, sql).unwrap_or_default();
        let columns = tables.iter().flat_map(|(table, _)| &table.columns);
        let mut witness = Self {
            sets: columns
                .enumerate()
                .map(|(set, name)| (name.to_ascii_lowercase(), set))
                .collect(),
            tables,
            values: HashMap::new(),
            pool: FREE.map(str::to_owned).to_vec(),
        };
        witness.learn(sql, &tokens);
        witness
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
            } else if (token.kind == TokenKind::Word && !token.is(sql, "NOT"))
                || token.kind == TokenKind::RParen
            {
                compared = None;
            }
            if let Some(Operand::Literal(literal)) = &operand {
                self.pool.push(literal.clone());
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
            TokenKind::Word | TokenKind::Quoted => {
                let name = token.name(Dialect::Sqlite, sql);
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

    pub(super) fn tables(&self) -> usize {
        self.tables.len()
    }

    /// Statements that give every table a few rows that are live, deleted, or both; those of one
    /// table are all deleted.
    pub(super) fn data(&self, random: &mut Rng, deleted: Option<usize>) -> String {
        let style = self.style(random);
        let most = random.usize(1..5);
        let mut statements = Vec::new();
        for (at, (table, rows)) in self.tables.iter().enumerate() {
            let name = quote(&table.name);
            statements.push(format!("DELETE FROM main.{name}"));
            for _ in 0..random.usize(1..=most) {
                let row = random.choice(rows);
                let cells = table.columns.iter().enumerate();
                let row: Vec<String> = cells
                    .map(|(at, column)| {
                        self.cell(&style, column, row.and_then(|row| row[at].as_ref()), random)
                    })
                    .collect();
                let state = random.u8(..4);
                let (live, dead) = match deleted {
                    Some(table) if table == at => (false, true),
                    Some(_) => (true, state == 0),
                    None => (state != 1, state > 0),
                };
                statements.extend(insert(table, &row, live, dead, random));
            }
        }
        statements.join(";")
    }

    fn style(&self, random: &mut Rng) -> Style {
        match random.u8(..3) {
            0 => Style::Sampled,
            1 => {
                let numbers = self.pool.iter().filter_map(|text| text.parse().ok());
                let numbers: Vec<i64> = numbers.collect();
                Style::Near {
                    base: random.choice(&numbers).copied().unwrap_or(0),
                    spread: 1 << random.u8(1..5),
                }
            }
            _ => {
                // A few values for each set: what is compared meets.
                let few = random.usize(1..3);
                let mut choose = |values: &[String]| -> Vec<String> {
                    (0..few)
                        .filter_map(|_| random.choice(values).cloned())
                        .collect()
                };
                let free = choose(&self.pool);
                let mut known: Vec<_> = self.values.iter().collect();
                known.sort();
                let sets = known
                    .into_iter()
                    .map(|(&set, values)| (set, choose(values)));
                Style::Compared {
                    sets: sets.collect(),
                    free,
                }
            }
        }
    }

    /// The value of a column, in a row like the one that is given.
    fn cell(&self, style: &Style, column: &str, like: Option<&String>, random: &mut Rng) -> String {
        if random.u8(..24) == 0 {
            return "NULL".to_owned();
        }
        let set = self.sets.get(&column.to_ascii_lowercase());
        let value = match style {
            _ if random.u8(..24) == 0 => random.choice(&self.pool).cloned(),
            Style::Sampled => like.cloned(),
            Style::Near { base, spread } => {
                let known = set.and_then(|set| self.values.get(set));
                match known {
                    Some(values) if random.bool() => random.choice(values).cloned(),
                    _ => Some(base.saturating_add(random.i64(0..*spread)).to_string()),
                }
            }
            Style::Compared { sets, free } => {
                let values = set.and_then(|set| sets.get(set)).unwrap_or(free);
                random.choice(values).cloned()
            }
        };
        value.unwrap_or_else(|| random.choice(FREE).unwrap_or("1").to_owned())
    }
}

/// Puts a row into its table. Where a key counts tombstones, another one stands beside the live
/// row.
fn insert(table: &Table, row: &[String], live: bool, dead: bool, random: &mut Rng) -> Vec<String> {
    let columns: Vec<String> = table.columns.iter().map(|column| quote(column)).collect();
    let insert = |row: &[String], mark: &str| {
        let values = row
            .iter()
            .zip(&table.columns)
            .map(|(value, column)| match &table.soft {
                Some(soft) if soft.marker == *column => mark,
                _ => value,
            });
        format!(
            "INSERT OR IGNORE INTO main.{} ({}) VALUES ({})",
            quote(&table.name),
            columns.join(", "),
            values.collect::<Vec<_>>().join(", ")
        )
    };
    let mut made = Vec::new();
    if live || table.soft.is_none() {
        made.push(insert(row, "NULL"));
    }
    if dead && table.soft.is_some() {
        made.push(insert(row, "1"));
        if live {
            let other = row.iter().zip(&table.columns).map(|(value, column)| {
                if table.keys.contains(column) {
                    random.u8(1..9).to_string()
                } else {
                    value.clone()
                }
            });
            made.push(insert(&other.collect::<Vec<_>>(), "1"));
        }
    }
    made
}

#[cfg(test)]
mod tests {
    use fastrand::Rng;

    use super::{
        super::world::{Soft, Table},
        Witness,
    };

    fn table(name: &str, columns: &[&str]) -> Table {
        let columns: Vec<String> = columns.iter().map(|&name| name.to_owned()).collect();
        Table {
            name: name.to_owned(),
            columns,
            keys: Vec::new(),
            soft: Some(Soft {
                marker: "deleted_at".to_owned(),
                live: "deleted_at IS NULL".to_owned(),
            }),
        }
    }

    #[test]
    fn what_is_compared_shares_its_values() {
        let (a, b) = (table("a", &["x", "y", "z"]), table("b", &["p", "q"]));
        let sql = "SELECT x FROM a, b WHERE a.x = b.p AND 40 = x AND y NOT IN (50, 60) \
                   AND z BETWEEN 70 AND 80 OR q > x + 1";
        let witness = Witness::new(sql, vec![(&a, Vec::new()), (&b, Vec::new())]);
        let of = |column: &str| {
            witness
                .values
                .get(&witness.sets[column])
                .cloned()
                .unwrap_or_default()
        };
        assert_eq!(witness.sets["x"], witness.sets["p"]);
        assert!(of("p").contains(&"40".to_owned()));
        assert_eq!(of("y"), ["50", "50", "49", "51", "60", "60", "59", "61"]);
        assert_eq!(of("z"), ["70", "70", "69", "71", "80", "80", "79", "81"]);
    }

    #[test]
    fn all_rows_of_one_table_can_be_deleted() {
        let (a, b) = (
            table("a", &["x", "deleted_at"]),
            table("b", &["p", "deleted_at"]),
        );
        let witness = Witness::new(
            "SELECT * FROM a, b",
            vec![(&a, Vec::new()), (&b, Vec::new())],
        );
        for seed in 0..9 {
            let data = witness.data(&mut Rng::with_seed(seed), Some(1));
            let lives = |table: &str| {
                let mut rows = data
                    .split(';')
                    .filter(|it| it.contains(&format!("INTO main.\"{table}\"")));
                rows.any(|it| it.ends_with("NULL)"))
            };
            assert!(lives("a") && !lives("b"), "{data}");
        }
    }
}
