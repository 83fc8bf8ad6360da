//! Rows and arguments made for one statement: stories, in each of which whatever is compared
//! meets.

use anyhow::Result;
use fastrand::Rng;
use soft_delete_sql::Dialect;

use super::{
    super::{comparisons::Comparisons, scopes::quote},
    data::{Column, Source, set_marker},
    session::Session,
    values::{Kind, literal},
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
}

/// A table that takes rows.
pub(super) struct Relation {
    /// Qualified and quoted.
    pub(super) name: String,
    columns: Vec<Column>,
    marker: Option<String>,
}

struct Parameter {
    /// `$1`
    name: String,
    kind: Option<Kind>,
    /// Of its elements, where it is an array.
    values: Vec<String>,
    /// Of the enumerations that a text may be cast to.
    labels: Vec<String>,
    /// The statement says what NULL means.
    is_optional: bool,
}

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

/// One value for each type, but for what the text of the statement says of a column.
struct Story {
    at: usize,
    seed: u64,
    /// Of 100.
    nulls: u8,
    /// All moments are one.
    moment: Option<usize>,
}

impl Story {
    fn new(at: usize, random: &mut Rng) -> Self {
        Self {
            at,
            seed: random.u64(..),
            nulls: [0, 0, 0, 10, 50][random.usize(..5)],
            moment: random.bool().then(|| random.usize(..8)),
        }
    }

