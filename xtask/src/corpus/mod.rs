//! `cargo xtask corpus`: what the analyser makes of SQL that other people wrote.

mod execute;
mod judge;
mod oracle;
mod read;
mod report;
mod sqllogictest;

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use clap::Args;
use soft_delete_sql::{
    Dialect, Schema,
    schema::{self, Config},
};

pub(crate) use execute::{Asked, Scoped, ask};
use execute::{Execution, Fate, Servers, Stage};
use judge::Verdict;
#[cfg(feature = "cross-parsing")]
pub(crate) use judge::{is_not_understood, spelled};
pub(crate) use oracle::Oracle;
use read::Script;
pub(crate) use read::{Corpus, Statement};
use report::{Judged, Summary};

/// Which corpora, and what to print of them.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// A folder with `queries.jsonl` (and `schema.sql`) or sqllogictest files in it or below.
    path: PathBuf,
    /// A soft-delete.toml for every corpus that has none of its own.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Write what was found out about every statement to this file.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Print the statements refused with this code; `missed` and `extra` print references,
    /// `wrong` and `unjudged` what execution found, `survivors` mutants that nothing told apart.
    #[arg(long, value_name = "CODE")]
    show: Option<String>,
    /// Ask the analyser only; run nothing.
    #[arg(long)]
    no_execute: bool,
    /// Of a suite whose files are replayed, run every Nth only.
    #[arg(long, value_name = "N", default_value_t = 1)]
    every: usize,
    /// Leave out one predicate of each scoped statement at a time: does the data tell?
    #[arg(long)]
    mutants: bool,
}

/// Judges every corpus; true when each reaches its threshold.
pub(crate) fn run(options: &Options) -> Result<bool> {
    run_on(options, &mut Servers::default())
}

/// Judges every corpus below a folder, on a server that is up; without one, the statements that
/// need it are not run. Of a suite whose files are replayed only some are: all take long.
pub(crate) fn judge(folder: &Path, postgres: Option<String>) -> Result<bool> {
    let options = Options {
        path: folder.to_owned(),
        config: None,
        json: None,
        show: None,
        no_execute: false,
        every: 12,
        mutants: false,
    };
    run_on(&options, &mut Servers::given(postgres))
}

fn run_on(options: &Options, servers: &mut Servers) -> Result<bool> {
    let mut summaries = Vec::new();
    println!("{}", Summary::HEADER);
    for corpus in Corpus::find(&options.path)? {
        let summary =
            judge_corpus(&corpus, options, servers).with_context(|| corpus.name.clone())?;
        print!("{summary}");
        if let Some(code) = &options.show {
            print!("{}", summary.statements_with(code));
        }
        summaries.push(summary);
    }
    if let Some(file) = &options.json {
        fs::write(file, report::json(&summaries))
            .with_context(|| format!("cannot write {}", file.display()))?;
    }
    let failed: Vec<String> = summaries.iter().filter_map(Summary::fault).collect();
    for fault in &failed {
        println!("FAILED {fault}");
    }
    Ok(failed.is_empty())
}

fn judge_corpus(corpus: &Corpus, options: &Options, servers: &mut Servers) -> Result<Summary> {
    let mut summary = Summary::new(&corpus.name);
    // Panics are counted; their backtraces would drown the table.
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let mut scripts = corpus.scripts.iter().enumerate();
    let result = scripts.try_for_each(|(at, script)| {
        let runs = !options.no_execute && (!corpus.is_replayed() || at % options.every.max(1) == 0);
        let servers = runs.then_some(&mut *servers);
        judge_script(corpus, options, script, servers, &mut summary)
    });
    std::panic::set_hook(hook);
    result.map(|()| summary)
}

fn judge_script(
    corpus: &Corpus,
    options: &Options,
    script: &Script,
    servers: Option<&mut Servers>,
    summary: &mut Summary,
) -> Result<()> {
    let Some(first) = script.statements.first() else {
        return Ok(());
    };
    let dialect = first.dialect;
    let schema = read_schema(corpus, options.config.as_deref(), dialect)?;
    let oracle = (dialect == Dialect::Sqlite)
        .then(|| Oracle::new(corpus.schema.as_deref()))
        .transpose()?;
    let mut stage = match servers {
        Some(servers) => execute::stage(corpus, script, &schema, servers)?,
        None => None,
    };
    for statement in &script.statements {
        summary.statements += 1;
        let word = word(statement, oracle.as_ref());
        if !matches!(word, Word::Refused) {
            let relations = match &word {
                Word::Reads(relations) => Some(relations.as_slice()),
                Word::Accepted | Word::Refused => None,
            };
            summary.accepted += 1;
            if let Some(stage) = &mut stage {
                stage.refresh()?;
            }
            if summary.judges(statement) {
                let known = corpus.schema.is_some().then_some(&schema);
                let judged = match &mut stage {
                    Some(stage) => on_stage(stage.as_mut(), statement, relations, options.mutants),
                    None => judged(&schema, known, statement, relations),
                };
                summary.add(judged);
            }
        }
        if script.runs {
            if let Some(oracle) = &oracle {
                oracle.run(&statement.sql);
            }
            if let Some(stage) = &mut stage {
                stage.advance(&statement.sql);
            }
        }
    }
    if let Some(stage) = &mut stage {
        summary.note(stage.notes());
    }
    Ok(())
}

