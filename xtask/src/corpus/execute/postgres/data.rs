//! Fills tables with live rows and tombstones, by what the server's catalog says of them.

use std::collections::HashMap;

use anyhow::Result;
use fastrand::Rng;

use super::{
    super::scopes::quote,
    calls::TRIED,
    session::Session,
    values::{Kind, fresh, literal, values},
    world::{World, single},
};

/// Live rows tried for each table; nearly as many tombstones. Keys make fewer of them.
const ROWS: usize = 60;

/// Where values come from.
pub(super) struct Source {
    random: Rng,
    /// The moment that dates lie around, in all of a run.
    now: String,
    /// By oid.
    kinds: HashMap<String, Kind>,
    by_name: HashMap<String, Kind>,
}

/// How the arguments of a call are drawn.
struct Draw<'l> {
    fresh: bool,
    /// Of an enumeration, for texts.
    label: Option<&'l String>,
}

/// A column that takes values.
#[derive(Debug)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) nullable: bool,
    pub(super) is_key: bool,
    pub(super) values: Vec<String>,
    pub(super) kind: Kind,
}

/// Columns of a table, those that the database computes left out.
const COLUMNS: &str = "\
SELECT a.attname, a.atttypid, a.attnotnull, EXISTS (
    SELECT FROM pg_catalog.pg_index i
    WHERE i.indrelid = a.attrelid AND (i.indisunique OR i.indisexclusion)
        AND a.attnum = ANY (i.indkey)
), pg_catalog.format_type(a.atttypid, a.atttypmod)
FROM pg_catalog.pg_attribute a
WHERE a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
    AND a.attrelid = ";

const TYPES: &str = "\
SELECT t.oid, pg_catalog.format_type(t.oid, NULL), t.typname,
    CASE WHEN t.typtype = 'd' THEN t.typbasetype END,
    CASE WHEN t.typcategory = 'A' THEN t.typelem END,
    (SELECT string_agg(enumlabel, E'\\n' ORDER BY enumsortorder) FROM pg_catalog.pg_enum
     WHERE enumtypid = t.oid)
FROM pg_catalog.pg_type t";

impl Source {
    pub(super) fn new(session: &mut Session, seed: u64) -> Result<Self> {
        let now = single(session, "SELECT date_trunc('minute', now())")?;
        let mut source = Self {
            random: Rng::with_seed(seed),
            now,
            kinds: HashMap::new(),
            by_name: HashMap::new(),
        };
        source.learn(session)?;
        Ok(source)
    }

    /// Reads the types anew.
    pub(super) fn learn(&mut self, session: &mut Session) -> Result<()> {
        let rows = session.must(TYPES)?.rows;
        let by_oid: HashMap<&str, &[Option<String>]> = rows
            .iter()
            .filter_map(|row| Some((row.first()?.as_deref()?, row.as_slice())))
            .collect();
        self.kinds.clear();
        self.by_name.clear();
        for &oid in by_oid.keys() {
            let kind = kind(&by_oid, oid, 0);
            self.by_name.insert(kind.name.clone(), kind.clone());
            self.kinds.insert(oid.to_owned(), kind);
        }
        Ok(())
    }

    /// Arguments for parameters of these types; arrays of one call are equally long. Every third
    /// call has keys that no row has yet, and texts take what the statement casts them to.
    pub(super) fn calls(&mut self, sql: &str, types: &[String]) -> Vec<Vec<String>> {
        let count = if types.is_empty() { 1 } else { TRIED };
        let labels = self.labels(sql);
        (0..count)
            .map(|at| {
                let draw = Draw {
                    fresh: at % 3 == 2,
                    // A text may be cast to one of several enumerations.
                    label: labels
                        .get(self.random.usize(..=labels.len()))
                        .filter(|_| at % 2 == 1),
                };
                self.arguments(types, &draw)
            })
            .collect()
    }

    /// Labels of the enumerations that a statement names.
    pub(super) fn labels(&self, sql: &str) -> Vec<String> {
        let kinds = self.by_name.values();
        let mut labels: Vec<String> = kinds
            .filter(|kind| !kind.labels.is_empty() && sql.contains(kind.name.trim_matches('"')))
            .flat_map(|kind| kind.labels.iter().take(3).cloned())
            .collect();
        labels.sort();
        labels
    }

    fn arguments(&mut self, types: &[String], draw: &Draw<'_>) -> Vec<String> {
        let length = self.random.usize(1..4);
        types
            .iter()
            .map(|name| {
                let Some(kind) = self.by_name.get(name).cloned() else {
                    return "NULL".to_owned();
                };
                let Some(element) = &kind.element else {
                    return self.argument(&kind, draw).unwrap_or("NULL".to_owned());
                };
                let some: Vec<String> = (0..length)
                    .filter_map(|_| self.argument(element, draw))
                    .collect();
                format!("ARRAY[{}]::{name}", some.join(", "))
            })
            .collect()
    }

    fn argument(&mut self, kind: &Kind, draw: &Draw<'_>) -> Option<String> {
        if let Some(label) = draw.label
            && kind.is_text()
        {
            return Some(literal(label, &kind.name));
        }
        if draw.fresh
            && let Some(value) = fresh(kind, self.random.u16(1_000..30_000))
        {
            return Some(value);
        }
        self.mostly_first(&values(kind, &self.now))
    }