    /// The same for all columns of a set.
    fn draw(&self, set: Option<usize>, random: &mut Rng) -> usize {
        let seed = set.and_then(|set| u64::try_from(set).ok());
        let seed = seed.map_or_else(|| random.u64(..), |set| self.seed ^ (set << 20));
        Rng::with_seed(seed).usize(..1 << 20)
    }
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
        let labels = source.labels(sql);
        let parameters = types.iter().enumerate().map(|(at, name)| {
            let kind = source.kind(name);
            let name = format!("${}", at + 1);
            Parameter {
                is_optional: is_optional(sql, &name),
                name,
                values: kind.as_ref().map_or(Vec::new(), |kind| {
                    source.values(kind.element.as_deref().unwrap_or(kind))
                }),
                labels: match &kind {
                    Some(kind) if kind.is_text() => {
                        let cast = |label: &String| literal(label, &kind.name);
                        labels.iter().map(cast).collect()
                    }
                    _ => Vec::new(),
                },
                kind,
            }
        });
        let parameters: Vec<Parameter> = parameters.collect();
        let columns = relations.iter().flat_map(|table| &table.columns);
        let names: Vec<String> = columns
            .map(|column| &column.name)
            .chain(parameters.iter().map(|parameter| &parameter.name))
            .cloned()
            .collect();
        Ok(Self {
            comparisons: Comparisons::new(Dialect::Postgres, sql, names.iter()),
            tables: relations,
            parameters,
        })
    }

    /// A live row for each table in each story, mostly.
    pub(super) fn data(&self, random: &mut Rng) -> Data {
        let stories: Vec<Story> = (0..random.usize(1..4))
            .map(|at| Story::new(at, random))
            .collect();
        let tables = self.tables.iter().map(|table| {
            let mut rows = Vec::new();
            for story in &stories {
                if random.u8(..16) > 0 {
                    rows.push(self.row(table, story, random));
                }
            }
            rows
        });
        Data {
            tables: tables.collect(),
            arguments: self.arguments(&stories, random),
        }
    }

    /// Data like some that satisfies the statement, with some rows deleted.
    pub(super) fn like(&self, data: &Data, random: &mut Rng) -> Data {
        let mut data = data.clone();
        for _ in 0..random.usize(..=CHANGES) {
            self.change(&mut data, random);
        }
        let deleted = self.soft_rows(&data);
        if let Some(&(table, row)) = random.choice(&deleted) {
            data.tables[table][row].dead ^= true;
        }
        data
    }

    /// Copies in which the one row is deleted, or not, of each row of each soft-deletable table.
    pub(super) fn deleted(&self, data: &Data) -> Vec<Data> {
        let copies = self.soft_rows(data).into_iter().map(|(table, row)| {
            let mut copy = data.clone();
            copy.tables[table][row].dead ^= true;
            copy
        });
        copies.collect()
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
            data.arguments[at] = self.argument(&self.parameters[at], 50, &[story], random);
            return;
        }
        if self.tables.is_empty() {
            return;
        }
        let at = random.usize(..self.tables.len());
        let (table, rows) = (&self.tables[at], &mut data.tables[at]);
        let Some(one) = random.choice(0..rows.len()) else {
            rows.push(self.row(table, &story, random));
            return;
        };
        match kind {
            2 if rows.len() < ROWS => rows.push(self.row(table, &story, random)),
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
                rows[one].cells[cell] = match random.u8(..4) {
                    0 if column.nullable => "NULL".to_owned(),
                    0 | 1 => cell_of(column, random),
                    _ => self.cell(column, &story, random),
                };
            }
            _ => {}
        }
    }

    fn row(&self, table: &Relation, story: &Story, random: &mut Rng) -> Placed {
        let cells = table.columns.iter();
        Placed {
            cells: cells.map(|it| self.cell(it, story, random)).collect(),
            dead: false,
        }
    }

    fn cell(&self, column: &Column, story: &Story, random: &mut Rng) -> String {
        let nulls = if self.comparisons.is_compared_with_null(&column.name) {
            30
        } else {
            story.nulls
        };
        if column.nullable && random.u8(..100) < nulls {
            return "NULL".to_owned();
        }
        let value = self.value(&column.name, &column.kind, &column.values, story, random);
        value.unwrap_or("DEFAULT".to_owned())
    }

    /// The value of a column or a parameter in a story.
    fn value(
        &self,
        name: &str,
        kind: &Kind,
        values: &[String],
        story: &Story,
        random: &mut Rng,
    ) -> Option<String> {
        let draw = story.draw(self.comparisons.set(name), random);
        let (turn, draw) = (draw % 8, draw / 8);
        let compared = self.comparisons.values(name).unwrap_or_default();
        let of = |values: &[String], at: usize| values.get(at.checked_rem(values.len())?).cloned();
        if turn > 0 && !compared.is_empty() {
            return of(compared, draw);
        }
        match story.moment {
            _ if kind.element.is_some() => of(values, if turn > 1 { story.at * 3 } else { draw }),
            Some(moment) if is_moment(kind) => of(values, moment),
            // One is less than the other now and then.
            _ if is_wide(kind) && turn > 3 => of(values, random.usize(..8)),
            _ if is_wide(kind) => of(values, draw),
            _ if is_number(kind) && turn == 0 => of(values, random.usize(..8)),
            _ => of(values, story.at),
        }
    }

    /// Arrays of one call are equally long, and tell of each story in order.
    fn arguments(&self, stories: &[Story], random: &mut Rng) -> Vec<String> {
        // Each condition on a parameter that is there is one more to satisfy.
        let nulls = [10, 50, 80, 100][random.usize(..4)];
        let parameters = self.parameters.iter();
        parameters
            .map(|parameter| self.argument(parameter, nulls, stories, random))
            .collect()
    }

    /// `nulls` of 100 are NULL where that is an option.
    fn argument(
        &self,
        parameter: &Parameter,
        nulls: u8,
        stories: &[Story],
        random: &mut Rng,
    ) -> String {
        let null = || "NULL".to_owned();
        let Parameter { name, values, .. } = parameter;
        let Some(kind) = &parameter.kind else {
            return null();
        };
        let nulls = if parameter.is_optional { nulls } else { 6 };
        if random.u8(..100) < nulls {
            return null();
        }
        if let Some(element) = &kind.element {
            let some = stories
                .iter()
                .filter_map(|story| self.value(name, element, values, story, random));
            let some: Vec<String> = some.collect();
            return format!("ARRAY[{}]::{}", some.join(", "), kind.name);
        }
        // What no column is compared with may be a limit.
        if is_number(kind) && random.u8(..4) == 0 {
            return ["0", "1", "2", "100"][random.usize(..4)].to_owned();
        }
        match random.choice(&parameter.labels) {
            Some(label) if random.bool() => label.clone(),
            _ => {
                let value = self.value(name, kind, values, &stories[0], random);
                value.unwrap_or_else(null)
            }
        }
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

/// `$1 IS NULL` or `COALESCE($1, …)`, with a cast or without.
fn is_optional(sql: &str, parameter: &str) -> bool {
    sql.match_indices(parameter).any(|(at, _)| {
        let before = sql[..at].trim_end().to_ascii_lowercase();
        let behind = &sql[at + parameter.len()..];
        if behind.starts_with(|next: char| next.is_ascii_digit()) {
            return false;
        }
        let is_cast =
            |c: char| c.is_ascii_alphanumeric() || matches!(c, ':' | '[' | ']' | '_' | '"');
        let behind = behind.trim_start_matches(is_cast).trim_start();
        let is_tested = behind.to_ascii_lowercase().starts_with("is null");
        is_tested || before.ends_with("coalesce(")
    })
}

fn is_number(kind: &Kind) -> bool {
    ["int2", "int4", "int8"].contains(&kind.base.as_str())
}

fn is_moment(kind: &Kind) -> bool {
    ["timestamptz", "timestamp", "date", "time", "timetz"].contains(&kind.base.as_str())
}

/// Moments, truth values and labels are compared with what is before, behind or beside them.
fn is_wide(kind: &Kind) -> bool {
    is_moment(kind) || !kind.labels.is_empty() || ["bool", "interval"].contains(&kind.base.as_str())
}

#[cfg(test)]
mod tests {
    use super::is_optional;

    #[test]
    fn a_parameter_may_be_null_where_the_statement_says_what_that_means() {
        let sql = "SELECT 1 FROM t WHERE a = $1 AND ($2::uuid[] IS NULL OR b = ANY ($2)) \
                   AND c = $12 AND $1 = c LIMIT coalesce($3, 50)";
        let optional = ["$1", "$2", "$3", "$12"].map(|name| is_optional(sql, name));
        assert_eq!(optional, [false, true, true, false]);
    }
}
