//! Few rows with few values: a witness is a set of rows on which one row in the wrong state shows.

use super::{
    agree::{DAY, NUMBER, TEXT},
    hint::{Hint, Op, Place, Side, hints, tables},
};
use crate::{
    ast::{Statement, Type},
    world::{Marker, Table, World},
};

/// Makes rows that may be a witness for a statement.
pub(super) struct Search {
    hints: Vec<Hint>,
    tables: Vec<usize>,
}

impl Search {
    pub(super) fn new(world: &World, statement: &Statement) -> Self {
        Self {
            hints: hints(world, statement),
            tables: tables(world, statement),
        }
    }

    /// The same schema with other rows.
    pub(super) fn rows(&self, world: &World, rng: &mut fastrand::Rng) -> World {
        let mut world = world.clone();
        let domain = Domain::random(rng);
        // Rows that satisfy the statement, and others that do so beside them.
        let wanted = [0, 1].map(|_| self.wanted(&world, &domain, rng));
        // Most of the time, rows are as the statement wants them, but one.
        let single = rng.u8(..4) > 0;
        for &at in &self.tables {
            let table = &mut world.tables[at];
            table.rows.clear();
            let deleted = rng.u8(..5) == 0;
            let count = [0, 1, 1, 1, 1, 2, 2, 2, 2, 3][rng.usize(..10)];
            for number in 0..count {
                let beside = number > 0 && rng.bool();
                let mut row = wanted[usize::from(beside)][at].clone();
                if number > 0 && !beside {
                    let other = domain.row(table, rng);
                    let keep = rng.u8(1..4);
                    for (value, other) in row.iter_mut().zip(other) {
                        if rng.u8(..4) >= keep {
                            *value = other;
                        }
                    }
                }
                add(table, row, rng);
                let flipped = !single && rng.u8(..3) == 0;
                mark(table, number, deleted != flipped, rng);
            }
        }
        let marked: Vec<usize> = self
            .tables
            .iter()
            .copied()
            .filter(|at| world.tables[*at].marker.is_some() && !world.tables[*at].rows.is_empty())
            .collect();
        if single && let Some(at) = rng.choice(marked) {
            let table = &mut world.tables[at];
            let row = rng.usize(..table.rows.len());
            let deleted = is_deleted(table, row);
            mark(table, row, !deleted, rng);
        }
        self.count(&mut world);
        world
    }

    /// Rows like some on which a reference matters.
    pub(super) fn like(&self, world: &World, rng: &mut fastrand::Rng) -> World {
        let mut world = world.clone();
        for _ in 0..rng.usize(1..4) {
            let domain = Domain::random(rng);
            let Some(at) = rng.choice(&self.tables) else {
                break;
            };
            let table = &mut world.tables[*at];
            let other = domain.row(table, rng);
            let Some(row) = rng.choice(0..table.rows.len()) else {
                add(table, other, rng);
                mark(table, 0, rng.bool(), rng);
                continue;
            };
            let one = table.rows[row].clone();
            match rng.u8(..8) {
                0 => _ = table.rows.remove(row),
                1 if table.rows.len() < 4 => {
                    let deleted = !is_deleted(table, row);
                    add(table, one, rng);
                    mark(table, table.rows.len() - 1, deleted, rng);
                }
                // One value, but none that a condition of a live row reads or a key.
                2..=3 => {
                    let free = (0..other.len()).filter(|at| {
                        let name = table.columns[*at].name;
                        !matches!(name, "id" | "code") && !table.is_protected(name)
                    });
                    if let Some(at) = rng.choice(free.collect::<Vec<_>>()) {
                        let null = rng.u8(..3) == 0;
                        let value = if null { "NULL" } else { &other[at] };
                        value.clone_into(&mut table.rows[row][at]);
                    }
                }
                // All rows of a table, or one.
                4 => (0..table.rows.len()).for_each(|row| mark(table, row, true, rng)),
                _ => {
                    let deleted = is_deleted(table, row);
                    mark(table, row, !deleted, rng);
                }
            }
        }
        self.count(&mut world);
        world
    }

    /// Notes which rows are deleted.
    fn count(&self, world: &mut World) {
        for &at in &self.tables {
            let table = &mut world.tables[at];
            let id = position(table, "id");
            let rows = (0..table.rows.len()).filter(|row| is_deleted(table, *row));
            table.deleted_ids = rows.map(|row| table.rows[row][id].clone()).collect();
        }
    }

    /// A row for every table, as the hints ask for.
    fn wanted(&self, world: &World, domain: &Domain, rng: &mut fastrand::Rng) -> Vec<Vec<String>> {
        let tables = world.tables.iter();
        let mut wanted: Vec<Vec<String>> = tables.map(|table| domain.row(table, rng)).collect();
        for _ in 0..2 {
            for hint in &self.hints {
                if rng.u8(..10) < 7 {
                    obey(world, hint, &mut wanted, rng);
                }
            }
        }
        wanted
    }
}

