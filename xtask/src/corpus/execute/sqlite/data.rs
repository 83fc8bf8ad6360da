//! Fills tables with live rows and tombstones of small numbers, so that joins and comparisons meet.

use anyhow::Result;
use fastrand::Rng;

use super::{super::scopes::quote, session::Session, world::Table};

/// Live rows tried for each table; as many tombstones. Keys make fewer of them.
const ROWS: usize = 60;
/// Values of key columns.
const KEYS: i64 = 90;

/// Calls tried of a statement with parameters.
const CALLS: usize = 48;

/// Where numbers come from. A column of text makes text of a number, and a parameter that is
/// compared with it too: one domain does for all.
pub(super) struct Source(Rng);

impl Source {
    pub(super) fn new(seed: u64) -> Self {
        Self(Rng::with_seed(seed))
    }

    pub(super) const fn random(&mut self) -> &mut Rng {
        &mut self.0
    }

    /// Calls with so many arguments; one without any.
    pub(super) fn calls(&mut self, parameters: usize) -> Vec<Vec<i64>> {
        let calls = if parameters == 0 { 1 } else { CALLS };
        let mut arguments = || (0..parameters).map(|_| self.argument()).collect();
        (0..calls).map(|_| arguments()).collect()
    }

    fn argument(&mut self) -> i64 {
        if self.0.bool() {
            self.0.i64(0..KEYS)
        } else {
            self.0.i64(0..4)
        }
    }

    /// Mostly the first few.
    fn value(&mut self) -> i64 {
        let draw = self.0.i64(1..=5).min(self.0.i64(1..=5));
        if draw == 5 { 0 } else { draw }
    }

    /// Fills a table. Rows that the database rejects are left out.
    pub(super) fn fill(&mut self, session: &Session, table: &Table) -> Result<()> {
        let name = quote(&table.name);
        let columns: Vec<String> = table.columns.iter().map(|column| quote(column)).collect();
        let columns = columns.join(", ");
        for _ in 0..ROWS {
            let row = self.cells(table);
            let live = self.row(table, &row, false);
            let mut row = if self.0.bool() {
                row
            } else {
                self.cells(table)
            };
            // A tombstone that agrees with a live row does so in all but its key.
            for (value, column) in row.iter_mut().zip(&table.columns) {
                if table.keys.contains(column) {
                    *value = self.0.i64(1..KEYS);
                }
            }
            let dead = table.soft.as_ref().map(|_| self.row(table, &row, true));
            for row in [Some(live), dead].into_iter().flatten() {
                let insert = format!("INSERT OR IGNORE INTO {name} ({columns}) VALUES ({row})");
                // A trigger or a cast may be against it.
                let _ = session.call(&insert, &[], 0);
            }
        }
        session.make("ANALYZE")
    }

    fn cells(&mut self, table: &Table) -> Vec<i64> {
        let cell = |column: &String| {
            if table.keys.contains(column) {
                self.0.i64(1..KEYS)
            } else {
                self.value()
            }
        };
        table.columns.iter().map(cell).collect()
    }

    /// The values as a list; what is no key and no marker is NULL now and then.
    fn row(&mut self, table: &Table, values: &[i64], dead: bool) -> String {
        let texts = table.columns.iter().zip(values).map(|(column, value)| {
            let is_marker = table
                .soft
                .as_ref()
                .is_some_and(|soft| soft.marker == *column);
            match (is_marker, dead) {
                (true, true) => "1".to_owned(),
                (true, false) => "NULL".to_owned(),
                _ if !table.keys.contains(column) && self.0.u8(..8) == 0 => "NULL".to_owned(),
                _ => value.to_string(),
            }
        });
        texts.collect::<Vec<_>>().join(", ")
    }
}
