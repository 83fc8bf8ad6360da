//! Rows and arguments made for one statement: stories, in each of which whatever is compared
//! meets.

use anyhow::Result;
use fastrand::Rng;
use soft_delete_sql::{Dialect, syntax::lexer};

use super::{
    super::{ask::Scoped, comparisons::Comparisons, references::References, scopes::quote},
    data::{Column, Source, set_marker},
    parameter::Parameter,
    session::Session,
    story::{Story, WEIGHTS, is_number},
    world::World,
};

/// Rows of a table at most.
const ROWS: usize = 5;
/// What no comparison of the text leads to is found by changes, so many at a time.
const CHANGES: usize = 4;

/// A statement with the tables that it names and the types of its parameters.
pub(super) struct Witness {
    pub(super) tables: Vec<Relation>,
    parameters: Vec<Parameter>,
    comparisons: Comparisons,
    /// The references, and what is compared of each.
    references: References,
    by_reference: Comparisons,
}

/// A table that takes rows.
pub(super) struct Relation {
    /// Qualified and quoted.
    pub(super) name: String,
    /// As stored.
    bare: String,
    columns: Vec<Column>,
    marker: Option<String>,
}

/// Where the values of a row come from, and by which name they know a column.
type From<'f> = (&'f Comparisons, &'f dyn Fn(&str) -> String);

/// Rows for each table of a statement, and arguments of a call.
#[derive(Debug, Clone)]
pub(super) struct Data {
    tables: Vec<Vec<Placed>>,
    pub(super) arguments: Vec<String>,
}

#[derive(Debug, Clone)]
struct Placed {
    cells: Vec<String>,
    dead: bool,
}

impl Relation {
    /// A live row in a story.
    fn row(&self, (comparisons, key): From<'_>, story: &Story, random: &mut Rng) -> Placed {
        let cell = |column: &Column| {
            let name = key(&column.name);
            story.cell(column, (comparisons, &name), random)
        };
        Placed {
            cells: self.columns.iter().map(cell).collect(),
            dead: false,
        }
    }
}

impl Witness {
    /// `tables` are bare names, and the same qualified and quoted.
    pub(super) fn new(
        session: &mut Session,
        source: &Source,
        world: &World,
        tables: &[(String, String)],
        (sql, scoped): (&str, &Scoped),
        types: &[String],
    ) -> Result<Self> {
        let mut relations = Vec::new();
        for (bare, name) in tables {
            relations.push(Relation {
                bare: bare.clone(),
                columns: source.columns(session, name)?,
                marker: world.soft.get(name).map(|table| table.marker.clone()),
                name: name.clone(),
            });
        }
        let parameters = Parameter::all(source, sql, types);
        let columns = relations.iter().flat_map(|table| &table.columns);
        let names: Vec<String> = columns
            .map(|column| &column.name)
            .chain(parameters.iter().map(|parameter| &parameter.name))
            .cloned()
            .collect();
        let tokens = lexer::lex(Dialect::Postgres, sql).unwrap_or_default();
        let known: Vec<(&str, Vec<&str>)> = relations
            .iter()
            .map(|table| {
                let columns = table.columns.iter().map(|column| column.name.as_str());
                (table.bare.as_str(), columns.collect())
            })
            .collect();
        let references =
            References::new(Dialect::Postgres, sql, &tokens, &scoped.references, &known);
        let parameters_named = parameters.iter().map(|parameter| parameter.name.clone());
        let keys: Vec<String> = references.keys().chain(parameters_named).collect();
        Ok(Self {
            comparisons: Comparisons::new(Dialect::Postgres, sql, names.iter()),
            by_reference: Comparisons::resolved(
                Dialect::Postgres,
                sql,
                keys.iter(),
                &|qualifier, name, at| references.resolve(Dialect::Postgres, qualifier, name, at),
            ),
            references,
            tables: relations,
            parameters,
        })
    }

    /// A live row for each table in each story, or for each reference, mostly.
    pub(super) fn data(&self, random: &mut Rng) -> Data {
        let stories: Vec<Story> = (0..random.usize(1..4))
            .map(|at| Story::new(at, random))
            .collect();
        let mut tables: Vec<Vec<Placed>> = self.tables.iter().map(|_| Vec::new()).collect();
        let by_reference = random.bool();
        // Some references are to find nothing.
        let missing = [0, 0, 1, 4][random.usize(..4)];
        let comparisons = if by_reference {
            for story in &stories {
                for (reference, at) in self.references.tables().enumerate() {
                    if random.u8(..16) >= missing {
                        let key = |name: &str| References::key(reference, name);
                        let from = (&self.by_reference, &key as &dyn Fn(&str) -> String);
                        tables[at].push(self.tables[at].row(from, story, random));
                    }
                }
            }
            &self.by_reference
        } else {
            for (table, rows) in self.tables.iter().zip(&mut tables) {
                for story in &stories {
                    if random.u8(..16) > 0 {
                        rows.push(table.row(self.by_name(), story, random));
                    }
                }
            }
            &self.comparisons
        };
        let mut data = Data {
            tables,
            arguments: self.arguments(comparisons, &stories, random),
        };
        if random.u8(..3) == 0 {
            self.turn_one(&mut data, random);
        }
        data
    }

    /// Deletes a row, or brings it back.
    fn turn_one(&self, data: &mut Data, random: &mut Rng) {
        if let Some(&(table, row)) = random.choice(&self.soft_rows(data)) {
            data.tables[table][row].dead ^= true;
        }
    }