/// Gives one side of a hint the value that the other one asks for.
fn obey(world: &World, hint: &Hint, wanted: &mut [Vec<String>], rng: &mut fastrand::Rng) {
    let pick = |places: &[Place], rng: &mut fastrand::Rng| places[rng.usize(..places.len())];
    let mut left = pick(&hint.left, rng);
    let mut op = hint.op;
    // Rows that fail a condition are wanted, too.
    if rng.u8(..6) == 0 {
        op = if op == Op::Equal {
            Op::Other
        } else {
            Op::Equal
        };
    }
    let right = match &hint.right {
        Side::Literal(text) => text.clone(),
        Side::Columns(places) => {
            let mut place = pick(places, rng);
            if rng.bool() {
                std::mem::swap(&mut left, &mut place);
                op = match op {
                    Op::Less => Op::More,
                    Op::More => Op::Less,
                    op => op,
                };
            }
            wanted[place.0][place.1].clone()
        }
    };
    let value = match (op, right.parse::<i32>()) {
        (Op::Equal, _) => right,
        (Op::Less, Ok(right)) => (right - 1).to_string(),
        (Op::More | Op::Other, Ok(right)) => (right + 1).to_string(),
        (Op::Less, Err(_)) => "''".to_owned(),
        (Op::More | Op::Other, Err(_)) => "'z'".to_owned(),
    };
    let fits = match world.tables[left.0].columns[left.1].ty {
        Type::Int => value.parse::<i32>().is_ok(),
        Type::Text => value.starts_with('\'') && !value.contains(':'),
        Type::Time => value.contains(':'),
        Type::Bool => false,
    };
    if fits {
        wanted[left.0][left.1] = value;
    }
}

/// The values that may stand in a column.
struct Domain {
    numbers: [&'static str; 2],
    texts: [&'static str; 2],
    days: [&'static str; 2],
    /// Of 100.
    nulls: u8,
}

impl Domain {
    /// Most of the time, what `agree` expects, beside another value.
    fn random(rng: &mut fastrand::Rng) -> Self {
        let alike = rng.u8(..4) > 0;
        let mut two = |common: &'static str, others: &[&'static str]| {
            let first = others[rng.usize(..others.len())];
            let second = others[rng.usize(..others.len())];
            [if alike { common } else { first }, second]
        };
        Self {
            numbers: two(NUMBER, &["0", "1", "1", "1", "2", "3"]),
            texts: two(TEXT, &["'a'", "'a'", "'b'", "'c'", "''"]),
            days: two(DAY, &["1", "2", "3"]),
            nulls: [0, 0, 5, 25][rng.usize(..4)],
        }
    }

    fn row(&self, table: &Table, rng: &mut fastrand::Rng) -> Vec<String> {
        let values = table.columns.iter().map(|column| {
            if column.name != "id" && rng.u8(..100) < self.nulls {
                return "NULL".to_owned();
            }
            match column.ty {
                Type::Int => self.numbers[rng.usize(..2)].to_owned(),
                Type::Text => self.texts[rng.usize(..2)].to_owned(),
                Type::Time => format!("'2024-01-0{} 00:00:00'", self.days[rng.usize(..2)]),
                Type::Bool => "FALSE".to_owned(),
            }
        });
        values.collect()
    }
}

/// Adds a row whose keys are new.
fn add(table: &mut Table, mut row: Vec<String>, rng: &mut fastrand::Rng) {
    let id = position(table, "id");
    let code = table
        .columns
        .iter()
        .position(|column| column.name == "code");
    let has = |table: &Table, at: usize, value: &String| table.rows.iter().any(|r| r[at] == *value);
    // MySQL gives another number for zero.
    while ["NULL", "0"].contains(&row[id].as_str()) || has(table, id, &row[id]) {
        row[id] = rng.i32(1..10).to_string();
    }
    if let Some(code) = code {
        while row[code] != "NULL" && has(table, code, &row[code]) {
            row[code] = format!("'{}'", ["", "a", "b", "c", "d"][rng.usize(..5)]);
        }
    }
    table.rows.push(row);
}

/// Puts a row into a state.
fn mark(table: &mut Table, row: usize, deleted: bool, rng: &mut fastrand::Rng) {
    let Some(marker) = table.marker else {
        return;
    };
    let day = format!("'2024-01-0{} 00:00:00'", rng.u8(1..4));
    let value = match (marker, deleted) {
        (Marker::Time(_) | Marker::Custom | Marker::MaybeInt, false) => "NULL",
        (Marker::Time(_) | Marker::Custom, true) => &day,
        (Marker::MaybeBool, false) => ["FALSE", "NULL"][rng.usize(..2)],
        (Marker::MaybeBool, true) => "TRUE",
        (Marker::Bool, deleted) => ["FALSE", "TRUE"][usize::from(deleted)],
        (Marker::Int, false) => "0",
        (Marker::Int | Marker::MaybeInt, true) => ["1", "1", "2", "3", "-1"][rng.usize(..5)],
    };
    let mut set = |column: &str, value: &str| {
        let at = position(table, column);
        value.clone_into(&mut table.rows[row][at]);
    };
    if marker == Marker::Custom {
        // One half of the condition fails, or the other.
        let (value, status) = match rng.u8(..3) {
            0 if deleted => ("NULL", "'archived'"),
            1 if deleted => ("NULL", "NULL"),
            _ => (value, "'open'"),
        };
        set("deleted_at", value);
        set("status", status);
        return;
    }
    set(marker.column(), value);
}

fn is_deleted(table: &Table, row: usize) -> bool {
    let value = |name: &str| table.rows[row][position(table, name)].as_str();
    match table.marker {
        None => false,
        Some(Marker::Time(name)) => value(name) != "NULL",
        Some(Marker::Bool | Marker::MaybeBool) => value("is_deleted") == "TRUE",
        Some(Marker::Int) => value("removed") != "0",
        Some(Marker::MaybeInt) => value("purged_at") != "NULL",
        Some(Marker::Custom) => value("deleted_at") != "NULL" || value("status") != "'open'",
    }
}

/// Where a column stands; the tables of the world have the columns that are asked for.
fn position(table: &Table, name: &str) -> usize {
    let found = table.columns.iter().position(|column| column.name == name);
    found.unwrap_or_else(|| panic!("{} has no {name}", table.name))
}