/// A statement without a database to run on.
fn judged(
    schema: &Schema,
    known: Option<&Schema>,
    statement: &Statement,
    relations: Option<&[String]>,
) -> Judged {
    Judged {
        id: statement.id.clone(),
        sql: statement.sql.clone(),
        verdict: judge::judge(schema, &statement.sql, relations),
        taken: None,
        asked: known.map(|schema| asked(schema, &statement.sql)),
        execution: None,
        mutants: Vec::new(),
    }
}

/// A statement where it can run.
fn on_stage(
    stage: &mut dyn Stage,
    statement: &Statement,
    relations: Option<&[String]>,
    hunts: bool,
) -> Judged {
    let adapted = stage.adapted(&statement.sql);
    let sql = adapted.as_ref().unwrap_or(&statement.sql);
    let taken = stage.accepts(sql);
    let schema = stage.schema();
    let verdict = judge::judge(schema, sql, relations);
    let asked = asked(schema, sql);
    let runs = taken && !matches!(asked, Asked::Refused { .. });
    let mut execution = runs.then(|| stage.execute(sql, &asked));
    let mut mutants = Vec::new();
    if hunts && let (Asked::Scoped(scoped), Some(Execution::Equal { .. })) = (&asked, &execution) {
        match hunt(stage, sql, scoped) {
            Ok(fates) => mutants = fates,
            Err(wrong) => execution = Some(wrong),
        }
    }
    Judged {
        id: statement.id.clone(),
        sql: sql.clone(),
        verdict,
        taken: Some(taken),
        execution,
        asked: Some(asked),
        mutants,
    }
}

/// What each mutant of a scoped statement lacks, and its fate.
fn hunt(
    stage: &mut dyn Stage,
    sql: &str,
    scoped: &Scoped,
) -> Result<Vec<(String, Fate)>, Execution> {
    let mutants = execute::mutants(stage.schema(), sql, scoped);
    let fates = stage.hunt(sql, scoped, &mutants)?;
    let lacks = mutants.into_iter().map(|mutant| mutant.lacks);
    Ok(lacks.zip(fates).collect())
}

fn asked(schema: &Schema, sql: &str) -> Asked {
    let asked = std::panic::catch_unwind(|| execute::ask(schema, sql));
    asked.unwrap_or_else(|_| Asked::Refused {
        code: "PANIC".to_owned(),
        message: "the analyser panicked".to_owned(),
    })
}

/// What the database says of a statement.
enum Word {
    Refused,
    Accepted,
    /// And these are its relations.
    Reads(Vec<String>),
}

fn word(statement: &Statement, oracle: Option<&Oracle>) -> Word {
    let asked = || oracle.and_then(|oracle| oracle.relations(&statement.sql));
    match (statement.accepted, &statement.relations) {
        (Some(false), _) => Word::Refused,
        (Some(true), Some(relations)) => Word::Reads(relations.clone()),
        // The schema beside the corpus can lack a table; its word on acceptance still holds.
        (Some(true), None) => asked().map_or(Word::Accepted, Word::Reads),
        (None, _) => asked().map_or(Word::Refused, Word::Reads),
    }
}

/// The schema beside the statements, as `soft-delete.toml` beside it says; none is an empty one.
pub(crate) fn read_schema(
    corpus: &Corpus,
    config: Option<&Path>,
    dialect: Dialect,
) -> Result<Schema> {
    let read = |config: &Config| match &corpus.schema {
        Some(file) => schema::from_path(dialect, file, config),
        None => schema::from_sql(dialect, "", config),
    };
    let own = corpus.folder.join(schema::FILE_NAME);
    let settings = if own.is_file() {
        Some(own.as_path())
    } else {
        config
    };
    let schema = match settings {
        Some(file) => {
            let text = fs::read_to_string(file).with_context(|| file.display().to_string())?;
            Config::parse(&text, file).and_then(|config| read(&config))
        }
        None => read(&Config::default()),
    };
    schema.map_err(|faults| {
        let texts: Vec<String> = faults.iter().map(|fault| fault.render("")).collect();
        anyhow::anyhow!("{}", texts.join("\n"))
    })
}