    /// What is compared of columns by their names alone.
    fn by_name(&self) -> From<'_> {
        (&self.comparisons, &str::to_owned)
    }

    /// Data like some that satisfies the statement, with some rows deleted.
    pub(super) fn like(&self, data: &Data, random: &mut Rng) -> Data {
        let mut data = data.clone();
        for _ in 0..random.usize(..=CHANGES) {
            self.change(&mut data, random);
        }
        self.turn_one(&mut data, random);
        data
    }

    /// The same behind copies with one deleted row more that is like one that is there: what is
    /// last is tried first.
    pub(super) fn deleted(&self, data: &Data, random: &mut Rng) -> Vec<Data> {
        let mut copies = Vec::new();
        for changed in [6, 3, 1, 0] {
            for (table, row) in self.soft_rows(data) {
                let mut copy = data.clone();
                let mut twin = copy.tables[table][row].clone();
                twin.dead = true;
                let story = Story::new(random.usize(..4), random);
                for (cell, column) in twin.cells.iter_mut().zip(&self.tables[table].columns) {
                    if column.is_key || random.u8(..8) < changed {
                        *cell = self.changed(column, &story, random);
                    }
                }
                copy.tables[table].push(twin);
                copies.push(copy);
            }
        }
        copies.extend(self.turned(data));
        copies
    }

    /// Copies in which the one row is deleted, or not, of each row of each soft-deletable table.
    pub(super) fn turned(&self, data: &Data) -> Vec<Data> {
        let copies = self.soft_rows(data).into_iter().map(|(table, row)| {
            let mut copy = data.clone();
            copy.tables[table][row].dead ^= true;
            copy
        });
        copies.collect()
    }

    /// Another value for a column.
    fn changed(&self, column: &Column, story: &Story, random: &mut Rng) -> String {
        match random.u8(..4) {
            0 if is_number(&column.kind) => WEIGHTS[random.usize(..WEIGHTS.len())].to_owned(),
            0 if column.nullable => "NULL".to_owned(),
            0 | 1 => cell_of(column, random),
            _ => story.cell(column, (&self.comparisons, &column.name), random),
        }
    }

    fn soft_rows(&self, data: &Data) -> Vec<(usize, usize)> {
        let tables = self.tables.iter().enumerate();
        let soft = tables.filter(|(_, table)| table.marker.is_some());
        soft.flat_map(|(at, _)| (0..data.tables[at].len()).map(move |row| (at, row)))
            .collect()
    }

    fn change(&self, data: &mut Data, random: &mut Rng) {
        let story = Story::new(random.usize(..4), random);
        let kind = random.u8(..10);
        if kind < 2 && !data.arguments.is_empty() {
            let at = random.usize(..data.arguments.len());
            let parameter = &self.parameters[at];
            data.arguments[at] = parameter.argument(&self.comparisons, 50, &[story], random);
            return;
        }
        if self.tables.is_empty() {
            return;
        }
        let at = random.usize(..self.tables.len());
        let (table, rows) = (&self.tables[at], &mut data.tables[at]);
        let Some(one) = random.choice(0..rows.len()) else {
            rows.push(table.row(self.by_name(), &story, random));
            return;
        };
        match kind {
            2 if rows.len() < ROWS => rows.push(table.row(self.by_name(), &story, random)),
            // Beside a row, one that differs in its keys, or in one of them.
            3..=5 if rows.len() < ROWS => {
                let mut row = rows[one].clone();
                let keys: Vec<usize> = (0..table.columns.len())
                    .filter(|at| table.columns[*at].is_key)
                    .collect();
                let single = random.bool().then(|| random.choice(&keys).copied());
                for key in keys {
                    if single.is_none_or(|single| single == Some(key)) {
                        row.cells[key] = cell_of(&table.columns[key], random);
                    }
                }
                rows.push(row);
            }
            6 => {
                let last = rows.len() - 1;
                rows.swap(one, last);
            }
            7 if rows.len() > 1 => {
                rows.remove(one);
            }
            _ if !table.columns.is_empty() => {
                let cell = random.usize(..table.columns.len());
                let column = &table.columns[cell];
                rows[one].cells[cell] = self.changed(column, &story, random);
            }
            _ => {}
        }
    }

    /// Arrays of one call are equally long, and tell of each story in order.
    fn arguments(
        &self,
        comparisons: &Comparisons,
        stories: &[Story],
        random: &mut Rng,
    ) -> Vec<String> {
        // Each condition on a parameter that is there is one more to satisfy.
        let nulls = [10, 50, 80, 100][random.usize(..4)];
        let parameters = self.parameters.iter();
        parameters
            .map(|parameter| parameter.argument(comparisons, nulls, stories, random))
            .collect()
    }

    /// Statements that fill the tables, which are empty.
    pub(super) fn statements(&self, data: &Data) -> Vec<String> {
        let mut statements = Vec::new();
        for (table, rows) in self.tables.iter().zip(&data.tables) {
            let names: Vec<String> = table.columns.iter().map(|it| quote(&it.name)).collect();
            for row in rows {
                let cells = table.columns.iter().zip(&row.cells);
                let cells = cells.map(|(column, value)| match &table.marker {
                    Some(marker) if *marker == column.name => {
                        let live = || "DEFAULT".to_owned();
                        if row.dead { set_marker(column) } else { live() }
                    }
                    _ => value.clone(),
                });
                let cells: Vec<String> = cells.collect();
                statements.push(format!(
                    "INSERT INTO {} ({}) OVERRIDING SYSTEM VALUE VALUES ({}) ON CONFLICT DO NOTHING",
                    table.name,
                    names.join(", "),
                    cells.join(", ")
                ));
            }
        }
        statements
    }
}

/// Any value that a column has.
fn cell_of(column: &Column, random: &mut Rng) -> String {
    let any = random.choice(&column.values).cloned();
    any.unwrap_or("DEFAULT".to_owned())
}
