//! `cargo xtask sqlsmith`: statements that another project's generator writes about tables of ours,
//! scoped, next to the original on views of each scope's rows.

mod judge;
mod program;
mod report;
mod session;
mod text;
mod world;

use anyhow::Result;
use clap::Args;
use soft_delete_sql::{Schema, Scope};

use crate::{
    database::Database,
    server::{self, Guard, Kind},
};
use judge::{Outcome, judge};
use program::Sqlsmith;
use report::{Outcomes, Report};
use session::{Session, grants};

/// How many statements, and which.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// How many statements sqlsmith writes.
    #[arg(long, default_value_t = 2_000)]
    queries: u64,
    /// The seed of the first thousand; each further thousand has the next one.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Print what becomes of this statement of the first seed, and run no other.
    #[arg(long, value_name = "NUMBER")]
    show: Option<u64>,
}

/// A run is repeated from its seed: short ones are soon repeated.
const BATCH: u64 = 1_000;

/// Judges the statements; true when every one does what the original does on live rows.
pub(crate) fn run(options: &Options) -> Result<bool> {
    let schema = world::schema()?;
    let guard = Guard::new();
    let url = server::start(&guard, Kind::Postgres, true)?;
    // sqlsmith reads the tables of the one, and what it writes runs on the other.
    let model = Database::create(&url, "sqlsmith_model")?;
    model.connect()?.batch_execute(world::TABLES)?;
    let database = Database::create(&url, "sqlsmith")?;
    let mut owner = database.connect()?;
    owner.batch_execute(world::TABLES)?;
    owner.batch_execute(&world::truth())?;
    let scopes = Scope::ALL.map(world::schema_of);
    owner.batch_execute(&grants(&[&scopes[..], &[world::CLEAN]].concat()))?;
    let mut session = Session::new(database.config())?;

    let mut report = Report::default();
    if let Some(number) = options.show {
        let mut sqlsmith = Sqlsmith::start(&model.config(), options.seed, number)?;
        let mut last = None;
        while let Some(statement) = sqlsmith.next()? {
            last = Some(statement);
        }
        if let Some(statement) = last {
            println!("{statement};");
            let outcomes = judge_forms(&mut session, &schema, &statement)?;
            println!("{outcomes:#?}");
        }
        return Ok(true);
    }
    let mut made = 0;
    let mut seed = options.seed;
    while made < options.queries {
        let count = BATCH.min(options.queries - made);
        let mut sqlsmith = Sqlsmith::start(&model.config(), seed, count)?;
        let mut number = 0;
        while let Some(statement) = sqlsmith.next()? {
            number += 1;
            let place = format!("seed {seed}, statement {number}");
            let outcomes = judge_forms(&mut session, &schema, &statement)?;
            let before = report.differences(0).len();
            report.add(&place, outcomes);
            for difference in report.differences(before) {
                println!("DIFFERENT {difference}\n");
            }
        }
        anyhow::ensure!(number > 0, "sqlsmith wrote nothing for seed {seed}");
        made += number;
        println!("seed {seed}: {}", report.progress());
        seed += 1;
    }
    println!("\n{report}");
    Ok(report.is_sound())
}

/// Judges a statement, the same without its LIMITs, and that with conditions turned.
fn judge_forms(session: &mut Session, schema: &Schema, statement: &str) -> Result<Outcomes> {
    let sql = text::sampled_whole(statement)?;
    let as_written = judge(session, schema, &sql)?;
    let mut outcomes = Outcomes {
        as_written,
        without_limits: None,
        turned: None,
    };
    // What is not valid or is refused stays so.
    if !matches!(
        outcomes.as_written,
        Outcome::Equal { .. } | Outcome::Undetermined(_)
    ) {
        return Ok(outcomes);
    }
    let whole = text::without_limits(&sql)?;
    if let Some(whole) = &whole {
        outcomes.without_limits = Some(judge(session, schema, whole)?);
    }
    if let Some(turned) = text::turned(whole.as_ref().unwrap_or(&sql))? {
        outcomes.turned = Some(judge(session, schema, &turned)?);
    }
    Ok(outcomes)
}
