//! The order of `*` over joins that merge columns: a column list names its columns by place, and a
//! condition on a wrong one must not pass for a test of the marker.

use std::{collections::BTreeSet, path::Path};

use soft_delete_sql::{
    Dialect, Request, check,
    schema::{Config, from_sql},
};

use crate::{
    ast::Type,
    database::{Database, Side},
    print::script,
    world::{Marker, World},
};

/// What marks the row of the soft-deletable table, and no other value begins with.
const MARK: &str = "2024-01-02";

/// What came of it.
#[derive(Debug, Default)]
pub(crate) struct Stars {
    /// Joins of which the database gives the one row.
    pub(crate) judged: usize,
    /// Those of them in which a test of the marker is taken for one.
    pub(crate) proven: usize,
    /// Tests of another column that are taken for one, with the place of the marker.
    pub(crate) wrong: BTreeSet<String>,
}

/// Judges so many joins in each of so many worlds.
pub(crate) fn stars(
    database: &mut dyn Database,
    rng: &mut fastrand::Rng,
    worlds: usize,
    joins: usize,
) -> Stars {
    let mut stars = Stars::default();
    for _ in 0..worlds {
        let world = single_rows(&World::random(database.dialect(), rng));
        let tables = 0..world.tables.len();
        let is_soft = |at: &usize| matches!(world.tables[*at].marker, Some(Marker::Time(_)));
        let is_plain = |at: &usize| world.tables[*at].marker.is_none();
        let base = |at: &usize| world.tables[*at].view_of.is_none();
        let soft: Vec<usize> = tables.clone().filter(is_soft).filter(base).collect();
        let plain: Vec<usize> = tables.clone().filter(is_plain).filter(base).collect();
        database.load(&world);
        let config = Config::parse(&world.config(), Path::new("soft-delete.toml"))
            .unwrap_or_else(|faults| panic!("{faults:?}"));
        let schema = from_sql(world.dialect, &world.migrations(), &config)
            .unwrap_or_else(|faults| panic!("{faults:?}"));
        for _ in 0..joins {
            let (Some(own), Some(other)) = (rng.choice(&soft), rng.choice(&plain)) else {
                break;
            };
            let mut operands = vec![*own, *other];
            if rng.bool() {
                operands.extend(rng.choice(&plain));
            }
            rng.shuffle(&mut operands);
            let named: Vec<String> = operands
                .iter()
                .enumerate()
                .map(|(number, at)| format!("{} AS x{number}", world.tables[*at].name))
                .collect();
            let from = join(world.dialect, &named, rng);
            let select = script(&world, format!("SELECT * FROM {from}"));
            let Ok(rows) = database.run(Side::Dirty, &select, &[]) else {
                continue;
            };
            let [row] = rows[0].as_slice() else { continue };
            let places: Vec<usize> = (0..row.len())
                .filter(|at| row[*at].trim_start_matches('\'').starts_with(MARK))
                .collect();
            let [marker] = places.as_slice() else {
                continue;
            };
            stars.judged += 1;
            let list: Vec<String> = (0..row.len()).map(|at| format!("c{at}")).collect();
            for (at, column) in list.iter().enumerate() {
                let sql = format!(
                    "WITH w ({}) AS ({select}) SELECT 1 AS n FROM w WHERE {column} IS NULL",
                    list.join(", ")
                );
                let request = Request {
                    sql: &sql,
                    ..Request::default()
                };
                let accepted = check(&schema, &request).scoped.is_some();
                stars.proven += usize::from(accepted && at == *marker);
                if accepted && at != *marker {
                    stars
                        .wrong
                        .insert(format!("c{marker} is the marker: {sql}"));
                }
            }
        }
    }
    stars
}

/// One row in every table, in which columns of one name are equal.
fn single_rows(world: &World) -> World {
    let mut world = world.clone();
    for table in &mut world.tables {
        if table.view_of.is_some() {
            continue;
        }
        let is_marker = |name: &str| table.marker.is_some_and(|marker| marker.column() == name);
        let row = table.columns.iter().map(|column| match column.ty {
            Type::Int => "1".to_owned(),
            Type::Text => "'a'".to_owned(),
            Type::Bool => "FALSE".to_owned(),
            Type::Time if is_marker(column.name) => format!("'{MARK} 00:00:00'"),
            Type::Time => "'2025-01-01 00:00:00'".to_owned(),
        });
        table.rows = vec![row.collect()];
    }
    world
}

/// A join of all of them, in this order.
fn join(dialect: Dialect, operands: &[String], rng: &mut fastrand::Rng) -> String {
    let [.., _, _] = operands else {
        return operands.concat();
    };
    let at = rng.usize(1..operands.len());
    let mut sides = [&operands[..at], &operands[at..]].map(|side| join(dialect, side, rng));
    for (side, count) in sides.iter_mut().zip([at, operands.len() - at]) {
        let is_right = count < operands.len() - at || at == 1;
        if count > 1 && (is_right || rng.u8(..3) == 0) {
            *side = format!("({side})");
        }
    }
    let [left, right] = sides;
    let kinds: &[&str] = match dialect {
        Dialect::Mysql => &["JOIN", "LEFT JOIN", "RIGHT JOIN"],
        Dialect::Postgres | Dialect::Sqlite => &["JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN"],
    };
    let kind = kinds[rng.usize(..kinds.len())];
    let shared = ["id", "k", "v", "s", "id, k", "v, id"];
    match rng.u8(..4) {
        0 => format!("{left} NATURAL {kind} {right}"),
        1 => format!("{left} {kind} {right} ON 1 = 1"),
        _ => format!(
            "{left} {kind} {right} USING ({})",
            shared[rng.usize(..shared.len())]
        ),
    }
}
