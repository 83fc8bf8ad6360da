//! Rows made for one statement: they satisfy its conditions by what its text compares.

use std::collections::HashMap;

use fastrand::Rng;
use soft_delete_sql::Dialect;

use super::{
    super::{chain, comparisons::Comparisons, outcome::Row, scopes::quote},
    world::Table,
};

/// Values of columns that nothing is said about.
const FREE: [&str; 3] = ["1", "2", "3"];

/// Tables of a statement whose rows multiply.
const WIDE: usize = 4;

/// A statement and the tables that it names.
pub(super) struct Witness<'w> {
    /// With rows that they hold.
    tables: Vec<(&'w Table, Vec<Row>)>,
    comparisons: Comparisons,
    /// Literals.
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
    Near {
        base: i64,
        spread: i64,
        /// Of 8; between two integers there is another number.
        halves: u8,
    },
    /// From rows that were in the table.
    Sampled,
}

/// Rows for each table of a statement.
#[derive(Debug, Clone)]
pub(super) struct Data(Vec<Vec<Placed>>);

/// A row that is live, deleted, or both.
#[derive(Debug, Clone)]
struct Placed {
    cells: Vec<String>,
    live: bool,
    dead: bool,
}

fn state(random: &mut Rng) -> (bool, bool) {
    let state = random.u8(..4);
    (state != 1, state > 0)
}

