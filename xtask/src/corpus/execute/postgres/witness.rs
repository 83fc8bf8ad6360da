//! Rows and arguments made for one statement, of so few values that what is compared meets.

use anyhow::Result;
use fastrand::Rng;
use soft_delete_sql::Dialect;

use super::{
    super::{comparisons::Comparisons, scopes::quote},
    data::{Column, Source, set_marker},
    session::Session,
    values::Kind,
    world::World,
};

/// A statement with the tables that it names and the types of its parameters.
pub(super) struct Witness {
    tables: Vec<Relation>,
    parameters: Vec<Option<Kind>>,
    comparisons: Comparisons,
}

/// A table that takes rows.
struct Relation {
    /// Qualified and quoted.
    name: String,
    columns: Vec<Column>,
    marker: Option<String>,
}

/// Statements that fill the tables, and arguments of a call.
pub(super) struct Data {
    pub(super) statements: Vec<String>,
    pub(super) arguments: Vec<String>,
}

impl Witness {
    /// `tables` are qualified and quoted.
    pub(super) fn new(
        session: &mut Session,
        source: &Source,
        world: &World,
        tables: &[String],
        sql: &str,
        types: &[String],
    ) -> Result<Self> {
        let mut relations = Vec::new();
        for name in tables {
            relations.push(Relation {
                columns: source.columns(session, name)?,
                marker: world.soft.get(name).map(|table| table.marker.clone()),
                name: name.clone(),
            });
        }
        let columns = relations.iter().flat_map(|table| &table.columns);
        let names: Vec<String> = columns.map(|column| column.name.clone()).collect();
        Ok(Self {
            comparisons: Comparisons::new(Dialect::Postgres, sql, names.iter()),
            tables: relations,
            parameters: types.iter().map(|name| source.kind(name)).collect(),
        })
    }

    pub(super) fn tables(&self) -> usize {
        self.tables.len()
    }

    /// A data set in which the rows of one table are all deleted, or none is like that.
    pub(super) fn data(&self, source: &Source, random: &mut Rng, deleted: Option<usize>) -> Data {
        let few: Vec<usize> = (0..random.usize(1..3)).map(|_| random.usize(..8)).collect();
        let mut statements = Vec::new();
        for (at, table) in self.tables.iter().enumerate() {
            statements.push(format!("DELETE FROM {}", table.name));
            for _ in 0..random.usize(1..=few.len() + 1) {
                let state = random.u8(..4);
                let (live, dead) = match deleted {
                    Some(table) if table == at => (false, true),
                    Some(_) => (true, state == 0),
                    None => (state != 1, state > 0),
                };
                statements.extend(self.rows(table, live, dead, &few, random));
            }
        }
        let arguments = self.parameters.iter().map(|kind| {
            let Some(kind) = kind else {
                return "NULL".to_owned();
            };
            let mut one = |kind: &Kind| {
                let values = source.values(kind);
                pick(&values, is_wide(kind), &few, random).unwrap_or("NULL".to_owned())
            };
            match &kind.element {
                Some(element) => {
                    let some: Vec<String> = few.iter().map(|_| one(element)).collect();
                    format!("ARRAY[{}]::{}", some.join(", "), kind.name)
                }
                None => one(kind),
            }
        });
        Data {
            arguments: arguments.collect(),
            statements,
        }
    }

    /// A live row, a tombstone, or both. Where a key counts tombstones another one stands beside
    /// the live row.
    fn rows(
        &self,
        table: &Relation,
        live: bool,
        dead: bool,
        few: &[usize],
        random: &mut Rng,
    ) -> Vec<String> {
        let row: Vec<String> = table
            .columns
            .iter()
            .map(|column| self.cell(column, few, random))
            .collect();
        let is_marker = |column: &Column| table.marker.as_ref() == Some(&column.name);
        let insert = |cells: Vec<String>| {
            let names: Vec<String> = table.columns.iter().map(|it| quote(&it.name)).collect();
            format!(
                "INSERT INTO {} ({}) OVERRIDING SYSTEM VALUE VALUES ({}) ON CONFLICT DO NOTHING",
                table.name,
                names.join(", "),
                cells.join(", ")
            )
        };
        let mut made = Vec::new();
        if live || table.marker.is_none() {
            let cells = table.columns.iter().zip(&row).map(|(column, value)| {
                if is_marker(column) {
                    "DEFAULT".to_owned()
                } else {
                    value.clone()
                }
            });
            made.push(insert(cells.collect()));
        }
        if dead && table.marker.is_some() {
            for redraws in [false, live] {
                let cells = table.columns.iter().zip(&row).map(|(column, value)| {
                    if is_marker(column) {
                        set_marker(column)
                    } else if redraws && column.is_key {
                        random
                            .choice(&column.values)
                            .cloned()
                            .unwrap_or(value.clone())
                    } else {
                        value.clone()
                    }
                });
                made.push(insert(cells.collect()));
            }
        }
        made
    }

    fn cell(&self, column: &Column, few: &[usize], random: &mut Rng) -> String {
        if column.nullable && random.u8(..16) == 0 {
            return "NULL".to_owned();
        }
        let compared = self.comparisons.values(&column.name).unwrap_or_default();
        let value = match random.choice(compared) {
            Some(value) if random.u8(..4) > 0 => Some(value.clone()),
            _ => pick(&column.values, column.is_wide, few, random),
        };
        value.unwrap_or("DEFAULT".to_owned())
    }
}

/// Of the few, or of all where meeting is not what counts.
fn pick(values: &[String], is_wide: bool, few: &[usize], random: &mut Rng) -> Option<String> {
    if values.is_empty() {
        return None;
    }
    let at = if is_wide {
        random.usize(..values.len())
    } else {
        random.choice(few)? % values.len()
    };
    values.get(at).cloned()
}

/// Moments, truth values and labels are compared with what is before, behind or beside them.
pub(super) fn is_wide(kind: &Kind) -> bool {
    let wide = [
        "bool",
        "timestamptz",
        "timestamp",
        "date",
        "time",
        "timetz",
        "interval",
    ];
    !kind.labels.is_empty() || wide.contains(&kind.base.as_str())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use fastrand::Rng;

    use super::pick;

    #[test]
    fn what_is_to_meet_is_one_of_the_few() {
        let values = ["a", "b", "c", "d", "e"].map(str::to_owned);
        let mut random = Rng::with_seed(1);
        let mut drawn = |is_wide| -> BTreeSet<String> {
            let draw = |_| pick(&values, is_wide, &[1, 8], &mut random);
            (0..99).filter_map(draw).collect()
        };
        assert_eq!(drawn(false), ["b", "d"].map(str::to_owned).into());
        assert_eq!(drawn(true), values.clone().into());
        assert_eq!(pick(&[], true, &[1], &mut random), None);
    }
}