    fn mostly_first(&mut self, values: &[String]) -> Option<String> {
        let draw = self.random.f64();
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_precision_loss,
            clippy::cast_sign_loss,
            reason = "a small number below the length"
        )]
        let at = (draw * draw * draw * values.len() as f64) as usize;
        values.get(at).cloned()
    }

    /// A type by its name.
    pub(super) fn kind(&self, name: &str) -> Option<Kind> {
        self.by_name.get(name).cloned()
    }

    pub(super) fn values(&self, kind: &Kind) -> Vec<String> {
        values(kind, &self.now)
    }

    /// Fills a table. Rows that the database rejects are left out.
    pub(super) fn fill(&mut self, session: &mut Session, world: &World, table: &str) -> Result<()> {
        let marker = world.soft.get(table).map(|table| table.marker.clone());
        let columns = self.columns(session, table)?;
        let names: Vec<String> = columns.iter().map(|column| quote(&column.name)).collect();
        if names.is_empty() {
            return Ok(());
        }
        let mut live = Vec::new();
        let mut dead = Vec::new();
        for _ in 0..ROWS {
            let row: Vec<String> = columns
                .iter()
                .map(|column| match &marker {
                    Some(marker) if *marker == column.name => "DEFAULT".to_owned(),
                    _ => self.value(column),
                })
                .collect();
            // A tombstone that agrees with a live row in all but its key.
            if marker.is_some() && self.random.f64() < 0.7 {
                let copy = columns.iter().zip(&row).map(|(column, value)| {
                    if marker.as_ref() == Some(&column.name) {
                        set_marker(column)
                    } else if column.is_key {
                        self.value(column)
                    } else {
                        value.clone()
                    }
                });
                dead.push(copy.collect::<Vec<_>>());
            }
            live.push(row);
        }
        // With a small key there is not room for all: tombstones must get their share.
        let (late, late_dead) = (live.split_off(4), dead.split_off(dead.len().min(3)));
        let early = live.into_iter().chain(dead);
        let rows = early.chain(late).chain(late_dead);
        let insert = |rows: &[String]| {
            format!(
                "INSERT INTO {table} ({}) OVERRIDING SYSTEM VALUE VALUES {} ON CONFLICT DO NOTHING",
                names.join(", "),
                rows.join(", ")
            )
        };
        let rows: Vec<String> = rows.map(|row| format!("({})", row.join(", "))).collect();
        let filled = session.branch_kept(|session| session.query(&insert(&rows)).map(|_| ()));
        if filled.is_err() {
            for row in rows {
                // A CHECK constraint rejects some.
                let _ = session.branch_kept(|session| session.query(&insert(&[row])).map(|_| ()));
            }
        }
        Ok(())
    }

    pub(super) fn columns(&self, session: &mut Session, table: &str) -> Result<Vec<Column>> {
        let sql = format!(
            "{COLUMNS}'{}'::regclass ORDER BY a.attnum",
            table.replace('\'', "''")
        );
        let rows = session.must(&sql)?.rows;
        let columns = rows.into_iter().filter_map(|row| {
            let mut row = row.into_iter();
            let mut next = || row.next().flatten();
            let (name, oid, required, key) = (next()?, next()?, next()?, next()?);
            let written = next()?;
            let kind = Kind {
                name: written,
                ..self.kinds.get(&oid)?.clone()
            };
            Some(Column {
                name,
                nullable: required == "f",
                is_key: key == "t",
                values: values(&kind, &self.now),
                kind,
            })
        });
        Ok(columns.collect())
    }

    fn value(&mut self, column: &Column) -> String {
        if column.values.is_empty() || (column.nullable && self.random.f64() < 0.15) {
            return if column.nullable { "NULL" } else { "DEFAULT" }.to_owned();
        }
        if column.is_key {
            let at = self.random.usize(..column.values.len());
            return column.values[at].clone();
        }
        self.mostly_first(&column.values)
            .unwrap_or("DEFAULT".to_owned())
    }
}

/// A value that marks: true, or the first there is, which is neither zero nor NULL.
pub(super) fn set_marker(column: &Column) -> String {
    let first = column.values.first().cloned();
    first.unwrap_or("DEFAULT".to_owned())
}

fn kind(types: &HashMap<&str, &[Option<String>]>, oid: &str, depth: usize) -> Kind {
    let column = |at: usize| {
        let row = types.get(oid)?;
        row.get(at)?.as_deref()
    };
    let below = |oid: &str| (depth < 4).then(|| kind(types, oid, depth + 1));
    let own = column(1).unwrap_or_default().to_owned();
    if let Some(domain) = column(3).and_then(below) {
        return Kind {
            name: own,
            ..domain
        };
    }
    Kind {
        name: own,
        base: column(2).unwrap_or_default().to_owned(),
        labels: column(5).map_or(Vec::new(), |labels| {
            labels.lines().map(str::to_owned).collect()
        }),
        element: column(4).and_then(below).map(Box::new),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::kind;

    #[test]
    fn a_domain_has_its_own_name_and_the_values_of_its_base() {
        let text = |text: &str| Some(text.to_owned());
        let rows = [
            [text("1"), text("integer"), text("int4"), None, None, None],
            [
                text("2"),
                text("positive"),
                text("positive"),
                text("1"),
                None,
                None,
            ],
            [
                text("3"),
                text("positive[]"),
                text("_positive"),
                None,
                text("2"),
                None,
            ],
        ];
        let types: HashMap<&str, &[Option<String>]> = [
            ("1", &rows[0][..]),
            ("2", &rows[1][..]),
            ("3", &rows[2][..]),
        ]
        .into();
        let array = kind(&types, "3", 0);
        let element = array.element.expect("an element");
        assert_eq!(element.name, "positive");
        assert_eq!(element.base, "int4");
    }
}