impl<'w> Witness<'w> {
    pub(super) fn new(sql: &str, tables: Vec<(&'w Table, Vec<Row>)>) -> Self {
        let columns = tables.iter().flat_map(|(table, _)| &table.columns);
        let comparisons = Comparisons::new(Dialect::Sqlite, sql, columns);
        let free = FREE.map(str::to_owned).into_iter();
        Self {
            pool: free.chain(comparisons.literals.iter().cloned()).collect(),
            comparisons,
            tables,
        }
    }

    pub(super) fn tables(&self) -> usize {
        self.tables.len()
    }

    /// The name of a table.
    pub(super) fn name(&self, at: usize) -> &str {
        &self.tables[at].0.name
    }

    /// Is a column one of integers in every table that has it, and does one?
    pub(super) fn is_integer(&self, column: &str) -> bool {
        let has = |columns: &[String]| columns.iter().any(|it| it.eq_ignore_ascii_case(column));
        let mut tables = self.tables.iter().filter(|(table, _)| has(&table.columns));
        self.comparisons.set(column).is_some() && tables.all(|(table, _)| has(&table.integers))
    }

    /// Is a column of a table one of integers?
    pub(super) fn has_integer(&self, table: &str, column: &str) -> bool {
        let mut tables = self.tables.iter().map(|(table, _)| table);
        let table = tables.find(|it| it.name.eq_ignore_ascii_case(table));
        table.is_some_and(|it| it.integers.iter().any(|it| it.eq_ignore_ascii_case(column)))
    }

    /// Certain rows and no others.
    pub(super) fn placed(&self, rows: &[chain::Row]) -> Data {
        let place = |table: &Table, row: &chain::Row| {
            let cell = |column: &String| {
                let known = row.cells.get(&column.to_ascii_lowercase());
                known.unwrap_or(&row.other).to_string()
            };
            Placed {
                cells: table.columns.iter().map(cell).collect(),
                live: !row.is_deleted,
                dead: row.is_deleted,
            }
        };
        let all = self.tables.iter().map(|(table, _)| {
            let own = rows.iter();
            let own = own.filter(|row| row.table.eq_ignore_ascii_case(&table.name));
            own.map(|row| place(table, row)).collect()
        });
        Data(all.collect())
    }

    /// Too many tables for every one of them to have several rows.
    pub(super) fn is_wide(&self) -> bool {
        self.tables.len() > WIDE && !self.comparisons.has_arms
    }

    /// Copies in which the rows of one table are deleted, and such in which they have deleted
    /// copies, for each table that is soft-deletable.
    pub(super) fn deleted(&self, data: &Data) -> Vec<(Data, Option<usize>)> {
        let mut copies = Vec::new();
        for live in [true, false] {
            for (at, (table, _)) in self.tables.iter().enumerate() {
                if table.soft.is_some() {
                    let mut copy = data.clone();
                    for row in &mut copy.0[at] {
                        (row.live, row.dead) = (live, true);
                    }
                    copies.push((copy, Some(at)));
                }
            }
        }
        copies
    }

    /// A few rows for every table that are live, deleted, or both; those of one table are all
    /// deleted.
    pub(super) fn data(&self, random: &mut Rng, deleted: Option<usize>) -> Data {
        let style = self.style(random);
        let most = random.usize(1..5);
        // Of many, one may have several.
        let many = random.usize(..self.tables.len().max(1));
        let mut all = Vec::new();
        for (at, (table, rows)) in self.tables.iter().enumerate() {
            let count = match random.u8(..4) {
                _ if self.is_wide() && at != many => 1,
                // An arm that returns nothing.
                0 if self.comparisons.has_arms => 0,
                _ => random.usize(1..=most),
            };
            let place = |_| {
                let model = random.choice(rows);
                let cells = table.columns.iter().enumerate();
                let cells = cells.map(|(at, column)| {
                    self.cell(
                        &style,
                        column,
                        model.and_then(|row| row[at].as_ref()),
                        random,
                    )
                });
                let cells = cells.collect();
                let (live, dead) = match deleted {
                    Some(table) if table == at => (false, true),
                    Some(_) => (true, !self.is_wide() && random.u8(..4) == 0),
                    None if self.is_wide() => (true, false),
                    None => state(random),
                };
                Placed { cells, live, dead }
            };
            all.push((0..count).map(place).collect());
        }
        Data(all)
    }

    /// Data like some that satisfies the statement.
    pub(super) fn like(&self, data: &Data, random: &mut Rng) -> Data {
        let style = self.style(random);
        let mut data = data.clone();
        let one = random.usize(..self.tables.len().max(1));
        for (at, ((table, _), rows)) in self.tables.iter().zip(&mut data.0).enumerate() {
            if self.is_wide() && at != one {
                continue;
            }
            if rows.len() < 5 && random.bool() {
                rows.extend(random.choice(&*rows).cloned());
            }
            for row in rows {
                if random.u8(..3) == 0 {
                    (row.live, row.dead) = state(random);
                }
                let at = random.usize(..table.columns.len());
                row.cells[at] = match (random.u8(..4), row.cells[at].parse::<i64>()) {
                    (0, Ok(number)) => number.saturating_add(random.i64(-3..4)).to_string(),
                    (1, _) => self.cell(&style, &table.columns[at], None, random),
                    _ => continue,
                };
            }
        }
        data
    }

    /// The statements that put it in place of what is there.
    pub(super) fn statements(&self, data: &Data, random: &mut Rng) -> String {
        let mut statements = Vec::new();
        for ((table, _), rows) in self.tables.iter().zip(&data.0) {
            statements.push(format!("DELETE FROM main.{}", quote(&table.name)));
            for row in rows {
                statements.extend(insert(table, row, random));
            }
        }
        statements.join(";")
    }

    fn style(&self, random: &mut Rng) -> Style {
        let kind = random.u8(..3);
        match kind {
            _ if self.is_wide() && random.u8(..4) > 0 => self.compared(1, random),
            _ if self.comparisons.has_arms && random.u8(..4) > 0 => {
                self.compared(random.usize(1..3), random)
            }
            0 => Style::Sampled,
            1 => {
                let numbers = self.pool.iter().filter_map(|text| text.parse().ok());
                let numbers: Vec<i64> = numbers.collect();
                Style::Near {
                    base: random.choice(&numbers).copied().unwrap_or(0),
                    spread: 1 << random.u8(1..5),
                    halves: [0, 0, 1, 4][random.usize(..4)],
                }
            }
            _ => self.compared(random.usize(1..3), random),
        }
    }

    /// A few values for each set: what is compared meets.
    fn compared(&self, few: usize, random: &mut Rng) -> Style {
        let mut choose = |values: &[String]| -> Vec<String> {
            (0..few)
                .filter_map(|_| random.choice(values).cloned())
                .collect()
        };
        let free = choose(&self.pool);
        let known = self.comparisons.sets().into_iter();
        let sets = known.map(|(set, values)| (set, choose(values)));
        Style::Compared {
            sets: sets.collect(),
            free,
        }
    }

    /// The value of a column, in a row like the one that is given.
    fn cell(&self, style: &Style, column: &str, like: Option<&String>, random: &mut Rng) -> String {
        // One cell among those of many tables spoils the whole.
        let odd = if self.is_wide() { 2000 } else { 24 };
        let is_null = self.comparisons.is_compared_with_null(column) && random.u8(..3) == 0;
        if is_null || random.u16(..odd) == 0 {
            return "NULL".to_owned();
        }
        let value = match style {
            _ if random.u16(..odd) == 0 => random.choice(&self.pool).cloned(),
            Style::Sampled => like.cloned(),
            Style::Near {
                base,
                spread,
                halves,
            } => match self.comparisons.values(column) {
                Some(values) if random.bool() => random.choice(values).cloned(),
                _ => {
                    let number = base.saturating_add(random.i64(0..*spread));
                    Some(if random.u8(..8) < *halves {
                        format!("{number}.5")
                    } else {
                        number.to_string()
                    })
                }
            },
            Style::Compared { sets, free } => {
                let set = self.comparisons.set(column);
                let values = set.and_then(|set| sets.get(&set)).unwrap_or(free);
                random.choice(values).cloned()
            }
        };
        value.unwrap_or_else(|| random.choice(FREE).unwrap_or("1").to_owned())
    }
}

/// Puts a row into its table. Where a key counts tombstones, another one stands beside the live
/// row.
fn insert(table: &Table, placed: &Placed, random: &mut Rng) -> Vec<String> {
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
    let row = &placed.cells;
    if placed.live || table.soft.is_none() {
        made.push(insert(row, "NULL"));
    }
    if placed.dead && table.soft.is_some() {
        made.push(insert(row, "1"));
        if placed.live {
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
            integers: Vec::new(),
            keys: Vec::new(),
            soft: Some(Soft {
                marker: "deleted_at".to_owned(),
                live: "deleted_at IS NULL".to_owned(),
            }),
        }
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
            let mut random = Rng::with_seed(seed);
            let data = witness.data(&mut random, Some(1));
            let data = witness.statements(&data, &mut random);
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
