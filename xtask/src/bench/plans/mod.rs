//! What a scoped query costs the database: plans and times of TPC-H next to the filter by hand.

mod by_hand;
mod compare;
mod lookups;

use std::{fs, path::Path, time::Duration};

use anyhow::{Context, Result, bail};
use postgres::Client;
use soft_delete_sql::{Request, Schema, Scope, check};

use crate::{
    corpus::Corpus,
    database::Database,
    server::{self, Guard, Kind},
    tpch,
};
use compare::{Comparison, Query, compare, time};

/// The most that the scoped queries together may take of what those by hand take.
const AIM: f64 = 1.02;

/// Prints plans and times; true when the aims are reached.
pub(super) fn run(corpus: &Path, scale: f64, rounds: u32) -> Result<bool> {
    let corpus = read(corpus)?;
    let tables = fs::read_to_string(&corpus.schema).context("TPC-H's schema.sql")?;
    let schema = tpch::schema(&tables)?;
    let mut queries = Vec::new();
    for (id, sql) in &corpus.queries {
        let name = id.rsplit('/').next().unwrap_or(id);
        queries.push(Query {
            name: name.to_owned(),
            original: sql.clone(),
            scoped: scoped(&schema, sql)?,
            by_hand: by_hand::filtered(name, sql)?,
        });
    }
    let mut lookups = Vec::new();
    for lookup in lookups::LOOKUPS {
        lookups.push(Query {
            name: lookup.name.to_owned(),
            original: lookup.sql.to_owned(),
            scoped: scoped(&schema, lookup.sql)?,
            by_hand: lookup.by_hand.to_owned(),
        });
    }

    let guard = Guard::new();
    let url = server::start(&guard, Kind::Postgres, true)?;
    let database = Database::create(&url, "plans")?;
    let mut client = database.connect()?;
    // One process for each query: the plan then says all that happens.
    client.batch_execute("SET max_parallel_workers_per_gather = 0; SET jit = off")?;
    tpch::load(&mut client, &tables, scale)?;

    println!(
        "\nTPC-H, scale factor {scale}, on PostgreSQL: scoped next to the filter by hand, median of {rounds}"
    );
    let reached = table(&mut client, &queries, rounds, |comparison| {
        comparison.is_right()
    })?;
    println!("\nQueries that must read a partial index");
    let found = table(&mut client, &lookups, rounds, |comparison| {
        comparison.is_right() && comparison.partial[0] > 0
    })?;
    Ok(reached && found)
}

struct Tpch {
    schema: std::path::PathBuf,
    queries: Vec<(String, String)>,
}

fn read(folder: &Path) -> Result<Tpch> {
    let below = folder.join("tpch");
    let folder = if below.is_dir() { &below } else { folder };
    let corpora = Corpus::find(folder)?;
    let [corpus] = corpora.as_slice() else {
        bail!("{} holds more than TPC-H", folder.display());
    };
    Ok(Tpch {
        schema: corpus
            .schema
            .clone()
            .with_context(|| format!("{} has no schema.sql", folder.display()))?,
        queries: corpus
            .scripts
            .iter()
            .flat_map(|script| &script.statements)
            .map(|statement| (statement.id.clone(), statement.sql.clone()))
            .collect(),
    })
}

fn scoped(schema: &Schema, sql: &str) -> Result<String> {
    let checked = check(
        schema,
        &Request {
            sql,
            scope: Some(Scope::Active),
            ..Request::default()
        },
    );
    match checked.scoped {
        Some(scoped) => Ok(scoped.sql),
        None => bail!("{:?} for\n{sql}", checked.errors),
    }
}

/// Prints a line for each query and one for all; true when every comparison is right and the
/// total time is within the aim.
fn table(
    client: &mut Client,
    queries: &[Query],
    rounds: u32,
    is_right: fn(&Comparison) -> bool,
) -> Result<bool> {
    println!(
        "{:<20}{:>7}{:>8}{:>8}{:>9}{:>14}{:>8}{:>12}{:>12}{:>7}",
        "query",
        "rows",
        "plan",
        "run",
        "indexes",
        "hand/view/db",
        "leaks",
        "scoped ms",
        "by hand ms",
        "ratio"
    );
    let mut total = [Duration::ZERO; 2];
    let mut right = 0;
    let mut plans = 0;
    let mut equal = 0;
    for query in queries {
        let comparison = compare(client, query)?;
        let times = time(client, query, rounds)?;
        for (total, time) in total.iter_mut().zip(times) {
            *total += time;
        }
        plans += usize::from(comparison.same_plan);
        equal += usize::from(comparison.equal == [true; 3]);
        right += usize::from(is_right(&comparison));
        print(query, &comparison, times);
    }
    let ratio = ratio(total);
    println!(
        "{:<86}{:>12.2}{:>12.2}{ratio:>7.3}",
        "total",
        milliseconds(total[0]),
        milliseconds(total[1])
    );
    let count = queries.len();
    println!("same plan {plans}/{count}, same rows {equal}/{count}");
    let reached = right == count && ratio <= AIM;
    println!(
        "aim: all of them, and a ratio of at most {AIM:.2}: {}",
        if reached { "reached" } else { "NOT REACHED" }
    );
    Ok(reached)
}

fn print(query: &Query, comparison: &Comparison, times: [Duration; 2]) {
    let same = |is: bool| if is { "same" } else { "OTHER" };
    let [hand, view, clean] = comparison.equal.map(|is| if is { "=" } else { "≠" });
    println!(
        "{:<20}{:>7}{:>8}{:>8}{:>9}{:>14}{:>8}{:>12.2}{:>12.2}{:>7.3}",
        query.name,
        comparison.rows,
        same(comparison.same_plan),
        same(comparison.same_run),
        format!("{}/{}", comparison.partial[0], comparison.partial[1]),
        format!("{hand} {view} {clean}"),
        if comparison.sensitive { "shown" } else { "no" },
        milliseconds(times[0]),
        milliseconds(times[1]),
        ratio(times)
    );
    if !comparison.same_plan {
        println!(
            "--- scoped\n{}\n--- by hand\n{}",
            comparison.plans[0], comparison.plans[1]
        );
    }
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

fn ratio([scoped, by_hand]: [Duration; 2]) -> f64 {
    scoped.as_secs_f64() / by_hand.as_secs_f64()
}
